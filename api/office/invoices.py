"""Invoices of the agreements the office keeps: as people give them, recorded, matched, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.papers import agreement_of
from ledger.database import reading
from ledger.invoices.errors import InvoiceRefused, InvoiceUnknown
from ledger.invoices.invoice import TYPES, Allocation, Invoice, InvoiceType, RedLetter
from ledger.invoices.matching import Match, match_statement
from ledger.invoices.reading import StoredInvoice, find_invoice, invoices_of
from ledger.invoices.recording import record_invoice, withdraw_invoice
from ledger.invoices.waiting import Waits, payment_waits
from ledger.payouts.reading import batches_within
from ledger.payouts.terms import payout_terms
from ledger.settlement.errors import StatementUnknown
from ledger.statements.acts import Act
from ledger.statements.reading import Statement, list_statements, read_statement
from policies.agreement import Agreement
from policies.errors import did_you_mean
from policies.money import to_minor


@dataclass(frozen=True, slots=True)
class PartAsked:
    """A statement that an invoice is for, with its part of the total; without it, all of the total."""

    statement: str
    amount: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAsked:
    """An invoice to record on the word of `party`, its seller or its buyer: parties by key or global id.

    Amounts are decimal text. It is for one `statement`, or for `statements` with their parts. `seller` is the
    party of the statements where it is absent. `sha256` is the digest of the invoice's file. A red-letter
    invoice has amounts below zero and names what it `offsets` and the number of its `confirmation` form; it
    may leave out the statements, and then takes back those of the invoice that it offsets.
    """

    party: str
    number: str
    type: str
    buyer: str
    seller_tax_id: str
    buyer_tax_id: str
    issued_on: str
    net: str
    rate: str
    tax: str
    total: str
    sha256: str
    statement: str | None = None
    statements: tuple[PartAsked, ...] = ()
    seller: str | None = None
    offsets: str | None = None
    confirmation: str | None = None

    @property
    def parts(self) -> tuple[PartAsked, ...]:
        """What it is for, as given in either way."""
        return (*((PartAsked(self.statement),) if self.statement else ()), *self.statements)


def record(office: Office, asked: InvoiceAsked, within: frozenset[str] | None = None) -> StoredInvoice:
    """Record an invoice; the same again adds nothing.

    `within` are the parties (global ids) for which the one who asks may act, None for all: what concerns none
    of them is not there for them. Raises InvoiceRefused, InvoiceTaken, InvoiceUnknown, MoneyError.
    """
    blue = _blue(office, asked)
    if blue is not None and within is not None and within.isdisjoint(blue.readers):
        blue = None
    names = [one.statement for one in asked.parts]
    if blue is not None and not names:
        names = [one.statement for one in blue.invoice.allocations]
    statements = {one.id: one for one in _known(office, names, within)}
    agreement = _agreement(office, asked, names, statements)
    seller = asked.seller or next((one.party for one in statements.values()), None)
    if seller is None:
        raise InvoiceRefused("name a statement of its seller", where=asked.number[:40])
    made = Invoice(
        number=asked.number,
        type=_type(asked),
        seller=party_id(agreement, seller),
        buyer=party_id(agreement, asked.buyer),
        seller_tax_id=asked.seller_tax_id,
        buyer_tax_id=asked.buyer_tax_id,
        issued_on=_day(asked),
        currency=agreement.currency,
        net_minor=to_minor(asked.net, agreement.currency),
        rate=asked.rate,
        tax_minor=to_minor(asked.tax, agreement.currency),
        total_minor=to_minor(asked.total, agreement.currency),
        allocations=_allocations(asked, agreement, blue),
        sha256=asked.sha256.lower(),
        red_letter=_red(asked),
    )
    by = party_id(agreement, asked.party)
    if within is not None and by not in within:
        raise InvoiceRefused("it is recorded by its seller or its buyer", where=made.number[:40])
    return record_invoice(office.log, agreement, statements, made, Act(office.clock(), by))


def withdraw(
    office: Office, number: str, party: str, reason: str, within: frozenset[str] | None = None
) -> StoredInvoice:
    """Withdraw an invoice that a party (key or id) recorded wrong; `within` as in `record`.

    Raises InvoiceUnknown, InvoiceRefused.
    """
    with reading(office.engine) as session:
        known, _ = find_invoice(session, "".join(number.split()))
    if known is None or (within is not None and within.isdisjoint(known.readers)):
        raise InvoiceUnknown("there is no such invoice among what you may see", where=number[:40])
    agreement = signed_versions(office, known.agreement)[-1].agreement
    by = party_id(agreement, party)
    if within is not None and by not in within:
        raise InvoiceRefused("it is withdrawn by who recorded it", where=known.invoice.number)
    return withdraw_invoice(office.log, agreement, number, reason, Act(office.clock(), by))


def matched(office: Office, statement: Statement) -> Match:
    """Return a statement's invoices against what it pays and what was paid."""
    agreement = agreement_of(office, statement)
    found = invoices_of(office.log, statement.agreement)
    return match_statement(agreement, statement, found, paid(office, agreement, statement))


def paid(office: Office, agreement: Agreement, statement: Statement) -> int | None:
    """Return what payments for a statement were confirmed, in minor units; None where none was ever prepared.

    Nobody pays the party that pays under the agreement.
    """
    payer = payout_terms(agreement).payer
    if payer is None or payer == statement.party:
        return None
    with reading(office.engine) as session:
        known = batches_within(session)
    batches = [
        batch
        for batch in known
        if batch.payer == payer or any(one.agreement_id == statement.agreement for one in batch.payments)
    ]
    if not batches:
        return None
    return sum(
        part.amount_minor
        for batch in batches
        for payment in batch.payments
        if payment.state == "confirmed"
        for part in payment.parts
        if part.statement == statement.id
    )


def waits(office: Office, statement: Statement) -> Waits | None:
    """Return why the payment of a statement waits for an invoice, None where it does not."""
    return payment_waits(office.log, agreement_of(office, statement), statement)


def lacking(office: Office, parties: frozenset[str] | None = None) -> Iterator[Match]:
    """Yield, newest first, the statements for which a document asks an invoice that is not there in full.

    Of some parties (global ids), or of all.
    """
    known: dict[str, list[StoredInvoice]] = {}
    for one in list_statements(office.log):
        if one.content["payable_minor"] and (parties is None or one.party in parties):
            found = known.setdefault(one.agreement, invoices_of(office.log, one.agreement))
            match = match_statement(agreement_of(office, one), one, found, None)
            if match.clauses and match.lacking_minor:
                yield match


def party_id(agreement: Agreement, party: str) -> str:
    """Return the global id of a party by its key or its id. Raises InvoiceRefused."""
    if party in agreement.parties:
        return agreement.party_id(party)
    if party in {agreement.party_id(key) for key in agreement.parties}:
        return party
    hint = did_you_mean(party, agreement.parties)
    raise InvoiceRefused(f"'{party[:40]}' is no party to {agreement.ref}{hint}", where="party")


def _blue(office: Office, asked: InvoiceAsked) -> StoredInvoice | None:
    if asked.offsets is None:
        return None
    with reading(office.engine) as session:
        return find_invoice(session, "".join(asked.offsets.split()))[0]


def _known(office: Office, names: list[str], within: frozenset[str] | None) -> Iterator[Statement]:
    """Yield the statements of some names that there are, under agreements of those who ask."""
    for name in names:
        try:
            found = read_statement(office.log, name)
        except StatementUnknown:
            continue
        agreement = agreement_of(office, found)
        ids = {agreement.party_id(key) for key in agreement.parties}
        if within is None or not within.isdisjoint(ids):
            yield found


def _agreement(
    office: Office,
    asked: InvoiceAsked,
    names: list[str],
    statements: dict[str, Statement],
) -> Agreement:
    """Return the version whose parties an invoice is between: that of its newest statement."""
    if statements:
        return agreement_of(office, max(statements.values(), key=lambda one: one.seq))
    if not names:
        what = "the invoice that it offsets is not recorded" if asked.offsets else "it names no statement"
        raise InvoiceRefused(what, where=asked.number[:40])
    raise InvoiceRefused(f"{names[0][:80]} is no statement of the seller", where=asked.number[:40])


def _allocations(
    asked: InvoiceAsked, agreement: Agreement, blue: StoredInvoice | None
) -> tuple[Allocation, ...]:
    total = to_minor(asked.total, agreement.currency)
    if asked.parts:
        return tuple(
            Allocation(
                one.statement, total if one.amount is None else to_minor(one.amount, agreement.currency)
            )
            for one in asked.parts
        )
    parts = blue.invoice.allocations if blue is not None else ()
    if len(parts) == 1:
        return (Allocation(parts[0].statement, total),)
    if blue is not None and total == -blue.invoice.total_minor:
        return tuple(Allocation(one.statement, -one.amount_minor) for one in parts)
    raise InvoiceRefused(
        "it offsets part of an invoice for several statements: say how much of each", where=asked.number[:40]
    )


def _type(asked: InvoiceAsked) -> InvoiceType:
    found = next((one for one in TYPES if one == asked.type), None)
    if found is None:
        names = " nor ".join(TYPES)
        raise InvoiceRefused(f"'{asked.type[:20]}' is neither {names}", where=asked.number[:40])
    return found


def _day(asked: InvoiceAsked) -> date:
    try:
        return date.fromisoformat(asked.issued_on)
    except ValueError:
        raise InvoiceRefused(
            f"'{asked.issued_on[:20]}' is no day such as 2026-04-02", where=asked.number[:40]
        ) from None


def _red(asked: InvoiceAsked) -> RedLetter | None:
    if asked.offsets is None and asked.confirmation is None:
        return None
    if asked.offsets is None or asked.confirmation is None:
        raise InvoiceRefused(
            "a red-letter invoice names both the invoice that it offsets and its confirmation form",
            where=asked.number[:40],
        )
    return RedLetter(asked.offsets, asked.confirmation.strip())
