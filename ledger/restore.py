"""Restoring a log from a backup into an empty database: verified as a whole before it is kept, or not at all.

One transaction loads the rows, holds every part against the manifest, hashes the leaves, and examines the
result as the doctor does, making the derived tables again on the way. Only then is it committed, so that a
process killed on the way leaves the database as empty as it was. What stands beside the database is the
caller's to keep, through `keep_file` and `settle`. The form of the file is in backup_file.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Engine, Integer, LargeBinary, Table

from ledger.backup import KEPT, CheckedTree, Progress
from ledger.backup_file import BackupReader, Part, signed_text
from ledger.checkpoints import parse_checkpoint
from ledger.database import Row, Session, writing
from ledger.doctor import examine_rows
from ledger.errors import BackupRefused, BackupUnreadable, NoteInvalid, RestoreRefused
from ledger.notes import VerifierKey, open_note, split_note
from ledger.rotation import keys_back_from
from ledger.tables import TABLES
from ledger.tiles import StoredTree
from ledger.tree import root
from policies.errors import Finding

_SHOWN = 3
_NEVER = ("log.", "leaf.", "checkpoint.")
"""Findings that no backup of ours can have: they would have stopped it from being made."""
_STEPS = 3
"""Entries, groups, the examination that derives on its way: each passes over the whole log once."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored: whose log, as of when, how much, and what the doctor finds in it."""

    log: str
    made_at: str
    entries: int
    root: bytes
    checkpoint: int | None
    rows: dict[str, int]
    findings: list[Finding]


def restore(  # noqa: PLR0913 -- from where, to where, trusted by what, and what else
    engine: Engine,
    reader: BackupReader,
    keys: Sequence[VerifierKey] | None,
    *,
    others: Sequence[Table] = (),
    known: Sequence[str] = (),
    keep_file: Callable[[str, bytes], None] = lambda _name, _data: None,
    settle: Callable[[], None] = lambda: None,
    progress: Progress = lambda _done, _total: None,
) -> RestoreReport:
    """Restore a backup into a migrated, empty database.

    The backup must be signed by one of the keys, or one that they replaced by a rotation in it; with None, as
    where the key is lost, nobody's signature is looked for, and then a log in which the doctor finds anything
    is refused. `known` are checkpoints kept elsewhere, as notes, that the backup must reach. `others` are
    tables beside the log's. `keep_file` is given the parts that are no rows; `settle` is called when all has
    been checked, just before the commit.

    Raises BackupUnreadable, BackupRefused, and RestoreRefused when something stands there already.
    """
    with writing(engine) as session:
        require_empty(session, others)
        tree = _load(session, reader, others, keep_file, progress)
        manifest = reader.manifest
        keys = None if keys is None else keys_back_from(session, keys)
        _check_signature(reader, keys)
        size, tree_root = _size(reader), tree.finish(_size(reader))
        if tree_root.hex() != manifest.get("root"):
            raise BackupRefused("the entries do not have the root that the manifest gives", where=reader.name)
        examined = examine_rows(
            session, keys, lambda done: progress(2 * size + done, _STEPS * size), derive=True
        )
        findings = list(examined)
        _check_known(session, known, keys, size, reader.name)
        if keys is None or any(one.code.startswith(_NEVER) for one in findings):
            _refuse(findings, reader.name)
        settle()
    return RestoreReport(
        log=str(manifest.get("log")),
        made_at=str(manifest.get("made_at")),
        entries=size,
        root=tree_root,
        checkpoint=manifest.get("checkpoint"),
        rows=manifest.get("rows", {}),
        findings=findings,
    )


def _refuse(findings: Sequence[Finding], where: str) -> None:
    if findings:
        shown = "; ".join(f"{one.path}: {one.message} [{one.code}]" for one in findings[:_SHOWN])
        raise BackupRefused(f"{len(findings)} fault(s) in the log itself: {shown}", where=where)


def require_empty(session: Session, others: Sequence[Table]) -> None:
    """Raise RestoreRefused where a table of the log, or another that a backup fills, holds a row."""
    for name in (*TABLES, *(table.name for table in others)):
        if session.rows(f"SELECT 1 FROM {name} LIMIT 1"):  # noqa: S608 -- names of our own
            raise RestoreRefused(
                f"'{name}' holds rows already; name another database, or move this one away", where="database"
            )


def _load(
    session: Session,
    reader: BackupReader,
    others: Sequence[Table],
    keep_file: Callable[[str, bytes], None],
    progress: Progress,
) -> CheckedTree:
    """Insert the rows of every table; return the tree over the entries."""
    loaders = _loaders(reader, others)
    counts = dict.fromkeys(loaders, 0)
    size, tree = _size(reader), CheckedTree(session)
    for part in reader.parts():
        if part.of not in loaders:
            if part.name.endswith(".jsonl"):
                raise BackupUnreadable(f"{part.of} has no columns in the header", where=reader.name)
            keep_file(part.of, part.data)
            continue
        rows = loaders[part.of].read(part, reader.name)
        if part.of == "entry":
            tree.add(rows)
        _insert(session, loaders[part.of].table, rows, f"{reader.name}, {part.name}")
        counts[part.of] += len(rows)
        if part.of in {"entry", "disclosure"} and rows:
            progress((size if part.of == "disclosure" else 0) + rows[-1][0] + 1, _STEPS * size)
    if counts != reader.manifest.get("rows"):
        raise BackupRefused("a table has another number of rows than the manifest says", where=reader.name)
    return tree


def _size(reader: BackupReader) -> int:
    size = reader.header.get("entries")
    if not isinstance(size, int) or size < 0:
        raise BackupUnreadable("the header does not say how many entries there are", where=reader.name)
    return size


@dataclass(frozen=True, slots=True)
class _Loader:
    """Reads the lines of one table into rows of the types that its columns have."""

    table: Table
    decoder: msgspec.json.Decoder[Any]

    def read(self, part: Part, name: str) -> list[Row]:
        try:
            rows: list[Row] = self.decoder.decode_lines(part.data)
        except msgspec.DecodeError as fault:
            raise BackupUnreadable(f"{part.name} cannot be read: {fault}", where=name) from fault
        return rows


def _loaders(reader: BackupReader, others: Sequence[Table]) -> dict[str, _Loader]:
    tables = {table.name: table for table in (*KEPT, *others)}
    told = reader.header.get("tables")
    if not isinstance(told, dict):
        raise BackupUnreadable("the header does not say which tables there are", where=reader.name)
    loaders = {}
    for name, columns in told.items():
        table = tables.get(name)
        if table is None or columns != [column.name for column in table.columns]:
            raise BackupUnreadable(
                f"table {name!r:.60} is not as in this release; restore with the release that made the"
                " backup, then upgrade",
                where=reader.name,
            )
        kinds = tuple(_kind(column.type, nullable=bool(column.nullable)) for column in table.columns)
        loaders[name] = _Loader(table, msgspec.json.Decoder(GenericAlias(tuple, kinds)))
    return loaders


def _kind(column_type: object, *, nullable: bool) -> Any:
    kind: Any = bytes if isinstance(column_type, LargeBinary) else str
    if isinstance(column_type, Integer):
        kind = int
    return kind | None if nullable else kind


def _insert(session: Session, table: Table, rows: Sequence[Row], where: str) -> None:
    try:
        if table.name in TABLES:
            session.insert(table.name, rows)
            return
        names = [column.name for column in table.columns]
        sql = f"INSERT INTO {table.name} ({','.join(names)}) VALUES ({','.join('?' * len(names))})"  # noqa: S608
        for row in rows:
            session.execute(sql, row)
    except (sqlite3.IntegrityError, psycopg.IntegrityError, psycopg.DataError) as fault:
        raise BackupRefused(f"the database refuses its rows: {fault}", where=where) from fault


def _check_signature(reader: BackupReader, keys: Sequence[VerifierKey] | None) -> None:
    try:
        text = split_note(reader.note)[0] if keys is None else open_note(reader.note, keys)
    except NoteInvalid as fault:
        log = f"{reader.header.get('log')!s:.60}"
        mine = " or ".join(key.name for key in keys or ())
        raise BackupRefused(
            f"it is of the log {log}, and is not signed by the key here, {mine}: {fault.message}",
            where=reader.name,
        ) from fault
    if text != signed_text(reader.manifest_bytes):
        raise BackupRefused("the manifest is not the one that was signed", where=reader.name)


def _check_known(
    session: Session, known: Sequence[str], keys: Sequence[VerifierKey] | None, size: int, where: str
) -> None:
    for note in known:
        checkpoint = parse_checkpoint(note, keys)
        if checkpoint.size > size:
            raise BackupRefused(
                f"it holds {size} entries, and the checkpoint given signs {checkpoint.size}: restore a later"
                " backup, or what came after it is lost",
                where=where,
            )
        if root(StoredTree(session), checkpoint.size) != checkpoint.root:
            raise BackupRefused(
                f"its first {checkpoint.size} entries are not those that the checkpoint given signs",
                where=where,
            )
