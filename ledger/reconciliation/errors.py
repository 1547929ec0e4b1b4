"""The error tree of reconciliation.

LedgerError
└─ ReconciliationError          refused by reconciliation
   ├─ ReconciliationRefused     it cannot be made or recorded as asked: its file, its rules, its period
   ├─ RowsRejected              some rows of the file cannot be read, so its total is not known
   ├─ ReconciliationUnknown     no such reconciliation or match, or none that this reader may see
   ├─ MatchRefused              rows that cannot be matched by hand, or a match that cannot be withdrawn
   └─ ReconciliationDiffers     recomputed, it is not what was recorded
"""

from __future__ import annotations

from ledger.errors import LedgerError


class ReconciliationError(LedgerError):
    """Refused by reconciliation."""

    code = "reconciliation"


class ReconciliationRefused(ReconciliationError):
    """It cannot be made or recorded as asked; the message says what to change. Nothing was written."""

    code = "reconciliation.refused"


class RowsRejected(ReconciliationError):
    """Some rows of the file cannot be read, so that its total is not known. Nothing was written."""

    code = "reconciliation.rows-rejected"


class ReconciliationUnknown(ReconciliationError):
    """No such reconciliation or match, or none that this reader may see; the two are not told apart."""

    code = "reconciliation.unknown"


class MatchRefused(ReconciliationError):
    """Rows that cannot be matched by hand as asked, or a match that cannot be withdrawn."""

    code = "match.refused"


class ReconciliationDiffers(ReconciliationError):
    """Recomputed from the same files, rules and log, it is not what was recorded."""

    code = "reconciliation.differs"
