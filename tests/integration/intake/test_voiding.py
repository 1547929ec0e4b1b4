"""A wrong import is voided as a batch by two people: what it posted goes back, and a mended file is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.accounts import balances
from ledger.database import reading
from ledger.doctor import examine
from ledger.entries import Group, NewEntry, Posting
from ledger.errors import EntryInvalid, EntryUnknown, ReversalRefused
from ledger.intake import IntakeTerms, import_file, load_mapping
from ledger.intake.batches import BatchCounts, batch_counts, batches, named_batch
from ledger.intake.errors import VoidRefused
from ledger.intake.mapping import Mapping
from ledger.intake.report import ImportReport
from ledger.intake.voiding import PROPOSED_KIND, Voided, propose_void, void
from ledger.log import Log
from tests.integration.intake.conftest import WriteCsv

ORDERS = load_mapping("tallystick-orders")
SHOP = "A-1,1,CNY,299.00,10.00,20.00,serum,skincare,buyer-1,2026-02-24 20:15:00,2026-03-02 10:00:00,,"
OTHER = "B-1,1,CNY,50.00,0.00,0.00,serum,skincare,buyer-2,2026-02-24 20:15:00,,,"
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(name="log")
def _log(engine: Engine) -> Log:
    """A log in a database of each kind in turn."""
    return Log(engine, clock=lambda: NOW)


def bill() -> Mapping:
    """Return the same columns told by another source."""
    return Mapping("bill", ORDERS.document.model_copy(update={"source": "bill"}), "00" * 32)


def take(log: Log, terms: IntakeTerms, path: Path, mapping: Mapping = ORDERS) -> ImportReport:
    report = import_file(log, path, mapping, terms)
    assert report.clean, report.conflicts
    return report


def escrow(log: Log) -> int:
    found = {f"{one.owner}.{one.purpose}": amount for one, amount in balances(log.engine).items()}
    assert sum(found.values()) == 0
    return found.get("escrow.balance", 0)


def propose(log: Log, terms: IntakeTerms, name: str, by: str = "wang", reason: str = "wrong month") -> None:
    propose_void(log, terms, name, by=by, asserter="platform", reason=reason, now=NOW)


def confirm(log: Log, terms: IntakeTerms, name: str, by: str = "li") -> Voided:
    return void(log, terms, name, by=by, asserter="platform", now=NOW)


def test_a_file_is_one_batch_of_named_entries(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    report = take(log, terms, write_csv(SHOP, OTHER))
    take(log, terms, write_csv(SHOP, OTHER))
    (batch,) = batches(log, terms.agreement)
    assert (batch.file_sha256, batch.ranges, batch.voided_by) == (report.file_sha256, ((0, 3),), None)


def test_a_batch_is_counted_and_found_by_its_name_voided_or_not(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    wrong = "C-1,1,CNY,2-9-9,0.00,0.00,serum,skincare,buyer-3,2026-02-24 20:15:00,,,"
    path = write_csv(SHOP, OTHER, wrong)
    import_file(log, path, ORDERS, terms)
    (batch,) = batches(log, terms.agreement)
    counts = BatchCounts(sales=2, receipts=1, refunds=0, rows=3, rejected_rows=1, idle_rows=0)
    assert batch_counts(log, batch) == counts
    propose(log, terms, batch.name)
    confirm(log, terms, batch.name)
    assert named_batch(log, terms.agreement, batch.name).voided_by is not None
    import_file(log, path, ORDERS, terms)
    assert named_batch(log, terms.agreement, batch.name).voided_by is None, "the one that stands"
    with pytest.raises(EntryUnknown):
        named_batch(log, terms.agreement, "000000000000")


def test_what_another_file_told_first_is_not_part_of_a_batch(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    take(log, terms, write_csv(SHOP))
    take(log, terms, write_csv(SHOP, OTHER))
    first, second = batches(log, terms.agreement)
    assert (first.entries, second.entries) == (2, 1)
    propose(log, terms, second.name)
    assert confirm(log, terms, second.name).sales == 1
    assert escrow(log) == 31_900


def test_two_people_void_a_batch_and_the_mended_file_is_taken_in_its_place(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    take(log, terms, write_csv(SHOP, OTHER))
    assert escrow(log) == 36_900
    (batch,) = batches(log, terms.agreement)
    propose(log, terms, batch.name)
    voided = confirm(log, terms, batch.name)
    assert (voided.sales, voided.proposed_by, voided.confirmed_by) == (2, "wang", "li")
    assert escrow(log) == 0
    mended = write_csv(SHOP.replace("299.00", "199.00"), OTHER, name="mended.csv")
    report = take(log, terms, mended)
    assert (report.new.total, report.repeated.total) == (3, 0)
    assert escrow(log) == 26_900
    again = take(log, terms, mended)
    assert (again.new.total, again.repeated.total) == (0, 3)
    assert log.find("orders", "A-1/1/sale/1+1") is not None
    assert [(one.entries, one.voided_by) for one in batches(log, terms.agreement)] == [
        (3, voided.seq), (3, None)
    ]  # fmt: skip
    assert examine(log.engine) == []


def test_the_same_wrong_file_after_a_void_is_told_anew_and_can_be_voided_again(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv(SHOP)
    for telling in range(3):
        assert take(log, terms, path).new.total == 2
        (batch,) = [one for one in batches(log, terms.agreement) if one.voided_by is None]
        assert escrow(log) == 31_900
        propose(log, terms, batch.name)
        confirm(log, terms, batch.name)
        assert escrow(log) == 0, telling
    assert log.find("orders", "A-1/1/sale/1+2") is not None


def test_one_person_cannot_void_alone(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    take(log, terms, write_csv(SHOP))
    (batch,) = batches(log, terms.agreement)
    with pytest.raises(VoidRefused, match="propose it first"):
        confirm(log, terms, batch.name)
    propose(log, terms, batch.name)
    with pytest.raises(VoidRefused, match="another person confirms"):
        confirm(log, terms, batch.name, by="wang")
    assert escrow(log) == 31_900


def test_a_proposal_holds_for_no_more_than_it_saw(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    import_file(log, write_csv(SHOP, OTHER.replace("CNY", "USD")), ORDERS, terms)
    (batch,) = batches(log, terms.agreement)
    propose(log, terms, batch.name)
    propose(log, terms, batch.name, by="zhao", reason="the first proposal stands")
    assert len(log.entries(kinds=[PROPOSED_KIND])) == 1
    with pytest.raises(EntryUnknown, match="no batch that stands begins with 'ffff'"):
        confirm(log, terms, "ffff")
    with pytest.raises(EntryInvalid, match="void, reason"):
        propose(log, terms, batch.name, reason="")


def test_where_another_source_told_of_the_sale_the_money_stays(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    take(log, terms, write_csv(SHOP))
    report = take(log, terms, write_csv(SHOP.replace("299.00", "280.00"), name="bill.csv"), bill())
    (difference,) = report.differences
    assert (report.attested, difference.fields, difference.other, difference.counts) == (
        1, ("paid",), "orders", "orders"
    )  # fmt: skip
    assert escrow(log) == 31_900
    first = next(one for one in batches(log, terms.agreement) if one.mapping == ORDERS.name)
    propose(log, terms, first.name)
    confirm(log, terms, first.name)
    assert escrow(log) == 30_000, "the other source's report counts now"


@pytest.mark.parametrize("bill_first", [True, False])
def test_the_money_posted_is_that_of_the_prevailing_report_whichever_came_first(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, *, bill_first: bool
) -> None:
    (version,) = terms.versions
    terms = replace(terms, versions=(replace(version, prevailing="bill"),))
    shop = (write_csv(SHOP), ORDERS)
    other = (write_csv(SHOP.replace("299.00", "280.00"), name="bill.csv"), bill())
    for path, mapping in (other, shop) if bill_first else (shop, other):
        report = take(log, terms, path, mapping)
    assert escrow(log) == 30_000
    assert [one.counts for one in report.differences] == ["bill"]
    for path, mapping in (shop, other):
        again = take(log, terms, path, mapping)
        assert (again.new.total, again.attested) == (0, 1)
    assert escrow(log) == 30_000
    assert examine(log.engine) == []


def hand_back(log: Log, seq: int, amount: int | None = None) -> int:
    """Reverse what an entry posted by hand, wholly or so much of each posting; return the reversal."""
    sql = (
        "SELECT p.n, p.amount_minor, p.clause, a.owner, a.agreement, a.purpose, a.currency"
        " FROM posting p JOIN account a ON a.id = p.account WHERE p.seq = ? ORDER BY p.n"
    )
    with reading(log.engine) as session:
        posted = session.rows(sql, (seq,))
    postings = tuple(
        Posting(
            owner=owner,
            purpose=purpose,
            agreement=agreement,
            currency=currency,
            amount_minor=-whole if amount is None else amount if whole < 0 else -amount,
            clause=clause,
            kind="sale.reversed",
            reverses=(seq, n),
        )
        for n, whole, clause, owner, agreement, purpose, currency in posted
    )
    entry = NewEntry(
        source="ops",
        id=f"back/{seq}/{log.size()}",
        kind="sale.reversed",
        occurred_at=NOW,
        asserter="platform",
        agreement="autumn@1",
        concerns=("platform",),
        groups=(Group("reversal", ("platform",), {}, postings),),
    )
    return log.append([entry]).accepted[0]


@pytest.mark.parametrize("amount", [None, 1])
def test_what_was_reversed_by_hand_is_not_voided_too(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, amount: int | None
) -> None:
    take(log, terms, write_csv(SHOP, OTHER))
    (batch,) = batches(log, terms.agreement)
    propose(log, terms, batch.name)
    told = log.find("orders", "A-1/1/sale/1")
    assert told is not None
    by_hand = hand_back(log, told.seq, amount)
    left = escrow(log)
    with pytest.raises(VoidRefused, match=f"of its entry {told.seq} was reversed by entry {by_hand} already"):
        confirm(log, terms, batch.name)
    assert escrow(log) == left
    hand_back(log, by_hand)
    assert escrow(log) == 36_900
    confirm(log, terms, batch.name)
    assert escrow(log) == 0
    assert examine(log.engine) == []


def test_a_void_is_not_proposed_while_something_of_the_batch_is_reversed(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    take(log, terms, write_csv(OTHER))
    (batch,) = batches(log, terms.agreement)
    hand_back(log, 0)
    with pytest.raises(VoidRefused, match="reverse entry 3 first"):
        propose(log, terms, batch.name)
    assert not log.entries(kinds=[PROPOSED_KIND])


def test_what_was_voided_is_not_reversed_by_hand_directly_or_by_a_reversal_of_a_reversal(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    take(log, terms, write_csv(OTHER))
    (batch,) = batches(log, terms.agreement)
    again = hand_back(log, hand_back(log, 0))
    propose(log, terms, batch.name)
    voided = confirm(log, terms, batch.name)
    for seq in (0, again):
        with pytest.raises(ReversalRefused, match=f"entry 0 was voided by entry {voided.seq}"):
            hand_back(log, seq)
    assert escrow(log) == 0


def test_one_file_under_two_mappings_is_two_batches_told_apart_by_where_they_begin(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv(SHOP)
    take(log, terms, path)
    take(log, terms, path, bill())
    first, second = batches(log, terms.agreement)
    assert first.name == second.name
    with pytest.raises(EntryUnknown, match=f"several batches .*: {first.place}, {second.place}"):
        propose(log, terms, first.name)
    with pytest.raises(EntryUnknown, match="no batch that stands"):
        propose(log, terms, f"{first.name}@999")
    propose(log, terms, second.place)
    confirm(log, terms, second.place)
    assert escrow(log) == 31_900, "the first still tells of the sale"
    assert named_batch(log, terms.agreement, second.place).voided_by is not None
    assert named_batch(log, terms.agreement, first.place).voided_by is None
    propose(log, terms, first.name)
    confirm(log, terms, first.place)
    assert escrow(log) == 0
