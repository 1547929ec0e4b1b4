"""What cases refuse.

LedgerError
├─ DisputeUnknown   no dispute of that id is filed
└─ DisputeState     a step that the process does not allow now
"""

from __future__ import annotations

from ledger.errors import LedgerError


class DisputeUnknown(LedgerError):
    """No dispute of that id is filed."""

    code = "dispute.unknown"


class DisputeState(LedgerError):
    """A step that the process does not allow now: too early, too late, by the other side, or done already."""

    code = "dispute.state"
