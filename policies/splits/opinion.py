"""What a second opinion on a split is asked about an order line, and what it answers: shapes, no arithmetic.

Whoever gives one works the figures out by other means than `splits.line` and `splits.reversal`, so that the
two can be held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.formulas.exact import Known


@dataclass(frozen=True, slots=True)
class RefundState:
    """How much of a line was refunded, and how much of a fed whole was taken back, in minor units."""

    refunded_minor: int
    whole_back_minor: int = 0


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line that is asked about: its facts by name, a fed `whole` among them, and states of its refund.

    `refundable_minor` counts where another agreement feeds the split; else the document says it.
    """

    facts: Mapping[str, Known]
    states: tuple[RefundState, ...] = ()
    refundable_minor: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What has been taken back of a line in a state, in minor units: by leg, and returned to each funder."""

    legs: Mapping[str, int]
    funding: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """The figures of a line, in minor units; `states` in the order they were asked in."""

    whole: int
    refundable: int
    legs: Mapping[str, int]
    funding: tuple[int, ...]
    states: tuple[TakenBack, ...]
