"""Formulas and texts with the figures of a case filled in, in both languages. Nothing is decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from policies.agreement import Agreement
from policies.errors import FormulaError
from policies.fields import Words
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.prose import Language, Prose
from policies.formulas.tree import BusinessDays, Call, Node, names, walk
from policies.formulas.types import Type
from policies.money import exact_decimal, exact_text, grouped

_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_LANGUAGES: tuple[Language, Language] = ("zh", "en")


def worded(
    agreement: Agreement, node: Node, values: Mapping[str, Value], types: Mapping[str, Type] | None = None
) -> dict[str, str]:
    """Return a formula in both languages with the figures it read filled in.

    `types` says of names that are no facts, such as a clause's figures, whether they are money.
    """
    known = _types(agreement) | dict(types or {})
    figures = {
        name: text for name in names(node) if (text := _figure(agreement, values.get(name), known.get(name)))
    }
    labels, days = agreement.labels(), dict(_days(node, values))
    return {language: Prose(language, labels, figures, days).render(node) for language in _LANGUAGES}


def _days(node: Node, values: Mapping[str, Value]) -> Iterator[tuple[Node, str]]:
    """Yield the days that parts of a formula come to; a part that the facts guard against is passed over."""
    for part in walk(node):
        if isinstance(part, Call | BusinessDays) and part.function.startswith("add_"):
            try:
                day = evaluate(part, Facts(values))
            except FormulaError:
                continue
            if isinstance(day, date):
                yield part, day.isoformat()


def places(words: Words) -> Iterator[tuple[Language, str]]:
    """Yield the names that a text leaves places for, `{drawn.merchant.deposit}`, with the text's language."""
    for language in _LANGUAGES:
        for name in _PLACE.findall(getattr(words, language)):
            yield language, name


def filled(
    agreement: Agreement, words: Words, values: Mapping[str, Value], types: Mapping[str, Type] | None = None
) -> dict[str, str]:
    """Return a text in both languages with its places filled in; a figure nobody knows is shown as ?."""
    known = _types(agreement) | dict(types or {})

    def figure(place: re.Match[str]) -> str:
        name = place.group(1)
        return _figure(agreement, values.get(name), known.get(name)) or "?"

    return {language: _PLACE.sub(figure, getattr(words, language)) for language in _LANGUAGES}


def _types(agreement: Agreement) -> dict[str, Type | Literal["rate"]]:
    facts = agreement.document.facts
    types: dict[str, Type | Literal["rate"]] = {}
    for of in {fact.of for fact in facts.values()}:
        types |= agreement.fact_types(of)
    types |= {name: "rate" for name, fact in facts.items() if fact.type == "rate"}
    return types | {f"evidence.{name}": "number" for name in facts}


def figure_text(agreement: Agreement, value: Value | None, kind: Type | None) -> str | None:
    """Write a figure as decimal text, a day or a word; None for what is unknown, and for yes and no."""
    if value is None or isinstance(value, bool | Unknown):
        return None
    if isinstance(value, Fraction):
        return exact_decimal(value, 0) if kind == "number" else exact_text(value, agreement.currency)
    return str(value)


def _figure(agreement: Agreement, value: Value | None, kind: Type | Literal["rate"] | None) -> str | None:
    if kind == "rate":
        if isinstance(value, Fraction) and 0 <= value <= 1:
            return f"{exact_decimal(value * 100, 0)}%"
        return _figure(agreement, value, "number")
    text = figure_text(agreement, value, kind)
    return grouped(text) if text is not None and isinstance(value, Fraction) else text
