"""Sorting out what one commit would hold: new entries, repeats and conflicts, over one or many requests.

Nothing is stored here. A request that is refused is taken out again before the next one is looked at, so
each request is whole or not there, and no savepoint is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.database import Session
from ledger.errors import Conflict, EntryConflict, ReversalRefused
from ledger.prepare import Prepared, without_postings
from ledger.repeats import Key, batch_differences, differing_fields, find_held
from ledger.reversals import Reversing
from ledger.voids import read_voids


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

    With `posted_once` a sale that another source told of first is taken without its postings: two reports of
    an order make one sale. `closing`, where some were taken, gives one more entry about the range of seqs
    that they took.
    """

    prepared: Sequence[Prepared]
    partial: bool = False
    posted_once: bool = False
    closing: Callable[[range], Prepared] | None = None


Revise = Callable[[Session, Sequence[Request]], Sequence[Request]]
"""What turns requests into those that are meant, by what the log holds as they are taken."""

Outcome = AppendReport | EntryConflict | ReversalRefused
"""What becomes of a request: its report, or that for which all of it was refused."""


class Sorting:
    """The entries that a commit would add from seq `first` on, in `fresh`, request by request."""

    def __init__(self, session: Session, first: int, requests: Sequence[Request]) -> None:
        """Look up what the log holds under the keys of all entries that will be taken, and of their lines."""
        self.fresh: list[Prepared] = []
        self._session = session
        self._first = first
        self._held = find_held(session, (entry for request in requests for entry in request.prepared))
        self._seqs: dict[Key, int] = {}
        self._tellers = _first_tellers(session, requests)
        self._reversing = Reversing(session, first)

    def take(self, request: Request) -> Outcome:
        """Sort out one request, also against those taken before it."""
        mark = self._first + len(self.fresh)
        report = AppendReport([], [], [], [])
        for entry in request.prepared:
            self._sort(self._posted_once(entry) if request.posted_once else entry, report)
        if report.conflicts and not request.partial:
            self._forget(mark)
            places = [place for place, seq in enumerate(report.seqs) if seq is None]
            return EntryConflict([_of_none(conflict, mark) for conflict in report.conflicts], places)
        taken = range(mark, self._first + len(self.fresh))
        report.accepted.extend(taken)
        if taken and request.closing is not None:
            self._sort(request.closing(taken), AppendReport([], [], [], []))
        refusal = self._reversing.refusal(self.fresh[mark - self._first :])
        if refusal is not None:
            self._forget(mark)
            return refusal
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
            if (line := _line_sold(entry)) is not None:
                self._tellers.setdefault(line, key)
            return
        if fields:
            report.conflicts.append(Conflict(*key, seq, fields))
        else:
            report.repeated.append(seq)
        report.seqs.append(None if fields else seq)

    def _posted_once(self, entry: Prepared) -> Prepared:
        line = _line_sold(entry)
        teller = self._tellers.get(line) if line is not None else None
        if teller is None or teller[0] == entry.key[0] or not entry.postings():
            return entry
        return without_postings(entry)

    def _forget(self, mark: int) -> None:
        for entry in self.fresh[mark - self._first :]:
            del self._seqs[entry.key]
            line = _line_sold(entry)
            if line is not None and self._tellers[line] == entry.key:
                del self._tellers[line]
        del self.fresh[mark - self._first :]


Line = tuple[str, str, str]
"""Agreement id, order and line."""


def _line_sold(entry: Prepared) -> Line | None:
    """Return the order line whose sale an entry tells of, None for any other entry."""
    if entry.line_event is None:
        return None
    _, agreement, order, line, event, _ = entry.line_event
    return (agreement, order, line) if event == "sale" else None


def _first_tellers(session: Session, requests: Sequence[Request]) -> dict[Line, tuple[str, str | None]]:
    """Return the source that first told of each line that the requests tell of; no id stands for the log."""
    orders: dict[str, set[str]] = defaultdict(set)
    for request in requests:
        for entry in request.prepared if request.posted_once else ():
            if (line := _line_sold(entry)) is not None:
                orders[line[0]].add(line[1])
    return {
        (agreement, order, line): (source, None)
        for agreement, wanted in orders.items()
        for (order, line), source in _first_sources(session, agreement, sorted(wanted)).items()
    }


def _first_sources(session: Session, agreement: str, orders: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return, by (order, line), the source of the first report of a sale that was not voided."""
    voids = read_voids(session, agreement)
    sql = (
        "SELECT l.seq, l.order_id, l.line_id, e.source FROM line_event l JOIN entry e ON e.seq = l.seq"  # noqa: S608
        f" WHERE l.agreement = ? AND l.event = 'sale' AND {session.members('l.order_id')} ORDER BY l.seq DESC"
    )
    return {
        (order, line): source
        for seq, order, line, source in session.rows(sql, (agreement, session.listed(orders)))
        if voids.voided_by(seq) is None
    }


def _of_none(conflict: Conflict, mark: int) -> Conflict:
    """Take the seq off a conflict with an entry that is refused together with it."""
    if conflict.seq is None or conflict.seq < mark:
        return conflict
    return Conflict(conflict.source, conflict.id, None, conflict.fields)
