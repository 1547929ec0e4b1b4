"""Why nothing can be evaluated."""

from __future__ import annotations

from ledger.errors import LedgerError


class EvaluationUnready(LedgerError):
    """Nothing can be held against each other: no version took over, or no day lies on one of the sides."""

    code = "evaluation.not-ready"
