"""Invoices as they are shown and asked for, and how the invoices of a statement stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, PartyName, Text

InvoiceState = Literal["recorded", "red_lettered", "withdrawn"]
"""Whether an invoice stands, was taken back in full by red-letter invoices, or was recorded wrong."""


@dataclass(frozen=True, slots=True)
class InvoicePart:
    """How much of an invoice, tax included, is for which statement."""

    statement: str
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoiceShown:
    """One invoice. `left` is what red-letter invoices leave of its total.

    `offsets` and `confirmation` are there for a red-letter one. The taxpayers' numbers are None where they
    were erased.
    """

    number: str
    type: str
    agreement: str
    seller: PartyName
    buyer: PartyName
    seller_tax_id: str | None
    buyer_tax_id: str | None
    issued_on: str
    net: Money
    rate: str
    tax: Money
    total: Money
    left: Money
    statements: tuple[InvoicePart, ...]
    offsets: str | None
    confirmation: str | None
    sha256: str
    state: InvoiceState
    recorded_by: PartyName
    recorded_at: str
    entry_seq: int
    withdrawn_seq: int | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """Some invoices, in order of recording; `next_after` is the cursor of the next page, None at the end."""

    invoices: tuple[InvoiceShown, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """One difference between invoices, statement and payments; `amount` is how much it comes to."""

    kind: str
    words: Text
    amount: Money
    invoice: str | None


@dataclass(frozen=True, slots=True)
class MatchShown:
    """How the invoices of a statement stand: what it pays, what of it is invoiced and what was paid.

    `clauses` ask for invoices; `waits` says why its payment waits for one, None where it does not. `paid` is
    None where nothing is known of payments.
    """

    statement: str
    agreement: str
    party: PartyName
    clauses: tuple[str, ...]
    standing: str
    payable: Money
    invoiced: Money
    lacking: Money
    paid: Money | None
    waits: Text | None
    differences: tuple[DifferenceShown, ...]
    invoices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalRequest:
    """Why an invoice was recorded wrong, and the party that says so."""

    party: str
    reason: str
