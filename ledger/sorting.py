"""Sorting out what one commit would hold: new entries, repeats and conflicts, over one or many requests.

Nothing is stored here. A request that is refused is taken out again before the next one is looked at, so
each request is whole or not there, and no savepoint is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.database import Session
from ledger.errors import Conflict, EntryConflict
from ledger.prepare import Prepared
from ledger.repeats import Key, batch_differences, differing_fields, find_held


@dataclass(frozen=True, slots=True)
class AppendReport:
    """What became of a batch: seqs taken, seqs that stood there already, and what was refused.

    `seqs` has one place per entry given, in order: its seq, or None for a conflict.
    """

    accepted: list[int]
    repeated: list[int]
    conflicts: list[Conflict]
    seqs: list[int | None]


@dataclass(frozen=True, slots=True)
class Request:
    """Entries that one writer hands over together: all are taken or none, unless `partial` is asked for."""

    prepared: Sequence[Prepared]
    partial: bool = False


Outcome = AppendReport | EntryConflict
"""What becomes of a request: its report, or the conflicts for which all of it was refused."""


class Sorting:
    """The entries that a commit would add from seq `first` on, in `fresh`, request by request."""

    def __init__(self, session: Session, first: int, prepared: Iterable[Prepared]) -> None:
        """Look up what the log holds under the keys of all entries that will be taken."""
        self.fresh: list[Prepared] = []
        self._session = session
        self._first = first
        self._held = find_held(session, prepared)
        self._seqs: dict[Key, int] = {}

    def take(self, request: Request) -> Outcome:
        """Sort out one request, also against those taken before it."""
        mark = self._first + len(self.fresh)
        report = AppendReport([], [], [], [])
        for entry in request.prepared:
            self._sort(entry, report)
        if report.conflicts and not request.partial:
            self._forget(mark)
            return EntryConflict([_of_none(conflict, mark) for conflict in report.conflicts])
        report.accepted.extend(range(mark, self._first + len(self.fresh)))
        return report

    def _sort(self, entry: Prepared, report: AppendReport) -> None:
        key = entry.key
        held = self._held.get(key)
        if held is not None:
            seq, fields = held.seq, differing_fields(self._session, held, entry)
        elif key in self._seqs:
            seq = self._seqs[key]
            fields = batch_differences(self.fresh[seq - self._first], entry)
        else:
            self._seqs[key] = seq = self._first + len(self.fresh)
            self.fresh.append(entry)
            report.seqs.append(seq)
            return
        if fields:
            report.conflicts.append(Conflict(*key, seq, fields))
        else:
            report.repeated.append(seq)
        report.seqs.append(None if fields else seq)

    def _forget(self, mark: int) -> None:
        for entry in self.fresh[mark - self._first :]:
            del self._seqs[entry.key]
        del self.fresh[mark - self._first :]


def _of_none(conflict: Conflict, mark: int) -> Conflict:
    """Take the seq off a conflict with an entry that is refused together with it."""
    if conflict.seq is None or conflict.seq < mark:
        return conflict
    return Conflict(conflict.source, conflict.id, None, conflict.fields)
