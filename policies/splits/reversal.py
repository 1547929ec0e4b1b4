"""Reversal of a split line: cumulative, so that any sequence of partial refunds ends at exactly zero.

With rho = refunded so far / refundable, a leg has reversed R(posted * rho); a rest has reversed
R(posted pool or whole * rho) less what its siblings have reversed. What a refund takes back is the
difference of two such states. Coupons return to their funder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from policies.errors import FactError
from policies.money import round_minor
from policies.splits.line import LineSplit, PlanStep, SplitPlan


@dataclass(frozen=True, slots=True)
class Reversal:
    """What has been taken back of a line so far, in minor units: by leg, and returned to each funder."""

    whole: int
    legs: Mapping[str, int]
    funding: tuple[int, ...]


def reverse(plan: SplitPlan, split: LineSplit, refunded_minor: int, refundable_minor: int) -> Reversal:
    """Return the state of reversal after `refunded_minor` of `refundable_minor` went back to the buyer.

    Raises FactError unless 0 <= refunded <= refundable and refundable is positive.
    """
    if not 0 <= refunded_minor <= refundable_minor or refundable_minor == 0:
        raise FactError(f"refunded {refunded_minor} of refundable {refundable_minor} is no share of a line")
    rho = Fraction(refunded_minor, refundable_minor)
    return reverse_share(plan, split, rho, round_minor(split.whole.posted * rho, plan.rounding))


def reverse_share(plan: SplitPlan, split: LineSplit, rho: Fraction, whole_minor: int) -> Reversal:
    """Return the state of reversal where the share `rho` of a line is taken back, `whole_minor` of its whole.

    The two differ where the whole was fed by a leg whose own rounding, or rest, took back more or less: every
    leg takes back its share and the last rest bears the difference.
    """
    return _Reversing(plan, split, rho, whole_minor).state()


@dataclass(frozen=True, slots=True)
class _Reversing:
    plan: SplitPlan
    split: LineSplit
    rho: Fraction
    whole: int

    def share(self, posted: int) -> int:
        return round_minor(posted * self.rho, self.plan.rounding)

    def state(self) -> Reversal:
        done: dict[str, int] = {}
        for step in self.plan.steps:
            done[step.name] = self.step(step, done)
        legs = {name: done[name] for name in self.split.legs}
        whole = sum(legs.values())
        assert whole == self.whole, "a reversal takes back its share of the whole"
        returned = [self.share(posted) for posted in self.split.funding[:-1]]
        return Reversal(whole, legs, (*returned, whole - sum(returned)))

    def step(self, step: PlanStep, done: Mapping[str, int]) -> int:
        if step.formula is None:
            source = self.share(self.split.pools[step.parent].posted) if step.parent else self.whole
            siblings = (one.name for one in self.plan.siblings(step.parent) if one.name != step.name)
            return source - sum(done[name] for name in siblings)
        if step.keeps:
            return 0
        figure = self.split.pools[step.name] if step.is_pool else self.split.legs[step.name].figure
        return self.share(figure.posted)
