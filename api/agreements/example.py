"""A document's own tests: each one run, the first as the example of how one order is shared out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Literal

from api.agreements.schemas import DocumentTest, FactGiven, MoneyPath, PayeeTotal, SplitStep
from api.reading import Money, PartyName, Text
from api.worded import label, of_words, party_name
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.terms import version_terms
from ledger.statements.arithmetic import LineArithmetic
from policies.agreement import Agreement
from policies.errors import FactError, MoneyError
from policies.facts import order_facts
from policies.money import from_minor, to_minor
from policies.splits.line import LineSplit, PlanStep, SplitPlan, split_plan

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When a version starts, where only its arithmetic is asked: it may still wait for an event."""


def money_path(agreement: Agreement) -> MoneyPath | None:
    """Return how the order of the first test is shared out; None for a document that shares no money."""
    if agreement.commission is None or not agreement.document.split_tests:
        return None
    given = agreement.document.split_tests[0].given
    try:
        split = split_plan(agreement).split(order_facts(agreement, given, where="tests[0]"))
    except (FactError, MoneyError):
        return None  # the findings say what is wrong with it
    plan = split_plan(agreement)
    try:
        arithmetic = LineArithmetic(version_terms(agreement, _ANY_TIME), split)
    except SettlementRefused:
        return None  # no run settles it; the findings say why
    currency = agreement.currency
    totals: dict[str, int] = defaultdict(int)
    for leg in split.legs.values():
        totals[leg.party] += leg.amount_minor
    return MoneyPath(
        clause=plan.clause.id,
        given=tuple(FactGiven(name, label(agreement, name), text) for name, text in given.items()),
        whole=Money(split.whole.posted, currency),
        steps=tuple(_step(plan, split, arithmetic, step) for step in plan.steps),
        totals=tuple(
            PayeeTotal(party_name(agreement, key), Money(minor, currency)) for key, minor in totals.items()
        ),
        rounding=plan.clause.rounding.mode,
        rounded_at=plan.clause.rounding.at,
    )


def _step(plan: SplitPlan, split: LineSplit, arithmetic: LineArithmetic, step: PlanStep) -> SplitStep:
    worded = arithmetic.leg(step.name)[-1]
    payee: PartyName | None = None
    if not step.is_pool:
        payee = party_name(plan.agreement, split.legs[step.name].party)
    kind: Literal["leg", "pool", "rest"] = "pool" if step.is_pool else "rest"
    if step.formula is not None and not step.is_pool:
        kind = "leg"
    posted = split.pools[step.name].posted if step.is_pool else split.legs[step.name].amount_minor
    return SplitStep(
        name=step.name,
        label=of_words(worded.label),
        kind=kind,
        depth=_depth(plan, step),
        payee=payee,
        formula=step.step.amount or "",
        worded=Text(worded.zh, worded.en),
        amount=Money(posted, plan.agreement.currency),
    )


def _depth(plan: SplitPlan, step: PlanStep) -> int:
    parents = {one.name: one.parent for one in plan.steps}
    depth, parent = 0, step.parent
    while parent is not None:
        depth, parent = depth + 1, parents[parent]
    return depth


def tests_run(agreement: Agreement) -> tuple[DocumentTest, ...]:
    """Run every test of the document and say what each expects and gets."""
    if agreement.commission is None:
        return ()
    return tuple(_run(agreement, index) for index in range(len(agreement.document.tests)))


def _run(agreement: Agreement, index: int) -> DocumentTest:
    test = agreement.document.tests[index]
    given = _listed(agreement, test.given)
    expected = _listed(agreement, test.expect)
    try:
        split = split_plan(agreement).split(order_facts(agreement, test.given, where=f"tests[{index}]"))
        wanted = {name: to_minor(text, agreement.currency) for name, text in test.expect.items()}
    except (FactError, MoneyError) as fault:
        return DocumentTest(test.name, given, expected, Text(fault.message, fault.message), holds=False)
    found = {name: _posted(split, name) for name in test.expect}
    shown = _listed(agreement, {name: from_minor(minor, agreement.currency) for name, minor in found.items()})
    return DocumentTest(test.name, given, expected, shown, holds=found == wanted)


def _posted(split: LineSplit, name: str) -> int:
    if name == "whole":
        return split.whole.posted
    return split.pools[name].posted if name in split.pools else split.legs[name].amount_minor


def _listed(agreement: Agreement, values: dict[str, str]) -> Text:
    names = {name: label(agreement, name) for name in values}
    return Text(
        "、".join(f"{names[name].spoken('zh')} {value}" for name, value in values.items()),
        ", ".join(f"{names[name].spoken('en')} {value}" for name, value in values.items()),
    )
