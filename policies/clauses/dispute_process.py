"""Dispute process: the windows, the steps of deciding, and when a person must look."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.clauses.parameters import MoneyText
from policies.fields import Model, WholeNumber


class Window(Model):
    """Days a step is given, counted from the recorded service of the step before; calendar days if not said.

    The day of service is not counted. Business days are those of the document's `calendar`.
    """

    answer_days: WholeNumber
    evidence_days: WholeNumber
    appeal_days: WholeNumber
    counted_in: Literal["calendar_days", "business_days"] | None = None


class Late(Model):
    """What a step that is not taken in time comes to; `refused` where it is not said.

    `heard`: it still counts until the case is ruled on. `facts_admitted`: it is refused, and what the
    claimant says counts as admitted by silence.
    """

    answer: Literal["refused", "heard", "facts_admitted"] | None = None
    evidence: Literal["refused", "heard"] | None = None


class Deciding(Model):
    """Days in which those decide whose turn it is, and what stands is carried out; no limit if not said.

    Counted as the windows are, from the step that makes it their turn: the end of the hearing for the rules,
    what they propose or an appeal for people, the decision that stands for enforcement. `late` says what it
    comes to that a level does not rule in time: all are `reminded`, or the turn goes to the `next_level` of
    the ladder. The last of the ladder keeps its turn, and so does who enforces.
    """

    rules_days: Annotated[WholeNumber, Field(ge=1)] | None = None
    panel_days: Annotated[WholeNumber, Field(ge=1)] | None = None
    arbitrator_days: Annotated[WholeNumber, Field(ge=1)] | None = None
    enforcement_days: Annotated[WholeNumber, Field(ge=1)] | None = None
    late: Literal["reminded", "next_level"] = "reminded"


class StatementWindow(Model):
    """Days in which a statement may be contested, counted from its recorded service; then it is accepted.

    The day of service is not counted. Business days are those of the document's `calendar`.
    """

    contest_days: Annotated[WholeNumber, Field(ge=1)]
    counted_in: Literal["calendar_days", "business_days"] = "calendar_days"


class Arbiters(Model):
    """What a document says of those who decide above its rules.

    `challenge_days`: how long after an arbiter declared what might be held against them a side may challenge,
    counted as the windows are; until the end where it is not said. `fee_at_most`: of each for a case, in the
    document's currency. `costs`: whether who lost bears the fees, in proportion, or the sides bear halves.
    """

    challenge_days: Annotated[WholeNumber, Field(ge=1)] | None = None
    fee_at_most: MoneyText | None = None
    costs: Literal["loser", "halves"] = "loser"


class DisputeProcess(Clause):
    """How a dispute under this document runs. `review_when` here applies to every decision under it.

    Without `statements` no silence accepts a statement, however long it lasts. `reminded_days` before a step
    is due whoever it waits for is reminded, the day before where it is not said.
    """

    kind: Literal["dispute_process"]
    windows: Window
    hold: Literal["contested_amount", "none"] = "contested_amount"
    ladder: tuple[Literal["rules", "panel", "arbitrator"], ...] = Field(default=("rules",), min_length=1)
    statements: StatementWindow | None = None
    late: Late | None = None
    reminded_days: WholeNumber | None = None
    arbiters: Arbiters | None = None
    deciding: Deciding | None = None

    @property
    def computed(self) -> bool:
        """The process drives deadlines and review."""
        return True
