"""Dispute process: the windows, the steps of deciding, and when a person must look."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.fields import Model, WholeNumber


class Window(Model):
    """Days a step is given, counted from the recorded service of the step before."""

    answer_days: WholeNumber
    evidence_days: WholeNumber
    appeal_days: WholeNumber


class DisputeProcess(Clause):
    """How a dispute under this document runs. `review_when` here applies to every decision under it."""

    kind: Literal["dispute_process"]
    windows: Window
    hold: Literal["contested_amount", "none"] = "contested_amount"
    ladder: tuple[Literal["rules", "panel", "arbitrator"], ...] = Field(default=("rules",), min_length=1)

    @property
    def computed(self) -> bool:
        """The process drives deadlines and review."""
        return True
