"""Whether the routes of an attribution read facts of an order and credit a party."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.attribution import Attribution
from policies.errors import Finding, did_you_mean
from policies.references.fitting import typed
from policies.source import Path


def attribution(agreement: Agreement, clause: Attribution, path: Path) -> Iterator[Finding]:
    """Yield the misfits of every route."""
    scope = agreement.fact_types("order")
    for index, route in enumerate(clause.routes):
        at = (*path, "routes", index)
        yield from typed(agreement, route.when, scope, "bool", (*at, "when"))
        if route.payee not in agreement.parties:
            message = f"'{route.payee}' is not a party{did_you_mean(route.payee, agreement.parties)}"
            yield agreement.finding("party.unknown", message, (*at, "payee"))
