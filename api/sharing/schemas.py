"""Answers to requests for data, grants, and who received what, as they are shown.

What is asked with is the office's `DataAsked`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import PartyName, Text

Decision = Literal["permit", "deny"]
SharingState = Literal["refused", "held", "ended", "returned", "deleted", "aggregate", "told", "nothing"]
"""What became of an answer: nothing was given; it may be kept; its time is over and the recipient has not
said that it is gone; it was given back; it was deleted; it is counts and sums, which have no end. What was
`told` a party says that it gave past this log; `nothing` was there to be given."""


@dataclass(frozen=True, slots=True)
class OrderGiven:
    """One line of an order: the fields that it has, as text, and until when they may be kept.

    `kept_until` is null while the order was not received: the days count from then.
    """

    order: str
    line: str
    values: dict[str, str]
    kept_until: str | None


@dataclass(frozen=True, slots=True)
class GroupGiven:
    """One group of orders: what they have in common, null for those put together, and its counts and sums."""

    values: dict[str, str] | None
    orders: int
    buyers: int
    sums: dict[str, str]


@dataclass(frozen=True, slots=True)
class DataAnswer:
    """An answer to a request for data, recorded as entry `entry_seq` before it left.

    `clause` is the data grant that permits it, or that comes nearest; `reason` says what it does not cover,
    `outside` which fields. `withheld` counts sales left out: `ended`, `erased` or `opted_out`.
    """

    decision: Decision
    id: str
    entry_seq: int
    at: str
    agreement: str
    clause: str | None
    clause_text: Text | None
    reason: str | None
    message: Text
    outside: tuple[str, ...]
    rows: tuple[OrderGiven, ...]
    groups: tuple[GroupGiven, ...]
    withheld: dict[str, int]
    kept_days: int | None
    then: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A data grant of the version in force: who lets whom have which fields, for what and for how long.

    `aggregates_at_least` is the least number of buyers of a group, null where none are given; `only_groups`
    that nothing finer is. `runs` says whether its term runs today.
    """

    agreement: str
    clause: str
    text: Text
    holder: PartyName | None
    recipients: tuple[PartyName, ...]
    fields: tuple[str, ...]
    personal: tuple[str, ...]
    purpose: Text
    days: int
    then: str
    aggregates_at_least: int | None
    only_groups: bool
    opt_outs: tuple[str, ...]
    valid_from: str | None
    valid_until: str | None
    runs: bool


@dataclass(frozen=True, slots=True)
class SharingShown:
    """One answer on record: who asked for what, what was given, and what became of it.

    `until` is when all that was given must be gone, null where it has no end or none is known yet.
    """

    id: str
    entry_seq: int
    at: str
    agreement: str
    recipient: PartyName
    member: str
    purpose: str
    fields: tuple[str, ...]
    level: str
    asked: str
    clause: str | None
    reason: str | None
    given: int
    withheld: int
    state: SharingState
    until: str | None
    settled_seq: int | None


@dataclass(frozen=True, slots=True)
class SharingPage:
    """Some answers, newest first; `next_before` is the cursor of the next page, null at the end."""

    sharings: tuple[SharingShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class GoneRequest:
    """That what was given is gone: `deleted` or `returned`, with the SHA-256 of a certificate, if any."""

    how: Literal["deleted", "returned"]
    certificate_sha256: str | None = None
