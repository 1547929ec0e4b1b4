"""Finds payees from whom a refund takes back more than the order ever paid them.

A leg with `on_refund: keep` stays with its payee, and the rest beside it bears that: on a full refund the
payee of the rest gives back all it was paid and what the other keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.agreement import Agreement
from policies.checks.funding import is_real_order, real_order
from policies.checks.shares import split_terms
from policies.checks.witness import (
    LIMIT_REACHED,
    amount,
    domain_of,
    phrase,
    reason_of,
    unproved,
    written_values,
)
from policies.errors import FactError, Finding, FormulaError
from policies.formulas.exact import Known
from policies.formulas.solver import Answer, Terms, find
from policies.source import Path
from policies.splits.line import PlanStep, SplitPlan, split_plan
from policies.splits.reversal import reverse


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each leg that a full refund can take below zero, with an order that shows it."""
    if agreement.commission is None or agreement.returns is None:
        return
    plan = split_plan(agreement)
    base: Path = ("clauses", agreement.document.clauses.index(agreement.commission), "waterfall")
    for index, step in enumerate(plan.steps):
        kept = [one for one in plan.siblings(step.parent) if one.keeps]
        if step.formula is None and kept:
            yield from _rest(plan, step, kept, (*base, index))


def _rest(plan: SplitPlan, step: PlanStep, kept: list[PlanStep], path: Path) -> Iterator[Finding]:
    agreement = plan.agreement
    label = agreement.labels().get(step.name, {"zh": step.name, "en": step.name})
    what = (
        f"a refund can take back more of {label['en']} than was paid",
        f"退款追回的{label['zh']}是否会超过已付",
    )
    try:
        answer = _beyond(plan, step, kept)
    except FormulaError as fault:
        yield unproved(agreement, what, reason_of(fault), path)
        return
    if answer.verdict == "unknown":
        yield unproved(agreement, what, LIMIT_REACHED, path)
    elif answer.verdict == "found":
        order = written_values(agreement, answer.values, agreement.fact_types("order"))
        paid, back = (amount(agreement, minor) for minor in _paid_and_back(plan, step, answer.values))
        names = ", ".join(one.name for one in kept)
        yield agreement.finding(
            "refund.beyond-paid",
            f"an order of {phrase(agreement, order, 'en')} pays {label['en']} ({step.name}) {paid}; when it"
            f" is refunded in full, {back} is taken back, since {names} is kept",
            path,
            severity="warning",
            witness={"order": order, "paid": paid, "taken_back": back},
            message_zh=f"订单（{phrase(agreement, order, 'zh')}）支付{label['zh']} {paid}；"
            f"全额退款时追回 {back}，因为 {names} 不予退还",
        )


def _beyond(plan: SplitPlan, step: PlanStep, kept: list[PlanStep]) -> Answer:
    """Ask for a real order on which what is kept is more than rounding."""
    units = len(plan.siblings(step.parent))

    def conditions(terms: Terms) -> Iterable[Any]:
        figures = split_terms(plan, terms)
        held = sum((figures[one.name] for one in kept[1:]), figures[kept[0].name])
        return [held * plan.scale > units, figures[step.name] >= 0, *real_order(plan.agreement, terms)]

    def holds(values: Mapping[str, Known]) -> bool:
        try:
            paid, back = _paid_and_back(plan, step, values)
        except FactError:
            return False
        return back > max(paid, 0) and is_real_order(plan.agreement, values)

    return find(domain_of(plan.agreement, plan.agreement.fact_types("order")), conditions, holds)


def _paid_and_back(plan: SplitPlan, step: PlanStep, values: Mapping[str, Known]) -> tuple[int, int]:
    split = plan.split(values)
    return split.legs[step.name].amount_minor, reverse(plan, split, 1, 1).legs[step.name]
