"""Holds as they are shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money


@dataclass(frozen=True, slots=True)
class HoldShown:
    """A hold as it stands: placed for `amount`, of which `held` is held. Times are RFC 3339."""

    id: str
    entry_seq: int
    agreement: str
    owner: str
    purpose: str
    amount: Money
    held: Money
    placed_at: str
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A hold to place: the account as the document names it, the amount as decimal text.

    `until` is a day, of which the start counts, or a time with its offset; without it only a release ends it.
    """

    id: str
    agreement: str
    account: str
    amount: str
    clause: str
    reason: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release by its own name within the hold: of an amount, or of all that is left."""

    id: str
    reason: str
    amount: str | None = None
