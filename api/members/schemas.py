"""What sign-in takes and what the API says about the caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in form."""

    code: str
    next: str = "/"


@dataclass(frozen=True, slots=True)
class GrantShown:
    """One role, within a party, or of the house where `party` is null."""

    role: str
    party: str | None


@dataclass(frozen=True, slots=True)
class Me:
    """Who is asking."""

    member: str
    name: str
    grants: tuple[GrantShown, ...]
