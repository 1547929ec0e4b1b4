"""What comes in under an agreement, for people who watch: what a day has brought, and how late events are.

The events themselves are in disclosed.py, by who may see them; what is counted here names nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.accounts import Until, end_of
from ledger.database import Session, reading
from ledger.log import Log
from ledger.reading import tip

Escrow = tuple[str, str, str]
"""The account that sales pay into: owner, purpose, currency."""

ARRIVALS = 1_000
"""How many of the newest events are looked at to say how late events come in."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was recorded under an agreement since a time, before seq `end`.

    Entries by kind, and what sales put into escrow.
    """

    end: int
    counts: Mapping[str, int]
    paid_minor: int


class Days:
    """Counts days of agreements, each on from where it was counted to before. Safe to share between threads.

    What is kept follows from the log and is lost with the process; entries are never taken back, so counting
    on gives what counting anew would.
    """

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._kept: dict[tuple[tuple[str, ...], datetime], Day] = {}
        self._lock = threading.Lock()

    def so_far(
        self, log: Log, refs: Sequence[str], kinds: Sequence[str], *, since: datetime, escrow: Escrow
    ) -> Day:
        """Return what came in since a time, under versions `refs` (id@version) of one agreement."""
        of = tuple(refs)
        with self._lock, reading(log.engine) as session:
            kept = self._kept.get((of, since))
            end = tip(session)[0]
            if kept is None or kept.end > end:
                self._kept = {key: day for key, day in self._kept.items() if key[0] != of}
                kept = Day(end_of(session, Until(recorded=since)), {}, 0)
            more = _counts(session, refs, kinds, kept.end)
            counts = {kind: kept.counts.get(kind, 0) + more.get(kind, 0) for kind in {*kept.counts, *more}}
            paid = kept.paid_minor + _paid(session, refs, kept.end, escrow)
            self._kept[of, since] = Day(end, counts, paid)
            return self._kept[of, since]


def _counts(session: Session, refs: Sequence[str], kinds: Sequence[str], first: int) -> dict[str, int]:
    sql = (
        "SELECT kind, count(*) FROM entry"  # noqa: S608 -- conditions of our own
        f" WHERE {session.members('agreement')} AND seq >= ? AND {session.members('kind')} GROUP BY kind"
    )
    return dict(session.rows(sql, (session.listed(refs), first, session.listed(kinds))))


def _paid(session: Session, refs: Sequence[str], first: int, escrow: Escrow) -> int:
    sql = (
        "SELECT coalesce(sum(p.amount_minor), 0) FROM account a JOIN posting p ON p.account = a.id"  # noqa: S608
        f" JOIN entry e ON e.seq = p.seq AND e.kind = 'sale.recorded' AND {session.members('e.agreement')}"
        " WHERE a.owner = ? AND a.purpose = ? AND a.currency = ? AND a.agreement = ? AND p.seq >= ?"
    )
    agreement = refs[0].partition("@")[0]
    return int(session.rows(sql, (session.listed(refs), *escrow, agreement, first))[0][0])


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
