"""What a run comes to: the figures of one that was issued, or of what one would be, for those who asked.

Read back from the log or from statements as they were made; nothing is computed or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.log import Log
from ledger.settlement.books import ESCROW_GROUP
from ledger.settlement.carried import stored_statements
from ledger.settlement.runs import StoredRun


@dataclass(frozen=True, slots=True)
class IssuedStatement:
    """A statement as issued, or as it would be: its id, its party, and what it comes to in minor units.

    `dues` are what it shows beside its lines, as docs/reference/statements.md has them.
    """

    id: str
    party: str
    payable_minor: int
    carried_forward_minor: int
    lines: int
    dues: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """A run's number and digest, what it says to every party, and its statements."""

    agreement: str
    number: int
    digest: str
    content: dict[str, Any]
    statements: tuple[IssuedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPreview(RunFigures):
    """What a run would be; `settled` where one with its cut-off stands already, and is what is shown."""

    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReport(RunFigures):
    """What became of a call of `settle`: the run, its entry, and whether it stood there already."""

    seq: int
    repeated: bool


def report_of(log: Log, run: StoredRun, *, repeated: bool) -> SettlementReport:
    """Return the report of a run that stands in the log; `repeated` where it stood there before the call."""
    return SettlementReport(seq=run.seq, repeated=repeated, **figures_of(log, run))


def figures_of(log: Log, run: StoredRun) -> dict[str, Any]:
    """Return the figures of a run that stands in the log, as the fields of RunFigures."""
    kept = next(group for group in log.groups(run.seq) if group.name == ESCROW_GROUP)
    return {
        "agreement": run.content["agreement"],
        "number": run.number,
        "digest": kept.content["digest"],
        "content": run.content,
        "statements": tuple(issued_statement(content) for _, content in stored_statements(log, run)),
    }


def issued_statement(content: Mapping[str, Any]) -> IssuedStatement:
    """Return the figures of a statement by its content, as docs/reference/statements.md has it."""
    return IssuedStatement(
        content["statement"],
        content["party"],
        content["payable_minor"],
        content["carried_forward_minor"],
        content["lines"]["count"],
        tuple(content.get("dues", ())),
    )
