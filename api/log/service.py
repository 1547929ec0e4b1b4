"""What the log pages ask of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from api.access import Viewer
from api.log.schemas import LogPage, ProofShown

ENTRIES_PER_PAGE = 40


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show: a kind, an agreement, entries before a sequence number; None leaves it open."""

    kind: str | None = None
    agreement: str | None = None
    before: int | None = None


class LogService(Protocol):
    """Shows entries that concern the viewer's parties; groups not theirs are withheld."""

    def entries(self, viewer: Viewer, wanted: LogFilter, limit: int) -> LogPage:
        """Return at most `limit` entries, newest first."""
        ...

    def proof(self, viewer: Viewer, seq: int) -> ProofShown:
        """Return the proof of an entry against the latest checkpoint. Raises AccessDenied."""
        ...
