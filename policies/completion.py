"""Completes a document as its clauses' kinds ask, before it is signed: facts, tables and wording.

What a person leaves to a kind is written out on reading, so that the signed bytes say all of it and nobody
needs the kind's file to know what was signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses.templates import Templated, is_templated, template, template_model
from policies.fields import Words
from policies.words.kind_words import standard_wording

_LATER = {"zh": "（标准条款）", "en": "(standard wording)"}
"""Stands for the wording of a clause until the document is known to be sound."""


def with_declarations(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a document as written with the facts and tables of its kinds, and a stand-in for their wording.

    A document that uses no kind is returned as it is. A clause that is refused adds nothing: it is refused
    again, with its place, when the whole document is read.
    """
    clauses = plain.get("clauses")
    if not isinstance(clauses, list) or not any(map(is_templated, clauses)):
        return plain
    completed = [_written_out(one) if is_templated(one) else one for one in clauses]
    found: dict[str, Any] = {**plain, "clauses": completed}
    for clause in filter(is_templated, completed):
        for key, added in _of_kind(clause).items():
            own = found.get(key) or {}
            if added and isinstance(own, dict):
                found[key] = own | {name: one for name, one in added.items() if name not in own}
    return found


def with_standard_words(agreement: Agreement, written: dict[str, Any]) -> Agreement:
    """Return an agreement whose clauses without words of their own have those of their kind."""
    clauses = list(agreement.document.clauses)
    for index, (clause, source) in enumerate(zip(clauses, written["clauses"], strict=True)):
        if isinstance(clause, Templated) and "text" not in source:
            words = Words(**standard_wording(agreement, clause))
            clauses[index] = clause.model_copy(update={"text": words})
    document = agreement.document.model_copy(update={"clauses": tuple(clauses)})
    return replace(agreement, document=document)


def _written_out(clause: dict[str, Any]) -> dict[str, Any]:
    """Return a clause with the defaults of its kind, by which it stays a clause of that kind, and words."""
    parameters = template(clause["kind"]).parameters
    defaults = {name: one.default for name, one in parameters.items() if one.default is not None}
    return {"text": _LATER, **defaults, **clause}


def _of_kind(clause: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the facts that one clause's formulas read, as its kind declares them, and its tables."""
    try:
        read = template_model(clause["kind"]).model_validate(clause)
        named = read.names()
    except ValidationError:
        return {}
    facts = {name: fact for name, fact in read.template.facts.items() if name in named}
    return {"facts": facts, "tables": read.tables()}
