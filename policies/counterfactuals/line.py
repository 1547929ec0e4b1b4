"""One fact with an order, looked at along its line: where the decision turns, exactly.

Both sides of every step at which a formula turns are decided. Between two that are decided differently the
boundary is halved down to neighbours: there it is decided otherwise, one step nearer it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from policies.counterfactuals.answer import Counterfactual, Reach, Result, result_of
from policies.counterfactuals.axis import Axis
from policies.counterfactuals.places import Place
from policies.counterfactuals.thresholds import amounts, measures, turning
from policies.decisions.decide import Worked

TURNS_LIMIT = 8
"""Steps of one fact at which the formulas are asked anew where they turn next."""

ANSWERS_LIMIT = 4
"""Answers at most for a fact that is missing: what each range of its values would lead to."""

_SLOPE_STEPS = 16
"""Part of what is given over which the slope of what is awarded is taken: it is rounded, one step is few."""


@dataclass(frozen=True, slots=True)
class _Region:
    """Neighbouring steps that are decided alike."""

    result: Result | None
    first: int
    last: int


@dataclass
class Line:
    """The line of one fact; `decided` decides the case with the fact at a step, None where it cannot be."""

    place: Place
    axis: Axis
    own: Result
    decided: Callable[[str], Worked | None]
    points: dict[int, Worked | None] = field(default_factory=dict)

    def answers(self) -> Iterator[Counterfactual]:
        """Yield the nearest change to another result, and the nearest to nothing due where that is another.

        For a fact that is missing, what its ranges lead to.
        """
        self.explore()
        self.narrow()
        apart = [one for one in self.regions() if one.result is not None and one.result != self.own]
        apart.sort(key=lambda one: (abs(self.nearest(one) - self.axis.start), one.first))
        if self.place.text is None:
            chosen = apart[:ANSWERS_LIMIT]
        else:
            unpaid = [one for one in apart[1:] if self.own.paid and one.result and not one.result.paid]
            told = not self.own.paid or bool(apart and apart[0].result and not apart[0].result.paid)
            chosen = [*apart[:1], *([] if told else unpaid[:1])]
        yield from map(self.told, chosen)

    def explore(self) -> None:
        """Visit both sides of every step at which some formula turns, and what lies beyond, nearest first."""
        waiting, turned = {self.axis.start}, set[int]()
        while waiting and len(turned) < TURNS_LIMIT:
            at = min(waiting, key=lambda step: (abs(step - self.axis.start), step))
            turned.add(at)
            waiting |= {step for step in self.turns(at) if self.visit(step) is not None}
            waiting -= turned
        self.visit(self.axis.low)
        self.visit(self.axis.high)

    def turns(self, at: int) -> set[int]:
        """Return the steps on both sides of where some formula turns, by its slope at one step."""
        first = min(at, self.axis.high - 1)
        before, after = self.visit(first), self.visit(first + 1)
        found: set[int] = set()
        if before is not None and after is not None:
            for root in turning(measures(before), measures(after), first):
                found |= _beside(root, 1)
        far = first + max(1, abs(first) // _SLOPE_STEPS)
        beyond = self.visit(far) if far <= self.axis.high else None
        if before is not None and beyond is not None:
            due, later = amounts(before), amounts(beyond)
            for key, minor in due.items():
                rise = later[key] - minor
                if rise:
                    steps = Fraction(far - first) / rise
                    found |= _beside(first - minor * steps, 1 + abs(steps).__ceil__())
        return {step for step in found if self.axis.low <= step <= self.axis.high}

    def visit(self, step: int) -> Worked | None:
        """Decide at a step, once."""
        if step not in self.points:
            self.points[step] = self.decided(self.axis.text(step))
        return self.points[step]

    def result(self, step: int) -> Result | None:
        """Return what is decided at a step; its own for the case as it stands."""
        worked = self.visit(step)
        return result_of(worked) if worked is not None else None

    def narrow(self) -> None:
        """Halve every stretch whose ends are decided differently, until they are neighbours."""
        waiting = list(pairwise(sorted(self.points)))
        while waiting:
            first, last = waiting.pop()
            if last - first > 1 and self.result(first) != self.result(last):
                middle = (first + last) // 2
                self.visit(middle)
                waiting += [(first, middle), (middle, last)]

    def regions(self) -> list[_Region]:
        """Return the steps visited as stretches that are decided alike, in their order."""
        found: list[_Region] = []
        for step in sorted(self.points):
            result = self.result(step)
            if found and found[-1].result == result:
                found[-1] = _Region(result, found[-1].first, step)
            else:
                found.append(_Region(result, step, step))
        return found

    def nearest(self, region: _Region) -> int:
        """Return the step of a stretch that is nearest to what is given."""
        return min(max(region.first, self.axis.start), region.last)

    def told(self, region: _Region) -> Counterfactual:
        """Return a stretch as an answer, decided at its nearest step."""
        at = self.nearest(region)
        worked = self.visit(at)
        assert worked is not None, "a stretch that cannot be decided is no answer"
        alone = region.first == region.last
        low = self.axis.text(region.first) if alone or region.first > self.axis.low else None
        high = self.axis.text(region.last) if alone or region.last < self.axis.high else None
        decision = worked.decision
        return Counterfactual(
            self.place, (self.axis.text(at),), decision.outcome, decision.amount_minor, Reach(low, high)
        )


def _beside(root: Fraction, margin: int) -> set[int]:
    """Return a step where something turns and those `margin` steps before and behind it."""
    below = root.numerator // root.denominator
    return {below - margin, below, below + 1, below + margin}
