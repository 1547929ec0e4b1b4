"""Batches and voids as JSON; see docs/how-to/void-an-import.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchShown:
    """What one file brought: its entries, and whether somebody proposed to void it, or two people did."""

    batch: str
    agreement: str
    file_sha256: str
    mapping: str
    entries: int
    taken_at: str
    void_proposed_by: str | None
    reason: str | None
    voided_by_seq: int | None


@dataclass(frozen=True, slots=True)
class StatementTouched:
    """A statement with lines that rest on the batch; the next run takes back what they gave."""

    statement: str
    party: str
    lines: int


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
