"""Rebuild: drop everything derived and make it again from entries and their open groups.

Accounts, postings, line events and tiles come back as the same rows; erased groups are named, not guessed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
from sqlalchemy import Engine

from ledger.database import WRITER_LOCK, Session, session_of
from ledger.derive import Accounts
from ledger.replay import chunks, derive_chunk
from ledger.tiles import add_tiles
from ledger.triggers import assert_triggers, drop_triggers

DERIVED = {
    "account": "SELECT id, owner, agreement, purpose, currency FROM account ORDER BY id",
    "posting": "SELECT seq, n, account, amount_minor, clause, kind FROM posting ORDER BY seq, n",
    "line_event": (
        "SELECT seq, position, agreement, order_id, line_id, event, revision, occurred_us, recorded_us"
        " FROM line_event ORDER BY seq"
    ),
    "tile": "SELECT level, idx, hashes, root FROM tile ORDER BY level, idx",
}
"""Each derived table with a query that gives its rows in their one order."""


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
    for table, sql in DERIVED.items():
        digest = hashlib.sha256()
        for rows in session.stream(sql):
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

    A difference between the digests means that someone had changed derived rows; they are right now.
    """
    with engine.begin() as connection:
        session = session_of(connection)
        if session.dialect == "postgresql":
            session.rows("SELECT pg_advisory_xact_lock(?)", (WRITER_LOCK,))
        before = derived_digests(session)
        drop_triggers(connection, DERIVED)
        for table in reversed(["account", "posting", "line_event", "tile"]):
            session.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of our own
        accounts, size = Accounts({}, 0), 0
        for chunk in chunks(session):
            derive_chunk(chunk, accounts).store(session)
            add_tiles(session, chunk.start, chunk.end)
            size = chunk.end
        assert_triggers(connection)
        return RebuildReport(size, before, derived_digests(session), erased_groups(session))
