"""What a run did, with the figures of nobody: those stand in each party's statement."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money


@dataclass(frozen=True, slots=True)
class SettlementAsked:
    """An agreement by id, and until when: an RFC 3339 time, or the start of a day in its time zone."""

    agreement: str
    until: str


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """An agreement by id, and why the statements of its last run are corrected."""

    agreement: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatementPreview:
    """What one party's statement would come to, over how many lines."""

    party: str
    payable: Money
    carried_forward: Money
    lines: int


@dataclass(frozen=True, slots=True)
class SettlementPreview:
    """What a run would be: its number, what it leaves aside, and its digest if nothing new comes meanwhile.

    `settled` says that a run with this cut-off stands already; then it is that one.
    """

    agreement: str
    run: int
    settled: bool
    cutoff: str
    lines: int
    held_lines: int
    held_dues: int
    digest: str
    statements: tuple[StatementPreview, ...]
    """Of the parties whose statements the caller may read."""


@dataclass(frozen=True, slots=True)
class SettlementRun:
    """A run: its number and entry, whether it stood there already, its cut-off, and what it left aside."""

    agreement: str
    run: int
    entry_seq: int
    repeated: bool
    cutoff: str
    lines: int
    held_lines: int
    statements: tuple[str, ...]
    """Ids of the statements that the caller may read."""
