"""Breaks: rows that do not match, each classed by the figures behind it. Pure.

A class is given where figures show it, in a fixed order: a row told twice, a difference within a unit per
leg, a reversal on one side only, the amount of another version, a row whose other side is not due yet. What
no figure shows is missing where the other side has nothing under its reference, and unknown where it differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ledger.reconciliation.rows import Row
from ledger.reconciliation.rules import Rules

BreakClass = Literal["timing", "rate_version", "refund", "rounding", "missing", "duplicate", "unknown"]
CLASSES: tuple[BreakClass, ...] = (
    "timing", "rate_version", "refund", "rounding", "missing", "duplicate", "unknown",
)  # fmt: skip

BACK = frozenset({"reversed", "returned"})
"""Kinds of rows that take something back."""

Figures = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Break:
    """Rows that do not match, or match but for a difference: their class, why, and the figures behind it.

    `cause` is what words.py puts into a sentence. What is not `open` is done with: it was within the
    tolerance, or a member has said what it is.
    """

    kind: BreakClass
    cause: str
    a: tuple[Row, ...]
    b: tuple[Row, ...]
    figures: Figures = field(default_factory=dict)
    open: bool = True

    @property
    def a_minor(self) -> int:
        """What its rows of the party's own side come to."""
        return sum(row.amount_minor for row in self.a)

    @property
    def b_minor(self) -> int:
        """What its rows of the file come to."""
        return sum(row.amount_minor for row in self.b)

    @property
    def difference_minor(self) -> int:
        """What it explains of the difference between the two sides: a less b."""
        return self.a_minor - self.b_minor

    @property
    def day(self) -> date:
        """The earliest day of its rows: since when it has been open."""
        return min(row.day for row in (*self.a, *self.b))

    @property
    def key(self) -> tuple[str, date, str, str]:
        """What breaks are sorted by."""
        first = (*self.a, *self.b)[0]
        return self.kind, self.day, first.ref, first.id


@dataclass(frozen=True, slots=True)
class Expected:
    """What one version gives under a reference: earned, and net of all refunds; minor units."""

    version: int
    earned_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A statement of the party that has something under a reference, and whether it is taken already."""

    statement: str
    amount_minor: int
    day: date
    taken: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the log knows of a reference: sold or not, under which version, and where it was posted."""

    sold: bool = False
    in_force: int = 0
    expected: tuple[Expected, ...] = ()
    posted: tuple[Posted, ...] = ()

    def own(self) -> Expected | None:
        """Return what the version in force gives."""
        return next((one for one in self.expected if one.version == self.in_force), None)

    def other(self, amount_minor: int) -> Expected | None:
        """Return the first other version that gives an amount, earned or net of refunds."""
        return next(
            (
                one
                for one in self.expected
                if one.version != self.in_force and amount_minor in {one.earned_minor, one.net_minor}
            ),
            None,
        )


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which day each side reaches: the last cut-off taken, and the last day of the file."""

    through: date | None
    file_through: date | None


def within_tolerance(a: Sequence[Row], b: Sequence[Row], rules: Rules) -> Break:
    """Class the difference of a match that lies within the tolerance; it is closed."""
    apart, units = _apart(a, b), max(len(a), len(b))
    kind: BreakClass = "rounding" if abs(apart) <= units else "unknown"
    figures = {"apart": apart, "units": units, "tolerance": rules.tolerance_minor}
    return Break(kind, f"{kind}.tolerance", tuple(a), tuple(b), figures, open=False)


def differing(
    a: Sequence[Row], b: Sequence[Row], paired: Sequence[Row], known: Known, limits: tuple[Reach, Rules]
) -> list[Break]:
    """Class what is left of a reference on both sides once equal amounts are paired."""
    if not b:
        return only_own(a, *limits)
    total_a = sum(row.amount_minor for row in (*a, *paired) if row.side == "a")
    total_b = sum(row.amount_minor for row in (*b, *paired) if row.side == "b")
    if not a:
        twice, rest = _told_twice(b, paired)
        found = [
            Break("duplicate", "duplicate.in_file", (), (row,), {"times": times}) for row, times in twice
        ]
        if not rest:
            return found
        return [
            *found,
            _differing((), tuple(rest), (total_a, total_b - _sum(row for row, _ in twice)), known),
        ]
    return [_differing(tuple(a), tuple(b), (total_a, total_b), known)]


def _differing(a: tuple[Row, ...], b: tuple[Row, ...], totals: tuple[int, int], known: Known) -> Break:
    total_a, total_b = totals
    apart, units = _apart(a, b), max(len(a), len(b))
    figures: dict[str, int | str] = {"a": total_a, "b": total_b, "apart": apart}
    if a and abs(apart) <= units:
        return Break("rounding", "rounding.per_leg", a, b, figures | {"units": units})
    back = sum(row.amount_minor for row in a if row.kind in BACK)
    if back and apart == back:
        return Break("refund", "refund.not_in_file", a, b, figures | {"back": back})
    own = known.own()
    if own is not None and own.net_minor != own.earned_minor and total_b == own.net_minor:
        figures |= {"back": own.net_minor - own.earned_minor, "expected": own.net_minor}
        return Break("refund", "refund.not_in_ledger", a, b, figures)
    other = known.other(total_b)
    if other is not None:
        figures |= {"version": other.version, "in_force": known.in_force}
        return Break("rate_version", "rate_version.other", a, b, figures)
    return Break("unknown", "unknown.amount", a, b, figures)


def only_file(b: Sequence[Row], known: Known, reach: Reach) -> list[Break]:
    """Class rows of the file under a reference that the party's own side lacks."""
    seen: Counter[tuple[int, str]] = Counter()
    found = []
    for row in b:
        same = (row.amount_minor, row.kind)
        seen[same] += 1
        if row.ref and seen[same] > 1:
            found.append(Break("duplicate", "duplicate.in_file", (), (row,), {"times": seen[same]}))
        else:
            found.append(_only_file(row, known, reach))
    return found


def _only_file(row: Row, known: Known, reach: Reach) -> Break:
    amount = row.amount_minor
    for one in known.posted:
        if one.taken and one.amount_minor == amount:
            return Break("duplicate", "duplicate.earlier", (), (row,), {"statement": one.statement})
        if not one.taken and one.amount_minor == amount:
            figures = {"statement": one.statement, "day": one.day.isoformat()}
            return Break("timing", "timing.later_statement", (), (row,), figures)
    own, other = known.own(), known.other(amount)
    if own is not None and amount in {own.earned_minor, own.net_minor}:
        return Break("timing", "timing.not_settled", (), (row,), {"expected": amount})
    if own is not None and amount and amount == own.net_minor - own.earned_minor:
        return Break("refund", "refund.not_in_ledger", (), (row,), {"back": amount})
    if other is not None:
        apart: Figures = {"version": other.version, "in_force": known.in_force, "b": amount}
        return Break("rate_version", "rate_version.other", (), (row,), apart)
    if known.sold:
        expected = {} if own is None else {"expected": own.earned_minor}
        return Break("unknown", "unknown.not_settled", (), (row,), {"b": amount, **expected})
    if row.ref and reach.through is not None and row.day > reach.through:
        return Break("timing", "timing.after_cutoff", (), (row,), {"day": reach.through.isoformat()})
    return Break("missing", "missing.in_ledger", (), (row,))


def only_own(a: Sequence[Row], reach: Reach, rules: Rules) -> list[Break]:
    """Class rows of the party's own side under a reference that the file lacks."""
    found = []
    for row in a:
        if row.kind in BACK:
            figures: Figures = {"back": row.amount_minor}
            found.append(Break("refund", "refund.not_in_file", (row,), (), figures))
        elif reach.file_through is None or (reach.file_through - row.day).days <= rules.days:
            through = reach.file_through.isoformat() if reach.file_through else ""
            figures = {"day": row.day.isoformat(), "through": through, "days": rules.days}
            found.append(Break("timing", "timing.not_in_file", (row,), (), figures))
        else:
            through = reach.file_through.isoformat()
            found.append(Break("missing", "missing.in_file", (row,), (), {"through": through}))
    return found


def _told_twice(b: Sequence[Row], paired: Sequence[Row]) -> tuple[list[tuple[Row, int]], list[Row]]:
    """Part rows that a file tells again, with how often it does by then, from those that it tells once."""
    times = Counter(row.amount_minor for row in paired if row.side == "b")
    twice, rest = [], []
    for row in b:
        if times[row.amount_minor]:
            times[row.amount_minor] += 1
            twice.append((row, times[row.amount_minor]))
        else:
            rest.append(row)
    return twice, rest


def _apart(a: Sequence[Row], b: Sequence[Row]) -> int:
    return _sum(a) - _sum(b)


def _sum(rows: Iterable[Row]) -> int:
    return sum(row.amount_minor for row in rows)
