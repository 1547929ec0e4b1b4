"""What the formulas of a clause that falls due read: names of facts, figures, and sets of rows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.family import draws_of, family, lending
from policies.formulas.tree import Aggregate, Node, names, walk

SETTLED_AMOUNT = "settled_amount"
OWN_FACTS = frozenset({"refunded", "sold_on", "received_on", "settled_on", SETTLED_AMOUNT})
"""Facts of an order that a run tells by itself where a document declares them: what was refunded by then, the
days of its sale, of its receipt and from which it is settled, and what the side that the clause is `toward`
has of it by then, net of refunds."""


def due_names(agreement: Agreement, clause: str) -> frozenset[str]:
    """Return every name that a clause, and what is evaluated with it, reads when it falls due."""
    return frozenset().union(*(names(node) for node in due_formulas(agreement, clause)))


def due_rows(agreement: Agreement, clause: str) -> frozenset[str]:
    """Return the sets of rows that the formulas of a clause walk when it falls due."""
    found: set[str] = set()
    for member in _members(agreement, clause):
        sources = [one.for_ for one in member.remedies] + [draw.for_ for draw in draws_of(member)]
        for text in sources:
            if text is not None:
                rows = agreement.rows_formula(text)
                found |= {rows.name, *([rows.other] if rows.other else [])}
    for node in due_formulas(agreement, clause):
        for part in walk(node):
            if isinstance(part, Aggregate):
                found |= {part.rows.name, *([part.rows.other] if part.rows.other else [])}
    return frozenset(found)


def due_formulas(agreement: Agreement, clause: str) -> Iterator[Node]:
    """Yield every formula that is evaluated when a clause falls due, conditions of rows included."""
    for member in _members(agreement, clause):
        due = member.falls_due if member.id == clause else None
        texts = [member.when, member.review_when]
        texts += [due.on, *(due.facts or {}).values()] if due else []
        texts += [rate.on for rate in (due.rates or {}).values()] if due else []
        texts += [figure.value for figure in (member.figures or {}).values()]
        texts += [effect.if_ for effect in member.effects if effect.review]
        for remedy in member.remedies:
            texts += [remedy.amount, remedy.each, remedy.if_, remedy.cap, remedy.cap_if, remedy.floor]
        texts += [draw.up_to for draw in draws_of(member)]
        yield from (agreement.formula(text) for text in texts if text is not None)
        wheres = [one.for_ for one in member.remedies] + [draw.for_ for draw in draws_of(member)]
        for text in wheres:
            where = agreement.rows_formula(text).where if text is not None else None
            if where is not None:
                yield where


def _members(agreement: Agreement, clause: str) -> tuple[Clause, ...]:
    members = family(agreement.clauses, clause)
    return (*members, *lending(agreement.clauses, members))
