"""Closing months on both databases: what is closed stands, what is late lands in the open month by name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account
from ledger.errors import ErasureRefused, PeriodRefused
from ledger.journals.names import account_name
from ledger.journals.transactions import Scope
from ledger.journals.writing import journal
from ledger.log import Log
from ledger.periods import (
    BOOKS_GROUP,
    PERIOD_GROUP,
    Calendar,
    Close,
    Closing,
    Line,
    Period,
    calendar_of,
    close_period,
    closing_balances,
    lines,
)
from tests.accounting_programs import hledger_balances
from tests.ledger_samples import AGREEMENT, PARTIES, sale

ZONE = ZoneInfo("Asia/Shanghai")
ESCROW = Account("escrow", "autumn-beauty", "balance", "CNY")
MARCH, APRIL, MAY = Period(2026, 3), Period(2026, 4), Period(2026, 5)
CLOSING = Closing(agreement=AGREEMENT, parties=PARTIES, keepers=("platform",))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def sold(log: Log, order: str, paid_minor: int, when: str) -> None:
    log.append([sale(order, paid_minor=paid_minor, occurred_at=at(when))])


def known(log: Log) -> Calendar:
    return calendar_of(log, "autumn-beauty", ZONE)


def close(log: Log, period: Period, now: str = "2026-12-01T00:00:00") -> Close:
    return close_period(log, known(log), period, CLOSING, now=at(now), by="platform")


def escrow(log: Log, period: Period) -> Line:
    (one,) = [one for one in lines(log.engine, known(log), period) if one.account == ESCROW]
    return one


@pytest.fixture
def log(engine: Engine) -> Log:
    """100 in March, its last moment included, and 7 at the first moment of April."""
    log = Log(engine)
    sold(log, "O1", 60, "2026-03-01T00:00:00")
    sold(log, "O2", 40, "2026-03-31T23:59:59.999999")
    sold(log, "O3", 7, "2026-04-01T00:00:00")
    return log


def test_a_close_says_every_balance_at_the_end_of_the_month_in_its_time_zone(log: Log) -> None:
    done = close(log, MARCH)
    groups = {one.name: one for one in log.groups(done.seq)}
    assert groups[BOOKS_GROUP].content["accounts"] == [
        {"account": "buyers.payment", "currency": "CNY", "balance_minor": -100},
        {"account": "escrow.balance", "currency": "CNY", "balance_minor": 100},
    ]
    assert groups[BOOKS_GROUP].readers == ("platform",)
    header = groups[PERIOD_GROUP].content
    assert (header["period"], header["from"], header["to"]) == (
        "2026-03", "2026-03-01T00:00:00+08:00", "2026-04-01T00:00:00+08:00",
    )  # fmt: skip
    assert header["as_of_seq"] == 3
    assert known(log).closes == (done,)


def test_what_comes_late_lands_in_the_open_month_and_names_the_one_it_is_from(log: Log) -> None:
    done = close(log, MARCH)
    sold(log, "O4", 5, "2026-03-15T12:00:00")
    assert closing_balances(log.engine, known(log), MARCH)[ESCROW] == 100
    assert escrow(log, MARCH) == Line(ESCROW, 0, 100, {}, 100)
    assert escrow(log, APRIL) == Line(ESCROW, 100, 7, {MARCH: 5}, 112)
    late = log.entry(done.seq + 1)
    assert known(log).belongs(late.seq, late.occurred_us) == (APRIL, MARCH)
    first = log.entry(0)
    assert known(log).belongs(first.seq, first.occurred_us) == (MARCH, None)


def test_months_join_closing_is_the_next_opening_and_stays_when_more_comes(log: Log) -> None:
    close(log, MARCH)
    sold(log, "O4", 5, "2026-03-15T12:00:00")
    close(log, APRIL)
    sold(log, "O5", 3, "2026-04-02T12:00:00")
    sold(log, "O6", 2, "2026-03-02T12:00:00")
    sold(log, "O7", 1, "2026-05-02T12:00:00")
    assert escrow(log, MARCH) == Line(ESCROW, 0, 100, {}, 100)
    assert escrow(log, APRIL) == Line(ESCROW, 100, 7, {MARCH: 5}, 112)
    assert escrow(log, MAY) == Line(ESCROW, 112, 1, {MARCH: 2, APRIL: 3}, 118)


def test_what_is_recorded_while_a_month_is_closed_is_late_and_not_lost(log: Log) -> None:
    seen = known(log)
    sizes = iter([3])

    class Busy(Log):
        def size(self) -> int:
            taken = next(sizes)
            sold(log, "O4", 5, "2026-03-15T12:00:00")
            return taken

    close_period(Busy(log.engine), seen, MARCH, CLOSING, now=at("2026-12-01T00:00:00"), by="platform")
    assert escrow(log, MARCH).closing_minor == 100
    assert escrow(log, APRIL).late_minor == {MARCH: 5}


@pytest.mark.parametrize("other", [MARCH, MAY])
def test_of_two_who_close_at_once_one_is_told_to_look_again(log: Log, other: Period) -> None:
    seen = known(log)
    stands = close(log, other)
    with pytest.raises(PeriodRefused, match="closed meanwhile"):
        close_period(log, seen, MARCH, CLOSING, now=at("2026-12-01T00:00:00"), by="brand")
    assert known(log).closes == (stands,)


@pytest.mark.parametrize(
    ("period", "now", "says"),
    [
        (APRIL, "2026-04-30T23:59:59", "not over"),
        (MAY, "2026-12-01T00:00:00", "close 2026-04 first"),
        (Period(2026, 2), "2026-12-01T00:00:00", "closed with 2026-03"),
    ],
)
def test_a_month_must_be_over_and_the_next_in_order(log: Log, period: Period, now: str, says: str) -> None:
    close(log, MARCH)
    size = log.size()
    with pytest.raises(PeriodRefused, match=says):
        close(log, period, now)
    assert log.size() == size


def test_closing_again_shows_what_stands_and_the_entry_cannot_be_erased(log: Log) -> None:
    done = close(log, MARCH)
    sold(log, "O4", 5, "2026-03-15T12:00:00")
    assert close(log, MARCH) == done
    with pytest.raises(ErasureRefused):
        log.erase(done.seq, PERIOD_GROUP, reason="none", asserter="platform", source="test", id="1")


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-3", "March", "20２6-03", "2026-03-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(PeriodRefused):
        Period.parse(text)


def test_a_months_journal_ends_at_its_close_with_what_was_late_in_it(log: Log, tmp_path: Path) -> None:
    before = close(log, MARCH)
    sold(log, "O4", 5, "2026-03-15T12:00:00")
    after = close(log, APRIL)
    sold(log, "O5", 3, "2026-04-02T12:00:00")
    parts: dict[str, Any] = {"agreement": "autumn-beauty", "zone": ZONE}
    scope = Scope(
        start=APRIL.start(ZONE), stop=APRIL.end(ZONE), since=before.as_of_seq, end=after.as_of_seq, **parts
    )
    text = "".join(journal(log.engine, scope, "hledger"))
    path = tmp_path / "april.journal"
    path.write_text(text, encoding="utf-8")
    assert hledger_balances(path)[account_name(ESCROW), "CNY"] == -112
    assert "2026-04-01 (4) sale.recorded" in text
    assert "late_from:2026-03-15" in text
    assert "O5" not in text


def test_a_months_last_second_counts_in_it_in_its_time_zone() -> None:
    assert MARCH.last_second(ZONE) == at("2026-03-31T23:59:59")
    assert Period.of(MARCH.last_second(ZONE), ZONE) == MARCH
