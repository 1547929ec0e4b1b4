"""Parts of a file that an earlier import of it took, so that importing it again passes over their rows.

A transaction of an import notes in its `batch.taken` entry which rows it covers, where everything that they
state was new and nothing about them has to be said again. The rows of such a part are read and counted, no
more, as long as the log holds nothing else of their lines: then reading them would find repeats alone.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from ledger.database import reading
from ledger.intake.batches import GROUP, TAKEN_KIND
from ledger.intake.report import EventCounts
from ledger.intake.terms import IntakeTerms
from ledger.leaves import read_content
from ledger.log import Log
from ledger.voids import read_voids
from policies.canonical import canonical_bytes


class Part(msgspec.Struct, frozen=True):
    """Rows that one transaction covered: how many, after how many others, and what they state.

    `terms_sha256` identifies the versions under which they were read, and when each takes effect.
    """

    after_rows: int
    rows: int
    idle_rows: int
    stated: EventCounts
    terms_sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return the part as it stands in the log."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class TakenPart(msgspec.Struct, frozen=True):
    """A part, the entries first <= seq < stop that it gave, and the latest time that they speak of."""

    part: Part
    first: int
    stop: int
    latest: datetime


class _Content(msgspec.Struct):
    file_sha256: str
    mapping_sha256: str
    first: int
    stop: int
    part: Part | None = None


def terms_sha256(terms: IntakeTerms) -> str:
    """Return a digest of what decides under which version a line falls."""
    versions = [[one.reference, one.effective_from.isoformat()] for one in terms.versions]
    if terms.ends is not None:
        versions.append([terms.agreement, terms.ends.isoformat()])
    return hashlib.sha256(canonical_bytes(versions)).hexdigest()


def taken_parts(log: Log, terms: IntakeTerms, file_sha256: str, mapping_sha256: str) -> dict[int, TakenPart]:
    """Return the parts of a file that stand under an agreement, by how many rows come before them."""
    known = terms_sha256(terms)
    sql = (
        "SELECT e.occurred_at, d.opened FROM entry e JOIN disclosure d ON d.seq = e.seq"
        " WHERE e.kind = ? AND e.agreement > ? AND e.agreement < ? AND d.name = ? ORDER BY e.seq"
    )
    found: dict[int, TakenPart] = {}
    with reading(log.engine) as session:
        versions = f"{terms.agreement}@", f"{terms.agreement}A"
        voids = read_voids(session, terms.agreement)
        for occurred_at, opened in session.rows(sql, (TAKEN_KIND, *versions, GROUP)):
            told = msgspec.json.decode(read_content(bytes(opened)), type=_Content)
            if told.part is None or told.part.terms_sha256 != known:
                continue
            if (told.file_sha256, told.mapping_sha256) != (file_sha256, mapping_sha256):
                continue
            if voids.voided_by(told.first) is None:
                latest = datetime.fromisoformat(occurred_at)
                found[told.part.after_rows] = TakenPart(told.part, told.first, told.stop, latest)
    return found


def is_alone(log: Log, agreement: str, taken: TakenPart) -> bool:
    """Tell whether the log holds nothing of a part's lines but what the part gave."""
    sql = (  # the OFFSET keeps PostgreSQL from reading the whole table to join it with these few
        "SELECT 1 FROM line_event mine WHERE mine.seq >= ? AND mine.seq < ? AND mine.agreement = ?"
        " AND EXISTS (SELECT 1 FROM line_event other WHERE other.agreement = mine.agreement"
        " AND other.order_id = mine.order_id AND other.line_id = mine.line_id"
        " AND (other.seq < ? OR other.seq >= ?) LIMIT 1 OFFSET 0) LIMIT 1"
    )
    within = taken.first, taken.stop
    with reading(log.engine) as session:
        return not session.rows(sql, (*within, agreement, *within))
