"""Payments that were released, failed or came back, held against the bank's file, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from ledger.reconciliation.layouts import load_layout
from ledger.reconciliation.making import Asked, Made, make
from ledger.reconciliation.recorded import record
from tests.payout_world import Payday

HEAD = "交易日期,收入金额,支出金额,摘要,附言"


def bank(payday: Payday, *rows: str, until: date | None = None) -> Made:
    world = payday.world
    path = Path(world.data) / "bank.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="gb18030")
    asked = Asked(party="mcn", path=path, layout=load_layout("bank-payments"), until=until)
    return make(world.log, world.store, world.agreements, asked, at=payday.clock())


def keep(payday: Payday, made: Made) -> None:
    reference = payday.world.agreement.ref
    record(payday.world.log, made.content, made.result.open, reference=reference, at=payday.clock(), by="m")


def test_each_payment_is_held_against_the_bank_once_and_a_failed_one_comes_to_nothing(payday: Payday) -> None:
    payday.accept("brand", "mcn", "streamer")
    first = payday.release(payday.prepare())
    (payment,) = [one for one in first.payments if one.payee == "mcn"]
    early = bank(payday)
    assert [(one.cause, one.difference_minor) for one in early.result.breaks] == [
        ("timing.not_in_file", payment.amount_minor)
    ]
    keep(payday, early)
    payday.tell(payday.say(first, "mcn", "failed"))
    failed = bank(payday)
    assert (failed.result.breaks, failed.result.rows_a) == ((), 2)
    assert failed.result.matched["how"].unique().to_list() == ["offset"]
    keep(payday, failed)
    again = payday.release(payday.prepare())
    (payment,) = [one for one in again.payments if one.payee == "mcn"]
    came = bank(payday, f"2026/4/2,{payment.amount_minor / 100:.2f},-,结算款,{payment.reference}",
                "2026/4/2,-,1.00,费,")  # fmt: skip
    assert (came.result.matches, came.result.rows_a) == (1, 1)
    assert [(one.cause, one.difference_minor) for one in came.result.breaks] == [("missing.in_ledger", 100)]
    assert came.content["through_seq"] > failed.content["through_seq"] > early.content["through_seq"]


def test_what_was_left_for_later_is_not_lost_where_the_bank_told_of_days_before(payday: Payday) -> None:
    payday.accept("brand", "mcn", "streamer")
    first = payday.release(payday.prepare())
    next_day = payday.clock() + timedelta(days=1)
    payday.clock.forward(days=40)
    payday.month("D", "E", sold="2026-03-20", until="2026-05-01")
    payday.accept("mcn")
    second = payday.release(payday.prepare())
    (payment,) = [one for one in second.payments if one.payee == "mcn"]
    payday.tell(payday.say(first, "mcn", "failed", at=next_day))
    early = bank(payday, until=next_day.date())
    assert (early.result.breaks, early.result.rows_a) == ((), 2), "the second is left for the next time"
    keep(payday, early)
    later = bank(payday)
    assert (later.result.rows_a, later.result.a_minor) == (1, payment.amount_minor)
    keep(payday, later)
    assert bank(payday).result.rows_a == 1, "brought forward, and not taken again"
