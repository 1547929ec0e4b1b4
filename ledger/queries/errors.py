"""What a query of the ledger refuses.

TallystickError
└─ LedgerError
   ├─ QueryInvalid     a question that cannot be asked: an unknown word, a time that does not read
   └─ QueryTooWide     an answer of more rows or bytes than one answer holds
"""

from __future__ import annotations

from ledger.errors import LedgerError


class QueryInvalid(LedgerError):
    """A question that cannot be asked; `where` names its part."""

    code = "query.invalid"


class QueryTooWide(LedgerError):
    """An answer of more rows or bytes than one answer holds; ask for less at once."""

    code = "query.too-wide"
