"""Payouts at a month end: the checklist waits for them, and both accounting programs agree on their books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.intake.terms import IntakeTerms, VersionTerms
from ledger.journals.names import account_name
from ledger.journals.transactions import Scope
from ledger.journals.writing import Program, journal
from ledger.month_end.checklist import Item
from ledger.month_end.items import Month, payouts
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, closing_balances
from tests.accounting_programs import Balances, beancount_balances, hledger_balances
from tests.payout_world import NOON, Payday

PROGRAMS: list[tuple[Program, Callable[[Path], Balances]]] = [
    ("hledger", hledger_balances), ("beancount", beancount_balances),
]  # fmt: skip


def calendar(payday: Payday) -> Calendar:
    agreement = payday.world.agreement
    return calendar_of(payday.world.log, agreement.id, agreement.zone)


def paid_in(payday: Payday) -> Period:
    return Period.of(NOON, payday.world.agreement.zone)


def item(payday: Payday) -> Item:
    agreement = payday.world.agreement
    start = datetime(2026, 1, 1, tzinfo=UTC)
    versions = (VersionTerms(agreement.ref, start, ("platform",), ("platform",)),)
    terms = IntakeTerms(agreement.id, agreement.currency, "Asia/Shanghai", "platform", versions)
    return payouts(Month(payday.world.log, calendar(payday), paid_in(payday), terms, NOON))


def test_a_month_waits_for_release_and_for_the_banks_answer(payday: Payday) -> None:
    assert item(payday).state == "not_applicable"
    payday.accept("mcn", "streamer")
    batch = payday.prepare()
    waiting = item(payday)
    assert (waiting.state, waiting.found["prepared"], waiting.found["released"]) == ("open", 2, 0)
    payday.release(batch)
    payday.tell(payday.say(batch, "mcn"))
    sent = item(payday)
    assert (sent.state, sent.found["prepared"], sent.found["released"]) == ("open", 0, 1)
    assert sent.digest != waiting.digest, "what was overridden then is another finding now"
    payday.tell(payday.say(batch, "streamer"))
    assert (item(payday).state, item(payday).found["count"]) == ("ok", 2)


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_the_journal_of_a_month_with_payouts_comes_to_its_closing_balances(
    payday: Payday, tmp_path: Path, program: Program, read: Callable[[Path], Balances]
) -> None:
    payday.accept("mcn", "streamer")
    batch = payday.release(payday.prepare())
    payday.tell(payday.say(batch, "mcn"))
    log, agreement, period = payday.world.log, payday.world.agreement, paid_in(payday)
    closing = Closing(agreement=agreement.ref, parties=("platform",), keepers=("platform",))
    later = NOON + timedelta(days=365)
    close_period(log, calendar(payday), period, closing, now=later, by="platform")
    known = calendar(payday)
    scope = Scope(
        agreement=agreement.id, start=period.start(known.zone), stop=period.end(known.zone), zone=known.zone,
        end=known.closes[-1].as_of_seq,
    )  # fmt: skip
    path = tmp_path / f"month.{program}"
    path.write_text("".join(journal(log.engine, scope, program)), encoding="utf-8")
    found = closing_balances(log.engine, known, period)
    assert {"bank", "clearing"} <= {one.purpose for one in found}
    assert read(path) == {(account_name(one), one.currency): -minor for one, minor in found.items()}
