"""Interest on a statement that was paid late: counted until the bank's confirmation, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.payouts.batches import batch_of
from ledger.payouts.reading import CONFIRMED_KIND
from ledger.settlement.recorded_facts import FactsGiven, facts_entry
from policies.loading import load_agreement
from tests.due_world import said
from tests.payout_world import PROCESS, Payday, settled
from tests.settlement_world import PLAIN, instant

INTEREST = """
  - id: "7.6"
    kind: late_interest
    holder: platform
    toward: brand
    rate: 0.05%
    per: day
    until: if(exists(paid_on), paid_on, decided_at)
    falls_due: {by: case}
"""


@pytest.fixture
def late(engine: Engine, tmp_path: Path) -> Payday:
    """A statement of 750.00 for the brand, due on 1 April and recorded as a case under its own id."""
    agreement = load_agreement(PLAIN.strip() + PROCESS + INTEREST, name="late.yaml")
    made = settled(engine, tmp_path / "data", agreement)
    about = made.world.statement("brand").id
    due = {"amount_due": "2250.00", "due_on": "2026-04-01"}
    given = FactsGiven(due, (), about, "7.6")
    made.world.tell(
        facts_entry(agreement, given, source="tests", asserter="brand", occurred_at=instant("2026-04-01"))
    )
    made.accept("brand")
    return made


def _interest(late: Payday, cutoff: str) -> int:
    late.world.settle(cutoff)
    rows = late.world.statement("brand").content.get("dues", ())
    return sum(row["amount_minor"] for row in rows if row["leg"] == "late_interest")


def _paid(late: Payday, day: str) -> int:
    batch = late.release(late.prepare())
    late.act(days=30)
    late.tell(late.say(batch, "brand", at=instant(day)))
    (payment,) = [one for one in batch_of(late.world.log, batch.id).payments if one.payee == "brand"]
    return payment.seqs[CONFIRMED_KIND]


def test_interest_stops_on_the_day_that_the_bank_paid(late: Payday) -> None:
    assert _interest(late, "2026-04-05") == 450, "four days of 2,250.00 at 0.05%"
    seq = _paid(late, "2026-04-09T10:00:00")
    assert _interest(late, "2026-04-20") == 450, "eight days in all"
    (row,) = late.world.statement("brand").content["dues"]
    assert seq in row["entries"], "the confirmation is one of its facts"
    assert _interest(late, "2026-04-25") == 0


def test_what_parties_record_of_the_payment_goes_before_the_banks_answer(late: Payday) -> None:
    _paid(late, "2026-04-09T10:00:00")
    about = late.world.statement("brand").id
    late.world.tell(said(late.world.agreement, "brand", "2026-04-10", about, "7.6", paid_on="2026-04-03"))
    assert _interest(late, "2026-04-20") == 225


def test_what_was_confirmed_after_the_cut_off_stops_nothing_yet(late: Payday) -> None:
    _paid(late, "2026-04-09T10:00:00")
    assert _interest(late, "2026-04-05") == 450
    assert _interest(late, "2026-04-20") == 450
