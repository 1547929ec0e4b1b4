"""Sorting out what one commit would hold: new entries, repeats and conflicts, over one or many requests.

Nothing is stored here. A request that is refused is taken out again before the next one is looked at, so
each request is whole or not there, and no savepoint is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.database import Session
from ledger.derive import ORDER_GROUP
from ledger.errors import Conflict, EntryConflict, LogMoved, ReversalRefused
from ledger.known import Key, Known
from ledger.prepare import Prepared
from ledger.repeats import batch_differences, differing_fields, find_held
from ledger.reports import Attest, Beside, line_sold
from ledger.reversals import Reversing

_POSTED = f"groups.{ORDER_GROUP}.postings"


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
    """Entries that one writer hands over together: all are taken or none, unless `partial` is asked for.

    With `attest` they are told as by a writer of orders: what a sale posts follows from other reports of it,
    so that it is posted once, and what was voided under an id is told anew under another (reports.py).
    `closing`, where some were taken, gives one more entry about the range of seqs that they took.
    """

    prepared: Sequence[Prepared]
    partial: bool = False
    attest: Attest | None = None
    closing: Callable[[range], Prepared] | None = None


Revise = Callable[[Known, Sequence[Request]], Sequence[Request]]
"""What turns requests into those that are meant, by what the log holds as they are taken."""

Outcome = AppendReport | EntryConflict | ReversalRefused | LogMoved
"""What becomes of a request: its report, or that for which all of it was refused."""


def known_of(session: Session, requests: Sequence[Request]) -> Known:
    """Ask what the log holds under the keys of requests, of the lines they tell of, and on their accounts."""
    prepared = [entry for request in requests for entry in request.prepared]
    told = (line_sold(entry) for request in requests if request.attest for entry in request.prepared)
    return Known(
        session,
        (entry.key for entry in prepared),
        (line for line in told if line is not None),
        {posting.owner for entry in prepared for group in entry.groups for posting in group.postings},
    )


class Sorting:
    """The entries that a commit would add from seq `first` on, in `fresh`, request by request."""

    def __init__(self, known: Known, requests: Sequence[Request]) -> None:
        """Begin where the log ends, with what is known of the entries that will be taken."""
        self.fresh: list[Prepared] = []
        self._session = known.session
        self._first = first = known.size
        self._held = find_held(known, (entry for request in requests for entry in request.prepared))
        self._seqs: dict[Key, int] = {}
        told = [entry for request in requests if request.attest for entry in request.prepared]
        self._beside = Beside(known, told)
        self._anew = self._beside.renamed(told, self._held) if self._held else {}
        self._reversing = Reversing(known.session, first)

    def take(self, request: Request) -> Outcome:
        """Sort out one request, also against those taken before it."""
        mark = self._first + len(self.fresh)
        report = AppendReport([], [], [], [])
        try:
            for entry in request.prepared:
                self._sort(entry, request.attest, report)
        except LogMoved as moved:
            self._forget(mark)
            return moved
        if report.conflicts and not request.partial:
            self._forget(mark)
            places = [place for place, seq in enumerate(report.seqs) if seq is None]
            return EntryConflict([_of_none(conflict, mark) for conflict in report.conflicts], places)
        taken = range(mark, self._first + len(self.fresh))
        report.accepted.extend(taken)
        if taken and request.closing is not None:
            self._sort(request.closing(taken), None, AppendReport([], [], [], []))
        refusal = self._reversing.refusal(self.fresh[mark - self._first :])
        if refusal is not None:
            self._forget(mark)
            return refusal
        return report

    def _sort(self, entry: Prepared, attest: Attest | None, report: AppendReport) -> None:
        if attest is not None and entry.key in self._anew:
            entry = entry.renamed(self._anew[entry.key])
        key = entry.key
        held = self._held.get(key)
        if held is not None:
            seq, fields = held.seq, differing_fields(self._session, held, entry)
        elif key in self._seqs:
            seq = self._seqs[key]
            fields = batch_differences(self.fresh[seq - self._first], entry)
        else:
            seq = self._first + len(self.fresh)
            line = line_sold(entry)
            if line is not None:
                if attest is not None:
                    entry = self._beside.posted(line, entry, seq, attest)
                self._beside.take(line, entry, seq)
            self._seqs[key] = seq
            self.fresh.append(entry)
            report.seqs.append(seq)
            return
        if attest is not None:
            # What a writer told of a sale are its facts; what it posted followed from what the log held then.
            fields = tuple(name for name in fields if name != _POSTED)
        if fields:
            report.conflicts.append(Conflict(*key, seq, fields))
        else:
            report.repeated.append(seq)
        report.seqs.append(None if fields else seq)

    def _forget(self, mark: int) -> None:
        gone = self.fresh[mark - self._first :]
        for entry in gone:
            del self._seqs[entry.key]
        self._beside.forget(gone, mark)
        del self.fresh[mark - self._first :]


def _of_none(conflict: Conflict, mark: int) -> Conflict:
    """Take the seq off a conflict with an entry that is refused together with it."""
    if conflict.seq is None or conflict.seq < mark:
        return conflict
    return Conflict(conflict.source, conflict.id, None, conflict.fields)
