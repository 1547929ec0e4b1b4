"""What cases refuse.

LedgerError
├─ DisputeUnknown   no dispute of that id is filed
├─ DisputeState     a step that the process does not allow now
├─ SeatRefused      a seat, a challenge, a fee or costs that may not be
└─ QueryUnknown     no query of that id was saved for the case
"""

from __future__ import annotations

from ledger.errors import LedgerError


class DisputeUnknown(LedgerError):
    """No dispute of that id is filed."""

    code = "dispute.unknown"


class DisputeState(LedgerError):
    """A step that the process does not allow now: too early, too late, by the other side, or done already."""

    code = "dispute.state"


class SeatRefused(LedgerError):
    """Who may not sit, a challenge out of time, or a fee or costs that do not fit; `where` says whose."""

    code = "arbiter.refused"


class QueryUnknown(LedgerError):
    """No query of that id was saved for the case."""

    code = "query.unknown"
