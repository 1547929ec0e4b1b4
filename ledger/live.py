"""What comes in under an agreement, for people who watch: what a day has brought, and how late events are.

The events themselves are in disclosed.py, by who may see them; what is counted here names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.accounts import Until, end_of
from ledger.database import Session, reading
from ledger.log import Log

ARRIVALS = 1_000
"""How many of the newest events are looked at to say how late events come in."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was recorded under an agreement since a time: entries by kind, and what sales put into escrow."""

    counts: Mapping[str, int]
    paid_minor: int


def day_so_far(
    log: Log, refs: Sequence[str], kinds: Sequence[str], *, since: datetime, escrow: tuple[str, str, str]
) -> Day:
    """Return what came in since a time, under the versions `refs` (id@version) of one agreement.

    `escrow` is the account that sales pay into: owner, purpose, currency.
    """
    with reading(log.engine) as session:
        first = end_of(session, Until(recorded=since))
        sql = (
            "SELECT kind, count(*) FROM entry"  # noqa: S608 -- conditions of our own
            f" WHERE {session.members('agreement')} AND seq >= ? AND {session.members('kind')} GROUP BY kind"
        )
        found = session.rows(sql, (session.listed(refs), first, session.listed(kinds)))
        return Day(dict(found), _paid(session, refs[0].partition("@")[0], first, escrow))


def _paid(session: Session, agreement: str, first: int, escrow: tuple[str, str, str]) -> int:
    sql = (
        "SELECT coalesce(sum(p.amount_minor), 0) FROM account a JOIN posting p ON p.account = a.id"
        " JOIN entry e ON e.seq = p.seq AND e.kind = 'sale.recorded'"
        " WHERE a.owner = ? AND a.purpose = ? AND a.currency = ? AND a.agreement = ? AND p.seq >= ?"
    )
    return int(session.rows(sql, (*escrow, agreement, first))[0][0])


def arrivals(log: Log, refs: Sequence[str], kinds: Sequence[str]) -> list[int]:
    """Return how long the newest events took from when they occurred until the log had them, in microseconds.

    What is said to have occurred after it was recorded took no time.
    """
    with reading(log.engine) as session:
        sql = (
            "SELECT recorded_us - occurred_us FROM entry"  # noqa: S608 -- conditions of our own
            f" WHERE {session.members('agreement')} AND {session.members('kind')} ORDER BY seq DESC LIMIT ?"
        )
        rows = session.rows(sql, (session.listed(refs), session.listed(kinds), ARRIVALS))
    return [max(0, row[0]) for row in rows]


def percentile(lags: Sequence[int], hundredths: int) -> int | None:
    """Return the least of some numbers that so many hundredths of them do not exceed; None of none."""
    if not lags:
        return None
    return sorted(lags)[-(-len(lags) * hundredths // 100) - 1]
