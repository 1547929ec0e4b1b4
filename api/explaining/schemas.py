"""Explanations as they are shown: of a figure of a statement, and of what an order gives a party."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text
from api.statements.schemas import ArithmeticStep, DueExplained, FactUsed, LineExplained, StatementLine


@dataclass(frozen=True, slots=True)
class FigurePart:
    """One part of a figure; `figure` names it, to be explained in turn."""

    figure: str
    label: Text
    amount: Money


@dataclass(frozen=True, slots=True)
class FigureExplained:
    """Why a figure of a statement is what it is, in words, parts, and one line to its last step.

    `parts` come to the amount. Of a figure over `count` lines, `lines` are those that come to most and `line`
    explains the first of them. `due` explains what is due beside the lines, `entry_seq` is a decision's.
    """

    statement: str
    agreement: str
    figure: str
    label: Text
    amount: Money
    words: tuple[Text, ...]
    clause: str | None
    clause_text: Text | None
    parts: tuple[FigurePart, ...]
    count: int
    lines: tuple[StatementLine, ...]
    line: LineExplained | None
    due: DueExplained | None
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class CauseShown:
    """One cause of a change: what it was of the earlier statement, of the later one, and the change.

    `lines_before` and `lines_after` count the lines behind it, 0 where it is over none.
    """

    cause: str
    words: Text
    clause: str | None
    before: Money
    after: Money
    change: Money
    lines_before: int
    lines_after: int


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """Why a statement pays another amount than an earlier one: causes whose changes come to `change`.

    `separated` tells whether what a new version changed is a cause of its own.
    """

    before: str
    after: str
    agreement: str
    party: PartyName
    paid_before: Money
    paid_after: Money
    change: Money
    causes: tuple[CauseShown, ...]
    separated: bool


@dataclass(frozen=True, slots=True)
class ExpectedShown:
    """What a party may expect of a day: what the next run would pay then, and what it adds to the day before.

    `given` and `taken` are what lines and their refunds add, over `lines` more lines. `refundable_until` is
    the last day on which what is earned that day can still be returned; `kept` what stays at the recorded
    rate of returns, rounded down, and `kept_exact` the same as a fraction of minor units; None where it
    cannot be said.
    """

    day: str
    party: PartyName
    payable: Money
    adds: Money
    given: Money
    taken: Money
    lines: int
    refundable_until: str | None
    kept: Money | None
    kept_exact: str | None
    permille: int
    """How long its bar is: of the greatest figure of the party, in thousandths."""


@dataclass(frozen=True, slots=True)
class UndatedShown:
    """Lines of which nobody knows the day, why, and what they would add to a party."""

    because: str
    words: Text
    party: PartyName
    lines: int
    amount: Money | None


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """What is to be expected under an agreement, as of `at` and what the log holds before entry `as_of_seq`.

    `assumption` says on what it rests, `rate_words` the second figure; `rate` is a fraction, None where no
    line's return window is over.
    """

    agreement: str
    version: int
    at: str
    as_of_seq: int
    assumption: Text
    rate: str | None
    rate_words: Text
    days: tuple[ExpectedShown, ...]
    undated: tuple[UndatedShown, ...]


@dataclass(frozen=True, slots=True)
class TermCause:
    """What one changed term, or several that stand together only, changes for a party."""

    words: Text
    clauses: tuple[str, ...]
    change: Money


@dataclass(frozen=True, slots=True)
class PartyEffect:
    """What the same orders give a party under both versions; the changes of `causes` come to `change`."""

    party: PartyName
    before: Money
    after: Money
    change: Money
    causes: tuple[TermCause, ...]


@dataclass(frozen=True, slots=True)
class EffectsShown:
    """What a version changes of all orders in the log against another one, for the viewer's parties.

    `lines` were compared; `left_out` could not be.
    """

    agreement: str
    version: int
    against: int
    lines: int
    left_out: int
    parties: tuple[PartyEffect, ...]


@dataclass(frozen=True, slots=True)
class AmountExplained:
    """One amount that an order line gives a party: its clause as signed, its facts and its arithmetic."""

    label: Text
    kind: str
    version: int
    clause: str
    clause_text: Text
    amount: Money
    facts: tuple[FactUsed, ...]
    arithmetic: tuple[ArithmeticStep, ...]
    reverses: int | None


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What one order line gives a party: where it stands, from which day it is earned, and each amount."""

    agreement: str
    order: str
    line: str
    version: int
    standing: str
    standing_words: Text
    earned_from: str | None
    amounts: tuple[AmountExplained, ...]


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """Why a party got what it got out of an order; `totals` are one a currency, `words` say it."""

    order: str
    party: PartyName
    words: Text
    totals: tuple[Money, ...]
    lines: tuple[LineAnswer, ...]
