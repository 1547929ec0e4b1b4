"""Identities and the gate as they are shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import PartyName


@dataclass(frozen=True, slots=True)
class IdentityShown:
    """How a party's identity stands, by which item of the register, until when; dates as 2027-03-31."""

    party: PartyName
    standing: str
    item: str | None
    subject: str | None
    valid_until: str | None
    recheck_by: str | None
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class GateShown:
    """Whether only verified parties `sign`, and only they are paid (`pay`); by which entry."""

    sign: bool
    pay: bool
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class IdentitiesShown:
    """The gate, and the identities that the viewer may read."""

    gate: GateShown
    identities: tuple[IdentityShown, ...]


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What the gate shall be on for, and why."""

    sign: bool
    pay: bool
    reason: str


@dataclass(frozen=True, slots=True)
class GateTyped:
    """The gate as typed: `sign` and `pay` are `on` where they are ticked."""

    reason: str
    sign: str = ""
    pay: str = ""
