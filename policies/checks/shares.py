"""Proves that no payee's share of a real order is negative beyond rounding, or shows an order where it is.

A rest may be negative by a unit for each leg that was rounded beside it; more than that is a term of the
deal that somebody pays for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.agreement import Agreement
from policies.checks.funding import is_real_order, real_order, unfunded
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
from policies.formulas.tree import Name
from policies.source import Path
from policies.splits.line import PlanStep, SplitPlan, split_plan, volume_name


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning with an order for each leg that some real order makes negative."""
    if agreement.commission is None:
        return
    plan = split_plan(agreement)
    base: Path = ("clauses", agreement.document.clauses.index(agreement.commission), "waterfall")
    try:
        funded = plan.fed or unfunded(plan).verdict == "never"
    except FormulaError:
        return
    for index, step in enumerate(plan.steps):
        if funded and not step.is_pool:
            yield from _leg(plan, step, (*base, index))


def _leg(plan: SplitPlan, step: PlanStep, path: Path) -> Iterator[Finding]:
    agreement = plan.agreement
    label = agreement.labels().get(step.name, {"zh": step.name, "en": step.name})
    what = (f"{label['en']} can be negative", f"{label['zh']}是否可能为负")
    try:
        answer = _negative(plan, step)
    except FormulaError as fault:
        yield unproved(agreement, what, reason_of(fault), path)
        return
    if answer.verdict == "unknown":
        yield unproved(agreement, what, LIMIT_REACHED, path)
    elif answer.verdict == "found":
        order = written_values(agreement, answer.values, plan.given_types())
        share = amount(agreement, plan.split(answer.values).legs[step.name].amount_minor)
        yield agreement.finding(
            "split.negative-share",
            f"an order of {phrase(agreement, order, 'en')} gives {label['en']} ({step.name}) {share}",
            path,
            severity="warning",
            witness={"order": order, step.name: share},
            message_zh=f"订单（{phrase(agreement, order, 'zh')}）使{label['zh']}为 {share}",
        )


def _allowed_units(plan: SplitPlan, step: PlanStep) -> int:
    return 1 if step.formula is not None else len(plan.siblings(step.parent))


def _negative(plan: SplitPlan, step: PlanStep) -> Answer:
    """Ask for a real order on which a leg is negative by more than rounding can make it."""
    allowed = _allowed_units(plan, step)

    def conditions(terms: Terms) -> Iterable[Any]:
        figure = split_terms(plan, terms)[step.name]
        facts = plan.agreement.document.facts.keys()
        brought = [terms.term(Name(name)) >= 0 for name in plan.given_types().keys() - facts]
        return [figure * plan.scale < -allowed, *brought, *real_order(plan.agreement, terms)]

    def holds(values: Mapping[str, Known]) -> bool:
        try:
            leg = plan.split(values).legs[step.name]
        except FactError:
            return False
        return leg.amount_minor < 0 and leg.figure.exact < -allowed and is_real_order(plan.agreement, values)

    return find(domain_of(plan.agreement, plan.given_types()), conditions, holds)


def split_terms(plan: SplitPlan, terms: Terms) -> dict[str, Any]:
    """Return the exact figure of every step as a z3 term, in major units, as the split computes them."""
    whole = terms.define("whole", terms.term(plan.whole))
    if plan.base is not None:
        terms.define("base", terms.term(plan.base))
    # every fact the split reads becomes a variable, so that a witness is an order that can be split
    for name in sorted(plan.fact_names()):
        terms.variable(name)
    figures: dict[str, Any] = {}
    for step in plan.steps:
        if step.window is not None:
            figure = _windowed(plan, step, terms)
        elif step.formula is not None:
            figure = terms.term(step.formula)
        else:
            figure = whole if step.parent is None else figures[step.parent]
            for one in plan.siblings(step.parent):
                figure = figure - figures[one.name] if one.name != step.name else figure
        figures[step.name] = terms.define(step.name, figure)
    return figures


def _windowed(plan: SplitPlan, step: PlanStep, terms: Terms) -> Any:
    """Return what a line adds to a windowed step, or its provisional, as a term."""
    assert step.formula is not None
    assert step.window is not None
    before = terms.variable(volume_name(step.window))
    volume = terms.define("volume", before + terms.term(plan.windows[step.window]))
    if step.provisional is not None:
        return terms.term(step.provisional)
    now = terms.term(step.formula)
    terms.define("volume", before)
    then = terms.term(step.formula)
    terms.define("volume", volume)
    return now - then
