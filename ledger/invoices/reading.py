"""Invoices that the log holds, oldest first: what each says, who recorded it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ledger.database import Session, reading
from ledger.invoices.invoice import Invoice, invoice_of
from ledger.invoices.numbers import number_digest
from ledger.log import Log
from ledger.reading import Entry, content_of, find_entry, read_groups, read_told

SOURCE = "tallystick.invoices"
"""Source of every entry about invoices."""

RECORDED, WITHDRAWN = "invoice.recorded", "invoice.withdrawn"
INVOICE_GROUP, TAXPAYERS_GROUP = "invoice", "taxpayers"


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An invoice in the log: its entry, on whose word it is (`by`), and the entry that withdrew it, if any.

    `agreement` is an id; `readers` are the global ids of those who may see it.
    """

    invoice: Invoice
    seq: int
    agreement: str
    by: str
    recorded_us: int
    readers: tuple[str, ...]
    withdrawn: int | None = None

    def for_statement(self, statement: str) -> int:
        """Return how much of it is for a statement, in minor units."""
        return sum(one.amount_minor for one in self.invoice.allocations if one.statement == statement)


def recorded_id(number: str, place: int) -> str:
    """Return the id of the entry of a number, recorded for the `place`-th time, from 1."""
    return f"{number_digest(number)}/{place}"


def withdrawn_id(number: str, place: int) -> str:
    """Return the id of the entry that withdraws what was recorded there."""
    return f"{recorded_id(number, place)}/withdrawn"


def invoices_of(log: Log, agreement: str | None = None) -> list[StoredInvoice]:
    """Return the invoices of an agreement (by id), or all, withdrawn ones too, in the order of the log."""
    with reading(log.engine) as session:
        return invoices_within(session, agreement)


def invoices_within(
    session: Session, agreement: str | None = None, end: int | None = None
) -> list[StoredInvoice]:
    """Return invoices as a transaction sees them, as far as entries before seq `end` tell."""
    found: dict[str, StoredInvoice] = {}
    for entry, opened in read_told(session, [RECORDED, WITHDRAWN], INVOICE_GROUP, agreement):
        if end is not None and entry.seq >= end:
            break
        if entry.kind == WITHDRAWN:
            name = entry.id.removesuffix("/withdrawn")
            found[name] = replace(found[name], withdrawn=entry.seq)
        else:
            found[entry.id] = _stored(session, entry, content_of(opened))
    return list(found.values())


def standing(found: Iterable[StoredInvoice]) -> Iterator[StoredInvoice]:
    """Yield the invoices that nobody withdrew."""
    return (one for one in found if one.withdrawn is None)


def find_invoice(session: Session, number: str) -> tuple[StoredInvoice | None, int]:
    """Return a number's standing invoice in a transaction, and the place that it has or would have."""
    place = 1
    while entry := find_entry(session, SOURCE, recorded_id(number, place)):
        if find_entry(session, SOURCE, withdrawn_id(number, place)) is None:
            return _stored(session, entry, _said(session, entry)), place
        place += 1
    return None, place


def _said(session: Session, entry: Entry) -> dict[str, Any]:
    return next(one.content for one in read_groups(session, entry.seq, None) if one.name == INVOICE_GROUP)


def _stored(session: Session, entry: Entry, content: dict[str, Any]) -> StoredInvoice:
    groups = {one.name: one for one in read_groups(session, entry.seq, None)}
    taxpayers = groups[TAXPAYERS_GROUP]
    return StoredInvoice(
        invoice_of(content, taxpayers.content if taxpayers.opened is not None else None),
        entry.seq,
        (entry.agreement or "").partition("@")[0],
        entry.asserter,
        entry.recorded_us,
        groups[INVOICE_GROUP].readers,
    )
