"""Reading the log: entries, their groups as one reader may see them, and events of order lines in bulk.

Each function reads within a transaction given to it; Log opens one for each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from ledger.database import Row, Session
from ledger.errors import EntryUnknown
from ledger.leaves import read_content

LineEvent = tuple[int, str, str, str, int, int, bytes]
"""seq, order, line, event (sale, receipt, refund), occurred and recorded microseconds, content as JSON."""

_ENTRY_COLUMNS = (
    "e.seq, e.source, e.source_id, e.agreement, e.kind, e.occurred_at, e.occurred_us, e.recorded_us,"
    " e.asserter, e.leaf, e.leaf_hash"
)

_TOLD_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as recorded. `occurred_at` keeps the offset it came with; `_us` are microseconds UTC."""

    seq: int
    source: str
    id: str
    agreement: str | None
    kind: str
    occurred_at: str
    occurred_us: int
    recorded_us: int
    asserter: str
    leaf: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group of an entry, open or erased.

    Open: `salt` and `opened` are there, `erased_by` is None. Erased: they are None, `readers` is empty, and
    `erased_by` is the seq of the `content.erased` entry.
    """

    seq: int
    position: int
    name: str
    readers: tuple[str, ...]
    salt: bytes | None
    opened: bytes | None
    erased_by: int | None = None

    @property
    def content(self) -> dict[str, Any]:
        """The group's content. Raises EntryUnknown when it was erased."""
        content: dict[str, Any] = self._open()["content"]
        return content

    @property
    def postings(self) -> list[dict[str, Any]]:
        """The group's postings in canonical form. Raises EntryUnknown when it was erased."""
        postings: list[dict[str, Any]] = self._open()["postings"]
        return postings

    def _open(self) -> dict[str, Any]:
        if self.opened is None:
            raise EntryUnknown(
                f"group '{self.name}' was erased by entry {self.erased_by}", where=f"entry {self.seq}"
            )
        opened: dict[str, Any] = msgspec.json.decode(self.opened)
        return opened


def tip(session: Session) -> tuple[int, int]:
    """Return the log's size, and when its last entry was recorded (0 if it is empty)."""
    rows = session.rows("SELECT seq, recorded_us FROM entry ORDER BY seq DESC LIMIT 1")
    return (rows[0][0] + 1, rows[0][1]) if rows else (0, 0)


def read_entry(session: Session, seq: int) -> Entry:
    """Return one entry. Raises EntryUnknown."""
    rows = session.rows(f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE e.seq = ?", (seq,))  # noqa: S608
    if not rows:
        raise EntryUnknown(f"the log has no entry {seq}", where="log")
    return Entry(*rows[0])


def find_entry(session: Session, source: str, entry_id: str) -> Entry | None:
    """Return the entry under a source and id, or None."""
    sql = f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE e.source = ? AND e.source_id = ?"  # noqa: S608
    rows = session.rows(sql, (source, entry_id))
    return Entry(*rows[0]) if rows else None


def read_entries(  # noqa: PLR0913 -- one filter each
    session: Session,
    *,
    after: int,
    limit: int,
    kinds: Sequence[str] | None,
    agreement: str | None,
    newest_first: bool,
) -> list[Entry]:
    """Return up to `limit` entries beyond seq `after`; see Log.entries."""
    beyond, order = ("<", "DESC") if newest_first else (">", "ASC")
    among, parameters = _among(session, kinds, agreement)
    sql = (
        f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE e.seq {beyond} ?{among}"  # noqa: S608
        f" ORDER BY e.seq {order} LIMIT ?"
    )
    return [Entry(*row) for row in session.rows(sql, [after, *parameters, limit])]


def _among(session: Session, kinds: Sequence[str] | None, agreement: str | None) -> tuple[str, list[Any]]:
    """Return the conditions that an entry is of some kinds and under an agreement, with their parameters."""
    conditions, parameters = "", list[Any]()
    if kinds is not None and len(kinds) == 1:  # which the index gives in order of seq
        conditions += " AND e.kind = ?"
        parameters += kinds
    elif kinds is not None:
        conditions += f" AND {session.members('e.kind')}"
        parameters.append(session.listed(kinds))
    if agreement is not None and "@" in agreement:
        conditions += " AND e.agreement = ?"
        parameters.append(agreement)
    elif agreement is not None:
        conditions += " AND e.agreement > ? AND e.agreement < ?"  # every version: '@' is followed by 'A'
        parameters += [f"{agreement}@", f"{agreement}A"]
    return conditions, parameters


def content_of(opened: bytes) -> dict[str, Any]:
    """Return the content of an opened group that the log wrote. Raises msgspec.DecodeError, KeyError."""
    content: dict[str, Any] = msgspec.json.decode(opened)["content"]
    return content


def read_told(
    session: Session, kinds: Sequence[str], group: str, agreement: str | None = None
) -> Iterator[tuple[Entry, bytes]]:
    """Yield each entry of some kinds, in order of seq, with its opened group of that name.

    One that was erased is left out. `agreement` is as in Log.entries; `content_of` reads the group.
    """
    among, parameters = _among(session, kinds, agreement)
    sql = (
        f"SELECT {_ENTRY_COLUMNS}, d.opened FROM entry e"  # noqa: S608
        f" JOIN disclosure d ON d.seq = e.seq AND d.name = ? WHERE e.seq > ?{among} ORDER BY e.seq LIMIT ?"
    )
    after = -1
    while rows := session.rows(sql, [group, after, *parameters, _TOLD_AT_ONCE]):
        for *columns, opened in rows:
            yield Entry(*columns), bytes(opened)
        after = rows[-1][0]


def read_contents(
    session: Session, kinds: Sequence[str], agreement: str | None = None
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield each entry of some kinds, in order of seq, with the content of its groups by name.

    Groups that were erased are left out. `agreement` is as in Log.entries.
    """
    among, parameters = _among(session, kinds, agreement)
    sql = (
        f"SELECT e.*, d.name, d.opened FROM (SELECT {_ENTRY_COLUMNS} FROM entry e WHERE e.seq > ?{among}"  # noqa: S608
        " ORDER BY e.seq LIMIT ?) e LEFT JOIN disclosure d ON d.seq = e.seq ORDER BY e.seq, d.position"
    )
    after = -1
    while rows := session.rows(sql, [after, *parameters, _TOLD_AT_ONCE]):
        for columns, parts in groupby(rows, key=lambda row: row[:-2]):
            contents = {name: content_of(bytes(opened)) for *_, name, opened in parts if name is not None}
            yield Entry(*columns), contents
        after = rows[-1][0]


def read_groups(session: Session, seq: int, reader: str | None) -> list[StoredGroup]:
    """Return the groups of an entry by position; see Log.groups. Raises EntryUnknown."""
    read_entry(session, seq)
    sql = "SELECT position, name, readers, salt, opened FROM disclosure WHERE seq = ?"
    groups = []
    for position, name, readers_text, salt, opened in session.rows(sql, (seq,)):
        readers = tuple(json.loads(readers_text))
        if reader is None or reader in readers:
            groups.append(StoredGroup(seq, position, name, readers, bytes(salt), bytes(opened)))
    sql = "SELECT position, name, by_seq FROM erasure WHERE seq = ?"
    for position, name, by_seq in session.rows(sql, (seq,)):
        groups.append(StoredGroup(seq, position, name, (), None, None, by_seq))
    return sorted(groups, key=lambda group: group.position)


def stream_line_events(session: Session, agreement: str, end: int, after: int) -> Iterator[list[LineEvent]]:
    """Yield lists of line events; see Log.line_event_batches."""
    sql = (
        "SELECT l.seq, l.order_id, l.line_id, l.event, l.occurred_us, l.recorded_us, d.opened"
        " FROM line_event l JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
        " WHERE l.agreement = ? AND l.seq > ? AND l.seq < ? ORDER BY l.seq"
    )
    for rows in session.stream(sql, (agreement, after, end)):
        yield [(*row[:6], read_content(row[6])) for row in rows]


def read_other_reports(session: Session, version: str, source: str, end: int) -> list[int]:
    """Return the seqs of line events under an id@version, before seq `end`, that another source told."""
    sql = (
        "SELECT l.seq FROM line_event l JOIN entry e ON e.seq = l.seq"
        " WHERE e.agreement = ? AND e.source <> ? AND l.seq < ? ORDER BY l.seq"
    )
    return [row[0] for row in session.rows(sql, (version, source, end))]


def read_refunds(
    session: Session, agreement: str, orders: Sequence[str]
) -> list[tuple[int, str, str, str, int]]:
    """Return the seq and what was refunded of some orders, oldest entry first; see Log.refunds."""
    sql = (
        "SELECT seq, order_id, line_id, revision, occurred_us FROM line_event"  # noqa: S608
        f" WHERE agreement = ? AND event = 'refund' AND {session.members('order_id')}"
    )  # sorted here, as in read_line
    return [(*row,) for row in sorted(session.rows(sql, (agreement, session.listed(orders))))]


def read_line(session: Session, agreement: str, order: str, line: str) -> list[LineEvent]:
    """Return every event of one order line; see Log.line."""
    sql = (
        "SELECT l.seq, l.order_id, l.line_id, l.event, l.occurred_us, l.recorded_us, d.opened"
        " FROM line_event l JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
        " WHERE l.agreement = ? AND l.order_id = ? AND l.line_id = ?"
    )  # sorted here: asked for an order, SQLite walks all lines of the agreement by seq
    rows: list[Row] = sorted(session.rows(sql, (agreement, order, line)))
    return [(*row[:6], read_content(row[6])) for row in rows]
