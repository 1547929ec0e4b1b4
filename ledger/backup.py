"""Backing up a log: one state of it, into one file that restores into either kind of database.

What is written is what nothing else gives: entries, open groups, erasures, checkpoints, anchors, salts, and
what tables the caller adds. Derived tables are not: restoring makes them again. On the way the leaves are
hashed and held against every checkpoint, so that a log which contradicts itself is not backed up as if it
were sound. The form of the file is in backup_file.py; keys are never part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Engine, Table

from ledger.backup_file import PART_BYTES, BackupWriter, signed_text
from ledger.database import Row, Session, reading
from ledger.derived import DERIVED
from ledger.errors import BackupRefused
from ledger.leaves import microseconds, recorded_text
from ledger.notes import Signer
from ledger.reading import tip
from ledger.tables import TABLES
from ledger.tree import Frontier, leaf_hash

KEPT = tuple(table for name, table in TABLES.items() if name not in DERIVED)
"""The log's own tables that a backup holds, in an order in which they can be filled."""

Progress = Callable[[int, int], None]
"""Told how much of the work is done, and of how much."""

_ENCODER = msgspec.json.Encoder()
_ENTRY = [column.name for column in TABLES["entry"].columns]
_LEAF, _LEAF_HASH = _ENTRY.index("leaf"), _ENTRY.index("leaf_hash")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds: entries and their root, the newest checkpoint's size, rows by table."""

    entries: int
    root: bytes
    checkpoint: int | None
    rows: dict[str, int]


def back_up(  # noqa: PLR0913 -- from where, to where, signed by whom, and what else
    engine: Engine,
    writer: BackupWriter,
    key: Signer,
    now: datetime,
    *,
    others: Sequence[Table] = (),
    files: Callable[[], Iterable[tuple[str, bytes]]] = tuple,
    progress: Progress = lambda _done, _total: None,
) -> BackupReport:
    """Write the whole log as it stands now into `writer`, and close it. Writers are not held up.

    `others` are tables beside the log's. `files` is called once the state is fixed, and what it returns gives
    further parts by name. Raises BackupRefused when the entries are not those that the checkpoints signed.
    """
    with reading(engine) as session:
        size = tip(session)[0]
        more = files()
        tables = (*KEPT, *others)
        columns = {table.name: [column.name for column in table.columns] for table in tables}
        about = {"entries": size, "log": key.name, "made_at": recorded_text(microseconds(now))}
        writer.header({**about, "tables": columns})
        for name, data in more:
            writer.part(name, data)
        tree = CheckedTree(session)
        rows = {}
        for table in tables:
            stream = session.stream(select_in_order(table))
            watched = _watched(table.name, stream, tree, size, progress)
            rows[table.name] = _write_rows(writer, table.name, watched)
        tree_root = tree.finish(size)
    report = BackupReport(size, tree_root, max(tree.signed, default=None), rows)
    told = {"root": tree_root.hex(), "checkpoint": report.checkpoint, "rows": rows}
    manifest = writer.finish({**about, **told})
    writer.close(key.sign(signed_text(manifest)))
    return report


def select_in_order(table: Table) -> str:
    """Return the query that gives every row of a table in the order of its key."""
    columns = ", ".join(column.name for column in table.columns)
    keys = ", ".join(column.name for column in table.primary_key)
    return f"SELECT {columns} FROM {table.name} ORDER BY {keys}"  # noqa: S608 -- names of our own


def _watched(
    table: str, stream: Iterator[list[Row]], tree: CheckedTree, size: int, progress: Progress
) -> Iterator[list[Row]]:
    """Pass rows on; hash those of entries, and say how far entries and groups have come."""
    done = {"entry": 0, "disclosure": size}.get(table)
    for rows in stream:
        if table == "entry":
            tree.add(rows)
        yield rows
        if done is not None:
            progress(done + rows[-1][0] + 1, 2 * size)


def _write_rows(writer: BackupWriter, name: str, stream: Iterator[list[Row]]) -> int:
    count, held = 0, bytearray()
    for rows in stream:
        for row in rows:
            held += _ENCODER.encode(row)
            held += b"\n"
            if len(held) >= PART_BYTES:
                writer.part(name, bytes(held), ".jsonl")
                held.clear()
        count += len(rows)
    if held:
        writer.part(name, bytes(held), ".jsonl")
    return count


class CheckedTree:
    """The tree over leaves as they pass, held against every checkpoint; keeps no leaf."""

    def __init__(self, session: Session) -> None:
        """Read the checkpoints that the leaves are to be held against, none where none stand yet."""
        sql = "SELECT size, root FROM checkpoint ORDER BY size"
        self.signed = {size: bytes(root) for size, root in session.rows(sql)}
        self._waiting = sorted(self.signed, reverse=True)
        self._frontier = Frontier()

    def add(self, rows: Sequence[Row]) -> None:
        """Take rows of `entry` in order. Raises BackupRefused for a gap, or a hash that is not the leaf's."""
        begun = self._frontier.count
        if [row[0] for row in rows] != list(range(begun, begun + len(rows))):
            raise BackupRefused(f"seq has a gap after {begun - 1}; run the doctor", where="entry")
        hashes = [leaf_hash(bytes(row[_LEAF])) for row in rows]
        for row, made in zip(rows, hashes, strict=True):
            if made != bytes(row[_LEAF_HASH]):
                raise BackupRefused(
                    "the leaf does not have its stored hash; run the doctor", where=f"entry[{row[0]}]"
                )
        at = 0
        while self._waiting and self._waiting[-1] <= begun + len(hashes):
            size = self._waiting.pop()
            self._frontier.extend(hashes[at : size - begun])
            at = size - begun
            self._compare(size)
        self._frontier.extend(hashes[at:])

    def finish(self, size: int) -> bytes:
        """Return the root over all. Raises BackupRefused when entries are missing."""
        if self._frontier.count != size or (self.signed and max(self.signed) > size):
            raise BackupRefused(
                f"{max((size, *self.signed))} entries were signed for and {self._frontier.count} are left;"
                " run the doctor",
                where="log",
            )
        if 0 in self._waiting:
            self._compare(0)
        return self._frontier.root()

    def _compare(self, size: int) -> None:
        if self._frontier.root() != self.signed[size]:
            raise BackupRefused(
                "the entries are not those that were signed; run the doctor", where=f"checkpoint[{size}]"
            )
