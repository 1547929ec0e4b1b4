"""What is seen of an agreement as it comes in, and how late it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, Text

LagName = Literal["arrival", "shown", "whole"]
"""From when an event occurred until the log had it, from then until it was shown, and both together."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event: what happened, to which order line or matter, both times, and what a sale put in escrow."""

    entry_seq: int
    kind: str
    what: Text
    about: str
    occurred_at: str
    recorded_at: str
    amount: Money | None


@dataclass(frozen=True, slots=True)
class LiveDay:
    """What was recorded since the day began where the agreement counts its days."""

    since: str
    sales: int
    paid: Money
    receipts: int
    refunds: int
    after_sale: int
    feedback: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How late events are: the median and the 95th percentile of `count` events, in milliseconds."""

    name: LagName
    count: int
    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class LiveView:
    """What came in, newest first; ask next with `next_after`.

    `arrival` is of the newest events in the log; `shown` and `whole` are measured as this server answers
    those who ask with a cursor.
    """

    agreement: str
    now: str
    events: tuple[LiveEvent, ...]
    next_after: int
    day: LiveDay
    lags: tuple[Lag, ...]
