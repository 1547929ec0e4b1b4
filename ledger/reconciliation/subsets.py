"""One row matched with the sum of several of the other side, where one names nothing.

A bank's one transfer for all statements of a day, or one statement paid in three. Groups come first: what
belongs together anyway, the rows of one statement, day or order. What no group explains is searched among
the rows within the declared days: all sums of at most CANDIDATES_MAX rows, found as two halves. A sum matches
where it is the only one, none of its rows is in another's, and it would hardly come about by accident;
everything else is a suggestion. A search that is too large is not begun, and that is said.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from ledger.reconciliation.rows import Row
from ledger.reconciliation.rules import CANDIDATES_MAX, CHANCE, TARGETS_MAX, Rules

_SOLUTIONS_MAX = 4
"""Sums that are spelt out for one row."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A row and rows of the other side that come to it; `how` is what makes a group of them, or "subset"."""

    target: Row
    parts: tuple[Row, ...]
    how: str

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What tells one sum from another."""
        return self.target.id, tuple(part.id for part in self.parts)


@dataclass
class BySum:
    """What sums match, what they suggest, and the rows for which the search was too large, with its size."""

    matches: list[Sum] = field(default_factory=list)
    suggested: list[Sum] = field(default_factory=list)
    limited: dict[str, int] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    """Rows that may belong elsewhere: by themselves to another row, or to a sum that is not spelt out."""


def by_sum(a: Sequence[Row], b: Sequence[Row], rules: Rules, unsure: Iterable[str] = ()) -> BySum:
    """Match what is left over of both sides, one to many and many to one; see the module.

    `unsure` are the ids of rows of which several fit one another by themselves: no sum of them matches.
    """
    found = BySum(unsure=set(unsure))
    gone: set[str] = set()
    for search in (_groups, _subsets):
        sums: list[Sum] = []
        for targets, others in ((a, b), (b, a)):
            sums += search(_left(targets, gone), _left(others, gone), rules, found)
        accepted = _accepted(sums, found.unsure)
        gone |= {row.id for one in accepted for row in (one.target, *one.parts)}
        found.matches += accepted
        known = {one.key for one in accepted}
        found.suggested += [one for one in sums if one.key not in known]
    found.suggested = [
        one for one in found.suggested if not gone & {row.id for row in (one.target, *one.parts)}
    ]
    return found


def _left(rows: Sequence[Row], gone: set[str]) -> list[Row]:
    return [row for row in rows if row.id not in gone]


def _accepted(sums: Sequence[Sum], unsure: Collection[str]) -> list[Sum]:
    """Return the sums of which no row is unsure or in another sum, and which are more than a suggestion."""
    distinct = {(one.target.id, frozenset(part.id for part in one.parts)): one for one in reversed(sums)}
    uses: dict[str, int] = defaultdict(int)
    for one in distinct.values():
        for row in (one.target, *one.parts):
            uses[row.id] += 1
    return sorted(
        (
            one
            for one in distinct.values()
            if all(uses[row.id] == 1 and row.id not in unsure for row in (one.target, *one.parts))
            and _may_match(one)
        ),
        key=lambda one: one.key,
    )


def _may_match(one: Sum) -> bool:
    """Tell whether a sum is more than a suggestion: it is no accident."""
    return one.how != "unlikely"


def _groups(targets: Sequence[Row], others: Sequence[Row], rules: Rules, found: BySum) -> list[Sum]:
    """Find the groups of two rows or more that come to a row."""
    del found  # groups are few, and all are looked at
    sums: list[Sum] = []
    for how in ("statement", "day", "order"):
        groups = _grouped(others, how)
        by_total = sorted((sum(row.amount_minor for row in rows), name) for name, rows in groups.items())
        totals = [total for total, _ in by_total]
        for target in targets:
            first = bisect_left(totals, target.amount_minor - rules.tolerance_minor)
            last = bisect_right(totals, target.amount_minor + rules.tolerance_minor)
            fitting = (groups[name] for _, name in by_total[first:last])
            near = (rows for rows in fitting if all(_may_be_of(target, row, rules) for row in rows))
            sums += [Sum(target, tuple(rows), how) for rows in islice(near, _SOLUTIONS_MAX)]
    return sums


def _grouped(rows: Sequence[Row], how: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        name = {"statement": row.origin, "day": row.day.isoformat(), "order": row.order}[how]
        if name and (how != "statement" or row.side == "a"):
            groups[name].append(row)
    return {name: group for name, group in groups.items() if len(group) > 1}


def _may_be_of(target: Row, other: Row, rules: Rules) -> bool:
    return abs((target.day - other.day).days) <= rules.days and not (target.ref and other.ref)


def _subsets(targets: Sequence[Row], others: Sequence[Row], rules: Rules, found: BySum) -> list[Sum]:
    """Search the rows near each target for two or more that come to it."""
    sums: list[Sum] = []
    unnamed = [row for row in others if not row.ref]
    searched = 0
    for target in targets:
        pool = unnamed if target.ref else others
        first = bisect_left(pool, target.day - timedelta(days=rules.days), key=_day)
        last = bisect_right(pool, target.day + timedelta(days=rules.days), key=_day)
        if last - first < 2:
            continue
        searched += 1
        if last - first > CANDIDATES_MAX or searched > TARGETS_MAX:
            found.limited[target.id] = last - first
            continue
        near = pool[first:last]
        sums_tried = (1 << len(near)) - len(near) - 1
        chance = sums_tried * (2 * rules.tolerance_minor + 1) * CHANCE
        how = "subset" if chance <= sum(abs(row.amount_minor) for row in near) else "unlikely"
        solved = _solutions(target.amount_minor, near, rules.tolerance_minor)
        if len(solved) == _SOLUTIONS_MAX:
            found.unsure |= {row.id for row in near}
        sums += [Sum(target, parts, how) for parts in solved]
    return sums


def _day(row: Row) -> date:
    return row.day


def _solutions(wanted: int, rows: Sequence[Row], tolerance: int) -> list[tuple[Row, ...]]:
    """Return up to _SOLUTIONS_MAX sets of two rows or more whose sum is within the tolerance of an amount."""
    half = len(rows) // 2
    right = sorted(_sums(rows[half:]))
    totals = [total for total, _ in right]
    found: list[tuple[Row, ...]] = []
    for total, left in sorted(_sums(rows[:half])):
        first = bisect_left(totals, wanted - total - tolerance)
        last = bisect_right(totals, wanted - total + tolerance)
        for _, other in right[first:last]:
            places = [place for place in range(len(rows)) if (left | other << half) >> place & 1]
            if len(places) > 1:
                found.append(tuple(rows[place] for place in places))
            if len(found) >= _SOLUTIONS_MAX:
                return found
    return found


def _sums(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield the sum of every set of rows, with the set as bits."""
    totals = [0] * (1 << len(rows))
    for bits in range(1, len(totals)):
        lowest = bits & -bits
        totals[bits] = totals[bits ^ lowest] + rows[lowest.bit_length() - 1].amount_minor
    return iter([(total, bits) for bits, total in enumerate(totals)])
