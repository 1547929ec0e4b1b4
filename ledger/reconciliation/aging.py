"""How long what is open has been so: by class and age, in days of the agreement's time zone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.reconciliation.breaks import CLASSES, Break, BreakClass

AGES = ((0, 7), (8, 30), (31, 90), (91, None))
"""Ages in days, from and to; the last has no end."""


@dataclass(frozen=True, slots=True)
class Aged:
    """What is open of one class and age: how many, and what both sides come to, in minor units."""

    kind: BreakClass
    days_from: int
    days_to: int | None
    count: int
    a_minor: int
    b_minor: int

    @property
    def difference_minor(self) -> int:
        """What it explains of the difference."""
        return self.a_minor - self.b_minor

    @property
    def ages(self) -> str:
        """The age as text: 0-7, 8-30, 31-90, 91+."""
        return f"{self.days_from}+" if self.days_to is None else f"{self.days_from}-{self.days_to}"


def days_open(one: Break, on: date) -> int:
    """Return for how many days a break has been open on a day; one of a later day for none."""
    return max((on - one.day).days, 0)


def aged(breaks: Sequence[Break], on: date) -> tuple[Aged, ...]:
    """Return the open breaks by class and age on a day; what has none is left out."""
    found = []
    for kind in CLASSES:
        for first, last in AGES:
            mine = [
                one
                for one in breaks
                if one.kind == kind
                and first <= days_open(one, on)
                and (last is None or days_open(one, on) <= last)
            ]
            if mine:
                sums = sum(one.a_minor for one in mine), sum(one.b_minor for one in mine)
                found.append(Aged(kind, first, last, len(mine), *sums))
    return tuple(found)
