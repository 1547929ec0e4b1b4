"""The error tree of credit.

LedgerError
└─ CreditError                  refused by credit
   ├─ CreditRefused             points, or a step about them, that cannot be as asked
   └─ CreditUnknown             no such points, or none that this reader may see
"""

from __future__ import annotations

from ledger.errors import LedgerError


class CreditError(LedgerError):
    """Refused by credit."""

    code = "credit"


class CreditRefused(CreditError):
    """Points, or a step about them, that cannot be as asked; nothing was written."""

    code = "credit.refused"


class CreditUnknown(CreditError):
    """No such points, or none that this reader may see; the two are not told apart."""

    code = "credit.unknown"
