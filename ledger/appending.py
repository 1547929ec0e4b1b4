"""Appending what may be said again: an entry that stands is compared as of the time it was said, and kept.

The log itself takes an entry with another time for a conflict. Whoever repeats an act does so later, so here
the time of the first counts. Not here: what may be said at all, which `require` asks within the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import structs

from ledger.database import Session
from ledger.entries import NewEntry
from ledger.reading import find_entry

if TYPE_CHECKING:
    from ledger.log import Log


def append_once(log: Log, entry: NewEntry, require: Callable[[Session], None] | None = None) -> int:
    """Append an entry; return its seq. The same again, whenever, adds nothing.

    `require` is asked within the transaction, unless the entry stands already, and raises what is not to be.
    Raises EntryConflict where another stands under the id.
    """
    return append_entries(log, [entry], require)[0]


def append_entries(
    log: Log, entries: Sequence[NewEntry], require: Callable[[Session], None] | None = None
) -> list[int]:
    """Append entries in one transaction, all or none; return their seqs. See append_once for the first's.

    The rest are left out where the first stands already, for they came with it.
    """
    first = entries[0]

    def asked(session: Session) -> None:
        if find_entry(session, first.source, first.id) is not None:
            raise _StandsMeanwhileError
        if require is not None:
            require(session)

    if log.find(first.source, first.id) is None:
        try:
            report = log.append(entries, require=asked)
        except _StandsMeanwhileError:
            return [_again(log, first)]
        seqs = [seq for seq in report.seqs if seq is not None]
        assert len(seqs) == len(entries), "what conflicts is refused"
        return seqs
    return [_again(log, first)]


class _StandsMeanwhileError(Exception):
    """Somebody else said the same between the look at the log and the transaction."""


def _again(log: Log, entry: NewEntry) -> int:
    """Return the seq of an entry that stands, as of whose time it is compared. Raises EntryConflict."""
    standing = log.find(entry.source, entry.id)
    assert standing is not None, "what stands is not taken away"
    log.append([structs.replace(entry, occurred_at=datetime.fromisoformat(standing.occurred_at))])
    return standing.seq
