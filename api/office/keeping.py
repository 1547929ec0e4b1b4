"""Backing up an installation and restoring it: log, members, embedded chain, the files of exhibits.

Not in a backup, by choice: keys (whoever held the backup could sign as the log), sign-ins and answers kept
for requests (both end by themselves, and answers may repeat what was erased since), and the lines behind
statements, which the log gives again. What a backup of the log is, is said in ledger/backup.py.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from filecmp import cmp
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

from sqlalchemy import Table
from sqlmodel import SQLModel

from api.members.models import Member, Membership, WrittenSource
from api.office.exhibits import FOLDER, exhibit_files
from api.office.log_keys import CURRENT, signing_keys
from api.office.opening import Office, open_database, utc_now
from api.office.sealing import FILE, Said, file_faults, said_of_chain
from api.settings import Settings, private_folder
from contracts.errors import ChainFileUnusable
from ledger.backup import BackupReport, Progress, back_up
from ledger.backup_file import PART_BYTES, BackupReader, BackupWriter
from ledger.errors import BackupRefused, RestoreRefused
from ledger.exhibits.files import ArrivingFiles, ExhibitFiles
from ledger.restore import RestoreReport, restore
from ledger.rotation import SigningKeys

MEMBER_TABLES = tuple(str(model.__tablename__) for model in (Member, Membership, WrittenSource))
"""Tables beside the log's that a backup holds."""

LEFT_OUT = ("member_session", "kept_answer", "alembic_version")
"""Tables that no backup holds: what is in them ends by itself, or is made anew."""

_CHAIN = (FILE, "chain.json")
_DIGEST_LENGTH = 64


def back_up_office(office: Office, path: Path, progress: Progress) -> BackupReport:
    """Write a backup of an installation to a new file that only its owner may read, whole or not at all.

    Writers go on meanwhile. Raises FileExistsError, and BackupRefused for a log that contradicts itself or a
    chain's file that contradicts the log; one that is gone keeps no log from being backed up.
    """
    data = office.settings.data_dir
    with ExitStack() as held, _new_file(path) as file, BackupWriter(file) as writer:

        def chain_parts() -> Iterator[tuple[str, bytes]]:
            folder = Path(held.enter_context(TemporaryDirectory(dir=data, prefix=".backup-")))
            said = said_of_chain(office)
            copies = [_copy_of_chain(data, folder, name) for name in _CHAIN if _is_filled(data / name)]
            _require_chain(folder / FILE, said)
            return chain(_pieces(copies), _exhibit_pieces(exhibit_files(office)))

        return back_up(
            office.engine,
            writer,
            office.log_key,
            utc_now(),
            others=_member_tables(),
            files=chain_parts,
            progress=progress,
        )


def restore_office(
    settings: Settings, path: Path, *, key_lost: bool, known: Sequence[str], progress: Progress
) -> RestoreReport:
    """Restore a backup into an installation that holds nothing yet but, unless it is lost, the log's key.

    `known` are checkpoints that were kept elsewhere, as notes. Raises BackupUnreadable, BackupRefused,
    RestoreRefused. The lines behind statements are the caller's to make again.
    """
    data = settings.data_dir
    with path.open("rb") as file:
        reader = BackupReader(file, path.name)
        keys = None if key_lost else _keys_of(data, reader).verifiers
        engine = open_database(settings)
        try:
            with _Files(data) as files:
                return restore(
                    engine,
                    reader,
                    keys,
                    others=_member_tables(),
                    known=known,
                    keep_file=files.keep,
                    settle=files.settle,
                    progress=progress,
                )
        finally:
            engine.dispose()


def _member_tables() -> list[Table]:
    return [SQLModel.metadata.tables[name] for name in MEMBER_TABLES]


def _keys_of(data: Path, reader: BackupReader) -> SigningKeys:
    path = data / "keys" / CURRENT
    if not path.exists():
        raise RestoreRefused(
            f"the key of the log {reader.header.get('log')!s:.80} is wanted here first: copy it from where"
            " you keep it, or restore with --key-lost",
            where=str(path),
        )
    return signing_keys(path.parent)


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is whole and on disk."""
    if path.exists():
        raise FileExistsError(17, "there is such a file; name another", str(path))
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _copy_of_chain(data: Path, folder: Path, name: str) -> Path:
    """Copy a file of the chain as it stands at one moment, whoever writes to it."""
    copy = folder / name
    if name.endswith(".json"):
        copy.write_bytes((data / name).read_bytes())
        return copy
    try:
        with closing(sqlite3.connect(data / name)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as fault:
        raise _no_sound_chain(f"cannot be copied: {fault}") from fault
    return copy


def _require_chain(copy: Path, said: Said) -> None:
    """Refuse a copy of the chain that is not as the log says. Raises BackupRefused."""
    fault = next(file_faults(copy, said), None) if _is_filled(copy) else None
    if fault is not None:
        raise _no_sound_chain(f"{fault.path}: {fault.message}")


def _no_sound_chain(what: str) -> BackupRefused:
    return BackupRefused(
        f"{what}; run the doctor and restore it from a backup, or move it away to back up the log without it",
        where=FILE,
    )


def copy_chain(office: Office, path: Path) -> int:
    """Copy the embedded chain's file as it stands at one moment to a new file; return the copy's bytes.

    Raises FileExistsError, and ChainFileUnusable where no chain was begun.
    """
    data = office.settings.data_dir
    if not _is_filled(data / FILE):
        raise ChainFileUnusable("no chain was begun here: nothing is anchored yet", where=str(data / FILE))
    with TemporaryDirectory(dir=data, prefix=".copy-") as folder, _new_file(path) as file:
        copy = _copy_of_chain(data, Path(folder), FILE)
        with copy.open("rb") as made:
            shutil.copyfileobj(made, file)
    return path.stat().st_size


def _pieces(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(PART_BYTES):
                yield path.name, piece


def _exhibit_pieces(files: ExhibitFiles) -> Iterator[tuple[str, bytes]]:
    """Yield the files of exhibits as parts of one name, each led by the digest of the whole."""
    for sha256, piece in files.pieces():
        yield FOLDER, sha256.encode() + piece


class _Files:
    """Files beside the database as they are restored: written apart, and given their names at the end.

    A file that stands there already is refused unless it is the same, as after a restore that was killed
    between naming the files and committing the rows.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._fresh: dict[str, Path] = {}
        self._exhibits = ArrivingFiles(ExhibitFiles(data / FOLDER))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for path in self._fresh.values():
            path.unlink(missing_ok=True)
        self._exhibits.close()

    def keep(self, name: str, data: bytes) -> None:
        """Take the next part of a file."""
        if name == FOLDER:
            private_folder(self._data)
            self._exhibits.take(data[:_DIGEST_LENGTH].decode(errors="replace"), data[_DIGEST_LENGTH:])
            return
        if name not in _CHAIN:
            raise RestoreRefused(
                f"this release keeps no file '{name[:60]}'; restore with a newer", where="backup"
            )
        if name not in self._fresh:
            private_folder(self._data)
            self._fresh[name] = self._data / f".{name}.{secrets.token_hex(4)}"
            os.close(os.open(self._fresh[name], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self._fresh[name].open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def settle(self) -> None:
        """Give every file its name. Raises RestoreRefused where another stands under it."""
        for name in _CHAIN:
            path, fresh = self._data / name, self._fresh.get(name)
            if _is_filled(path) and (fresh is None or not cmp(path, fresh, shallow=False)):
                raise RestoreRefused("stands there already; move it away", where=str(path))
        self._exhibits.settle()
        for name, fresh in self._fresh.items():
            fresh.replace(self._data / name)
        _sync_folder(self._data)
