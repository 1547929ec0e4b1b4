"""Accounts of payees: a cooling-off after a change, what waits meanwhile, and details that were erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.errors import ErasureRefused
from ledger.log import Log
from ledger.payouts.accounts import Details
from ledger.payouts.errors import AccountRefused, PayoutChanged, PayoutRefused
from ledger.payouts.payable import Waits
from tests.ledger_samples import FixedClock
from tests.payout_world import NOON, Payday, later_version, terms
from tests.settlement_world import World


def waits(payday: Payday) -> Waits | None:
    return payday.payables()["mcn"].waits


def test_a_payee_without_an_account_waits(payday: Payday) -> None:
    payday.accept("mcn", "streamer")
    assert waits(payday) is None
    payday.erase_account("mcn")
    assert waits(payday) == "erased"
    assert [one.payee for one in payday.prepare().payments] == ["streamer"]


def test_another_account_is_paid_to_after_three_days_and_nothing_goes_out_meanwhile(payday: Payday) -> None:
    payday.accept("mcn")
    payday.account("mcn", "6222020200009999")
    assert waits(payday) == "cooling"
    with pytest.raises(PayoutRefused):
        payday.prepare()
    payday.clock.forward(days=2, hours=23)
    assert waits(payday) == "cooling"
    payday.clock.forward(hours=1)
    assert payday.prepare().payments[0].masked == "••••9999"


@pytest.fixture(name="meanwhile")
def _meanwhile(engine: Engine, tmp_path: Path) -> Payday:
    """A month that the agency accepted, and five days in which the old account is paid to."""
    clock = FixedClock(NOON)
    agreement = terms("    account_change: {cooling_days: 5, meanwhile: old_account}\n")
    payday = Payday(World(Log(engine, clock=clock), tmp_path / "data", [agreement]), clock)
    payday.month("A")
    payday.accounts()
    payday.accept("mcn")
    return payday


def test_where_the_document_says_so_the_old_account_is_paid_meanwhile(meanwhile: Payday) -> None:
    meanwhile.account("mcn", "6222020200009999")
    batch = meanwhile.prepare()
    assert batch.payments[0].masked == "••••1234"
    meanwhile.account("mcn", "6222020200007777")
    with pytest.raises(PayoutChanged, match="recorded another account"):
        meanwhile.release(batch)
    meanwhile.clock.forward(days=5)
    assert meanwhile.prepare_anew(batch).payments[0].masked == "••••7777"


def test_an_account_that_was_objected_to_in_time_is_never_paid_to(meanwhile: Payday) -> None:
    meanwhile.account("mcn", "6222020200006666")
    meanwhile.clock.forward(days=1)
    meanwhile.account("mcn", "6222020200001234")
    meanwhile.clock.forward(days=4, hours=1)  # the first change is over, the second is not
    (payment,) = meanwhile.prepare().payments
    first = meanwhile.world.log.entries(kinds=["bank_account.changed"])[1]
    assert (payment.masked, payment.account_seq) == ("••••1234", first.seq)


def test_a_batch_on_the_old_account_is_not_released_once_the_new_one_is_in_use(meanwhile: Payday) -> None:
    meanwhile.account("mcn", "6222020200009999")
    batch = meanwhile.prepare()
    meanwhile.clock.forward(days=6)
    with pytest.raises(PayoutChanged, match="paid on another account by now"):
        meanwhile.release(batch)
    assert meanwhile.prepare_anew(batch).payments[0].masked == "••••9999"


def test_a_minimum_is_carried_until_as_much_is_due(engine: Engine, tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    agreement = terms("    days: 2\n    minimum: 100.00\n")
    payday = Payday(World(Log(engine, clock=clock), tmp_path / "data", [agreement]), clock)
    payday.month("A")
    payday.accounts()
    payday.accept("mcn")
    assert payday.payable("mcn") == 0
    payday.clock.forward(days=2)
    assert (payday.payable("mcn"), waits(payday)) == (5_400, "minimum")
    payday.month("B", sold="2026-03-02", until="2026-05-01")
    payday.clock.forward(days=60)
    payday.accept("mcn")
    payday.clock.forward(days=2)
    batch = payday.prepare()
    assert [part.amount_minor for part in batch.payments[0].parts] == [5_400, 5_400]


def test_of_an_account_the_details_alone_are_erased(payday: Payday) -> None:
    payday.accept("mcn")
    batch = payday.prepare()
    seq = payday.world.log.entries(kinds=["bank_account.changed"])[1].seq
    with pytest.raises(ErasureRefused, match="what a payee signed stays"):
        payday.world.log.erase(seq, "bank_account", reason="asked", asserter="operator", source="e", id="1")
    payday.erase_account("mcn")
    with pytest.raises(PayoutChanged, match="details of the account were erased"):
        payday.release(batch)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("holder", "=HYPERLINK(1)"), ("holder", ""), ("holder", "a\nb"), ("number", "12"),
        ("number", "=1+1111"), ("bank", "@x"), ("bank", ""),
    ],
)  # fmt: skip
def test_details_that_no_file_can_hold_are_refused_without_repeating_them(field: str, value: str) -> None:
    parts = {"holder": "Agency", "number": "6222020200001234", "bank": "Bank of Hangzhou", field: value}
    with pytest.raises(AccountRefused) as refused:
        Details("bank", parts["holder"], parts["number"], parts["bank"])
    assert refused.value.where == field
    assert not value or value not in str(refused.value.message)


def test_a_change_signed_for_another_place_is_refused(payday: Payday) -> None:
    payday.numbers["mcn"] = 0
    with pytest.raises(AccountRefused, match="sign anew"):
        payday.account("mcn", "6222020200009999")
    payday.clock.forward(seconds=int(timedelta(days=1).total_seconds()))
    assert waits(payday) is None


def test_payments_go_by_the_terms_in_force_and_not_by_those_to_come(sheet: Payday) -> None:
    later = later_version(sheet.world.agreement, '"minimum":"900.00"')
    sheet.accept("mcn")
    sheet.world.agreements.append(later)
    assert (sheet.payable("mcn"), waits(sheet)) == (16_200, None)
    sheet.clock.now = datetime(2026, 5, 2, tzinfo=UTC)
    assert (sheet.payable("mcn"), waits(sheet)) == (16_200, "minimum")
