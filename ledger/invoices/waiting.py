"""Whether the payment of a statement waits for an invoice, and why, by what the document says.

For who pays statements: nothing is paid of one that waits. Only the document makes a payment wait; where no
clause of it says `payment_waits_for: invoice` for the party, none does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.invoices.matching import Difference, Match, match_statement
from ledger.invoices.reading import StoredInvoice, invoices_of
from ledger.log import Log
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.money import from_minor

INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a payment waits: the clauses that say so, how much is not invoiced, and the differences behind it.

    `words` say it in both languages; they give no content of any invoice.
    """

    statement: str
    agreement: str
    clauses: tuple[str, ...]
    lacking_minor: int
    currency: str
    differences: tuple[Difference, ...]
    words: Mapping[str, str]


def payment_waits(log: Log, agreement: Agreement, statement: Statement) -> Waits | None:
    """Return why the payment of a statement waits for an invoice, None where it does not.

    `agreement` is the version that the statement was issued under.
    """
    found = match_statement(agreement, statement, invoices_of(log, agreement.id), None)
    clauses = _asking(found)
    if not clauses or not found.lacking_minor:
        return None
    lacking = from_minor(found.lacking_minor, found.currency)
    payable = from_minor(found.payable_minor, found.currency)
    named = "、".join(clauses), ", ".join(clauses)
    words = {
        "zh": f"{agreement.ref} 第 {named[0]} 条约定先票后款：应付 {payable} {found.currency} 中"
        f"尚有 {lacking} 未收到合规发票",
        "en": f"clause {named[1]} of {agreement.ref} has payment wait for the invoice: of {payable}"
        f" {found.currency} payable, {lacking} are not invoiced as it asks",
    }
    return Waits(
        statement.id, agreement.ref, clauses, found.lacking_minor, found.currency, found.differences, words
    )


def waits_for_invoice(
    agreement: Agreement, content: Mapping[str, Any], found: Iterable[StoredInvoice]
) -> bool:
    """Tell whether a statement, by its content, waits for one of some invoices; see payment_waits."""
    statement = Statement(content["statement"], 0, "", content["agreement"], content["party"], dict(content))
    match = match_statement(agreement, statement, found, None)
    return bool(_asking(match) and match.lacking_minor)


def _asking(found: Match) -> tuple[str, ...]:
    """Return the clauses that have the payment wait."""
    return tuple(
        one.id for one in found.clauses if one.invoicing and one.invoicing.payment_waits_for == INVOICE
    )
