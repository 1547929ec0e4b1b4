"""Order lines over windows of time: ladders, and what a window still owes when its lines are all known.

Lines are ordered by (confirmed_at, order, line). A line posts what it adds to the amount due on the window's
volume: R(F(before + x)) - R(F(before)). Posted lines never change; where a line came late, a refund lessened
the volume, or lines posted a provisional amount, the window posts one entry of its own, R(due on the net
volume) - posted, through the same pool, and names the cause. Everything here is a state: what a later run
posts is the difference of two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from policies.errors import FactError
from policies.formulas.exact import Value
from policies.money import round_minor
from policies.splits.line import LineSplit, PlanStep, SplitDoesNotSum, SplitPlan, volume_name
from policies.splits.reversal import reverse

Cause = Literal["late_line", "refund", "provisional"]
"""Why a window posts an entry: a line that came late, a refund, or lines that posted a provisional amount."""

Place = tuple[str, str]
"""A window and the period of it, such as ("monthly", "2026-05")."""


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """An order line, its facts, how much of it went back, and the run that posted it (0, 1, 2 …).

    A line is late where its run came after one that posted lines which stand after it.
    """

    order: str
    line: str
    confirmed_at: datetime
    facts: Mapping[str, Value]
    refunded_minor: int = 0
    refundable_minor: int = 0
    run: int = 0

    @property
    def share_refunded(self) -> Fraction:
        """How much of the line went back, from 0 to 1."""
        return Fraction(self.refunded_minor, self.refundable_minor) if self.refunded_minor else Fraction(0)


@dataclass(frozen=True, slots=True)
class WindowEntry:
    """What a window posts beside its lines: `amount_minor` into a step, shared by its legs. Legs sum to zero.

    The rest beside the step gives what the step takes.
    """

    window: str
    period: str
    step: str
    amount_minor: int
    legs: Mapping[str, int]
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class SeriesSplit:
    """The lines in order, each with its split, and what the windows post beside them."""

    lines: tuple[tuple[SeriesLine, LineSplit], ...]
    entries: tuple[WindowEntry, ...]


@dataclass(slots=True)
class WindowSums:
    """What is known of one step in one period: net volume, what stands posted, and what may need an entry."""

    volume: Fraction = Fraction(0)
    posted: int = 0
    causes: set[Cause] = field(default_factory=set)


def split_series(plan: SplitPlan, lines: Iterable[SeriesLine]) -> SeriesSplit:
    """Split lines that count towards windows, and say what the windows post beside them.

    Raises FactError for a line that cannot be split, is given twice, or was refunded beyond what it can be.
    """
    ordered = sorted(lines, key=lambda one: (one.confirmed_at, one.order, one.line))
    _require_distinct(ordered)
    done = tuple((one, plan.split(facts)) for one, facts in _with_volumes(plan, ordered))
    return SeriesSplit(done, tuple(_entries(plan, done)))


def period_of(by: str, confirmed: datetime | date) -> str:
    """Return the period of a day in the agreement's time zone: 2026-05, 2026-Q2, 2026, or `term`."""
    return {
        "month": f"{confirmed.year:04d}-{confirmed.month:02d}",
        "quarter": f"{confirmed.year:04d}-Q{(confirmed.month + 2) // 3}",
        "year": f"{confirmed.year:04d}",
    }.get(by, "term")


def places(plan: SplitPlan, confirmed_at: datetime) -> dict[str, str]:
    """Return the period of every window in which a line falls that was confirmed then."""
    local = confirmed_at.astimezone(plan.agreement.zone)
    return {name: period_of(window.by, local) for name, window in (plan.clause.windows or {}).items()}


def opening_volumes(plan: SplitPlan) -> dict[Place, Fraction]:
    """Return what windows held when the agreement was carried over from paper, in major units."""
    opening = plan.agreement.document.opening
    if opening is None:
        return {}
    windows = plan.clause.windows or {}
    return {
        (name, period_of(windows[name].by, opening.on)): Fraction(text.replace("_", ""))
        for name, text in opening.volumes.items()
    }


class WindowCount:
    """Counts the lines of one document towards its windows as they are split, in the order of the series.

    For lines that all came in time and of which nothing went back.
    """

    def __init__(self, plan: SplitPlan) -> None:
        self.plan = plan
        self.volumes = opening_volumes(plan)
        self.sums: dict[tuple[str, str], WindowSums] = defaultdict(WindowSums)

    def before(self, confirmed_at: datetime) -> dict[str, Value]:
        """Return what each window holds before a line, by the name under which the line is given it."""
        found = places(self.plan, confirmed_at)
        return {volume_name(name): self.volumes.get((name, at), Fraction(0)) for name, at in found.items()}

    def add(self, confirmed_at: datetime, split: LineSplit) -> None:
        """Count a line that was split."""
        found = places(self.plan, confirmed_at)
        measures = {name: self.plan.measure(name, split.values) for name in found}
        for name, at in found.items():
            self.volumes[name, at] = self.volumes.get((name, at), Fraction(0)) + measures[name]
        for step in self.plan.steps:
            if step.window is not None:
                sums = self.sums[step.name, found[step.window]]
                sums.volume += measures[step.window]
                sums.posted += (
                    split.pools[step.name].posted if step.is_pool else split.legs[step.name].amount_minor
                )

    def entries(self) -> tuple[WindowEntry, ...]:
        """Return what the windows post beside the lines counted so far."""
        return tuple(entries_of(self.plan, self.sums))


# ---- the volume before each line


def _require_distinct(ordered: Sequence[SeriesLine]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in ordered:
        if (one.order, one.line) in seen:
            raise FactError(f"order {one.order}, line {one.line} stands there twice")
        seen.add((one.order, one.line))


def _with_volumes(
    plan: SplitPlan, ordered: Sequence[SeriesLine]
) -> Iterator[tuple[SeriesLine, dict[str, Value]]]:
    """Yield each line with its facts and the volume before it: of lines before it that its run knew of."""
    opening = opening_volumes(plan)
    before: dict[tuple[Place, int], Fraction] = {}
    runs = sorted({one.run for one in ordered})
    for one in ordered:
        facts = dict(one.facts)
        for place in places(plan, one.confirmed_at).items():
            known = before.get((place, one.run), opening.get(place, Fraction(0)))
            measure = plan.measure(place[0], one.facts)
            facts[volume_name(place[0])] = known
            for run in runs:
                if run >= one.run:
                    start = before.get((place, run), opening.get(place, Fraction(0)))
                    before[place, run] = start + measure
        yield one, facts


# ---- what the windows post beside their lines


def _entries(plan: SplitPlan, done: Sequence[tuple[SeriesLine, LineSplit]]) -> Iterator[WindowEntry]:
    sums: dict[tuple[str, str], WindowSums] = defaultdict(WindowSums)
    latest: dict[Place, int] = {}
    late: set[tuple[str, str]] = set()
    for one, _ in reversed(done):
        for place in places(plan, one.confirmed_at).items():
            if one.run > latest.setdefault(place, one.run):
                late.add((one.order, one.line))
            latest[place] = min(latest[place], one.run)
    for one, split in done:
        posted = _standing(plan, one, split)
        periods = places(plan, one.confirmed_at)
        for step in plan.steps:
            if step.window is None:
                continue
            found = sums[step.name, periods[step.window]]
            found.volume += plan.measure(step.window, one.facts) * (1 - one.share_refunded)
            found.posted += posted[step.name]
            found.causes |= {"late_line"} if (one.order, one.line) in late else set()
            found.causes |= {"refund"} if one.refunded_minor else set()
    yield from entries_of(plan, sums)


def _standing(plan: SplitPlan, one: SeriesLine, split: LineSplit) -> dict[str, int]:
    """Return what stands posted of every step after refunds."""
    posted = {name: figure.posted for name, figure in split.pools.items()}
    posted |= {name: leg.amount_minor for name, leg in split.legs.items()}
    if not one.refunded_minor:
        return posted
    back = reverse(plan, split, one.refunded_minor, one.refundable_minor).legs
    for step in plan.steps:
        legs = [leg.name for leg in plan.siblings(step.name)] if step.is_pool else [step.name]
        posted[step.name] -= sum(back[leg] for leg in legs)
    return posted


def entries_of(plan: SplitPlan, sums: Mapping[tuple[str, str], WindowSums]) -> Iterator[WindowEntry]:
    """Yield what each window still owes, given the sums of each (step, period). Sorted by both."""
    steps = {step.name: step for step in plan.steps}
    opening = opening_volumes(plan)
    for (name, period), found in sorted(sums.items()):
        step = steps[name]
        assert step.window is not None
        start = opening.get((step.window, period), Fraction(0))
        amount = due_on(plan, step, start, found.volume) - found.posted
        if not amount:
            continue
        causes = set(found.causes)
        if step.provisional is not None:
            causes.add("provisional")
        if not causes:
            raise SplitDoesNotSum("the lines of a window do not sum to what is due on it", where=period)
        legs = through_pool(plan, step, amount)
        yield WindowEntry(step.window, period, name, amount, legs, tuple(sorted(causes)))


def due_on(plan: SplitPlan, step: PlanStep, start: Fraction, volume: Fraction) -> int:
    """Return what a windowed step comes to on a net volume beyond `start`, in minor units."""
    return plan.due(step, start + volume).posted - plan.due(step, start).posted


def through_pool(plan: SplitPlan, step: PlanStep, amount: int) -> dict[str, int]:
    """Share an amount into a windowed step among its legs; the rest beside the step gives it."""
    rest = next(one for one in plan.siblings(step.parent) if one.formula is None)
    legs = {rest.name: -amount}
    if not step.is_pool:
        return {step.name: amount, **legs}
    values: dict[str, Value] = {step.name: Fraction(amount, plan.scale)}
    left = amount
    for leg in plan.siblings(step.name):
        if leg.formula is not None:
            exact = plan.exact_minor(leg.formula, values, leg.name)
            values[leg.name] = exact / plan.scale
            legs[leg.name] = round_minor(exact, plan.rounding)
            left -= legs[leg.name]
        else:
            legs[leg.name] = left
    assert sum(legs.values()) == 0, "an entry moves money between legs and makes none"
    return legs
