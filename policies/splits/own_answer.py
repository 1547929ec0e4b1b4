"""What `policies` says of a line, in the shape in which a second opinion answers: to be held against it."""

from __future__ import annotations

from fractions import Fraction

from policies.agreement import Agreement
from policies.money import round_minor
from policies.splits.line import LineSplit, SplitPlan, split_plan
from policies.splits.opinion import AnsweredLine, AskedLine, RefundState, TakenBack
from policies.splits.reversal import reverse, reverse_share


def own_answer(agreement: Agreement, line: AskedLine) -> AnsweredLine:
    """Return the figures of a line by `splits.line` and `splits.reversal`.

    Raises FactError where the line cannot be split.
    """
    plan = split_plan(agreement)
    split = plan.split(line.facts)
    refundable = line.refundable_minor if plan.fed else _refundable(plan, split)
    return AnsweredLine(
        split.whole.posted,
        refundable,
        {name: leg.amount_minor for name, leg in split.legs.items()},
        split.funding,
        tuple(_taken_back(plan, split, refundable, state) for state in line.states),
    )


def _refundable(plan: SplitPlan, split: LineSplit) -> int:
    returns = plan.agreement.returns
    if returns is None:
        return 0
    formula = plan.agreement.formula(returns.refundable)
    return round_minor(plan.exact_minor(formula, split.values, "refundable"), plan.rounding)


def _taken_back(plan: SplitPlan, split: LineSplit, refundable: int, state: RefundState) -> TakenBack:
    if refundable <= 0:
        return TakenBack(dict.fromkeys(split.legs, 0), (0,) * len(split.funding))
    refunded = min(state.refunded_minor, refundable)
    if plan.fed:
        done = reverse_share(plan, split, Fraction(refunded, refundable), state.whole_back_minor)
    else:
        done = reverse(plan, split, refunded, refundable)
    return TakenBack(done.legs, done.funding)
