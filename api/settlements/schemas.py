"""What a run did, with the figures of nobody: those stand in each party's statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
class SplitterPlan:
    """A version, and the digest of the plan that CommissionSplitter was given; None where it has none."""

    version: int
    plan: str | None


@dataclass(frozen=True, slots=True)
class SecondOpinionShown:
    """Who was asked about lines of a run, about how many, on how many with refunds; all agreed."""

    by: str
    lines: int
    taken_back: int
    plans: tuple[SplitterPlan, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> SecondOpinionShown | None:
        """Read what the content of a run says, None where nobody was asked."""
        told = content.get("second_opinion")
        if told is None:
            return None
        plans = tuple(SplitterPlan(one["version"], one.get("plan")) for one in told["plans"])
        return cls(told["by"], told["lines"], told["taken_back"], plans)


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
    second_opinion: SecondOpinionShown | None
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
    second_opinion: SecondOpinionShown | None
    statements: tuple[str, ...]
    """Ids of the statements that the caller may read."""
