"""The doctor: reads the whole database and says what is not as the log promises. Changes nothing.

It finds what someone with access to the database may have done: a dropped trigger, a changed byte, a gap, a
swapped pair, a derived row that no entry gives, a checkpoint that the entries contradict. What only the
parties can notice (a past rewritten from end to end) they notice by checkpoints that they keep.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Engine

from ledger.balanced import unbalanced
from ledger.checkpoints import parse_checkpoint
from ledger.cosignatures import cosignature_faults
from ledger.database import Session, reading
from ledger.derived import FAMILIES, Comparing, Family, Tiles
from ledger.erasing import ERASED_KIND
from ledger.errors import EntryInvalid, NoteInvalid
from ledger.indexes_postgres import index_faults
from ledger.leaves import commitment, leaf_bytes, microseconds, read_leaf, read_opened, recorded_text
from ledger.notes import VerifierKey
from ledger.party_audit import PartyAudit
from ledger.party_trees import PartyRows
from ledger.prepare import readers_text
from ledger.reading import Entry, tip
from ledger.replay import Chunk, OpenGroup, chunks
from ledger.reversals import unfit_reversals
from ledger.rotation import keys_back_from
from ledger.schema import missing_tables, schema_faults
from ledger.schema_sqlite import sqlite_damage
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH
from ledger.tree import MemoryTree, leaf_hash, perfect_root, root
from ledger.triggers import trigger_faults
from policies.errors import Finding

FINDINGS_LIMIT = 1_000
"""The doctor stops after this many findings: by then the remedy is a backup."""


Erased = dict[tuple[int, int], tuple[int, str, str]]
"""By seq and position of an erased group: the entry that says so, the group's name, and the reason."""


def examine(
    engine: Engine,
    keys: Sequence[VerifierKey] | None = None,
    progress: Callable[[int], None] = lambda _entries: None,
) -> list[Finding]:
    """Return every fault found, none for a sound log.

    With keys, checkpoints must be signed by one of them, or by one that rotations lead back to from there.
    `progress` is told how many entries have been read. `Finding.path` names the table and row.
    """
    with engine.connect().execution_options(tallystick_reads=True) as connection, connection.begin():
        missing = missing_tables(connection)
    if missing:
        return [_fault("database.unmigrated", missing[0], "the table is missing; migrate first")]
    findings = _schema_findings(engine)
    unfit = len(findings)
    try:
        findings += _index_findings(engine)
        with reading(engine) as session:
            for finding in islice(examine_rows(session, keys, progress), FINDINGS_LIMIT):
                findings.append(finding)
    except (sqlite3.Error, psycopg.Error, TypeError) as fault:
        if not unfit:
            raise
        reason = str(fault).partition("\n")[0]
        findings.append(_fault("database.unreadable", "rows", f"{reason}; mend the schema first"))
    return findings


def _fault(code: str, path: str, message: str) -> Finding:
    return Finding(code=code, severity="error", message=message, path=path)


def _schema_findings(engine: Engine) -> list[Finding]:
    with engine.connect().execution_options(tallystick_reads=True) as connection, connection.begin():
        faults = trigger_faults(connection)
        others = schema_faults(connection)
        damage = sqlite_damage(connection) if engine.dialect.name == "sqlite" else []
    return [
        *(_fault("trigger.unfit", "schema", f"{text}; migrate to assert it again") for text in faults),
        *(_fault("schema.unfit", "schema", text) for text in others),
        *(_fault("database.damaged", "file", text) for text in damage),
    ]


def _index_findings(engine: Engine) -> list[Finding]:
    if engine.dialect.name != "postgresql":
        return []
    with reading(engine) as session:
        return [
            _fault("index.unfit", name, f"{what}; run REINDEX INDEX {name}")
            for name, what in index_faults(session)
        ]


def examine_rows(
    session: Session,
    keys: Sequence[VerifierKey] | None,
    progress: Callable[[int], None] = lambda _entries: None,
    *,
    derive: bool = False,
) -> Iterator[Finding]:
    """Yield what is wrong with the rows that a transaction sees; see examine.

    With `derive` the derived tables, all of them empty, are filled on the way instead of being compared, as a
    restore wants it; what a family refuses is then raised.
    """
    erased = {
        (seq, position): (by_seq, name, reason)
        for seq, position, name, by_seq, reason in session.rows(
            "SELECT seq, position, name, by_seq, reason FROM erasure"
        )
    }
    yield from _check_gaps(session)
    yield from _check_erasures(session, erased)
    # Tiles are held against the leaves' own bytes by TileTree, not against what is stored of them.
    families = [family() for family in FAMILIES if derive or family is not Tiles]
    comparing, tree, parties = Comparing(session), TileTree(session), PartyAudit(session)
    families = [parties if isinstance(family, PartyRows) else family for family in families]
    for chunk in chunks(session):
        for entry in chunk.entries:
            yield from _check_entry(entry, chunk.groups.get(entry.seq, []), erased)
        if derive:
            for family in families:
                family.add(session, chunk)
        else:
            yield from _derived_faults(families, comparing, chunk)
        for seq, currency in unbalanced(session, chunk.start, chunk.end):
            message = f"the postings do not sum to zero in {currency}"
            yield _fault("posting.unbalanced", f"entry[{seq}]", message)
        yield from parties.findings()
        yield from tree.add(chunk)
        progress(chunk.end)
    if not derive:
        yield from _derived_counts(session, comparing)
    for seq, n, what in unfit_reversals(session):
        yield _fault("reversal.unfit", f"posting[{seq},{n}]", what)
    yield from tree.finish()
    yield from parties.findings()
    yield from _check_checkpoints(session, tree, keys)


def _check_gaps(session: Session) -> Iterator[Finding]:
    size = tip(session)[0]
    count, lowest = session.rows("SELECT count(*), coalesce(min(seq), 0) FROM entry")[0]
    if count != size or lowest != 0:
        yield _fault("log.gap", "entry", f"{count} entries where seq runs from {lowest} to {size - 1}")
    orphans = session.rows(
        "SELECT d.seq, d.position FROM disclosure d LEFT JOIN entry e ON e.seq = d.seq"
        " WHERE e.seq IS NULL LIMIT 1"
    )
    for seq, position in orphans:
        yield _fault("group.orphan", f"disclosure[{seq},{position}]", "a group of no entry")


def _check_erasures(session: Session, erased: Erased) -> Iterator[Finding]:
    for (seq, position), (by_seq, name, reason) in sorted(erased.items()):
        path = f"erasure[{seq},{position}]"
        rows = session.rows(
            "SELECT e.kind, d.opened FROM entry e JOIN disclosure d ON d.seq = e.seq AND d.position = 0"
            " WHERE e.seq = ?",
            (by_seq,),
        )
        said: dict[str, Any] = (
            msgspec.json.decode(rows[0][1])["content"] if rows and rows[0][0] == ERASED_KIND else {}
        )
        if [said.get(key) for key in ("seq", "position", "group", "reason")] != [seq, position, name, reason]:
            yield _fault(
                "erasure.unrecorded", path, f"entry {by_seq} does not say that this was erased, and why"
            )


def _check_entry(entry: Entry, groups: Sequence[OpenGroup], erased: Erased) -> Iterator[Finding]:
    path = f"entry[{entry.seq}]"
    if leaf_hash(entry.leaf) != entry.leaf_hash:
        yield _fault("leaf.hash", path, "the leaf's bytes do not have the stored leaf hash")
    try:
        leaf = read_leaf(entry.leaf)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield _fault("leaf.unreadable", path, "the leaf's bytes are no leaf")
        return
    if leaf_bytes(leaf) != entry.leaf:
        yield _fault("leaf.uncanonical", path, "the leaf's bytes are not canonical")
    told = (leaf.seq, leaf.source, leaf.id, leaf.agreement, leaf.kind, leaf.occurred_at, leaf.asserter)
    e = entry
    columns = (e.seq, e.source, e.id, e.agreement, e.kind, e.occurred_at, e.asserter)
    if told != columns or leaf.recorded_at != recorded_text(entry.recorded_us) or not _same_instant(entry):
        yield _fault("entry.columns", path, "the columns do not say what the leaf says")
    open_positions = {group.position for group in groups}
    for position in range(len(leaf.groups)):
        if position not in open_positions and (entry.seq, position) not in erased:
            yield _fault("group.missing", f"disclosure[{entry.seq},{position}]", "gone with no erasure")
    for group in groups:
        if (entry.seq, group.position) in erased:
            yield _fault(
                "erasure.undone", f"disclosure[{entry.seq},{group.position}]", "erased, and still there"
            )
        yield from _check_group(entry.seq, group, leaf.groups)


def _same_instant(entry: Entry) -> bool:
    try:
        return microseconds(datetime.fromisoformat(entry.occurred_at)) == entry.occurred_us
    except (ValueError, TypeError):
        return False


def _check_group(seq: int, group: OpenGroup, commitments: Sequence[str]) -> Iterator[Finding]:
    path = f"disclosure[{seq},{group.position}]"
    if (
        group.position >= len(commitments)
        or len(group.salt) != 32
        or commitment(group.salt, group.opened).hex() != commitments[group.position]
    ):
        yield _fault("group.commitment", path, "the content is not what the leaf commits to")
        return
    opened = read_opened(group.opened)
    if (opened.name, readers_text(tuple(opened.readers))) != (group.name, group.readers):
        yield _fault("group.columns", path, "name or readers are not those of the content")


def _derived_faults(families: Sequence[Family], comparing: Comparing, chunk: Chunk) -> Iterator[Finding]:
    try:
        for family in families:
            family.add(comparing, chunk)
    except (ValueError, EntryInvalid, KeyError, TypeError) as fault:
        path = f"entry[{chunk.start}..{chunk.end - 1}]"
        yield _fault("derived.impossible", path, f"a group cannot be read: {fault}")
    for table, row, is_missing in islice(comparing.differing(), FINDINGS_LIMIT):
        what = "is missing" if is_missing else "comes from no entry"
        yield _fault("derived.unfit", f"{table}[{row[0]}]", f"row {row!r:.120} {what}; rebuild")


def _derived_counts(session: Session, comparing: Comparing) -> Iterator[Finding]:
    for family in FAMILIES:
        for table in family.tables if family is not Tiles else ():
            count = comparing.counts[table]
            stored = session.rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 -- names of our own
            if stored != count:
                message = f"{stored} rows where the entries give {count}; rebuild"
                yield _fault("derived.unfit", table, message)


class TileTree:
    """The tree recomputed from leaves and held against the stored tiles; keeps one hash per tile."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._roots: list[list[bytes]] = [[]]
        self._tops = MemoryTree()
        self.size = 0
        self._open: list[bytes] = []

    def add(self, chunk: Chunk) -> Iterator[Finding]:
        """Take the leaves of a chunk; yield findings on the tiles that they fill."""
        hashes = [*self._open, *(leaf_hash(entry.leaf) for entry in chunk.entries)]
        self.size += len(chunk.entries)
        full = len(hashes) - len(hashes) % TILE_WIDTH
        for at in range(0, full, TILE_WIDTH):
            yield from self._check_tile(0, hashes[at : at + TILE_WIDTH])
        self._open = hashes[full:]

    def _check_tile(self, level: int, hashes: list[bytes]) -> Iterator[Finding]:
        if level == len(self._roots):
            self._roots.append([])
        index, tile_root = len(self._roots[level]), perfect_root(hashes)
        self._roots[level].append(tile_root)
        if level == 0:
            self._tops.append(tile_root)
        sql = "SELECT hashes, root FROM tile WHERE level = ? AND idx = ?"
        stored = [(bytes(row[0]), bytes(row[1])) for row in self._session.rows(sql, (level, index))]
        if stored != [(b"".join(hashes), tile_root)]:
            what = "does not fit the leaves" if stored else "is missing"
            yield _fault("tile.unfit", f"tile[{level},{index}]", f"the tile {what}; rebuild")
        if len(self._roots[level]) % TILE_WIDTH == 0:
            yield from self._check_tile(level + 1, self._roots[level][-TILE_WIDTH:])

    def finish(self) -> Iterator[Finding]:
        """Yield a finding if there are tiles that no entries fill."""
        expected = sum(len(roots) for roots in self._roots)
        stored = self._session.rows("SELECT count(*) FROM tile")[0][0]
        if stored > expected:
            yield _fault("tile.unfit", "tile", f"{stored} tiles where the entries fill {expected}; rebuild")

    def subtree(self, height: int, index: int) -> bytes:
        """See tree.Subtrees: from the tiles' roots, or from the leaves below them."""
        if height >= TILE_HEIGHT:
            return self._tops.subtree(height - TILE_HEIGHT, index)
        sql = "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
        rows = self._session.rows(sql, (index << height, (index + 1) << height))
        return perfect_root([leaf_hash(bytes(row[0])) for row in rows])


def _check_checkpoints(
    session: Session, tree: TileTree, keys: Sequence[VerifierKey] | None
) -> Iterator[Finding]:
    roots: dict[int, bytes] = {}
    keys = None if keys is None else keys_back_from(session, keys)
    for size, stored_root, note in session.rows("SELECT size, root, note FROM checkpoint ORDER BY size"):
        path, roots[size] = f"checkpoint[{size}]", bytes(stored_root)
        try:
            checkpoint = parse_checkpoint(note, keys)
        except NoteInvalid as fault:
            yield _fault("checkpoint.note", path, str(fault))
            continue
        if (checkpoint.size, checkpoint.root) != (size, roots[size]):
            yield _fault("checkpoint.columns", path, "size or root are not those of the note")
        if checkpoint.size > tree.size:
            yield _fault("checkpoint.beyond", path, f"the log has only {tree.size} entries: its tail was cut")
        elif root(tree, checkpoint.size) != checkpoint.root:
            yield _fault("checkpoint.conflict", path, "the entries are not those that were signed")
    for code, path, text in cosignature_faults(session):
        yield _fault(code, path, text)
    for size, anchored in session.rows("SELECT size, root FROM anchor ORDER BY size"):
        if roots.get(size) != bytes(anchored):
            yield _fault("anchor.conflict", f"anchor[{size}]", "no checkpoint has that size and root")
