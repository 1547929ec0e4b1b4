"""Whether what a clause says of its falling due fits: its day, the facts it works out, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.family import family
from policies.errors import Finding, did_you_mean
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
    types = agreement.fact_types("case")
    for name, formula in (due.facts or {}).items():
        if name not in types:
            message = f"'{name}' is not a declared fact of a case{did_you_mean(name, types)}"
            yield agreement.finding("fact.undeclared", message, (*at, "facts", name))
            continue
        yield from typed(agreement, formula, scope, types[name], (*at, "facts", name), row_scopes(agreement))
