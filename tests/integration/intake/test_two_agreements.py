"""One order file under two agreements: each takes it under keys of its own, in either order, and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, balance
from ledger.intake import IntakeTerms, VersionTerms, import_file
from ledger.log import Log
from tests.integration.intake.conftest import WriteCsv
from tests.integration.intake.test_import_orders import MORE, ORDERS, REFUNDED, SOLD, content, counts


@pytest.fixture(name="log")
def _log(engine: Engine) -> Log:
    """A log in a database of each kind in turn."""
    return Log(engine, clock=lambda: datetime(2026, 4, 1, tzinfo=UTC))


def test_one_file_under_two_agreements_is_taken_under_each_in_either_order_and_again(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv(REFUNDED, "B/2,1" + SOLD[5:])
    fed = VersionTerms(
        "agency-streamer@1", datetime(2017, 1, 1, tzinfo=UTC), ("mcn", "streamer"), ("mcn",), ()
    )
    other = IntakeTerms("agency-streamer", "CNY", "Asia/Shanghai", "mcn", (fed,))
    assert counts(import_file(log, path, ORDERS, terms)) == (4, 0, 0, 0)
    preview = import_file(log, path, ORDERS, other, dry_run=True)
    assert counts(preview) == (4, 0, 0, 0)
    assert counts(import_file(log, path, ORDERS, other)) == (4, 0, 0, 0)
    for each in (other, terms, other):
        again = import_file(log, path, ORDERS, each)
        assert (counts(again), again.clean) == ((0, 4, 0, 0), True)

    later = write_csv(MORE, "C-3" + SOLD[3:], name="later.csv")
    assert counts(import_file(log, later, ORDERS, other)) == (2, 2, 0, 0)
    assert counts(import_file(log, later, ORDERS, terms)) == (2, 2, 0, 0)

    keys = {entry.id: entry.agreement for entry in log.entries(limit=50) if entry.source == "orders"}
    assert keys["A-1/1/sale/1"] == keys["A-1/1/refund/299.00"] == "autumn@1"
    assert keys["A-1/1/sale/1@agency-streamer"] == keys["B%2F2/1/sale/1@agency-streamer"] == fed.reference
    assert keys["A-1/1/refund/100.00@agency-streamer"] == fed.reference
    assert (keys["C-3/1/sale/1"], keys["C-3/1/sale/1@autumn"]) == (fed.reference, "autumn@1")
    for agreement in ("autumn", "agency-streamer"):
        assert [event[3] for event in log.line(agreement, "A-1", "1")] == [
            "sale",
            "receipt",
            "refund",
            "refund",
        ]
    assert balance(log.engine, Account("escrow", "autumn", "balance", "CNY")) == 3 * (29_900 + 2_000)
    shown = content(log, "A-1/1/sale/1@agency-streamer")
    assert (shown["readers"], shown["postings"]) == (["mcn", "streamer"], [])


def test_a_changed_fact_under_a_second_agreement_is_a_conflict_there(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    other = replace(terms, agreement="winter", versions=(replace(terms.versions[0], reference="winter@1"),))
    import_file(log, write_csv(SOLD), ORDERS, terms)
    import_file(log, write_csv(SOLD), ORDERS, other)
    report = import_file(log, write_csv(SOLD.replace("299.00", "289.00")), ORDERS, other)
    assert counts(report) == (0, 0, 1, 0)
    assert report.conflicts[0].id == "A-1/1/sale/1@winter"
