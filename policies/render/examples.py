"""The tests of a document as worked examples: what is given, and each share with its arithmetic.

Exact figures stand in the arithmetic, posted ones in the last column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from policies.document import DocumentTest
from policies.errors import FactError, MoneyError
from policies.facts import order_facts
from policies.formulas.exact import Value
from policies.formulas.prose import Prose
from policies.money import exact_decimal, exact_text, from_minor, grouped
from policies.render.amounts import money_names
from policies.render.model import Example, Table, Term
from policies.render.terms import Reading
from policies.splits.line import LineSplit, PlanStep, split_plan


def examples(reading: Reading) -> Iterator[Example]:
    """Yield the tests of a document, each computed; one that cannot be run shows what it expects."""
    for place, test in enumerate(reading.agreement.document.tests, 1):
        shown = {key: fact.value for key, fact in test.case.facts.items()} if test.case else test.given
        given = tuple(Term(reading.label(key), _said(reading, text)) for key, text in shown.items())
        name = reading.word("example").format(place, test.name)
        yield Example(name, given, _computed(reading, test) or _expected(reading, test))


def _expected(reading: Reading, test: DocumentTest) -> Table:
    head = (reading.word("item"), reading.word("amount"))
    rows = tuple((_expectation(reading, name), _said(reading, text)) for name, text in test.expect.items())
    return Table(reading.word("expected"), head, rows)


def _expectation(reading: Reading, name: str) -> str:
    """Name what a case is expected to give: its outcome, an award, or a consequence in its own words."""
    kind, _, of = name.partition(".")
    if kind == "effect":
        clauses = reading.agreement.clauses.values()
        said = [one.text for clause in clauses for one in clause.effects if one.id == of]
        return reading.of(said[0]) if said else of
    return reading.word_or(of) if kind == "awarded" else reading.word_or(name)


def _said(reading: Reading, text: str) -> str:
    """Write a value for people: yes or no, an amount with its groups of digits, else as it stands."""
    if re.fullmatch(r"-?[0-9][0-9_]*\.[0-9]{2}", text):
        return grouped(text.replace("_", ""))
    return reading.word_or(text)


def _computed(reading: Reading, test: DocumentTest) -> Table | None:
    agreement = reading.agreement
    if agreement.commission is None or test.case is not None:
        return None
    try:
        split = split_plan(agreement).split(order_facts(agreement, test.given, where=test.name))
    except (FactError, MoneyError):
        return None
    head = (reading.word("item"), reading.word("arithmetic"), reading.word("amount"))
    return Table(reading.word("shares"), head, tuple(_rows(reading, split)), figures=2)


def _rows(reading: Reading, split: LineSplit) -> Iterator[tuple[str, ...]]:
    plan, currency = split_plan(reading.agreement), reading.agreement.currency
    plain = reading.prose()
    prose = Prose(reading.language, plain.labels, _figures(reading, split.values))

    def posted(minor: int) -> str:
        return grouped(from_minor(minor, currency))

    yield reading.label("whole"), prose.render(plan.whole), posted(split.whole.posted)
    if plan.base is not None and split.base is not None:
        exact = exact_text(split.base / reading.agreement.scale, currency)
        yield reading.label("base"), prose.render(plan.base), exact
    for step in plan.steps:
        figure = split.pools[step.name] if step.is_pool else split.legs[step.name].figure
        worded = _arithmetic(reading, prose, step, figure.exact)
        yield f"{'　' * (step.parent is not None)}{reading.label(step.name)}", worded, posted(figure.posted)


def _arithmetic(reading: Reading, prose: Prose, step: PlanStep, exact_minor: Fraction) -> str:
    if step.formula is None:
        return reading.word("rest").format(reading.label(step.parent or "whole"))
    exact = exact_text(exact_minor / reading.agreement.scale, reading.agreement.currency)
    return f"{prose.render(step.formula)} = {exact}"


def _figures(reading: Reading, values: Mapping[str, Value]) -> dict[str, str]:
    is_money = money_names(reading.agreement)
    figures = {}
    for name, value in values.items():
        if isinstance(value, Fraction):
            money = is_money(name)
            figures[name] = (
                exact_text(value, reading.agreement.currency) if money else exact_decimal(value, 0)
            )
    return figures
