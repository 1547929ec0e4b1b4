"""Months of accounts as they are shown and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from api.reading import Money, Text

MonthState = Literal["closed", "due", "running"]
"""Closed for good; over and not closed; not over yet."""


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """A month to close, such as 2026-03, of an agreement by id."""

    agreement: str
    period: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of an agreement: which entry closed it, when, on whose word, over how many entries."""

    period: str
    state: MonthState
    entry_seq: int | None
    as_of_seq: int | None
    closed_at: str | None
    closed_by: str | None
    closed_by_name: Text | None


@dataclass(frozen=True, slots=True)
class MonthPage:
    """Some months, newest first; `next_before` is the cursor of the next page, None at the end."""

    periods: tuple[MonthRow, ...]
    next_before: str | None


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
    label: Text
    opening: Money
    moved: Money
    late: tuple[LateShown, ...]
    closing: Money


@dataclass(frozen=True, slots=True)
class AccountMonthRow:
    """The same as a row of a table: what came late in all, and from which months."""

    owner: str
    purpose: str
    label: Text
    opening: Money
    moved: Money
    late: Money
    late_from: tuple[str, ...]
    closing: Money


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """A month with the accounts that the viewer may read; `entry_seq` closed it, None while it is open."""

    agreement: str
    period: str
    entry_seq: int | None
    as_of_seq: int | None
    accounts: tuple[AccountMonth, ...]


@dataclass(frozen=True, slots=True)
class LateRow:
    """A posting that came after its month was closed: of `period`, and counted in `into`."""

    entry_seq: int
    n: int
    kind: str
    occurred_at: str
    owner: str
    purpose: str
    label: Text
    amount: Money
    period: str
    into: str


@dataclass(frozen=True, slots=True)
class LateMonthRow:
    """What came late of `period` and counts in `into`, on one account: how many postings, and their sum."""

    period: str
    into: str
    owner: str
    purpose: str
    label: Text
    postings: int
    amount: Money


@dataclass(frozen=True, slots=True)
class LatePage:
    """Some late postings in order of the log; `next_after` is the cursor to go on with, None at the end."""

    postings: tuple[LateRow, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class OverrideAsked:
    """An open item of a checklist to let stand, and why, as it will stand in the log."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemOfMonth:
    """The same as a form asks it, with the agreement and the month."""

    agreement: str
    period: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemOverridden:
    """That a member lets an item stand as it was found, why, and the entry that says so."""

    item: str
    by: str
    reason: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class CloseCheck:
    """One item of a month's checklist: how it stands, in words, and what to do where it is open.

    `found` are the figures behind it. What is open `stops` the viewer's close unless another member has
    overridden it; what `must` be settled nobody can override.
    """

    check: str
    result: Literal["ok", "open", "not_applicable"]
    says: Text
    todo: Text | None
    found: Mapping[str, int | str]
    must: bool
    stops: bool
    overridden: ItemOverridden | None
