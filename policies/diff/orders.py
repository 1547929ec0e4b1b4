"""Example orders to compare two versions on: the documents' own tests, and orders around their figures.

An order is facts as text, as an order file would give them. Orders around figures vary one fact at a time
from a typical order: over amounts people know, the amounts in formulas and one minor unit beyond, each
option, yes and no. They show differences; that there are none is only what a proof can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.document import Fact
from policies.errors import FormulaError
from policies.facts import WHOLE, given_facts
from policies.formulas.parse import parse
from policies.formulas.tree import Number, Text, walk
from policies.money import from_minor, round_minor

_MAJOR = ("0", "0.05", "9.90", "99", "299", "1000", "10000")
_TYPICAL = "299"
_ORDERS_LIMIT = 400
"""Orders around figures at most: enough for every fact of a large document, and still read in a second."""


@dataclass(frozen=True, slots=True)
class ExampleOrder:
    """An order by name, with the facts of one line as text by fact name."""

    name: str
    given: Mapping[str, str]


def example_orders(old: Agreement, new: Agreement, names: frozenset[str]) -> tuple[ExampleOrder, ...]:
    """Return orders for two versions of one currency; `names` are what either split is given."""
    facts = {
        name: fact
        for agreement in (old, new)
        for name, fact in given_facts(agreement).items()
        if name in names
    }
    samples = {name: _samples(name, fact, old, new) for name, fact in facts.items()}
    found: dict[tuple[tuple[str, str], ...], ExampleOrder] = {}
    for order in (*_of_tests(old, new), *_around(samples)):
        given = {name: order.given.get(name, samples[name][0]) for name in samples}
        found.setdefault(tuple(sorted(given.items())), ExampleOrder(order.name, given))
    return tuple(found.values())


def _of_tests(old: Agreement, new: Agreement) -> Iterator[ExampleOrder]:
    for agreement in (old, new):
        for test in agreement.document.split_tests:
            yield ExampleOrder(test.name, test.given)


def _around(samples: Mapping[str, tuple[str, ...]]) -> Iterator[ExampleOrder]:
    """Yield orders that vary one fact at a time, each against a few sizes of the first amount."""
    count = 0
    typical = {name: values[0] for name, values in samples.items()}
    for name, values in samples.items():
        for value in values:
            if count == _ORDERS_LIMIT:
                return
            count += 1
            yield ExampleOrder("", {**typical, name: value})


def _samples(name: str, fact: Fact, old: Agreement, new: Agreement) -> tuple[str, ...]:
    """Return the values of one fact, the typical one first."""
    match fact.type:
        case "money":
            found = _amounts(old, new)
            typical = fact.default or (_TYPICAL if name in {_first_amount(old, new), WHOLE} else "0")
            first = from_minor(round_minor(_minor(typical, old), "half_up"), old.currency)
            return tuple(dict.fromkeys([first, *found]))
        case "rate":
            return tuple(dict.fromkeys([fact.default or "5%", "0%", "5%", "20%"]))
        case "count":
            return tuple(dict.fromkeys([fact.default or "1", "0", "1", "10"]))
        case "bool":
            return tuple(dict.fromkeys([fact.default or "false", "false", "true"]))
        case "date":
            days = (old.document.effective_from, new.document.effective_from)
            return tuple(dict.fromkeys([*([fact.default] if fact.default else []), *map(str, days)]))
        case "instant":
            return tuple(f"{one.document.effective_from}T12:00:00+00:00" for one in (old, new))
        case _:
            options = list(getattr(fact, "options", None) or _texts(old, new))
            return tuple(
                dict.fromkeys(
                    [*([fact.default] if fact.default else []), *options, *([] if options else ["-"])]
                )
            )


def _first_amount(old: Agreement, new: Agreement) -> str | None:
    """Return the amount that orders are mostly made of: the first order fact of type money."""
    facts = {**new.document.facts, **old.document.facts}
    return next((name for name, fact in facts.items() if fact.of == "order" and fact.type == "money"), None)


def _minor(text: str, agreement: Agreement) -> Fraction:
    return Fraction(text.replace("_", "")) * agreement.scale


def _amounts(old: Agreement, new: Agreement) -> list[str]:
    """Return amounts as text: those people know, those written in either document, and one unit beyond."""
    minor = {int(_minor(one, old)) for one in _MAJOR if _minor(one, old).denominator == 1}
    for number in _numbers(old) | _numbers(new):
        scaled = number * old.scale
        if scaled.denominator == 1 and 0 < scaled < 2**50:
            minor |= {int(scaled), int(scaled) + 1}
    return [from_minor(one, old.currency) for one in sorted(minor)]


def _numbers(agreement: Agreement) -> set[Fraction]:
    """Return the numbers of a split's formulas that can be amounts, and the bounds of its tables."""
    found: set[Fraction] = set()
    for text in _texts_of(_plain_split(agreement)):
        try:
            nodes = list(walk(parse(text)))
        except FormulaError:
            continue
        found |= {one.value for one in nodes if isinstance(one, Number) and not one.text.endswith("%")}
    return found


def _texts(old: Agreement, new: Agreement) -> list[str]:
    """Return the quoted texts that either split compares with."""
    found: dict[str, None] = {}
    for agreement in (old, new):
        for text in _texts_of(_plain_split(agreement)):
            try:
                nodes = list(walk(parse(text)))
            except FormulaError:
                continue
            found |= dict.fromkeys(one.value for one in nodes if isinstance(one, Text))
    return list(found)


def _plain_split(agreement: Agreement) -> Any:
    document = agreement.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    commission = agreement.commission
    clause = commission.model_dump(mode="json", by_alias=True, exclude_none=True) if commission else {}
    return [{key: value for key, value in clause.items() if key != "text"}, document.get("tables", {})]


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_of(one)
    elif isinstance(value, str):
        yield value
