"""Whether what a clause says of its falling due fits: its day, its rates, what it works out and reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.falling_due import FallsDue
from policies.clauses.family import family
from policies.errors import Finding, did_you_mean
from policies.formulas.types import Type
from policies.references.fitting import typed
from policies.references.scopes import case_scope, cores, row_scopes
from policies.source import Path


def falling_due(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield the misfits of `falls_due` of a clause written out as the core clause."""
    due, at = clause.falls_due, (*path, "falls_due")
    if due is None:
        return
    members = family({**cores(agreement), clause.id: clause}, clause.id)
    if not any(one.remedies for one in members):
        message = f"clause {clause.id} awards nothing, so nothing of it falls due; give it 'remedies'"
        yield agreement.finding("due.nothing", message, at)
    scope = {name: kind for name, kind in case_scope(agreement).items() if not name.startswith("claim.")}
    if due.on is not None:
        recorded = agreement.fact_types("case")
        yield from typed(agreement, due.on, recorded, "date", (*at, "on"), row_scopes(agreement))
    yield from _rates(agreement, due, scope, at)
    types = agreement.fact_types("case")
    for name, formula in (due.facts or {}).items():
        if name not in types:
            message = f"'{name}' is not a declared fact of a case{did_you_mean(name, types)}"
            yield agreement.finding("fact.undeclared", message, (*at, "facts", name))
            continue
        yield from typed(agreement, formula, scope, types[name], (*at, "facts", name), row_scopes(agreement))


def _rates(agreement: Agreement, due: FallsDue, scope: Mapping[str, Type], at: Path) -> Iterator[Finding]:
    """Yield the misfits of the rates of exchange that a clause takes."""
    for name, taken in (due.rates or {}).items():
        here = (*at, "rates", name)
        fact = agreement.document.facts.get(name)
        if fact is None or (fact.of, fact.type) != ("case", "rate"):
            hint = did_you_mean(name, agreement.fact_types("case")) if fact is None else ""
            message = f"'{name}' takes a rate of exchange, and is no fact of a case of type rate{hint}"
            yield agreement.finding("due.rate-fact", message, here)
        if taken.of == agreement.currency:
            message = f"{taken.of} is the agreement's own currency; name the other one"
            yield agreement.finding("due.rate-home", message, (*here, "of"))
        yield from typed(agreement, taken.on, scope, "date", (*here, "on"), row_scopes(agreement))
