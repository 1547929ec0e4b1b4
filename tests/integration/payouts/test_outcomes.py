"""What banks say of payments: confirmed, failed, returned, twice, or of nobody's; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.doctor import examine
from ledger.payouts.outcomes import Told
from ledger.payouts.reading import Batch
from tests.payout_world import Payday


@pytest.fixture
def batch(payday: Payday) -> Batch:
    """A released batch to the agency and the streamer."""
    payday.accept("mcn", "streamer")
    return payday.release(payday.prepare())


def test_the_same_file_again_adds_nothing(payday: Payday, batch: Batch) -> None:
    rows = [payday.say(batch, "mcn", bank_reference="B1"), payday.say(batch, "streamer", "failed")]
    assert payday.tell(*rows).written == ((rows[0].reference, "confirmed"), (rows[1].reference, "failed"))
    size = payday.world.log.size()
    again = payday.tell(*rows)
    assert (again.written, again.repeated, again.not_taken) == ((), 2, ())
    assert payday.world.log.size() == size


def test_what_failed_is_payable_again_and_goes_into_a_new_batch(payday: Payday, batch: Batch) -> None:
    payday.tell(payday.say(batch, "mcn", "failed", reason="name differs"), payday.say(batch, "streamer"))
    assert (payday.state(batch, "mcn"), payday.payable("mcn")) == ("failed", 16_200)
    assert (payday.balance("mcn", "clearing"), payday.balance("mcn", "payable")) == (0, 16_200)
    again = payday.release(payday.prepare())
    assert (again.total_minor, payday.balance("mcn", "payable")) == (16_200, 0)
    assert again.payments[0].reference != payday.say(batch, "mcn").reference
    payday.tell(payday.say(again, "mcn"))
    assert payday.balance("platform", "bank") == 16_200 + 37_800
    assert examine(payday.world.log.engine) == []


def test_what_was_paid_and_came_back_is_payable_again(payday: Payday, batch: Batch) -> None:
    paid = payday.say(batch, "mcn", bank_reference="B1")
    payday.tell(paid)
    report = payday.tell(replace(paid, outcome="returned", reason="account closed", bank_reference="B2"))
    assert report.written == ((paid.reference, "returned"),)
    assert (payday.balance("platform", "bank"), payday.balance("mcn", "payable")) == (0, 16_200)
    assert payday.payable("mcn") == 16_200
    assert payday.tell(paid).repeated == 1  # the bank's file of the first day, read again


def test_paid_and_returned_in_one_file_are_two_entries(payday: Payday, batch: Batch) -> None:
    paid = payday.say(batch, "mcn")
    report = payday.tell(paid, replace(paid, outcome="returned"), paid)
    assert [outcome for _, outcome in report.written] == ["confirmed", "returned"]
    assert report.repeated == 1
    assert (payday.balance("mcn", "clearing"), payday.balance("platform", "bank")) == (0, 0)


@pytest.mark.parametrize(
    ("first", "then", "fault"),
    [
        ("confirmed", {"outcome": "confirmed", "bank_reference": "B9"}, "paid_twice"),
        ("failed", {"outcome": "confirmed"}, "paid_after_failure"),
        ("returned", {"outcome": "confirmed"}, "paid_after_failure"),
        ("confirmed", {"outcome": "failed"}, "contradicts"),
        ("failed", {"outcome": "returned"}, "contradicts"),
        ("confirmed", {"reference": "P0N1"}, "unknown"),
        ("confirmed", {"amount_minor": 1}, "amount"),
        ("confirmed", {"currency": "USD"}, "amount"),
    ],
)
def test_what_cannot_be_is_reported_and_not_written(
    sheet: Payday, first: str, then: dict[str, object], fault: str
) -> None:
    sheet.accept("mcn")
    batch = sheet.release(sheet.prepare())
    row = sheet.say(batch, "mcn", first, bank_reference="B1")
    sheet.tell(row)
    size = sheet.world.log.size()
    report = sheet.tell(replace(row, **{"bank_reference": "", **then}))  # type: ignore[arg-type]
    assert [one.fault for one in report.not_taken] == [fault]
    assert sheet.world.log.size() == size


def test_of_a_file_with_a_strange_row_the_rest_is_taken(payday: Payday, batch: Batch) -> None:
    strange = Told(2, "P0N1", "confirmed", 5)
    ahead = payday.say(batch, "streamer", at=payday.clock() + timedelta(days=1))
    report = payday.tell(payday.say(batch, "mcn"), strange, ahead)
    assert [one.fault for one in report.not_taken] == ["unknown", "time"]
    assert (payday.state(batch, "mcn"), payday.state(batch, "streamer")) == ("confirmed", "released")


def test_nothing_is_said_of_what_was_never_released(payday: Payday) -> None:
    payday.accept("mcn")
    waiting = payday.prepare()
    (fault,) = payday.tell(payday.say(waiting, "mcn")).not_taken
    assert fault.fault == "not_released"


def test_a_bank_that_gives_days_confirms_no_earlier_than_it_was_released(
    payday: Payday, batch: Batch
) -> None:
    day = payday.clock().replace(hour=0, minute=0, second=0)
    payday.tell(payday.say(batch, "mcn", at=day))
    entry = payday.world.log.entries(kinds=["payout.confirmed"])[0]
    released = payday.world.log.entries(kinds=["payout.released"])[0]
    assert entry.occurred_us == released.occurred_us
