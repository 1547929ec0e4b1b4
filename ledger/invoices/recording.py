"""Recording an invoice and withdrawing one that was recorded wrong, each in one transaction.

invoice.recorded    what the invoice says, and a group of its own with the taxpayers' numbers
invoice.withdrawn   that it was recorded wrong, and why; then its number may be recorded again

A number is recorded once, whoever does it: two parties that record the same invoice would count it twice.
Seller and buyer read it, and nobody else. Who may act for whom is asked before (api/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.invoices.errors import InvoiceRefused, InvoiceTaken, InvoiceUnknown
from ledger.invoices.invoice import Invoice, sound
from ledger.invoices.reading import (
    INVOICE_GROUP,
    RECORDED,
    SOURCE,
    TAXPAYERS_GROUP,
    WITHDRAWN,
    StoredInvoice,
    find_invoice,
    invoices_of,
    invoices_within,
    recorded_id,
    standing,
    withdrawn_id,
)
from ledger.log import Log
from ledger.statements.acts import Act
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.money import from_minor

REASON_MAX = 2_000


def record_invoice(
    log: Log,
    agreement: Agreement,
    statements: Mapping[str, Statement],
    invoice: Invoice,
    act: Act,
) -> StoredInvoice:
    """Record an invoice on the word of its seller or its buyer (a global id); the same again adds nothing.

    `statements` are those that it names, by id, as far as there are any. Raises InvoiceRefused, InvoiceTaken.
    """
    by = act.by
    made = sound(invoice, act.at.astimezone(agreement.zone).date())
    if by not in {made.seller, made.buyer}:
        raise InvoiceRefused("it is recorded by its seller or its buyer", where=made.number)
    _require_fits(made, agreement, statements)
    with reading(log.engine) as session:
        known, place = find_invoice(session, made.number)
    if known is not None:
        if known.invoice == made:
            return known
        raise _taken(known, by)

    def require(session: Session) -> None:
        now, now_place = find_invoice(session, made.number)
        if now is not None or now_place != place:
            raise InvoiceTaken("this number was recorded at the same time", where=made.number)
        _require_offsets(session, agreement.id, made)

    report = log.append([_entry(agreement, made, place, act)], require=require)
    seqs = (*report.accepted, *report.repeated)
    return next(one for one in invoices_of(log, agreement.id) if one.seq == seqs[0])


def withdraw_invoice(log: Log, agreement: Agreement, number: str, reason: str, act: Act) -> StoredInvoice:
    """Withdraw an invoice that was recorded wrong, on the word of who recorded it, with a reason.

    Withdrawn ones stay to be read. Raises InvoiceUnknown, and InvoiceRefused while a red-letter invoice
    offsets it, for no reason, or on the word of another.
    """
    words = " ".join(reason.split())
    if not words or len(words) > REASON_MAX:
        raise InvoiceRefused(f"give a reason of at most {REASON_MAX} letters", where=number[:40])
    by = act.by
    with reading(log.engine) as session:
        known, place = find_invoice(session, "".join(number.split()))
    if known is None or by not in known.readers:
        raise InvoiceUnknown("there is no such invoice among what you may see", where=number[:40])
    if known.by != by:
        raise InvoiceRefused(f"{known.by} recorded it, and alone withdraws it", where=known.invoice.number)

    def require(session: Session) -> None:
        now, now_place = find_invoice(session, known.invoice.number)
        if now is None or now_place != place:
            raise InvoiceUnknown("it was withdrawn at the same time", where=known.invoice.number)
        _require_not_offset(session, known)

    entry = NewEntry(
        source=SOURCE,
        id=withdrawn_id(known.invoice.number, place),
        kind=WITHDRAWN,
        occurred_at=act.at,
        asserter=by,
        agreement=agreement.ref,
        concerns=known.readers,
        groups=(
            Group(
                INVOICE_GROUP,
                known.readers,
                {"number": known.invoice.number, "recorded_seq": known.seq, "reason": words},
            ),
        ),
    )
    log.append([entry], require=require)
    return next(one for one in invoices_of(log, known.agreement) if one.seq == known.seq)


def _require_fits(invoice: Invoice, agreement: Agreement, statements: Mapping[str, Statement]) -> None:
    """Refuse parties who are in no document, a currency that is not its own, statements not the seller's."""
    ids = {agreement.party_id(key) for key in agreement.parties}
    for who in (invoice.seller, invoice.buyer):
        if who not in ids:
            raise InvoiceRefused(f"'{who[:40]}' is no party to {agreement.ref}", where=invoice.number)
    if invoice.currency != agreement.currency:
        raise InvoiceRefused(f"{agreement.ref} is in {agreement.currency}", where=invoice.number)
    for one in invoice.allocations:
        known = statements.get(one.statement)
        if known is None or known.party != invoice.seller or known.agreement != agreement.id:
            raise InvoiceRefused(
                f"{one.statement[:80]} is no statement of the seller under {agreement.id}",
                where=invoice.number,
            )


def _taken(known: StoredInvoice, by: str) -> InvoiceTaken:
    """Return the refusal of a number that stands, with who recorded it only for those who may see it."""
    where = known.invoice.number
    if by not in known.readers:
        return InvoiceTaken("this number is recorded already, by others", where=where)
    return InvoiceTaken(
        f"this number is recorded already, by {known.by} in entry {known.seq}, and says otherwise;"
        " if that is wrong, it withdraws it",
        where=where,
    )


def _require_offsets(session: Session, agreement: str, invoice: Invoice) -> None:
    """Refuse a red-letter invoice without the blue one that it offsets, or of more than is left of it.

    Asked while no other writer can come between. Raises InvoiceRefused, InvoiceUnknown.
    """
    red = invoice.red_letter
    if red is None:
        return
    blue, _ = find_invoice(session, red.offsets)
    if blue is None or invoice.seller not in blue.readers or invoice.buyer not in blue.readers:
        raise InvoiceUnknown("the invoice that it offsets is not recorded", where=red.offsets[:40])
    first = blue.invoice
    same = (first.seller, first.buyer, first.type, first.rate, first.currency)
    if first.red_letter is not None or blue.agreement != agreement:
        raise InvoiceRefused("what it offsets is no blue invoice of this agreement", where=invoice.number)
    if same != (invoice.seller, invoice.buyer, invoice.type, invoice.rate, invoice.currency):
        raise InvoiceRefused(
            "it has not the seller, buyer, type and rate of the invoice that it offsets", where=invoice.number
        )
    left = _left_of(session, blue)
    for name in ("net_minor", "tax_minor", "total_minor"):
        if -getattr(invoice, name) > left[name]:
            amount = from_minor(left[name], invoice.currency)
            raise InvoiceRefused(
                f"{amount} is left of the {name.removesuffix('_minor')} of the invoice that it offsets",
                where=invoice.number,
            )
    for part in invoice.allocations:
        if -part.amount_minor > left.get(part.statement, 0):
            raise InvoiceRefused(
                f"less is left of that invoice for statement {part.statement}", where=invoice.number
            )


def offsets_of(found: Iterable[StoredInvoice], number: str) -> list[StoredInvoice]:
    """Return the standing red-letter invoices that offset a blue one."""
    return [
        one
        for one in standing(found)
        if one.invoice.red_letter is not None and one.invoice.red_letter.offsets == number
    ]


def _left_of(session: Session, blue: StoredInvoice) -> dict[str, int]:
    """Return what red-letter invoices leave of a blue one: of its amounts, and for each statement."""
    parts = [blue, *offsets_of(invoices_within(session, blue.agreement), blue.invoice.number)]
    left = {
        name: sum(getattr(one.invoice, name) for one in parts)
        for name in ("net_minor", "tax_minor", "total_minor")
    }
    for part in blue.invoice.allocations:
        left[part.statement] = sum(one.for_statement(part.statement) for one in parts)
    return left


def _require_not_offset(session: Session, known: StoredInvoice) -> None:
    reds = offsets_of(invoices_within(session, known.agreement), known.invoice.number)
    if reds:
        raise InvoiceRefused(
            f"red-letter invoice {reds[0].invoice.number} offsets it; withdraw that one first",
            where=known.invoice.number,
        )


def _entry(agreement: Agreement, invoice: Invoice, place: int, act: Act) -> NewEntry:
    readers = tuple(sorted({invoice.seller, invoice.buyer}))
    return NewEntry(
        source=SOURCE,
        id=recorded_id(invoice.number, place),
        kind=RECORDED,
        occurred_at=act.at,
        asserter=act.by,
        agreement=agreement.ref,
        concerns=readers,
        groups=(
            Group(INVOICE_GROUP, readers, invoice.content()),
            Group(TAXPAYERS_GROUP, readers, invoice.taxpayers()),
        ),
    )
