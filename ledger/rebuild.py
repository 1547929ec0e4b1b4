"""Rebuild: drop everything derived and make it again from entries and their open groups.

Every family of derived.py comes back as the same rows; erased groups are named, not guessed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
from sqlalchemy import Engine

from ledger.database import WRITER_LOCK, Session, session_of
from ledger.derived import DERIVED, FAMILIES, rows_in_order
from ledger.privileges import require_owner
from ledger.replay import chunks
from ledger.triggers import assert_triggers, drop_triggers


@dataclass(frozen=True, slots=True)
class ErasedGroup:
    """A group whose content is gone: of which entry, at which position, by which entry, and why."""

    seq: int
    position: int
    name: str
    by_seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild found: digests of the derived rows before and after, and the erased groups."""

    entries: int
    before: dict[str, str]
    after: dict[str, str]
    erased: list[ErasedGroup]

    @property
    def unchanged(self) -> bool:
        """Tell whether every derived row came back as it was."""
        return self.before == self.after


def derived_digests(session: Session) -> dict[str, str]:
    """Return the SHA-256, in hex, of each derived table's rows."""
    encoder = msgspec.msgpack.Encoder()
    digests = {}
    for table in DERIVED:
        digest = hashlib.sha256()
        for rows in session.stream(rows_in_order(table)):
            for row in rows:
                digest.update(encoder.encode(row))
        digests[table] = digest.hexdigest()
    return digests


def erased_groups(session: Session) -> list[ErasedGroup]:
    """Return every erased group, in order of the log."""
    sql = "SELECT seq, position, name, by_seq, reason FROM erasure ORDER BY seq, position"
    return [ErasedGroup(*row) for row in session.rows(sql)]


def rebuild(engine: Engine) -> RebuildReport:
    """Drop every derived row and derive it again, in one transaction that readers do not see half done.

    A difference between the digests means that someone had changed derived rows; they are right now. On
    PostgreSQL the connected role must own the tables, or OwnerNeeded is raised.
    """
    with engine.begin() as connection:
        require_owner(connection, "rebuilding")
        session = session_of(connection)
        if session.dialect == "postgresql":
            session.rows("SELECT pg_advisory_xact_lock(?)", (WRITER_LOCK,))
        before = derived_digests(session)
        drop_triggers(connection, DERIVED)
        for table in reversed(DERIVED):
            session.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of our own
        size = derive_all(session)
        assert_triggers(connection)
        return RebuildReport(size, before, derived_digests(session), erased_groups(session))


def derive_all(session: Session) -> int:
    """Fill every derived table, all of them empty, from the log; return how many entries were read."""
    families, size = [family() for family in FAMILIES], 0
    for chunk in chunks(session):
        for family in families:
            family.add(session, chunk)
        size = chunk.end
    return size
