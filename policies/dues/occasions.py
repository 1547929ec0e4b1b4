"""When a clause falls due: its periods, the day of each, and which days' orders count for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from policies.clauses.falling_due import FallsDue
from policies.splits.series import period_of

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time at which a clause falls due, from 00:00 of `day` on, in the agreement's time zone.

    `about` names the period (2026-05, 2026-Q2, 2026) or the case, empty where there is neither, and `at` is
    the day it is about: the last of the period, the day given, that of the case. Orders count whose receipt
    was confirmed from `first` (None: from the beginning) and before `until`. What is `running` is worked out
    anew at every settlement, as of its cut-off.
    """

    clause: str
    about: str
    at: date
    first: date | None
    until: date
    day: date
    running: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What names it among all that falls due under an agreement."""
        return self.clause, self.about


def period_occasions(clause: str, due: FallsDue, start: date, until: date) -> Iterator[Occasion]:
    """Yield the periods that a clause in force from `start` is due for by the day `until`, oldest first."""
    assert due.by in _MONTHS, "a clause that goes by periods"
    first = _first_of(due.by, start)
    while True:
        following = _later(first, _MONTHS[due.by])
        day = following + timedelta(days=due.after_days or 0)
        if day > until:
            return
        last = following - timedelta(days=1)
        yield Occasion(clause, period_of(due.by, first), last, first, following, day)
        first = following


def on_a_day(clause: str, about: str, due: FallsDue, day: date) -> Occasion:
    """Return the one time at which a clause, or a case under it, falls due."""
    later = day + timedelta(days=due.after_days or 0)
    return Occasion(clause, about, day, None, day, later)


def running(clause: str, about: str, at: date, today: date) -> Occasion:
    """Return what is worked out anew at every settlement, as of its day; `at` is the day it is about."""
    return Occasion(clause, about, at, None, today + timedelta(days=1), today, running=True)


def _first_of(by: Literal["month", "quarter", "year", "case", "settlement"], day: date) -> date:
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1}.get(by, 1)
    return date(day.year, month, 1)


def _later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
