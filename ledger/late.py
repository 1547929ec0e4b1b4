"""What came late: postings of a closed month that were recorded after its close, and where they went.

Which month an entry belongs to is in periods.py; here are the single postings, to be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine

from ledger.accounts import Account
from ledger.database import reading
from ledger.leaves import microseconds
from ledger.periods import Calendar, Period

Way = Literal["in", "out"]
"""Into a month from earlier ones that were closed, or out of a closed month into a later one."""


@dataclass(frozen=True, slots=True)
class LatePosting:
    """A posting that came late: of `origin`, in which it occurred, and counted in `into`."""

    seq: int
    n: int
    account: Account
    entry_kind: str
    occurred_at: str
    amount_minor: int
    origin: Period
    into: Period


def late_postings(  # noqa: PLR0913 -- of which month, which way, whose, and where to continue
    engine: Engine,
    calendar: Calendar,
    period: Period,
    way: Way,
    *,
    owners: Collection[str] | None = None,
    after: tuple[int, int] = (-1, 0),
    limit: int = 100,
) -> list[LatePosting]:
    """Return up to `limit` postings that came late into a month or out of it, in order of the log.

    `owners` None stands for everybody. A month that is open has none that went out of it.
    """
    span = _span(calendar, period, way)
    if span is None:
        return []
    conditions = "a.agreement = ? AND p.seq >= ? AND p.seq < ? AND e.occurred_us >= ? AND e.occurred_us < ?"
    parameters = [calendar.agreement, *span]
    with reading(engine) as session:
        if owners is not None:
            conditions += f" AND {session.members('a.owner')}"
            parameters.append(session.listed(sorted(owners)))
        sql = (
            "SELECT p.seq, p.n, a.owner, a.agreement, a.purpose, a.currency, e.kind, e.occurred_at,"  # noqa: S608
            " e.occurred_us, p.amount_minor"
            " FROM account a JOIN posting p ON p.account = a.id JOIN entry e ON e.seq = p.seq"
            f" WHERE {conditions} AND (p.seq > ? OR (p.seq = ? AND p.n > ?)) ORDER BY p.seq, p.n LIMIT ?"
        )
        rows = session.rows(sql, [*parameters, after[0], after[0], after[1], limit])
    found = []
    for seq, n, *key, kind, occurred_at, occurred_us, amount in rows:
        into, origin = calendar.belongs(seq, occurred_us)
        found.append(LatePosting(seq, n, Account(*key), kind, occurred_at, amount, origin or into, into))
    return found


@dataclass(frozen=True, slots=True)
class LateSum:
    """What came late of one month, counted in another, on one account: how many postings, and their sum."""

    origin: Period
    into: Period
    account: Account
    postings: int
    amount_minor: int


def late_by_month(
    engine: Engine, calendar: Calendar, *, owners: Collection[str] | None = None
) -> list[LateSum]:
    """Return everything that ever came late under an agreement, by month of origin, month and account.

    `owners` None stands for everybody.
    """
    if not calendar.closes:
        return []
    ends = [*(one.as_of_seq for one in calendar.closes[1:]), 2**62]
    limits = [
        limit
        for close, stop in zip(calendar.closes, ends, strict=True)
        for limit in (close.as_of_seq, stop, microseconds(close.period.end(calendar.zone)))
    ]
    between = " OR ".join(["(p.seq >= ? AND p.seq < ? AND e.occurred_us < ?)"] * len(calendar.closes))
    conditions, parameters = f"a.agreement = ? AND ({between})", [calendar.agreement, *limits]
    sums: dict[tuple[Period, Period, Account], tuple[int, int]] = {}
    with reading(engine) as session:
        if owners is not None:
            conditions += f" AND {session.members('a.owner')}"
            parameters.append(session.listed(sorted(owners)))
        sql = (
            "SELECT p.seq, e.occurred_us, a.owner, a.agreement, a.purpose, a.currency, p.amount_minor"  # noqa: S608
            " FROM account a JOIN posting p ON p.account = a.id JOIN entry e ON e.seq = p.seq"
            f" WHERE {conditions}"
        )
        for rows in session.stream(sql, parameters):
            for seq, occurred_us, *key, amount in rows:
                into, origin = calendar.belongs(seq, occurred_us)
                if origin is not None:
                    place = origin, into, Account(*key)
                    count, total = sums.get(place, (0, 0))
                    sums[place] = count + 1, total + int(amount)
    return [LateSum(*place, *sums[place]) for place in sorted(sums)]


def every_late_posting(engine: Engine, calendar: Calendar, period: Period, way: Way) -> Iterator[LatePosting]:
    """Yield all of them, of everybody."""
    after = -1, 0
    while page := late_postings(engine, calendar, period, way, after=after, limit=1_000):
        yield from page
        after = page[-1].seq, page[-1].n


def _span(calendar: Calendar, period: Period, way: Way) -> tuple[int, int, int, int] | None:
    """Return from and before which seq, and from and before which time, such postings are."""
    start, end = microseconds(period.start(calendar.zone)), microseconds(period.end(calendar.zone))
    close = next((one for one in calendar.closes if one.period >= period), None)
    if way == "out":
        return None if close is None else (close.as_of_seq, 2**62, start, end)
    before = calendar.before(period)
    if before is None or before.period.next != period:
        return None
    return (before.as_of_seq, close.as_of_seq if close else 2**62, -(2**62), start)
