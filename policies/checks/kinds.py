"""Reports what the kinds' own files have to say of the parameters that a clause gives.

The conditions are formulas over the parameters of one clause and a few words of its document; a parameter
that is itself a formula over facts of cases has no figure here, and only whether it is given can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.parameters import FORMULA_TYPES, value_of
from policies.clauses.templates import KindCheck, Templated
from policies.errors import Finding
from policies.facts import read_fact
from policies.formulas.exact import Facts, Known, Unknown, Value, evaluate
from policies.formulas.parse import parse
from policies.formulas.tree import names
from policies.formulas.types import Type
from policies.source import Path
from policies.words.kind_words import say

TYPES: dict[str, Type] = {
    "money": "money", "rate": "number", "number": "number", "count": "number", "date": "date",
    "bool": "bool", "text": "text", "enum": "text", "party": "text", "account": "text", **FORMULA_TYPES,
}  # fmt: skip
"""Types of parameters, as the conditions of a kind's checks read them; others they do not read."""


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield the findings of every clause's kind."""
    for index, clause in enumerate(agreement.document.clauses):
        if isinstance(clause, Templated):
            facts = Facts(figures(agreement, clause))
            for one in clause.template.checks:
                if evaluate(parse(one.when), facts) is True:
                    yield _finding(agreement, clause, one, facts, ("clauses", index))


def figures(agreement: Agreement, clause: Templated) -> dict[str, Value]:
    """Return what the conditions of a clause's kind may read, by name."""
    document = agreement.document
    found: dict[str, Value] = {
        "stage": document.stage, "model": document.model, "jurisdiction": document.jurisdiction,
        "effective_from": document.effective_from, "given.falls_due": clause.falls_due is not None,
    }  # fmt: skip
    for side in ("holder", "toward"):
        party = agreement.parties.get(getattr(clause, side) or "")
        found[f"{side}_role"] = party.role if party else Unknown(frozenset({side}))
    for name, parameter in clause.template.flat.items():
        value = value_of(clause, name)
        found[f"given.{name}"] = value is not None and value is not False
        if parameter.type in TYPES:
            found[name] = (
                Unknown(frozenset({name})) if value is None else _figure(agreement, parameter.type, value)
            )
    return found


def _figure(agreement: Agreement, kind: str, value: Any) -> Value:
    if kind in FORMULA_TYPES:
        node = agreement.formula(value)
        return Unknown(names(node)) if names(node) else evaluate(node, Facts({}))
    if kind in {"money", "rate", "number"}:
        return read_fact(value.replace("_", ""), "money" if kind == "money" else "rate", agreement.currency)
    known: Known = Fraction(value) if kind == "count" else value
    assert isinstance(known, Fraction | bool | str | date), kind
    return known


def _finding(agreement: Agreement, clause: Templated, one: KindCheck, facts: Facts, path: Path) -> Finding:
    said = say(agreement, clause, one.text)
    at = (*path, *one.at.split(".")) if one.at is not None else path
    read = sorted(names(parse(one.when)))
    witness = {name: _shown(facts.values[name]) for name in read}
    words = {"message_zh": f"第 {clause.id} 条：{said['zh']}", "severity": one.severity, "witness": witness}
    return agreement.finding(one.code, f"clause {clause.id}: {said['en']}", at, **words)


def _shown(value: Value) -> str:
    return (
        "not given"
        if isinstance(value, Unknown)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
