"""Dispute process: the windows, the steps of deciding, and when a person must look."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.fields import Model, WholeNumber


class Window(Model):
    """Days a step is given, counted from the recorded service of the step before."""

    answer_days: WholeNumber
    evidence_days: WholeNumber
    appeal_days: WholeNumber


class StatementWindow(Model):
    """Days in which a statement may be contested, counted from its recorded service; then it is accepted.

    The day of service is not counted. Business days are those of the document's `calendar`.
    """

    contest_days: Annotated[WholeNumber, Field(ge=1)]
    counted_in: Literal["calendar_days", "business_days"] = "calendar_days"


class DisputeProcess(Clause):
    """How a dispute under this document runs. `review_when` here applies to every decision under it.

    Without `statements` no silence accepts a statement, however long it lasts.
    """

    kind: Literal["dispute_process"]
    windows: Window
    hold: Literal["contested_amount", "none"] = "contested_amount"
    ladder: tuple[Literal["rules", "panel", "arbitrator"], ...] = Field(default=("rules",), min_length=1)
    statements: StatementWindow | None = None

    @property
    def computed(self) -> bool:
        """The process drives deadlines and review."""
        return True
