"""The error tree of measures and scores.

LedgerError
├─ ReportUnknown                no such report is declared
└─ ScoreRefused                 a score that cannot be worked out or recorded as asked
"""

from __future__ import annotations

from ledger.errors import LedgerError


class ReportUnknown(LedgerError):
    """No such report is declared."""

    code = "report.unknown"


class ScoreRefused(LedgerError):
    """A score that cannot be worked out or recorded as asked; the message says what is missing."""

    code = "score.refused"
