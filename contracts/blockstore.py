"""The embedded chain's file: keys and values in SQLite, one database transaction a block.

It knows bytes, not blocks. What is committed survives a killed process and a power cut (write-ahead log,
synchronous FULL); a block is there whole or not at all. Several processes may open one file: a writer holds
the file's write lock for the length of one block, and readers see whole blocks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import ChainFileUnusable

FORMAT = 1
"""Version of the file's layout, kept in SQLite's user_version."""

APPLICATION_ID = 0x54414C59
"""Marks the file as ours ("TALY"), kept in SQLite's application_id."""

WAIT_SECONDS = 30.0


class BlockStore:
    """A mapping of bytes to bytes on disk, read and written only inside a transaction.

    Not safe for use by two threads at once: the owner serialises.
    """

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Open or make the file; raises ChainFileUnusable where it is something else, or stays locked."""
        self._path = path
        try:
            self._connection = sqlite3.connect(
                path, timeout=wait_seconds, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as fault:
            raise ChainFileUnusable(f"cannot be opened: {fault}", where=str(path)) from fault
        self._inode = path.stat().st_ino
        try:
            # whose file it is comes first: another program's is left exactly as it was
            self._is_new()
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            with self.writing():
                self._lay_out()
        except sqlite3.DatabaseError as fault:
            self.close()
            raise ChainFileUnusable(f"not a chain file, or in use: {fault}", where=str(path)) from fault
        except ChainFileUnusable:
            self.close()
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Commit everything written inside as one whole, or nothing of it."""
        yield from self._transaction("BEGIN IMMEDIATE", "COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one unchanging state of the file; whatever is written inside is dropped."""
        yield from self._transaction("BEGIN", "ROLLBACK")

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._connection.close()

    def __getitem__(self, key: bytes) -> bytes:
        row = self._connection.execute("SELECT value FROM pair WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return bytes(row[0])

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._connection.execute(
            "INSERT INTO pair (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def __delitem__(self, key: bytes) -> None:
        if not self._connection.execute("DELETE FROM pair WHERE key = ?", (key,)).rowcount:
            raise KeyError(key)

    def __contains__(self, key: bytes) -> bool:
        return self._connection.execute("SELECT 1 FROM pair WHERE key = ?", (key,)).fetchone() is not None

    def _transaction(self, begin: str, end: str) -> Iterator[None]:
        self._require_in_place()
        self._control(begin)
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._control(end)

    def _require_in_place(self) -> None:
        """Refuse to go on in a file that was moved away: what is written there nobody would find."""
        try:
            at = self._path.stat().st_ino
        except FileNotFoundError:
            at = None
        if at != self._inode:
            raise ChainFileUnusable("was moved or replaced while in use; start again", where=str(self._path))

    def _control(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except sqlite3.OperationalError as fault:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise ChainFileUnusable(f"cannot be used now: {fault}", where=str(self._path)) from fault

    def _lay_out(self) -> None:
        if self._is_new():
            self._connection.execute(
                "CREATE TABLE pair (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
            )
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _is_new(self) -> bool:
        application, layout = self._pragma("application_id"), self._pragma("user_version")
        if (application, layout) == (APPLICATION_ID, FORMAT):
            return False
        tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables or application or layout:
            raise ChainFileUnusable(
                "another program's database, or another release's; name another file", where=str(self._path)
            )
        return True

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
