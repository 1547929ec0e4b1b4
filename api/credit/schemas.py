"""Credit as it is shown, and what points and steps are asked for with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import PartyName, Text

Act = Literal["appeal", "uphold", "remove", "restore"]
"""What may be done about points: the first by their party, the others by somebody else."""


@dataclass(frozen=True, slots=True)
class StepShown:
    """What happened to points: given, appealed, upheld, removed or restored; by whom, when and why."""

    entry_seq: int
    what: str
    at: str
    by: Text
    reason: str


@dataclass(frozen=True, slots=True)
class PointsShown:
    """Points with all they rest on: `points` as given, `worth` now, to two places, `cites` entries."""

    id: str
    rule: str
    rule_text: Text
    points: int
    worth: str
    severity: int
    agreement: str
    clause: str
    cites: tuple[int, ...]
    state: str
    steps: tuple[StepShown, ...]
    may_appeal: bool
    may_decide: bool


@dataclass(frozen=True, slots=True)
class CreditShown:
    """A party's credit with its keeper: the score, its exact value as a fraction, and every point."""

    party: PartyName
    keeper: PartyName
    score: int
    exact: str
    band: str
    band_text: Text
    points: tuple[PointsShown, ...]


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A step about points and why: `appeal`, `uphold`, `remove` or `restore`."""

    step: Act
    reason: str


@dataclass(frozen=True, slots=True)
class PointsTyped:
    """Points as typed on the page; `cites` are entry numbers apart by spaces."""

    id: str
    agreement: str
    party: str
    rule: str
    clause: str
    reason: str
    severity: str = "1"
    cites: str = ""


@dataclass(frozen=True, slots=True)
class StepTyped:
    """A step as typed: which points, which step, and why."""

    points: str
    step: str
    reason: str
