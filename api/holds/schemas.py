"""Holds as they are shown, and released; what one is asked for with is the office's `HoldAsked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, Text

HoldState = Literal["open", "released", "expired"]
"""Whether something is still held, and if not what ended it."""


@dataclass(frozen=True, slots=True)
class HoldEventShown:
    """One event of a hold: `event` is placed, released or expired; by whose word and why, if anybody's."""

    entry_seq: int
    event: str
    at: str
    amount: Money
    reason: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class HoldShown:
    """A hold as it stands: placed for `amount`, of which `held` is held. Times are RFC 3339.

    `clause` asks for it, `case` names the dispute that it is about. `events` are what happened to it, oldest
    first, its placing included; an expiry is among them once it was written down.
    """

    id: str
    entry_seq: int
    agreement: str
    owner: str
    purpose: str
    amount: Money
    held: Money
    placed_at: str
    expires_at: str | None
    state: HoldState
    label: Text
    clause: str | None
    reason: str | None
    placed_by: str | None
    case: str | None
    events: tuple[HoldEventShown, ...]


@dataclass(frozen=True, slots=True)
class HoldPage:
    """Some holds, in the order of placing; `next_after` is the cursor of the next page, None at the end."""

    holds: tuple[HoldShown, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release by its own name within the hold: of an amount, or of all that is left."""

    id: str
    reason: str
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """The entries that were written of holds that had expired; none where all were on record."""

    seqs: tuple[int, ...]
