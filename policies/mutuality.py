"""Rights and duties of a document: who owes whom under which clause, and what is given for it.

A clause binds its holder toward another, or whoever pays its remedies toward whom they pay. Each duty is
another's right. It is answered where the other party owes something in turn (mirrored), or else where the
document gives the debtor anything: a leg, a remedy or another's duty (considered).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from policies.agreement import Agreement
from policies.checks.paths import legs_to, party_of, payees_of, payers_of
from policies.clauses.core import Clause
from policies.clauses.templates import Templated

Answer = Literal["mirrored", "considered", "one_sided"]


@dataclass(frozen=True, slots=True)
class Duty:
    """What one party owes another under a clause, parties by their keys, and whether it is answered."""

    clause: str
    debtor: str
    creditor: str
    answer: Answer


@dataclass(frozen=True)
class Mutuality:
    """Every duty of a document, in its order, and its parties; `paid` are the legs that each is given."""

    parties: tuple[str, ...]
    duties: tuple[Duty, ...]
    paid: dict[str, tuple[str, ...]]

    def between(self, debtor: str, creditor: str) -> tuple[Duty, ...]:
        """Return what one party owes another."""
        return tuple(one for one in self.duties if (one.debtor, one.creditor) == (debtor, creditor))

    def of(self, party: str) -> tuple[int, int]:
        """Return how many duties and how many rights a party has."""
        owes = sum(one.debtor == party for one in self.duties)
        return owes, sum(one.creditor == party for one in self.duties)

    @property
    def symmetry(self) -> Fraction | None:
        """The share of duties that are answered; None where nobody owes anything."""
        if not self.duties:
            return None
        answered = sum(one.answer != "one_sided" for one in self.duties)
        return Fraction(answered, len(self.duties))


def mutuality(agreement: Agreement) -> Mutuality:
    """Return the rights and duties of a document; a clause not computed, or not enforced, binds nobody."""
    pairs = [(clause.id, *pair) for clause in binding(agreement) for pair in sorted(owed(agreement, clause))]
    owing = {(debtor, creditor) for _, debtor, creditor in pairs}
    receives = receivers(agreement)

    def answer(debtor: str, creditor: str) -> Answer:
        if (creditor, debtor) in owing:
            return "mirrored"
        return "considered" if debtor in receives else "one_sided"

    legs: dict[str, list[str]] = {key: [] for key in agreement.parties}
    for leg, account in legs_to(agreement):
        if party_of(account) in legs:
            legs[party_of(account)].append(leg)
    return Mutuality(
        tuple(agreement.parties),
        tuple(Duty(clause, debtor, creditor, answer(debtor, creditor)) for clause, debtor, creditor in pairs),
        {key: tuple(found) for key, found in legs.items()},
    )


def binding(agreement: Agreement) -> Iterator[Clause]:
    """Yield the clauses, as written, that bind anybody: computed and enforced ones."""
    yield from (one for one in agreement.document.clauses if one.computed and one.not_enforced is None)


def receivers(agreement: Agreement) -> frozenset[str]:
    """Return the parties to whom the document gives anything: a leg, a remedy, or another's duty."""
    found = {party_of(account) for _, account in legs_to(agreement)}
    for clause in agreement.document.clauses:
        for remedy in agreement.clauses[clause.id].remedies:
            found |= {party_of(account) for account in payees_of(agreement, remedy)}
        found |= {creditor for _, creditor in owed(agreement, clause)}
    return frozenset(found & agreement.parties.keys())


def owed(agreement: Agreement, clause: Clause) -> set[tuple[str, str]]:
    """Return who owes whom under a clause: by its holder, or by who pays its remedies."""
    found: set[tuple[str, str]] = set()
    if clause.holder is not None and clause.toward is not None:
        pair = (clause.holder, clause.toward)
        has_right = isinstance(clause, Templated) and clause.template.holds == "right"
        found.add(pair[::-1] if has_right else pair)
    for remedy in agreement.clauses[clause.id].remedies:
        found |= {
            (party_of(payer), party_of(payee))
            for payer in payers_of(agreement, remedy)
            for payee in payees_of(agreement, remedy)
        }
    return {(debtor, creditor) for debtor, creditor in found
            if {debtor, creditor} <= agreement.parties.keys() and debtor != creditor}  # fmt: skip
