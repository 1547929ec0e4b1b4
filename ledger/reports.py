"""Reports of one sale: what the log, and the commit under way, hold of an order line from several sources.

A sale told twice is posted once, whatever brings the second report: a file, a request, another process, the
same commit. So it is decided here, within the transaction that takes it. Which of several reports counts and
what it funds is for intake to say (intake/attesting.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

import msgspec

from ledger.database import Session
from ledger.entries import Posting
from ledger.known import Key, Known, Line
from ledger.leaves import read_content
from ledger.prepare import Prepared, with_postings
from ledger.repeats import Held, find_held
from ledger.voids import Voids, read_voids

_ORDERS_AT_ONCE = 20_000
_KEYS = frozenset({"order", "line", "currency"})
_PAID_AT = "paid_at"


class Report(NamedTuple):
    """One report of a sale: its entry, source, id@version of the agreement, and facts as text."""

    seq: int
    source: str
    version: str
    content: Mapping[str, str]


Attest = Callable[[Report, Sequence[Report]], tuple[Posting, ...]]
"""What a report of a sale posts beside those of the same line that came before it and stand.

Raises LogMoved where it does not know the version under which one of them stands.
"""


def line_sold(entry: Prepared) -> Line | None:
    """Return the order line whose sale an entry tells of, None for any other entry."""
    if entry.line_event is None:
        return None
    _, agreement, order, line, event, _ = entry.line_event
    return (agreement, order, line) if event == "sale" else None


def report_of(entry: Prepared, seq: int) -> Report:
    """Return an entry that tells of a sale as a report, as it stands or would stand at a seq."""
    assert entry.line_event is not None, "a sale is an event of a line"
    assert entry.entry.agreement is not None, "an event of a line names its agreement"
    return Report(seq, entry.key[0], entry.entry.agreement, entry.groups[entry.line_event[0]].content)


def read_reports(
    session: Session, agreement: str, orders: Sequence[str], *, but_of: str = ""
) -> dict[Line, list[Report]]:
    """Return every report of the sales of some orders of an agreement, by line, in order of seq.

    Those of the source `but_of` are left out.
    """
    sql = (
        "SELECT l.order_id, l.line_id, l.seq, e.source, e.agreement, d.opened FROM line_event l"
        " JOIN entry e ON e.seq = l.seq JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
        " WHERE l.agreement = ? AND l.event = 'sale' AND e.source <> ?"
    )
    found: dict[Line, list[Report]] = {}
    for start in range(0, len(orders), _ORDERS_AT_ONCE):
        some = orders[start : start + _ORDERS_AT_ONCE]
        rows = session.rows(*session.of_each(sql, (agreement, but_of), "l.order_id", some))
        for order, line, seq, source, version, opened in sorted(rows, key=itemgetter(2)):
            content = msgspec.json.decode(read_content(bytes(opened)), type=dict[str, str])
            found.setdefault((agreement, order, line), []).append(Report(seq, source, version, content))
    return found


class Beside:
    """What one commit finds beside the entries that it is to take: reports of the same sales, and voids."""

    def __init__(self, known: Known, entries: Iterable[Prepared]) -> None:
        """Keep which of the lines that entries tell of are sold already; the rest is read when needed."""
        self._session = known.session
        self._known = known
        self._voids: dict[str, Voids] = {}
        lines = {line for one in entries if (line := line_sold(one)) is not None}
        self._sold = {line for line in lines if known.is_sold(line)}
        self._stored: dict[Line, list[Report]] | None = None
        self._taken: dict[Line, list[tuple[int, Prepared]]] = {}

    def posted(self, line: Line, entry: Prepared, seq: int, attest: Attest) -> Prepared:
        """Return the sale of a line, about to be taken at a seq, with what it posts beside other reports."""
        if line not in self._sold and line not in self._taken:
            return entry
        taken = (report_of(other, at) for at, other in self._taken.get(line, ()))
        earlier = [*self._standing(line), *taken]
        if not earlier:
            return entry
        assert entry.line_event is not None, "a sale is an event of a line"
        return with_postings(entry, entry.line_event[0], attest(report_of(entry, seq), earlier))

    def take(self, line: Line, entry: Prepared, seq: int) -> None:
        """Note that the sale of a line is taken."""
        self._taken.setdefault(line, []).append((seq, entry))

    def forget(self, entries: Iterable[Prepared], first: int) -> None:
        """Forget entries again, those taken from seq `first` on."""
        for entry in entries:
            line = line_sold(entry)
            if line is not None:
                self._taken[line] = [one for one in self._taken[line] if one[0] < first]

    def renamed(self, entries: Iterable[Prepared], held: dict[Key, Held]) -> dict[Key, str]:
        """Return new ids, by key, for events of lines that were voided under theirs, and add to `held`.

        What was voided under ID is told anew as ID+1, after another void as ID+2, and so on: the same again
        finds the same id.
        """
        asked = {one.key: one for one in entries if self._is_voided(one, held.get(one.key))}
        found: dict[Key, str] = {}
        telling = 0
        while asked:
            telling += 1
            anew = {key: one.renamed(f"{key[1]}+{telling}") for key, one in asked.items()}
            held |= find_held(self._known, anew.values())
            found |= {key: one.key[1] for key, one in anew.items()}
            asked = {key: asked[key] for key, one in anew.items() if self._is_voided(one, held.get(one.key))}
        return found

    def _is_voided(self, entry: Prepared, held: Held | None) -> bool:
        if held is None or entry.line_event is None:
            return False
        return self._voids_of(entry.line_event[1]).voided_by(held.seq) is not None

    def _voids_of(self, agreement: str) -> Voids:
        if agreement not in self._voids:
            self._voids[agreement] = read_voids(self._session, agreement)
        return self._voids[agreement]

    def _standing(self, line: Line) -> list[Report]:
        if line not in self._sold:
            return []
        if self._stored is None:
            self._stored = {}
            for agreement, orders in _by_agreement(self._sold).items():
                self._stored |= read_reports(self._session, agreement, orders)
        voids = self._voids_of(line[0])
        return [one for one in self._stored[line] if voids.voided_by(one.seq) is None]


def _by_agreement(lines: Iterable[Line]) -> dict[str, list[str]]:
    orders: dict[str, set[str]] = defaultdict(set)
    for agreement, order, _ in lines:
        orders[agreement].add(order)
    return {agreement: sorted(wanted) for agreement, wanted in orders.items()}


def differing(one: Report, other: Report) -> tuple[str, ...]:
    """Return the facts, sorted, that two reports both tell and tell otherwise.

    One moment of the sale under two offsets is the same.
    """
    shared = (one.content.keys() & other.content.keys()) - _KEYS
    fields = {name for name in shared if one.content[name] != other.content[name]}
    if _PAID_AT in fields and _moment(one) == _moment(other):
        fields.discard(_PAID_AT)
    return tuple(sorted(fields))


def _moment(report: Report) -> datetime | str:
    """Return when a sale was paid, as text where it does not read as a time."""
    text = report.content[_PAID_AT]
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
