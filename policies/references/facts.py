"""Whether facts, and the names of things, are declared once and mean one thing."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding, PolicyError
from policies.facts import read_fact
from policies.references.fitting import typed
from policies.references.scopes import RESERVED, RESERVED_OWNERS


def uniqueness(agreement: Agreement) -> Iterator[Finding]:
    """Yield what stands in the document twice."""
    first: dict[str, int] = {}
    for index, clause in enumerate(agreement.document.clauses):
        if clause.id in first:
            message = f"clause {clause.id} stands here again; it was given as clauses[{first[clause.id]}]"
            yield agreement.finding("clause.duplicate", message, ("clauses", index, "id"))
        first.setdefault(clause.id, index)
    for kind in ("commission", "clearing", "returns", "dispute_process"):
        again = [i for i, clause in enumerate(agreement.document.clauses) if clause.kind == kind][1:]
        for index in again:
            message = f"a document has one clause of kind '{kind}'; this is another"
            yield agreement.finding("clause.one-of-kind", message, ("clauses", index, "kind"))
    for key in agreement.document.payees.keys() & agreement.parties.keys():
        message = f"'{key}' is a party; a class of payees needs a name of its own"
        yield agreement.finding("party.duplicate", message, ("payees", key))


def facts(agreement: Agreement) -> Iterator[Finding]:
    """Yield facts whose name is taken or whose default does not read."""
    for name, fact in agreement.document.facts.items():
        if name in RESERVED or name.partition(".")[0] in RESERVED_OWNERS:
            message = f"'{name}' means something else in formulas; call the fact by another name"
            yield agreement.finding("name.reserved", message, ("facts", name))
        if fact.default is not None:
            try:
                read_fact(fact.default, fact.type, agreement.currency)
            except PolicyError as fault:
                yield agreement.finding("fact.default", fault.message, ("facts", name, "default"))
    for index, formula in enumerate(agreement.document.order_facts_where):
        scope = agreement.fact_types("order")
        yield from typed(agreement, formula, scope, "bool", ("order_facts_where", index))
