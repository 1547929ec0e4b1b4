"""A statement's invoices against what the statement pays and against what was paid, each difference named.

What counts as invoiced are invoices of the statement's party to whom the document names, at the rate that it
names, less what red-letter invoices take back, each of which counts where the invoice does that it offsets.
Not here: which payments there are, which the caller gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.invoices.reading import StoredInvoice, standing
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.money import read_rate

DifferenceKind = Literal[
    "missing", "under", "over", "tax_rate", "wrong_buyer", "wrong_tax_id", "red_lettered", "unpaid",
    "paid_under", "paid_over", "paid_without_invoice",
]  # fmt: skip
"""How invoices, statement and payments differ.

missing, under, over       of what the statement pays: nothing, less or more is invoiced
tax_rate, wrong_buyer,
wrong_tax_id               an invoice that does not count, being none that the document asks for
red_lettered               part of an invoice, or all of it, was taken back
unpaid, paid_under,
paid_over                  of what the statement pays: nothing, less or more was paid
paid_without_invoice       more was paid than is invoiced
"""

Standing = Literal["nothing_due", "not_asked", "missing", "under", "over", "matched"]
"""How the invoices of a statement stand against what it pays; `not_asked`: there are none, and no clause of
the document asks for them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its kind, how much it comes to in minor units, and the invoice that it is about."""

    kind: DifferenceKind
    amount_minor: int
    invoice: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a statement pays, what of it is invoiced and paid, in minor units, and every difference.

    `clauses` are those that ask for invoices. `invoices` are all that name the statement, `counted` the
    numbers of those that count. `paid_minor` is None where nothing is known of payments.
    """

    statement: str
    party: str
    currency: str
    clauses: tuple[Clause, ...]
    payable_minor: int
    invoiced_minor: int
    paid_minor: int | None
    invoices: tuple[StoredInvoice, ...]
    counted: tuple[str, ...]
    standing: Standing
    differences: tuple[Difference, ...]

    @property
    def lacking_minor(self) -> int:
        """How much of what the statement pays no invoice is there for."""
        return max(self.payable_minor - self.invoiced_minor, 0)


def invoicing_clauses(agreement: Agreement, party: str) -> tuple[Clause, ...]:
    """Return the clauses under which a party (by global id) gives invoices, in the order of the document."""
    keys = {key for key in agreement.parties if agreement.party_id(key) == party}
    return tuple(one for one in agreement.clauses.values() if one.invoicing and one.holder in keys)


def match_statement(
    agreement: Agreement, statement: Statement, found: Iterable[StoredInvoice], paid_minor: int | None
) -> Match:
    """Match one statement, under the version that it was issued under, with invoices and payments."""
    clauses = invoicing_clauses(agreement, statement.party)
    mine = tuple(one for one in standing(found) if one.for_statement(statement.id))
    payable = int(statement.content["payable_minor"])
    differences: list[Difference] = []
    counted: list[StoredInvoice] = []
    blue = {one.invoice.number: one for one in mine}
    for one in mine:
        red = one.invoice.red_letter
        wrong = _misfit(agreement, clauses, blue.get(red.offsets, one) if red else one)
        if wrong is not None:
            differences.append(Difference(wrong, one.for_statement(statement.id), one.invoice.number))
        else:
            counted.append(one)
        if red is not None:
            differences.append(Difference("red_lettered", one.for_statement(statement.id), red.offsets))
    invoiced = sum(one.for_statement(statement.id) for one in counted)
    stands = _standing(payable, invoiced, asked=bool(clauses) or bool(mine))
    if stands in {"missing", "under", "over"}:
        differences.insert(0, Difference(_KINDS[stands], invoiced - payable))
    differences += _paid(payable, invoiced, paid_minor, asked=bool(clauses))
    return Match(
        statement.id,
        statement.party,
        agreement.currency,
        clauses,
        payable,
        invoiced,
        paid_minor,
        mine,
        tuple(one.invoice.number for one in counted),
        stands,
        tuple(differences),
    )


_KINDS: dict[Standing, DifferenceKind] = {"missing": "missing", "under": "under", "over": "over"}


def _standing(payable: int, invoiced: int, *, asked: bool) -> Standing:
    if not asked:
        return "nothing_due" if not payable else "not_asked"
    if invoiced == payable:
        return "matched" if payable else "nothing_due"
    if invoiced > payable:
        return "over"
    return "under" if invoiced > 0 else "missing"


def _misfit(
    agreement: Agreement, clauses: Sequence[Clause], one: StoredInvoice
) -> Literal["wrong_buyer", "wrong_tax_id", "tax_rate"] | None:
    """Say why an invoice is none that the document asks for; None where it is, or none is asked for."""
    invoice = one.invoice
    ids = {agreement.party_id(key): party.tax_id for key, party in agreement.parties.items()}
    toward = [clause for clause in clauses if _party_id(agreement, clause.toward) == invoice.buyer]
    if clauses and not toward:
        return "wrong_buyer"
    for party, told in ((invoice.seller, invoice.seller_tax_id), (invoice.buyer, invoice.buyer_tax_id)):
        named = ids.get(party)
        if named is not None and told is not None and named != told:
            return "wrong_tax_id"
    rate = read_rate(invoice.rate)
    rates = [clause.invoicing.exact_rate for clause in toward if clause.invoicing is not None]
    return "tax_rate" if rates and rate not in rates else None


def _party_id(agreement: Agreement, key: str | None) -> str | None:
    return agreement.party_id(key) if key in agreement.parties and key is not None else None


def _paid(payable: int, invoiced: int, paid: int | None, *, asked: bool) -> list[Difference]:
    """Return how payments differ from what the statement pays, and from what is invoiced."""
    if paid is None:
        return []
    found: list[Difference] = []
    if paid < payable:
        found.append(Difference("paid_under" if paid else "unpaid", paid - payable))
    elif paid > payable:
        found.append(Difference("paid_over", paid - payable))
    if asked and paid > invoiced:
        found.append(Difference("paid_without_invoice", paid - invoiced))
    return found
