"""Decisions as tests post them, without a case that runs its process first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ledger.log import Log
from ledger.settlement.decisions import decision_entry
from ledger.sorting import AppendReport
from policies.agreement import Agreement


def post_decision(
    log: Log,
    agreement: Agreement,
    *,
    case: str,
    decision: Mapping[str, Any],
    decided_at: datetime,
    asserter: str,
    parties: Sequence[str],
    clause: str,
) -> AppendReport:
    """Append a decision that stands, with its postings."""
    entry = decision_entry(
        agreement,
        case=case,
        decision=decision,
        decided_at=decided_at,
        asserter=asserter,
        parties=parties,
        clause=clause,
    )
    return log.append([entry])
