"""Months of accounts as they are shown and closed."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """A month to close, such as 2026-03, of an agreement by id."""

    agreement: str
    period: str


@dataclass(frozen=True, slots=True)
class LateShown:
    """What came into an account late, and from which closed month."""

    period: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """One account in one month: opening + moved + late = closing."""

    owner: str
    purpose: str
    opening: Money
    moved: Money
    late: tuple[LateShown, ...]
    closing: Money


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """A month with the accounts that the viewer may read; `entry_seq` closed it, None while it is open."""

    agreement: str
    period: str
    entry_seq: int | None
    as_of_seq: int | None
    accounts: tuple[AccountMonth, ...]
