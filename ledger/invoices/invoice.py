"""An invoice as somebody records it, and what of it cannot be, such as parts that do not sum.

What it goes with, a statement and other invoices, is asked where it is recorded (recording.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from ledger.invoices.errors import InvoiceRefused
from ledger.invoices.numbers import invoice_number, tax_id
from policies.errors import MoneyError
from policies.money import minor_digits, read_rate

InvoiceType = Literal["special", "ordinary"]
"""A special VAT invoice (专用发票), by which the buyer deducts the tax, or an ordinary one (普通发票)."""

TYPES: tuple[InvoiceType, ...] = ("special", "ordinary")
RATE_MAX = 1
TAX_TOLERANCE = 1
"""Major units by which the tax may differ from the rate of the amount: each row of an invoice is rounded."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONFIRMATION = re.compile(r"[0-9A-Za-z-]{6,40}")


@dataclass(frozen=True, slots=True)
class RedLetter:
    """What a red-letter invoice offsets: the blue one's number, and the number of the confirmation form."""

    offsets: str
    confirmation: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """How much of an invoice, tax included, is for which statement, in minor units."""

    statement: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice: parties are global ids, amounts minor units, those of a red-letter one below zero.

    `allocations` sum to the total. `sha256` is the digest of the invoice's file, in hex.
    """

    number: str
    type: InvoiceType
    seller: str
    buyer: str
    seller_tax_id: str | None
    buyer_tax_id: str | None
    issued_on: date
    currency: str
    net_minor: int
    rate: str
    tax_minor: int
    total_minor: int
    allocations: tuple[Allocation, ...]
    sha256: str
    red_letter: RedLetter | None = None

    def content(self) -> dict[str, Any]:
        """Return what its group says, without the taxpayers' numbers."""
        red = self.red_letter
        return {
            "number": self.number,
            "type": self.type,
            "seller": self.seller,
            "buyer": self.buyer,
            "issued_on": self.issued_on.isoformat(),
            "currency": self.currency,
            "net_minor": self.net_minor,
            "rate": self.rate,
            "tax_minor": self.tax_minor,
            "total_minor": self.total_minor,
            "statements": [
                {"statement": one.statement, "amount_minor": one.amount_minor} for one in self.allocations
            ],
            "sha256": self.sha256,
            **({"offsets": red.offsets, "confirmation": red.confirmation} if red else {}),
        }

    def taxpayers(self) -> dict[str, Any]:
        """Return the group of the taxpayers' numbers, which may be a person's and can be erased alone."""
        return {"seller_tax_id": self.seller_tax_id, "buyer_tax_id": self.buyer_tax_id}


def invoice_of(content: dict[str, Any], taxpayers: dict[str, Any] | None) -> Invoice:
    """Return an invoice as its groups say; the taxpayers' numbers are None where they were erased."""
    red = RedLetter(content["offsets"], content["confirmation"]) if "offsets" in content else None
    return Invoice(
        number=content["number"],
        type=content["type"],
        seller=content["seller"],
        buyer=content["buyer"],
        seller_tax_id=taxpayers["seller_tax_id"] if taxpayers else None,
        buyer_tax_id=taxpayers["buyer_tax_id"] if taxpayers else None,
        issued_on=date.fromisoformat(content["issued_on"]),
        currency=content["currency"],
        net_minor=content["net_minor"],
        rate=content["rate"],
        tax_minor=content["tax_minor"],
        total_minor=content["total_minor"],
        allocations=tuple(Allocation(one["statement"], one["amount_minor"]) for one in content["statements"]),
        sha256=content["sha256"],
        red_letter=red,
    )


def sound(invoice: Invoice, today: date) -> Invoice:
    """Return an invoice with its numbers as they are kept. Raises InvoiceRefused for what no invoice says."""
    number = invoice_number(invoice.number, invoice.issued_on)
    if invoice.type not in TYPES:
        raise InvoiceRefused(f"'{invoice.type:.20}' is neither {' nor '.join(TYPES)}", where=number)
    if invoice.issued_on > today:
        raise InvoiceRefused(f"it is dated {invoice.issued_on}, which has not come", where=number)
    if invoice.seller == invoice.buyer:
        raise InvoiceRefused("seller and buyer are one party", where=number)
    if not _SHA256.fullmatch(invoice.sha256):
        raise InvoiceRefused("sha256 of its file is 64 hexadecimal digits", where=number)
    _require_sums(invoice, number)
    _require_red(invoice, number)
    taxpayers = tuple(
        tax_id(text, f"{number} {who}") if text is not None else None
        for who, text in (("seller", invoice.seller_tax_id), ("buyer", invoice.buyer_tax_id))
    )
    red = invoice.red_letter
    if red is not None:
        red = RedLetter("".join(red.offsets.split()), red.confirmation)
    return _with(invoice, number, taxpayers, red)


def _with(invoice: Invoice, number: str, taxpayers: tuple[str | None, ...], red: RedLetter | None) -> Invoice:
    seller, buyer = taxpayers
    if seller is None or buyer is None:
        raise InvoiceRefused("it names the taxpayer's number of its seller and of its buyer", where=number)
    content = invoice.content() | {"number": number}
    if red is not None:
        content |= {"offsets": red.offsets}
    return invoice_of(content, {"seller_tax_id": seller, "buyer_tax_id": buyer})


def _require_sums(invoice: Invoice, number: str) -> None:
    net, tax, total = invoice.net_minor, invoice.tax_minor, invoice.total_minor
    if net + tax != total:
        raise InvoiceRefused(f"{net} without tax and {tax} tax are {net + tax}, not {total}", where=number)
    try:
        rate = read_rate(invoice.rate)
    except MoneyError as fault:
        raise InvoiceRefused(fault.message, where=number) from None
    if not 0 <= rate < RATE_MAX:
        raise InvoiceRefused(f"{invoice.rate} is no rate of tax", where=number)
    if abs(tax - rate * net) > TAX_TOLERANCE * 10 ** minor_digits(invoice.currency):
        raise InvoiceRefused(f"{tax} is not the tax of {invoice.rate} on {net}", where=number)
    given = sum(one.amount_minor for one in invoice.allocations)
    if given != total:
        raise InvoiceRefused(
            f"its parts for statements come to {given}, and the invoice to {total}", where=number
        )
    names = [one.statement for one in invoice.allocations]
    if len(set(names)) != len(names):
        raise InvoiceRefused("it names a statement twice", where=number)


def _require_red(invoice: Invoice, number: str) -> None:
    red = invoice.red_letter
    amounts: Sequence[int] = (
        invoice.net_minor,
        invoice.total_minor,
        *(one.amount_minor for one in invoice.allocations),
    )
    if red is None:
        if invoice.total_minor <= 0 or any(one < 0 for one in (*amounts, invoice.tax_minor)):
            raise InvoiceRefused(
                "only a red-letter invoice has amounts that are not above zero", where=number
            )
        return
    if invoice.total_minor >= 0 or any(one > 0 for one in (*amounts, invoice.tax_minor)):
        raise InvoiceRefused("a red-letter invoice has amounts below zero", where=number)
    if not _CONFIRMATION.fullmatch(red.confirmation):
        raise InvoiceRefused(
            "a red-letter invoice names its confirmation form: 6 to 40 letters and digits", where=number
        )
