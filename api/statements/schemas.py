"""Read models of statements: totals by clause, then lines, then one line explained."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement in the list. `status` is issued or accepted."""

    id: str
    agreement: str
    party: PartyName
    period: str
    status: str
    payable: Money
    issued_at: str


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """One row of the summary: what a clause earned, reversed or took; `kind` says which."""

    clause: str | None
    leg: str | None
    kind: str
    label: Text
    lines: int
    amount: Money
    entry_seq: int | None
    """For what a decision moved: its entry."""


@dataclass(frozen=True, slots=True)
class StatementDetail:
    """One statement: opening + totals = closing = payable + carried forward, to the minor unit."""

    id: str
    agreement: str
    version: int
    party: PartyName
    period: str
    cutoff: str
    status: str
    issued_at: str
    entry_seq: int
    opening: Money
    totals: tuple[StatementTotal, ...]
    closing: Money
    carried_forward: Money
    payable: Money
    lines: int
    lines_root: str
    may_accept: bool


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: an order line's effect on the party under one clause. `number` counts from 0."""

    number: int
    order: str
    line: str
    clause: str
    version: int
    leg: str
    label: Text
    kind: str
    entries: tuple[int, ...]
    """The log entries that it rests on."""
    amount: Money


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines; `next_after` is the cursor of the next page, None at the end."""

    statement: str
    lines: tuple[StatementLine, ...]
    total: int
    next_after: int | None
    order: str | None
    """The one order that was asked for; None for all."""


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact behind a line: its value, who asserted it, from which source, and its standing."""

    name: str
    label: Text
    value: str
    asserter: Text
    source: str
    standing: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ArithmeticStep:
    """One step of the sum: what it gives, in words, and as a figure."""

    label: Text
    worded: Text
    result: Money


@dataclass(frozen=True, slots=True)
class LineExplained:
    """Why a line is what it is."""

    statement: str
    line: StatementLine
    agreement: str
    clause_text: Text
    facts: tuple[FactUsed, ...]
    arithmetic: tuple[ArithmeticStep, ...]
    reverses: int | None
    """For what was reversed or returned: the entry of the run that posted what it takes back."""
