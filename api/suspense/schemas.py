"""Lines in suspense and claims as they are shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, PartyName, Text

ClaimState = Literal["open", "stands", "failed"]
"""Whether a claim waits for somebody, stands, or failed by a decision."""


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim to a line: for whom, why, whom it waits for and who accepted it, all by global id."""

    claim: str
    agreement: str
    payee: str
    reason: str
    state: ClaimState
    waits_for: tuple[str, ...]
    accepted: tuple[str, ...]
    entry_seq: int


@dataclass(frozen=True, slots=True)
class SuspendedShown:
    """A line that is nobody's yet: when it was sold, for how many days it waits, and why.

    `reason` is none (no route holds), tie (two hold alike) or unknown (a fact is missing: `missing`).
    `may_claim` are those parties of this agreement to whom a route of it might credit the line; `others` says
    that somebody under another agreement might claim it too.
    """

    order: str
    line: str
    sold_at: str
    days: int
    amount: Money
    reason: str
    words: Text
    missing: tuple[str, ...]
    may_claim: tuple[PartyName, ...]
    others: bool
    claims: tuple[ClaimShown, ...]


@dataclass(frozen=True, slots=True)
class AgeShown:
    """How many lines wait for so many days, such as 31-60 or 91+, and what was paid for them."""

    days: str
    lines: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Suspense:
    """The lines of an agreement in suspense, oldest first, and their ages."""

    lines: tuple[SuspendedShown, ...]
    ages: tuple[AgeShown, ...]


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """A claim to a line in suspense: for a party by its key in the document, and why."""

    order: str
    line: str
    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptRequest:
    """An acceptance of a claim: for one of those it waits for, by global id, and why."""

    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class RulingRequest:
    """What a decided dispute means for a claim, on the word of who keeps the escrow, by global id."""

    party: str
    case: str
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SuspenseTyped:
    """A form of the page: a claim to a line, or with `claim` its acceptance."""

    agreement: str
    party: str
    reason: str
    order: str = ""
    line: str = ""
    claim: str = ""
