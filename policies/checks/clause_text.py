"""Holds the text of computed clauses to their terms: every number, rate and date named must be a term.

The two languages must name the same ones. A clause that is text only has no terms to differ from; which
numbers stand in it uncomputed is told by `readiness`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.clauses.templates import Templated
from policies.errors import Finding, FormulaError
from policies.fields import Words
from policies.formulas.tree import Node, literals
from policies.source import Path
from policies.words.text_numbers import Term, in_order, names_same, numbers_in, written

_LANGUAGES = {"zh": "中文", "en": "英文"}
_NOT_TERMS = frozenset(
    {
        "id",
        "kind",
        "text",
        "law",
        "clause",
        "cap_id",
        "cites",
        "exception_of",
        "follows",
        "not_enforced",
        "purpose",
        "review_reason",
    }
)


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding for each number that a text names and its terms do not, and for unlike languages."""
    references = reference_words(agreement)
    for index, clause in enumerate(agreement.document.clauses):
        terms = clause_terms(agreement, clause)
        for words, path in texts_of(clause, ("clauses", index)):
            named = {
                language: numbers_in(getattr(words, language), references=references)
                for language in _LANGUAGES
            }
            if clause.computed and clause.not_enforced is None:
                for language, found in named.items():
                    strange = frozenset(term for term in found if not names_same(term, terms))
                    yield from _not_in_terms(agreement, clause, (language, strange), (*path, language))
            if named["zh"] != named["en"]:
                yield _unlike(agreement, clause, named, path)


def reference_words(agreement: Agreement) -> frozenset[str]:
    """Return ids of clauses, remedies and caps, and the laws cited: digits in them are no terms."""
    found: set[str] = set()
    for clause in agreement.document.clauses:
        found |= {clause.id, *clause.law}
        for remedy in clause.remedies:
            found |= {one for one in (remedy.id, remedy.cap_id) if one is not None}
        found |= {effect.clause for effect in clause.effects if effect.clause is not None}
    return frozenset(found)


def texts_of(clause: Clause, path: Path) -> Iterator[tuple[Words, Path]]:
    """Yield every text of a clause with its path: its own, and those of its parts."""
    yield clause.text, (*path, "text")
    parts: list[tuple[Any, Path]] = [
        *((one, (*path, "remedies", i)) for i, one in enumerate(clause.remedies)),
        *((one, (*path, "effects", i)) for i, one in enumerate(clause.effects)),
        *((one, (*path, "waterfall", i)) for i, one in enumerate(getattr(clause, "waterfall", ()))),
    ]
    for part, at in parts:
        if part.text is not None:
            yield part.text, (*at, "text")


def clause_terms(agreement: Agreement, clause: Clause) -> frozenset[Term]:
    """Return the numbers, rates and dates a clause computes with, steps of the split that cite it too."""
    found = set(_terms(agreement, clause.model_dump(by_alias=True)))
    types = clause.template.types if isinstance(clause, Templated) else {}
    legs = {value_of(clause, name) for name, kind in types.items() if kind == "leg"}
    waterfall = agreement.commission.waterfall if agreement.commission else ()
    for step in waterfall:
        if (step.clause == clause.id or step.name in legs) and step.amount is not None:
            found |= set(_formula_terms(agreement, step.amount))
    return frozenset(found)


def _terms(agreement: Agreement, value: Any) -> Iterator[Term]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _NOT_TERMS:
                yield from _terms(agreement, item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _terms(agreement, item)
    elif isinstance(value, date):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Fraction(value)
    elif isinstance(value, str):
        yield from _formula_terms(agreement, value)


def _formula_terms(agreement: Agreement, text: str) -> Iterator[Term]:
    """Yield the literals of a formula; a text that is none, such as an account, has none."""
    for node in _parsed(agreement, text):
        yield from (part.value for part in literals(node))


def _parsed(agreement: Agreement, text: str) -> Iterator[Node]:
    try:
        yield agreement.formula(text)
    except FormulaError:
        try:
            where = agreement.rows_formula(text).where
        except FormulaError:
            return
        if where is not None:
            yield where


def _not_in_terms(
    agreement: Agreement, clause: Clause, found: tuple[str, frozenset[Term]], path: Path
) -> Iterator[Finding]:
    language, strange = found
    name = {"zh": "Chinese", "en": "English"}[language]
    for term in in_order(strange):
        yield agreement.finding(
            "text.number-not-in-terms",
            f"the {name} text of clause {clause.id} names {written(term)}, which is not among its terms;"
            " correct the text or the terms",
            path,
            witness={"number": written(term), "language": language},
            message_zh=f"第 {clause.id} 条{_LANGUAGES[language]}写有 {written(term)}，计算条款中没有该数值",
        )


def _unlike(agreement: Agreement, clause: Clause, named: dict[str, frozenset[Term]], path: Path) -> Finding:
    only = {
        "zh": [written(term) for term in in_order(named["zh"] - named["en"])],
        "en": [written(term) for term in in_order(named["en"] - named["zh"])],
    }
    parts = [f"only the {name} text names {', '.join(only[key])}"
             for key, name in (("zh", "Chinese"), ("en", "English")) if only[key]]  # fmt: skip
    parts_zh = [f"仅{_LANGUAGES[key]}写有 {'、'.join(only[key])}" for key in ("zh", "en") if only[key]]
    return agreement.finding(
        "text.languages-differ",
        f"the two languages of clause {clause.id} name different numbers: {'; '.join(parts)}",
        path,
        severity="warning",
        witness={f"only_{key}": value for key, value in only.items()},
        message_zh=f"第 {clause.id} 条中英文所写数值不一致：{'；'.join(parts_zh)}",
    )
