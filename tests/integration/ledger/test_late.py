"""What came late, posting by posting, on both databases: of which month it is, and into which it went."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ledger.late import LatePosting, Way, late_by_month, late_postings
from ledger.log import Log
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, lines
from tests.ledger_samples import AGREEMENT, PARTIES, pair, sale

ZONE = ZoneInfo("Asia/Shanghai")
AUTUMN = "autumn-beauty"
SEPTEMBER, OCTOBER = Period(2026, 9), Period(2026, 10)
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def close(log: Log, period: Period) -> Calendar:
    closing = Closing(agreement=AGREEMENT, parties=PARTIES, keepers=("platform",))
    close_period(log, calendar_of(log, AUTUMN, ZONE), period, closing, now=NOW, by="platform")
    return calendar_of(log, AUTUMN, ZONE)


@pytest.fixture
def months(engine: Engine) -> Calendar:
    """September closed with one sale, two more of it told after that, October closed, and one more told."""
    log = Log(engine)
    log.append([sale("O1", paid_minor=100)])
    close(log, SEPTEMBER)
    log.append([sale("O2", paid_minor=7), sale("O3", paid_minor=30)])
    known = close(log, OCTOBER)
    log.append([sale("O4", paid_minor=1)])
    return known


def found(engine: Engine, months: Calendar, period: Period, way: Way, **more: object) -> list[LatePosting]:
    return late_postings(engine, months, period, way, **more)  # type: ignore[arg-type]  # one test names each


def test_what_came_late_is_told_where_it_is_of_and_where_it_went(engine: Engine, months: Calendar) -> None:
    out = found(engine, months, SEPTEMBER, "out")
    assert {(str(one.origin), str(one.into)) for one in out} == {
        ("2026-09", "2026-10"),
        ("2026-09", "2026-11"),
    }
    into = found(engine, months, OCTOBER, "in")
    assert [one for one in out if one.into == OCTOBER] == into
    assert found(engine, months, OCTOBER, "out") == found(engine, months, SEPTEMBER, "in") == []
    assert len(into) == 2 * len(pair(1))


def test_it_sums_to_what_the_month_says_came_late(engine: Engine, months: Calendar) -> None:
    for period in (OCTOBER, OCTOBER.next):
        for line in lines(engine, months, period):
            single = [one for one in found(engine, months, period, "in") if one.account == line.account]
            assert sum(one.amount_minor for one in single) == sum(line.late_minor.values())


def test_owners_and_pages_narrow_it(engine: Engine, months: Calendar) -> None:
    whole = found(engine, months, SEPTEMBER, "out")
    owner = whole[0].account.owner
    assert found(engine, months, SEPTEMBER, "out", owners=[owner]) == [
        one for one in whole if one.account.owner == owner
    ]
    assert found(engine, months, SEPTEMBER, "out", owners=[]) == []
    walked: list[LatePosting] = []
    while page := found(
        engine, months, SEPTEMBER, "out", limit=1,
        after=(walked[-1].seq, walked[-1].n) if walked else (-1, 0),
    ):  # fmt: skip
        walked += page
    assert walked == whole


def test_by_month_it_is_the_same_summed(engine: Engine, months: Calendar) -> None:
    whole = late_by_month(engine, months)
    assert {(str(one.origin), str(one.into)) for one in whole} == {
        ("2026-09", "2026-10"),
        ("2026-09", "2026-11"),
    }
    single = found(engine, months, SEPTEMBER, "out")
    assert sum(one.postings for one in whole) == len(single)
    for one in whole:
        mine = [each for each in single if (each.into, each.account) == (one.into, one.account)]
        assert (one.postings, one.amount_minor) == (len(mine), sum(each.amount_minor for each in mine))
    assert late_by_month(engine, months, owners=[]) == []
    assert late_by_month(engine, Calendar(AUTUMN, ZONE)) == []
