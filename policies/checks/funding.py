"""Proves that what funds an order's whole equals it for every real order, or shows an order where not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.checks.witness import (
    LIMIT_REACHED,
    amount,
    domain_of,
    phrase,
    reason_of,
    unproved,
    written_values,
)
from policies.errors import Finding, FormulaError
from policies.formulas.exact import Facts, Known, evaluate
from policies.formulas.solver import Answer, Terms, find
from policies.money import round_minor
from policies.source import Path
from policies.splits.line import SplitPlan, split_plan

_WHAT = ("the funding always equals the whole", "资金来源是否恒等于分配总额")


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield an error with an order whose funding is not its whole, if there is one."""
    if agreement.commission is None:
        return
    plan = split_plan(agreement)
    if plan.fed:
        return  # the leg that feeds it is all of it
    path: Path = ("clauses", agreement.document.clauses.index(agreement.commission), "funding")
    try:
        answer = unfunded(plan)
    except FormulaError as fault:
        yield unproved(agreement, _WHAT, reason_of(fault), path)
        return
    if answer.verdict == "unknown":
        yield unproved(agreement, _WHAT, LIMIT_REACHED, path)
    elif answer.verdict == "found":
        yield _shown(plan, answer.values, path)


def unfunded(plan: SplitPlan) -> Answer:
    """Ask for a real order whose funding differs from its whole."""

    def conditions(terms: Terms) -> Iterable[Any]:
        given = sum((terms.term(node) for node in plan.funding[1:]), terms.term(plan.funding[0]))
        return [given != terms.term(plan.whole), *real_order(plan.agreement, terms)]

    def holds(values: Mapping[str, Known]) -> bool:
        given, whole = _figures(plan, values)
        return given != whole and is_real_order(plan.agreement, values)

    return find(domain_of(plan.agreement, plan.agreement.fact_types("order")), conditions, holds)


def real_order(agreement: Agreement, terms: Terms) -> list[Any]:
    """Return what every real order satisfies, as the document says."""
    return [terms.term(agreement.formula(formula)) for formula in agreement.document.order_facts_where]


def is_real_order(agreement: Agreement, values: Mapping[str, Known]) -> bool:
    """Tell by the exact reader whether an order satisfies what the document says of real orders."""
    return all(
        evaluate(agreement.formula(formula), Facts(values)) is True
        for formula in agreement.document.order_facts_where
    )


def _figures(plan: SplitPlan, values: Mapping[str, Known]) -> tuple[Fraction, Fraction]:
    exact = [plan.exact_minor(node, values, "funding") for node in plan.funding]
    return sum(exact, Fraction(0)), plan.exact_minor(plan.whole, values, "whole")


def _shown(plan: SplitPlan, values: Mapping[str, Known], path: Path) -> Finding:
    agreement = plan.agreement
    order = written_values(agreement, values, agreement.fact_types("order"))
    given, whole = (amount(agreement, round_minor(one, "half_up")) for one in _figures(plan, values))
    return agreement.finding(
        "split.funding",
        f"an order of {phrase(agreement, order, 'en')} is funded with {given}, but its whole is {whole}",
        path,
        witness={"order": order, "funding": given, "whole": whole},
        message_zh=f"订单（{phrase(agreement, order, 'zh')}）的资金来源为 {given}，而分配总额为 {whole}",
    )
