"""The error tree of invoices.

LedgerError
└─ InvoiceError                 refused of an invoice
   ├─ InvoiceRefused            what is no invoice, does not sum, or does not go with its statement
   ├─ InvoiceTaken              a number that is recorded already
   └─ InvoiceUnknown            no such invoice, or none that this party may see
"""

from __future__ import annotations

from ledger.errors import LedgerError


class InvoiceError(LedgerError):
    """Refused of an invoice."""

    code = "invoice"


class InvoiceRefused(InvoiceError):
    """What is no invoice, does not sum, or does not go with its statement; nothing was recorded."""

    code = "invoice.refused"


class InvoiceTaken(InvoiceError):
    """The number is recorded already: an invoice is recorded once, whoever does it."""

    code = "invoice.taken"


class InvoiceUnknown(InvoiceError):
    """No such invoice, or none that this party may see; the two are not told apart."""

    code = "invoice.unknown"
