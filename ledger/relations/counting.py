"""What the events of an item come to: facts of its clause, what the clause gives for them, and shared costs.

The clause is decided over the facts as a dispute under it would be, and nothing is filed or posted: who has
to pay is asked both ways round, since either side may. Costs are shared to the minor unit, the last role of
those that bear something taking the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.registers.items import Happened, Item
from ledger.relations.terms import CostTerms, CountTerms, FactTerms, counted
from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.money import read_decimal, read_rate, round_minor, to_minor

PLACES = 10_000
"""A mean is rounded to the ten-thousandth, half up, as the text of a fact has it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What one account owes another by the clause, in minor units."""

    source: str
    target: str
    amount_minor: int
    kind: str


@dataclass(frozen=True, slots=True)
class Borne:
    """A role's part of shared costs, in minor units: what it bears, what it paid; the difference is owed."""

    role: str
    bears_minor: int
    paid_minor: int

    @property
    def owes_minor(self) -> int:
        """What it has to pay the others; below zero, what it is to get."""
        return self.bears_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Count:
    """What an item comes to. `clause` is None where the document has none of the kind, and nothing is due.

    `outcome` is that of the clause decided over the facts, `missing` names facts that it needs and lacks,
    `cites` the entries that the facts come from.
    """

    item: str
    register: str
    clause: str | None
    facts: Mapping[str, str]
    outcome: str | None
    dues: tuple[Due, ...]
    effects: tuple[str, ...]
    missing: tuple[str, ...]
    borne: tuple[Borne, ...]
    cites: tuple[int, ...]


def count(agreement: Agreement, item: Item, day: date) -> Count:
    """Count an item under its agreement, as of a day; the caller knows that its register is counted."""
    terms = counted()[item.register]
    facts, cites = {}, set[int]()
    for name, one in terms.facts.items():
        told = list(_told(item, one))
        text = _fact(one, told)
        if text is not None:
            facts[name] = text
            cites |= {happened.seq for happened, _ in told}
    clause = _clause(agreement, item, terms)
    decision = None if clause is None else _decided(agreement, clause, facts, day)
    return Count(
        item=item.id,
        register=item.register,
        clause=clause.id if clause is not None else None,
        facts=facts,
        outcome=decision.outcome if decision is not None else None,
        dues=tuple(_dues(decision)) if decision is not None else (),
        effects=tuple(one["id"] for one in decision.effects) if decision is not None else (),
        missing=tuple(decision.missing) if decision is not None else (),
        borne=tuple(_borne(item, terms.costs, agreement.currency)) if terms.costs is not None else (),
        cites=tuple(sorted(cites)),
    )


def _told(item: Item, terms: FactTerms) -> Iterator[tuple[Happened, Fraction | str]]:
    """Yield the events that a fact comes of, each with its value; below zero where it is taken off."""
    for one in item.happened:
        text = one.fields.get(terms.field)
        if text is None or any(one.fields.get(name) != value for name, value in terms.where.items()):
            continue
        if one.event in terms.events:
            yield one, text if terms.take == "last" else _number(text)
        elif one.event in terms.less:
            yield one, -_number(text)


def _number(text: str) -> Fraction:
    return read_rate(text) if text.endswith("%") else read_decimal(text)


def _fact(terms: FactTerms, told: list[tuple[Happened, Fraction | str]]) -> str | None:
    """Return a fact as text; None where nothing was told that it could come of."""
    if terms.take == "last":
        return str(told[-1][1]) if told else None
    values = [value for _, value in told if isinstance(value, Fraction)]
    total = sum(values, Fraction(0))
    if terms.take == "sum":
        return _text(max(total, Fraction(0)))  # no more is taken off than there was
    return _text(Fraction(round_minor(total / len(values) * PLACES, "half_up"), PLACES)) if values else None


def _text(value: Fraction) -> str:
    """Write a number that has few places as decimal text."""
    whole, part = divmod(abs(value) * PLACES, PLACES)
    digits = f"{int(part):04}".rstrip("0")
    return ("-" if value < 0 else "") + f"{int(whole)}" + (f".{digits}" if digits else "")


def _clause(agreement: Agreement, item: Item, terms: CountTerms) -> Clause | None:
    """Return the clause that an item names, else the document's first of the kind."""
    named = item.text("clause")
    for one in agreement.document.clauses:
        if one.kind == terms.clause and named in {"", one.id}:
            return one
    return None


def _decided(agreement: Agreement, clause: Clause, facts: Mapping[str, str], day: date) -> Decision:
    """Return the clause decided over facts, claimed by the side that it gives something, if one there is."""
    sides = [str(value_of(clause, name)) for name in ("toward", "holder")]
    declared = {name for name, one in agreement.document.facts.items() if one.of == "case"}
    given = {name: {"value": text, "status": "proven"} for name, text in facts.items() if name in declared}
    found = []
    for claimant, respondent in (sides, sides[::-1]):
        case = {
            "clause": clause.id,
            "claim": {"claimant": claimant, "respondent": respondent},
            "decided_at": day.isoformat(),
            "facts": given,
        }
        found.append(decide([agreement], read_case(json.dumps(case), name="count")))
    return next((one for one in found if one.amount_minor), found[0])


def _dues(decision: Decision) -> Iterator[Due]:
    for one in decision.postings:
        if one["amount_minor"]:
            yield Due(one["from"], one["to"], one["amount_minor"], one["kind"])


def _borne(item: Item, terms: CostTerms, currency: str) -> Iterator[Borne]:
    paid = dict.fromkeys(terms.shares, 0)
    for one in item.happened:
        amount, payer = one.fields.get(terms.field), one.fields.get(terms.paid_by)
        if one.event in terms.events and amount is not None and payer in paid:
            paid[payer] += to_minor(amount, currency)
    total, left = sum(paid.values()), sum(paid.values())
    shares = {role: read_rate(item.text(field, "0")) for role, field in terms.shares.items()}
    bearing = [role for role, share in shares.items() if share]
    for role, share in shares.items():
        part = min(left, round_minor(total * share, "half_up"))
        bears = left if bearing and role == bearing[-1] else part
        left -= bears
        if bears or paid[role]:
            yield Borne(role, bears, paid[role])
