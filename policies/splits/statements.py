"""Rounding per statement: a statement posts the rounded sum of all lines so far, less what stood before.

Lines add up exactly, less what was refunded of them; only the sums are rounded, by the arithmetic of one
line: every leg and pool once, a rest what remains. So no leg or pool is ever more than half a unit from what
is exactly due, however many lines and statements there were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from policies.money import round_minor
from policies.splits.line import Figure, LineSplit, SplitDoesNotSum, SplitPlan


@dataclass(frozen=True, slots=True)
class StatedLine:
    """The split of a line and the share of it that went back to the buyer, from 0 to 1."""

    split: LineSplit
    share_refunded: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Where an agreement stands after a statement: exact and posted sums by step, and the posted whole."""

    whole: int
    exact: Mapping[str, Fraction]
    posted: Mapping[str, int]

    def since(self, before: Cumulative | None) -> dict[str, int]:
        """Return what the statement posts of every step, in minor units: this state less the one before."""
        if before is None:
            return dict(self.posted)
        return {name: amount - before.posted[name] for name, amount in self.posted.items()}


def cumulative(plan: SplitPlan, lines: Iterable[StatedLine]) -> Cumulative:
    """Return the state after all lines so far, each with what was refunded of it by now."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    whole = Fraction(0)
    for line in lines:
        remains = 1 - line.share_refunded
        whole += line.split.whole.exact * remains
        for step in plan.steps:
            if step.formula is not None:
                figure = line.split.pools[step.name] if step.is_pool else line.split.legs[step.name].figure
                sums[step.name] += figure.exact * (1 if step.keeps else remains)
    return posted_sums(plan, whole, sums)


def posted_sums(plan: SplitPlan, whole: Fraction, sums: Mapping[str, Fraction]) -> Cumulative:
    """Return the state for exact sums in minor units of the whole and of every step but the rests."""
    exact: dict[str, Fraction] = {}
    posted: dict[str, int] = {}
    whole_minor = round_minor(whole, plan.rounding)
    for step in plan.steps:
        if step.formula is not None:
            exact[step.name] = sums.get(step.name, Fraction(0))
            posted[step.name] = round_minor(exact[step.name], plan.rounding)
            continue
        beside = [one.name for one in plan.siblings(step.parent) if one.name != step.name]
        source, source_minor = (
            (exact[step.parent], posted[step.parent]) if step.parent else (whole, whole_minor)
        )
        exact[step.name] = source - sum((exact[name] for name in beside), Fraction(0))
        posted[step.name] = source_minor - sum(posted[name] for name in beside)
    if sum(posted[step.name] for step in plan.steps if not step.is_pool) != whole_minor:
        raise SplitDoesNotSum("legs do not sum to the whole", where=plan.clause.id)
    return Cumulative(whole_minor, exact, posted)


class RunningStatement:
    """A statement as its lines come: each line is given what it adds to the posted sums.

    So the lines of a statement sum to what it posts, leg by leg, and the legs of a line to its whole.
    """

    def __init__(self, plan: SplitPlan) -> None:
        self.plan = plan
        self.whole = Fraction(0)
        self.sums: dict[str, Fraction] = defaultdict(Fraction)
        self.state = posted_sums(plan, self.whole, self.sums)

    def add(self, split: LineSplit) -> LineSplit:
        """Return the split of the next line with what it adds posted."""
        self.whole += split.whole.exact
        exact = {name: one.exact for name, one in split.pools.items()}
        exact |= {name: one.figure.exact for name, one in split.legs.items()}
        for name, amount in exact.items():
            self.sums[name] += amount
        before, self.state = self.state, posted_sums(self.plan, self.whole, self.sums)
        added = self.state.since(before)
        return replace(
            split,
            whole=Figure(split.whole.exact, self.state.whole - before.whole),
            pools={name: Figure(one.exact, added[name]) for name, one in split.pools.items()},
            legs={
                name: replace(one, figure=Figure(one.figure.exact, added[name]))
                for name, one in split.legs.items()
            },
        )
