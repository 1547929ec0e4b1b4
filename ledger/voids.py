"""Voided batches: an import that two people took back, and from which entry on its events count no more.

Nothing is removed: the events stay in the log, and what is computed from it up to a place before the void
still counts them. Who may void, and what it posts, is in intake/voiding.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.database import Session
from ledger.reading import content_of, read_told

VOIDED_KIND = "batch.voided"
GROUP = "void"


@dataclass(frozen=True, slots=True, order=True)
class VoidedRange:
    """Entries with first <= seq < stop that count no more from entry `by_seq` on."""

    first: int
    stop: int
    by_seq: int


@dataclass(frozen=True)
class Voids:
    """All voided ranges of an agreement, which never overlap, in order."""

    ranges: Sequence[VoidedRange] = ()

    def __bool__(self) -> bool:
        """Tell whether anything was voided."""
        return bool(self.ranges)

    def voided_by(self, seq: int) -> int | None:
        """Return the entry that voided an entry, None where it counts."""
        place = bisect_right(self.ranges, VoidedRange(seq, 1 << 62, 1 << 62)) - 1
        if place < 0 or seq >= self.ranges[place].stop:
            return None
        return self.ranges[place].by_seq

    def before(self, end: int) -> Voids:
        """Return what was voided for who reads the log before seq `end`."""
        return Voids(tuple(one for one in self.ranges if one.by_seq < end))

    def counts(self, seq: int, end: int) -> bool:
        """Tell whether an entry is there and not voided, for who reads the log before seq `end`."""
        by_seq = self.voided_by(seq)
        return seq < end and (by_seq is None or by_seq >= end)


def read_voids(session: Session, agreement: str) -> Voids:
    """Return what was voided under an agreement, an id with no version."""
    found: list[VoidedRange] = []
    for entry, opened in read_told(session, (VOIDED_KIND,), GROUP, agreement):
        found += [VoidedRange(first, stop, entry.seq) for first, stop in content_of(opened)["ranges"]]
    return Voids(tuple(sorted(found)))
