"""Reconciliations as they are shown and asked for.

Side a is the party's own ledger, side b the file; amounts are signed as what they add to the party, and a
difference is a less b.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class LayoutShown:
    """A shipped layout: what it is called, whose file it reads, at which level, and what that rests on."""

    name: str
    book: str
    title: Text
    rests_on: Text
    side: str
    level: str


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of a side: `about` is what it names, `origin` the statement or the row of the file."""

    id: str
    side: str
    about: str
    leg: str
    kind: str
    amount: Money
    day: str
    origin: str
    note: str


@dataclass(frozen=True, slots=True)
class BreakShown:
    """Rows that do not match: their class, why in words, both sides, and for how many days it is open.

    What is not `open` is done with: within the tolerance, or classed by a member.
    """

    break_class: str
    cause: str
    reason: Text
    about: str
    own: Money
    file: Money
    difference: Money
    day: str
    days_open: int
    open: bool
    rows: tuple[RowShown, ...]


@dataclass(frozen=True, slots=True)
class ClassShown:
    """What the breaks of one class come to, and how many of them are open."""

    break_class: str
    count: int
    open: int
    own: Money
    file: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class AgedShown:
    """What is open of one class and age; `days_to` is None for the oldest."""

    break_class: str
    ages: str
    days_from: int
    days_to: int | None
    count: int
    own: Money
    file: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class SuggestionShown:
    """Rows that may belong together, and why they are not simply matched."""

    reason: Text
    difference: Money
    rows: tuple[RowShown, ...]


@dataclass(frozen=True, slots=True)
class ReconciliationShown:
    """A reconciliation: what it is of, what both sides come to, and how the difference is explained.

    `id` and `entry_seq` are None before it is recorded. `limited` rows were not searched for, since too many
    could fit. `digest` is the same whenever it is made again from the same file.
    """

    id: str | None
    entry_seq: int | None
    agreement: str
    party: PartyName
    book: str
    side: str
    level: str
    number: int
    previous: str | None
    layout: str
    through: str | None
    statements: tuple[str, ...]
    tolerance: str
    days: int
    legs: tuple[str, ...]
    brought_rows: int
    own_rows: int
    file_rows: int
    own: Money
    file: Money
    difference: Money
    matches: int
    classes: tuple[ClassShown, ...]
    open: int
    suggested: int
    limited: int
    recorded_by: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class ReconciliationDetail:
    """A reconciliation with its breaks, those that are open first, and what may belong together."""

    reconciliation: ReconciliationShown
    breaks: tuple[BreakShown, ...]
    suggestions: tuple[SuggestionShown, ...]


@dataclass(frozen=True, slots=True)
class MatchShown:
    """A match by hand: its rows, who made it and why, and who withdrew it and why, None while it holds."""

    id: str
    entry_seq: int
    book: str
    break_class: str | None
    difference: Money
    reason: str
    member: str
    withdrawn_seq: int | None
    rows: tuple[RowShown, ...]


@dataclass(frozen=True, slots=True)
class BookShown:
    """How a book stands on a day: what is open, by age and one by one, suggestions, matches by hand."""

    agreement: str
    party: PartyName
    book: str
    on: str
    last: ReconciliationShown | None
    difference: Money
    aging: tuple[AgedShown, ...]
    open: tuple[BreakShown, ...]
    suggestions: tuple[SuggestionShown, ...]
    matches: tuple[MatchShown, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step from a bill's total to a bank's: a total where one stands, or an amount that is added."""

    kind: str
    name: str
    label: Text
    amount: Money


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """Open rows that belong together, by their ids, and why; `break_class` says what a difference is."""

    agreement: str
    party: str
    book: str
    rows: tuple[str, ...]
    reason: str
    break_class: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalRequest:
    """Why a match no longer holds."""

    agreement: str
    party: str
    book: str
    reason: str
