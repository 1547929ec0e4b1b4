"""Formulas and texts with the figures of a case filled in, in both languages. Nothing is decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from policies.agreement import Agreement
from policies.fields import Words
from policies.formulas.exact import Unknown, Value
from policies.formulas.prose import Language, Prose
from policies.formulas.tree import Node, names
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
    labels = agreement.labels()
    return {language: Prose(language, labels, figures).render(node) for language in _LANGUAGES}


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


def _types(agreement: Agreement) -> dict[str, Type]:
    facts = agreement.document.facts
    types: dict[str, Type] = {}
    for of in {fact.of for fact in facts.values()}:
        types |= agreement.fact_types(of)
    return types | {f"evidence.{name}": "number" for name in facts}


def figure_text(agreement: Agreement, value: Value | None, kind: Type | None) -> str | None:
    """Write a figure as decimal text, a day or a word; None for what is unknown, and for yes and no."""
    if value is None or isinstance(value, bool | Unknown):
        return None
    if isinstance(value, Fraction):
        return exact_decimal(value, 0) if kind == "number" else exact_text(value, agreement.currency)
    return str(value)


def _figure(agreement: Agreement, value: Value | None, kind: Type | None) -> str | None:
    text = figure_text(agreement, value, kind)
    return grouped(text) if text is not None and isinstance(value, Fraction) else text
