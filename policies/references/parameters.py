"""Whether the parameters of a kind's clause fit the document: its parties, accounts, legs and formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.agreement import Agreement
from policies.clauses.parameters import FORMULA_TYPES, value_of
from policies.clauses.templates import Templated
from policies.errors import Finding, FormulaError, MoneyError, did_you_mean
from policies.formulas.types import check_rows
from policies.money import to_minor
from policies.references.fitting import account, typed
from policies.references.scopes import case_scope, row_scopes, steps
from policies.source import Path
from policies.tables import TableTerms


def parameters(agreement: Agreement, clause: Templated, path: Path) -> Iterator[Finding]:
    """Yield the misfits of the facts and tables of a clause's kind, else of its parameters."""
    otherwise = [*_facts(agreement, clause), *_tables(agreement, clause)]
    yield from otherwise
    for name, parameter in clause.template.flat.items() if not otherwise else ():
        value = value_of(clause, name)
        if value is not None:
            yield from _parameter(agreement, parameter.type, value, (*path, *name.split(".")))


def _parameter(agreement: Agreement, kind: str, value: Any, path: Path) -> Iterator[Finding]:
    if kind in FORMULA_TYPES:
        rows = row_scopes(agreement)
        scope = {**case_scope(agreement), **(rows["orders"] if kind == "each" else {})}
        yield from typed(agreement, value, scope, FORMULA_TYPES[kind], path, rows)
    elif kind == "rows":
        try:
            check_rows(agreement.rows_formula(value), case_scope(agreement), row_scopes(agreement))
        except FormulaError as fault:
            yield agreement.finding("formula.invalid", f"in '{value}': {fault}", path)
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
    elif kind == "bands":
        yield from ((band.amount, (*path, i, "amount")) for i, band in enumerate(value))
    elif kind == "steps":
        yield from ((step.upto, (*path, i, "upto")) for i, step in enumerate(value) if step.upto)
    elif kind == "fines":
        yield from ((amount, (*path, name)) for name, amount in value.items())


def _amount(agreement: Agreement, amount: str, path: Path) -> Iterator[Finding]:
    try:
        to_minor(amount, agreement.currency)
    except MoneyError as fault:
        yield agreement.finding("money.unreadable", fault.message, path)


def _tables(agreement: Agreement, clause: Templated) -> Iterator[Finding]:
    """Yield tables under a name of the clause's that say something else than its parameters."""
    for name, wanted in clause.tables().items():
        if (agreement.document.tables or {}).get(name) != TableTerms.model_validate(wanted):
            message = (
                f"the table '{name}' belongs to clause {clause.id}, which gives other figures; leave it out"
            )
            yield agreement.finding("table.otherwise", message, ("tables", name))


def _facts(agreement: Agreement, clause: Templated) -> Iterator[Finding]:
    """Yield facts that the document declares otherwise than the kind reads them.

    A fact that a parameter names is the document's own: the formulas that read it decide whether it fits.
    """
    types = clause.template.types
    named = {value_of(clause, parameter) for parameter, kind in types.items() if kind == "fact"}
    for name, wanted in clause.template.facts.items():
        declared = agreement.document.facts.get(name)
        if declared is None or name not in clause.names() or name in named:
            continue
        if (declared.type, declared.of) != (wanted["type"], wanted["of"]):
            message = (
                f"clause {clause.id} ({clause.kind}) reads '{name}' as {wanted['type']} of {wanted['of']};"
                " give what is declared here another name"
            )
            yield agreement.finding("fact.otherwise", message, ("facts", name))
