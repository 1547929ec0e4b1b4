"""Whether the parameters of a kind's clause fit the document: its parties, accounts, legs and formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.agreement import Agreement
from policies.clauses.parameters import FORMULA_TYPES, value_of
from policies.clauses.templates import Templated
from policies.errors import Finding, MoneyError, did_you_mean
from policies.money import to_minor
from policies.references.fitting import account, typed
from policies.references.scopes import case_scope, row_scopes, steps
from policies.source import Path


def parameters(agreement: Agreement, clause: Templated, path: Path) -> Iterator[Finding]:
    """Yield the misfits of the facts of a clause's kind, else of its parameters, each at its own place."""
    otherwise = list(_facts(agreement, clause))
    yield from otherwise
    for name, parameter in clause.template.flat.items() if not otherwise else ():
        value = value_of(clause, name)
        if value is not None:
            yield from _parameter(agreement, parameter.type, value, (*path, *name.split(".")))


def _parameter(agreement: Agreement, kind: str, value: Any, path: Path) -> Iterator[Finding]:
    if kind in FORMULA_TYPES:
        rows = row_scopes(agreement)
        yield from typed(agreement, value, case_scope(agreement), FORMULA_TYPES[kind], path, rows)
    elif kind == "party" and value not in agreement.parties:
        message = f"'{value}' is not a party{did_you_mean(value, agreement.parties)}"
        yield agreement.finding("party.unknown", message, path)
    elif kind == "account":
        yield from account(agreement, value, path)
    elif kind == "sources":
        for index, one in enumerate(value):
            yield from account(agreement, one, (*path, index))
    elif kind == "leg" and value not in steps(agreement):
        message = f"'{value}' is not a leg of the split{did_you_mean(value, steps(agreement))}"
        yield agreement.finding("split.unknown-leg", message, path)
    else:
        for amount, at in _amounts(kind, value, path):
            yield from _amount(agreement, amount, at)


def _amounts(kind: str, value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    if kind == "money":
        yield value, path
    elif kind == "steps":
        yield from ((step.upto, (*path, i, "upto")) for i, step in enumerate(value) if step.upto)
    elif kind == "fines":
        yield from ((amount, (*path, name)) for name, amount in value.items())


def _amount(agreement: Agreement, amount: str, path: Path) -> Iterator[Finding]:
    try:
        to_minor(amount, agreement.currency)
    except MoneyError as fault:
        yield agreement.finding("money.unreadable", fault.message, path)


def _facts(agreement: Agreement, clause: Templated) -> Iterator[Finding]:
    """Yield facts that the document declares otherwise than the kind reads them."""
    for name, wanted in clause.template.facts.items():
        declared = agreement.document.facts.get(name)
        if declared is None or name not in clause.names():
            continue
        if (declared.type, declared.of) != (wanted["type"], wanted["of"]):
            message = (
                f"clause {clause.id} ({clause.kind}) reads '{name}' as {wanted['type']} of {wanted['of']};"
                " give what is declared here another name"
            )
            yield agreement.finding("fact.otherwise", message, ("facts", name))
