"""Reconciliations in the log: recorded with what they rest on, read back, and what is open carried over.

reconciliation.recorded   what it rests on, what it came to, its digest
reconciliation.carried    the breaks that are open after it, some hundred an entry
match.recorded            rows that a member matched by hand, and why
match.withdrawn           that this no longer holds, and why

All of them are read by the party alone. Notes of rows, which banks fill with names, stand in a group of their
own that can be erased; everything else lasts. A book is one kind of file of one party under one agreement.
Its reconciliations follow each other, each taking the statements after those of the one before and what that
one left open. What is open now is a function of these entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.reading import Entry, find_entry, read_entries, read_groups
from ledger.reconciliation.breaks import Break
from ledger.reconciliation.errors import ReconciliationRefused, ReconciliationUnknown
from ledger.reconciliation.matching import ByHand
from ledger.reconciliation.rows import Row
from policies.canonical import canonical_bytes

SOURCE = "tallystick.reconciliation"
RECORDED, CARRIED = "reconciliation.recorded", "reconciliation.carried"
MATCHED, WITHDRAWN = "match.recorded", "match.withdrawn"
KINDS = (RECORDED, CARRIED, MATCHED, WITHDRAWN)
GROUP, NOTES_GROUP = "reconciliation", "notes"

_CARRIED_BYTES = 600_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Book:
    """Whose reconciliations, under which agreement (by id), with which kind of file."""

    agreement: str
    party: str
    name: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A reconciliation in the log: its id, its entry, when it was taken, and its content."""

    id: str
    seq: int
    recorded_us: int
    content: dict[str, Any]

    @property
    def number(self) -> int:
        """Its number in its book, from 1."""
        return int(self.content["number"])

    @property
    def book(self) -> Book:
        """The book that it is of."""
        return Book(self.content["agreement"], self.content["party"], self.content["book"])


@dataclass(frozen=True, slots=True)
class Match:
    """A match by hand: its id, its entry, its rows, and the entry that withdrew it, None while it holds."""

    id: str
    seq: int
    content: dict[str, Any]
    notes: Mapping[str, str]
    withdrawn: Entry | None = None

    @property
    def by_hand(self) -> ByHand:
        """The match as a reconciliation takes it."""
        rows = [Row.from_json(told, self.notes) for told in self.content["rows"]]
        a, b = (tuple(row for row in rows if row.side == side) for side in ("a", "b"))
        return ByHand(self.id, a, b, self.content["class"])


@dataclass(frozen=True, slots=True)
class State:
    """How a book stands: its last reconciliation, what is open, and the matches by hand made since."""

    last: Recorded | None
    open: tuple[Break, ...]
    by_hand: tuple[Match, ...]

    def brought(self) -> list[Row]:
        """Return the rows that the next reconciliation begins with: open, or matched by hand since."""
        rows = [row for one in self.open for row in (*one.a, *one.b)]
        return rows + [row for one in self.by_hand for row in (*one.by_hand.a, *one.by_hand.b)]


def public_id(entry_id: str) -> str:
    """Return the id by which people name an entry of this source: AGREEMENT.DIGEST."""
    return entry_id.replace("/", ".")


def recorded_id(agreement: str, content: dict[str, Any]) -> str:
    """Return the id of the entry of a content; what says the same has the same."""
    return f"{agreement}/{hashlib.sha256(canonical_bytes(content)).hexdigest()[:24]}"


def reconciliations(log: Log, agreement: str, party: str, end: int | None = None) -> list[Recorded]:
    """Return a party's reconciliations under an agreement, newest first; before seq `end` where given."""
    with reading(log.engine) as session:
        return [
            Recorded(public_id(entry.id), entry.seq, entry.recorded_us, content)
            for entry, content in _told(session, RECORDED, agreement, party, end)
        ]


def reconciliation(log: Log, wanted: str, party: str | None = None) -> Recorded:
    """Return one reconciliation by id. Raises ReconciliationUnknown, also when it is another party's."""
    with reading(log.engine) as session:
        entry = find_entry(session, SOURCE, wanted.replace(".", "/"))
        content = _content(session, entry, party) if entry and entry.kind == RECORDED else None
        if entry is None or content is None:
            raise ReconciliationUnknown("there is no such reconciliation here", where=wanted[:100])
        return Recorded(public_id(entry.id), entry.seq, entry.recorded_us, content)


def carried(log: Log, one: Recorded) -> tuple[Break, ...]:
    """Return the breaks that were open after a reconciliation."""
    with reading(log.engine) as session:
        return _carried(session, one.id, one.content)


def matches(log: Log, book: Book, end: int | None = None) -> list[Match]:
    """Return a book's matches by hand, oldest first, as they stand before seq `end`."""
    with reading(log.engine) as session:
        return _matches(session, book, end)


def state_of(log: Log, book: Book, end: int | None = None) -> State:
    """Return how a book stands, or stood before seq `end`."""
    with reading(log.engine) as session:
        return state_within(session, book, end)


def state_within(session: Session, book: Book, end: int | None = None) -> State:
    """Return how a book stands within a transaction; see state_of."""
    last = _last(session, book, end)
    found = _matches(session, book, end)
    after = last.seq if last else -1
    opened = list(_carried(session, last.id, last.content)) if last else []
    since = tuple(one for one in found if one.seq > after and one.withdrawn is None)
    gone = {row.id for one in since for row in (*one.by_hand.a, *one.by_hand.b)}
    back = [
        Break("unknown", "unknown.reopened", one.by_hand.a, one.by_hand.b, {"match": one.id})
        for one in found
        if one.seq < after and one.withdrawn is not None and one.withdrawn.seq > after
    ]
    left = (_less(one, gone) for one in (*opened, *back))
    return State(last, tuple(one for one in left if one.a or one.b), since)


def record(  # noqa: PLR0913 -- what, what is open, when and by whom, and what it was computed of
    log: Log,
    content: dict[str, Any],
    still_open: Sequence[Break],
    *,
    reference: str,
    at: datetime,
    by: str,
) -> Recorded:
    """Record a reconciliation with what is open after it; the same again returns the first.

    Raises ReconciliationRefused where the book has moved on since it was computed.
    """
    book = Book(content["agreement"], content["party"], content["book"])
    entry_id = recorded_id(book.agreement, content)
    standing = log.find(SOURCE, entry_id)
    if standing is not None:
        return reconciliation(log, public_id(entry_id), book.party)
    parts = list(_chunks(still_open))

    def entry(kind: str, name: str, told: dict[str, Any], rows: Iterable[Row] = ()) -> NewEntry:
        return new_entry(kind, name, told, rows, party=book.party, reference=reference, at=at)

    entries = [entry(RECORDED, entry_id, {**content, "recorded_by": by, "carried": len(parts)})]
    for place, part in enumerate(parts, 1):
        told = {"reconciliation": public_id(entry_id), "breaks": [_break_json(one) for one in part]}
        rows = (row for one in part for row in (*one.a, *one.b))
        entries.append(entry(CARRIED, f"{entry_id}/open/{place}", told, rows))

    def require(session: Session) -> None:
        last = _last(session, book, None)
        if (last.id if last else None) != content["previous"] or any(
            max(one.seq, one.withdrawn.seq if one.withdrawn else -1) >= content["as_of_seq"]
            for one in _matches(session, book, None)
        ):
            raise ReconciliationRefused(
                "the book has moved on since this was computed; reconcile again", where=book.name
            )

    log.append(entries, require=require)
    return reconciliation(log, public_id(entry_id), book.party)


def new_entry(  # noqa: PLR0913 -- the parts of one entry
    kind: str,
    entry_id: str,
    content: dict[str, Any],
    rows: Iterable[Row] = (),
    *,
    party: str,
    reference: str,
    at: datetime,
) -> NewEntry:
    """Return an entry of this source, for its party's eyes alone, with the notes of rows apart."""
    notes = {row.id: row.note for row in rows if row.note}
    groups = [Group(GROUP, (party,), content)]
    if notes:
        groups.append(Group(NOTES_GROUP, (party,), {"notes": notes}))
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=at,
        asserter=party,
        agreement=reference,
        concerns=(party,),
        groups=tuple(groups),
    )


def _told(
    session: Session, kind: str, agreement: str, party: str, end: int | None
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield a party's entries of a kind with their contents, newest first."""
    before = 2**62 if end is None else end
    while True:
        entries = read_entries(
            session, after=before, limit=_AT_ONCE, kinds=[kind], agreement=agreement, newest_first=True
        )
        for entry in entries:
            content = _content(session, entry, party)
            if content is not None:
                yield entry, content
        if len(entries) < _AT_ONCE:
            return
        before = entries[-1].seq


def _content(session: Session, entry: Entry, party: str | None, name: str = GROUP) -> dict[str, Any] | None:
    for group in read_groups(session, entry.seq, party):
        if group.name == name and group.opened is not None:
            return group.content
    return None


def _notes(session: Session, entry: Entry, party: str | None) -> Mapping[str, str]:
    """Return the notes of an entry's rows by their ids; none where they were erased."""
    told = _content(session, entry, party, NOTES_GROUP)
    return told["notes"] if told else {}


def _last(session: Session, book: Book, end: int | None) -> Recorded | None:
    for entry, content in _told(session, RECORDED, book.agreement, book.party, end):
        if content["book"] == book.name and content["party"] == book.party:
            return Recorded(public_id(entry.id), entry.seq, entry.recorded_us, content)
    return None


def _matches(session: Session, book: Book, end: int | None) -> list[Match]:
    withdrawn = {
        content["match"]: entry
        for entry, content in _told(session, WITHDRAWN, book.agreement, book.party, end)
    }
    found = [
        Match(
            public_id(entry.id),
            entry.seq,
            content,
            _notes(session, entry, book.party),
            withdrawn.get(public_id(entry.id)),
        )
        for entry, content in _told(session, MATCHED, book.agreement, book.party, end)
        if content["book"] == book.name
    ]
    return found[::-1]


def _carried(session: Session, wanted: str, content: dict[str, Any]) -> tuple[Break, ...]:
    found: list[Break] = []
    for place in range(1, content["carried"] + 1):
        entry = find_entry(session, SOURCE, f"{wanted.replace('.', '/')}/open/{place}")
        told = _content(session, entry, content["party"]) if entry else None
        assert entry is not None, "it was recorded with its reconciliation"
        assert told is not None, "what it says lasts"
        notes = _notes(session, entry, content["party"])
        found += [_break_of(one, notes) for one in told["breaks"]]
    return tuple(found)


def _less(one: Break, gone: set[str]) -> Break:
    """Return a break without the rows that were matched since."""
    a, b = (tuple(row for row in side if row.id not in gone) for side in (one.a, one.b))
    return replace(one, a=a, b=b)


def _break_json(one: Break) -> dict[str, Any]:
    rows = [row.as_json() for row in (*one.a, *one.b)]
    return {"class": one.kind, "cause": one.cause, "figures": dict(one.figures), "rows": rows}


def _break_of(told: dict[str, Any], notes: Mapping[str, str]) -> Break:
    rows = [Row.from_json(one, notes) for one in told["rows"]]
    a, b = (tuple(row for row in rows if row.side == side) for side in ("a", "b"))
    return Break(told["class"], told["cause"], a, b, told["figures"])


def _chunks(breaks: Sequence[Break]) -> Iterator[list[Break]]:
    """Cut breaks into parts that one entry holds."""
    part: list[Break] = []
    size = 0
    for one in breaks:
        notes = [row.note for row in (*one.a, *one.b)]
        length = len(canonical_bytes([_break_json(one), notes]))
        if part and size + length > _CARRIED_BYTES:
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
