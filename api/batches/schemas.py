"""Batches and voids as JSON; see docs/how-to/void-an-import.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import PartyName

BatchState = Literal["taken", "proposed", "voided"]
"""Whether it counts, counts while somebody proposes to void it, or counts no more."""


@dataclass(frozen=True, slots=True)
class BatchShown:
    """What one file brought: its entries, and whether somebody proposed to void it, or two people did.

    `batch@first_seq` names no other batch, also where one file was imported under two mappings, or again.
    """

    batch: str
    first_seq: int
    agreement: str
    file_sha256: str
    mapping: str
    entries: int
    taken_at: str
    void_proposed_by: str | None
    reason: str | None
    voided_by_seq: int | None
    state: BatchState


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches, oldest first; `next_after` is the cursor of the next page, None at the end."""

    batches: tuple[BatchShown, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class StatementTouched:
    """A statement with lines that rest on the batch; the next run takes back what they gave."""

    statement: str
    party: PartyName
    lines: int


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """One batch: what it brought by kind, what its file held, and which statements rest on it.

    `rows`, `rejected_rows` and `idle_rows` are None where the import was not finished: import the file again.
    `statements` are those of the viewer's parties, all for who may void it and for auditors.
    """

    batch: BatchShown
    sales: int
    receipts: int
    refunds: int
    rows: int | None
    rejected_rows: int | None
    idle_rows: int | None
    statements: tuple[StatementTouched, ...]


@dataclass(frozen=True, slots=True)
class BatchActs:
    """What the viewer may do about a batch; who proposed to void it does not confirm it."""

    proposed: bool
    may_void: bool
    may_import: bool


@dataclass(frozen=True, slots=True)
class VoidProposed:
    """A proposal to void a batch, which another member has to confirm."""

    batch: str
    seq: int
    by: str
    reason: str
    statements: tuple[StatementTouched, ...]


@dataclass(frozen=True, slots=True)
class VoidConfirmed:
    """A voided batch: from entry `seq` on it counts no more."""

    batch: str
    seq: int
    proposed_by: str
    confirmed_by: str
    sales: int
    statements: tuple[StatementTouched, ...]


@dataclass(frozen=True, slots=True)
class VoidAsked:
    """What a proposal says: why the batch is wrong."""

    reason: str
