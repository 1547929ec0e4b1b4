"""Invoices to record in tests: an agreement whose streamer invoices the agency, and its invoices."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from ledger.invoices.invoice import Allocation, Invoice
from ledger.invoices.reading import StoredInvoice
from ledger.invoices.recording import record_invoice
from ledger.statements.acts import Act
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from tests.settlement_world import World, instant, plain, receipt, sale

STREAMER_TAX, MCN_TAX = "91310115MA1H70PM3M", "91330108MA2B1Y9B31"
NUMBER, OTHER = "26312000000012345678", "26312000000012345686"
CLAUSE = """  - {id: "30.1", kind: invoice, holder: streamer, toward: mcn, days: 15, payment_waits_for: WAITS}
"""


@lru_cache(maxsize=4)
def invoiced(waits: str = "invoice") -> Agreement:
    """Return the plain split in which the streamer invoices the agency."""
    tail = "    window_days: 30\n    refundable: paid\n"
    facts = "  payment_on: {type: date, of: case, text: {zh: 付款日, en: day of payment}}\n"
    facts += "  invoice_valid: {type: bool, of: case, text: {zh: 已开票, en: a valid invoice was given}}\n"
    facts += "  invoiceable: {type: money, of: case, text: {zh: 应开票, en: to be invoiced}}\n"
    return plain(
        was1=tail, now1=tail + CLAUSE.replace("WAITS", waits), was2="clauses:\n", now2=facts + "clauses:\n",
        was3="{id: mcn, ", now3=f"{{id: mcn, tax_id: {MCN_TAX}, ",
    )  # fmt: skip


def settled(world: World, waits: str = "invoice") -> Statement:
    """Settle two orders under that agreement and return the streamer's statement: 252.00 payable."""
    world.agreements = [invoiced(waits)]
    for order in ("A", "B"):
        world.tell(
            sale(world.agreement, order, paid="1000.00"), receipt(world.agreement, order, "2026-03-02")
        )
    world.settle("2026-03-18")
    return world.statement("streamer")


def invoice(statement: Statement, total: int = 25_200, **changes: Any) -> Invoice:
    """Return an invoice of the streamer to the agency at 6% for a statement."""
    net = (total * 200 + 106) // 212
    made = {
        "number": NUMBER,
        "type": "special",
        "seller": "streamer",
        "buyer": "mcn",
        "seller_tax_id": STREAMER_TAX,
        "buyer_tax_id": MCN_TAX,
        "issued_on": date(2026, 4, 2),
        "currency": "CNY",
        "net_minor": net,
        "rate": "6%",
        "tax_minor": total - net,
        "total_minor": total,
        "allocations": (Allocation(statement.id, total),),
        "sha256": "ab" * 32,
    }
    return Invoice(**{**made, **changes})


def record(
    world: World, statement: Statement, made: Invoice, by: str = "streamer", at: str = "2026-04-10"
) -> StoredInvoice:
    """Record an invoice."""
    return record_invoice(world.log, world.agreement, {statement.id: statement}, made, Act(instant(at), by))
