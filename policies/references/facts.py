"""Whether facts, and the names of things, are declared once and mean one thing."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding, PolicyError, did_you_mean
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
    for kind in ("commission", "clearing", "returns", "dispute_process", "attribution", "payout"):
        again = [i for i, clause in enumerate(agreement.document.clauses) if clause.kind == kind][1:]
        for index in again:
            message = f"a document has one clause of kind '{kind}'; this is another"
            yield agreement.finding("clause.one-of-kind", message, ("clauses", index, "kind"))
    yield from _numbered_parts(agreement)
    yield from _pools(agreement)
    for key in agreement.document.payees.keys() & agreement.parties.keys():
        message = f"'{key}' is a party; a class of payees needs a name of its own"
        yield agreement.finding("party.duplicate", message, ("payees", key))


def _numbered_parts(agreement: Agreement) -> Iterator[Finding]:
    """Yield remedies and caps whose own number is that of a clause, or of another clause's part."""
    clauses = {clause.id for clause in agreement.document.clauses}
    owner: dict[str, str] = {}
    for index, clause in enumerate(agreement.document.clauses):
        for at, remedy in enumerate(clause.remedies):
            for key, part in (("id", remedy.id), ("cap_id", remedy.cap_id)):
                if part is None:
                    continue
                if part in clauses - {clause.id} or owner.setdefault(part, clause.id) != clause.id:
                    message = (
                        f"{part} numbers another clause already; to cite that one, write 'cites: [{part}]'"
                    )
                    yield agreement.finding(
                        "clause.duplicate", message, ("clauses", index, "remedies", at, key)
                    )


def _pools(agreement: Agreement) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for index, clause in enumerate(agreement.document.clauses):
        for name in clause.pools or ():
            if owner.setdefault(name, clause.id) != clause.id:
                message = f"the pool '{name}' is declared by clause {owner[name]} already"
                yield agreement.finding("pool.duplicate", message, ("clauses", index, "pools", name))


def facts(agreement: Agreement) -> Iterator[Finding]:
    """Yield facts whose name is taken or whose default does not read."""
    for name, fact in agreement.document.facts.items():
        if name in RESERVED or name.partition(".")[0] in RESERVED_OWNERS:
            message = f"'{name}' means something else in formulas; call the fact by another name"
            yield agreement.finding("name.reserved", message, ("facts", name))
        known = {"order", "case", *(agreement.document.events or {})}
        if fact.of not in known:
            message = (
                f"'{fact.of}' is neither order nor case nor a set of events{did_you_mean(fact.of, known)}"
            )
            yield agreement.finding("fact.of-unknown", message, ("facts", name, "of"))
        if fact.default is not None:
            try:
                read_fact(fact.default, fact.type, agreement.currency, fact.options)
            except PolicyError as fault:
                yield agreement.finding("fact.default", fault.message, ("facts", name, "default"))
    for index, formula in enumerate(agreement.document.order_facts_where):
        scope = agreement.fact_types("order")
        yield from typed(agreement, formula, scope, "bool", ("order_facts_where", index))
