"""Batches: which entries of the log an import took, so that a wrong one can be voided as a whole.

Each transaction of an import ends in an entry `batch.taken`, which names the entries directly before it. All
of one file, mapping and agreement that still stand are one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.database import Session, reading
from ledger.derive import LINE_EVENTS
from ledger.entries import Group, NewEntry
from ledger.errors import EntryUnknown
from ledger.intake.terms import VersionTerms
from ledger.log import Log
from ledger.reading import content_of, read_told
from ledger.voids import read_voids

TAKEN_KIND, IMPORTED_KIND = "batch.taken", "file.imported"
GROUP, IMPORTED_GROUP = "batch", "import"
NAME_DIGITS = 12
"""Hex digits of a file's digest that name its batch."""

ENTRY_SOURCE = "intake"


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import took: the file and mapping by digest, ranges of entries, and whether it was voided.

    `name` is the beginning of the file's digest. A file imported again after its batch was voided, or under
    another mapping, makes another batch of the same name; `place` is no other's.
    """

    name: str
    agreement: str
    file_sha256: str
    mapping: str
    mapping_sha256: str
    ranges: tuple[tuple[int, int], ...]
    taken_at: str
    voided_by: int | None

    @property
    def first_seq(self) -> int:
        """The entry at which it begins."""
        return self.ranges[0][0]

    @property
    def place(self) -> str:
        """Its name and the entry at which it begins, NAME@SEQ, which name no other batch."""
        return f"{self.name}@{self.first_seq}"

    @property
    def entries(self) -> int:
        """How many entries it took."""
        return sum(stop - first for first, stop in self.ranges)


def taken_entry(
    taken: range,
    entry: NewEntry,
    version: VersionTerms,
    digests: tuple[str, str, str],
    part: dict[str, Any] | None,
) -> NewEntry:
    """Return the entry that names a range as taken; `entry` is the newest of it, whose time it bears.

    `digests` are the file's, the mapping's name and the mapping's digest; `part` as in resuming.py.
    """
    file_sha256, mapping, mapping_sha256 = digests
    content = {
        "agreement": version.reference.partition("@")[0],
        "file_sha256": file_sha256,
        "mapping": mapping,
        "mapping_sha256": mapping_sha256,
        "first": taken.start,
        "stop": taken.stop,
        **({"part": part} if part is not None else {}),
    }
    return NewEntry(
        source=ENTRY_SOURCE,
        id=f"taken/{taken.start}",
        kind=TAKEN_KIND,
        occurred_at=entry.occurred_at,
        asserter=entry.asserter,
        agreement=version.reference,
        concerns=version.readers,
        groups=(Group(GROUP, version.readers, content),),
    )


def batches(log: Log, agreement: str) -> list[Batch]:
    """Return every batch of an agreement, an id with no version, in the order in which they began."""
    with reading(log.engine) as session:
        return read_batches(session, agreement)


def read_batches(session: Session, agreement: str) -> list[Batch]:
    """Return every batch of an agreement as a transaction sees them."""
    voids = read_voids(session, agreement)
    found: dict[tuple[str, str, int | None], Batch] = {}
    for entry, opened in read_told(session, (TAKEN_KIND,), GROUP, agreement):
        content = content_of(opened)
        voided_by = voids.voided_by(content["first"])
        key = content["file_sha256"], content["mapping_sha256"], voided_by
        ranges = found[key].ranges if key in found else ()
        found[key] = Batch(
            content["file_sha256"][:NAME_DIGITS],
            content["agreement"],
            content["file_sha256"],
            content["mapping"],
            content["mapping_sha256"],
            (*ranges, (content["first"], content["stop"])),
            found[key].taken_at if key in found else entry.occurred_at,
            voided_by,
        )
    return sorted(found.values(), key=lambda one: one.ranges)


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """What a batch brought, by kind, and what its file held: None of a file whose import was not finished."""

    sales: int
    receipts: int
    refunds: int
    rows: int | None
    rejected_rows: int | None
    idle_rows: int | None


def batch_counts(log: Log, batch: Batch) -> BatchCounts:
    """Count what a batch holds; of its file the last import of it that was finished counts."""
    kinds = dict.fromkeys(LINE_EVENTS.values(), 0)
    sql = "SELECT event, count(*) FROM line_event WHERE agreement = ? AND seq >= ? AND seq < ? GROUP BY event"
    with reading(log.engine) as session:
        for first, stop in batch.ranges:
            for event, count in session.rows(sql, (batch.agreement, first, stop)):
                kinds[event] += count
        told = _imported(session, batch)
    of_file = [told.get(name) for name in ("rows", "rejected_rows", "idle_rows")]
    return BatchCounts(kinds["sale"], kinds["receipt"], kinds["refund"], *of_file)


def _imported(session: Session, batch: Batch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _, opened in read_told(session, (IMPORTED_KIND,), IMPORTED_GROUP, batch.agreement):
        content = content_of(opened)
        same = content["file_sha256"], content["mapping_sha256"]
        if same == (batch.file_sha256, batch.mapping_sha256):
            found = content
    return found


def named_batch(log: Log, agreement: str, name: str) -> Batch:
    """Return the batch of that name, the standing one where there is one, else the one voided last.

    NAME@SEQ says which, where there are several. Raises EntryUnknown.
    """
    found = [one for one in batches(log, agreement) if name in {one.name, one.place}]
    if not found:
        raise EntryUnknown(f"there is no batch '{name[:64]}'", where=agreement)
    return max(found, key=lambda one: (one.voided_by is None, one.ranges))


def standing_batch(log: Log, agreement: str, name: str) -> Batch:
    """Return the batch of that name that was not voided; `name` is what its digest begins with.

    NAME@SEQ says at which entry it begins, where several have one digest. Raises EntryUnknown where there is
    none, or several begin so.
    """
    digest, _, first = name.partition("@")
    known = [one for one in batches(log, agreement) if one.voided_by is None]
    found = [one for one in known if digest and one.file_sha256.startswith(digest)]
    if first:
        found = [one for one in found if str(one.first_seq) == first]
    if len(found) != 1:
        several = "several batches begin" if found else "no batch that stands begins"
        places = ", ".join(one.place for one in found or known) or "none"
        raise EntryUnknown(
            f"{several} with '{name[:64]}'; there are, each with the entry at which it begins: {places}",
            where=agreement,
        )
    return found[0]
