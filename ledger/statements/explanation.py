"""What an explanation says: why an amount is what it is, the facts it rests on, and where its line stands.

Only its shape, for whoever shows it; explain.py computes it from the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.statements.arithmetic import ArithmeticStep

Standing = Literal[
    "waiting_for_receipt", "clearing", "after_sale_open", "earned", "not_computed",
    "elsewhere", "suspense_none", "suspense_tie", "suspense_unknown",
]  # fmt: skip
"""Where a line stands: no receipt yet, within the clearing days, waiting for an after-sale case that is open,
earned, or facts are lacking; another agreement's, or in suspense, with why it is nobody's."""


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact behind a line, as its entry tells it: its words, its text, who said so and in which entry."""

    name: str
    label: Mapping[str, str]
    value: str
    seq: int
    asserter: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one leg of an order line is what it is. `amount_minor` is what it adds to the party.

    `clause_text` is the clause as signed, in both languages; `steps` end in the amount. `reverses` is, for
    what was reversed or returned, the entry of the run that posted what it takes back; None before any did.
    """

    order: str
    line: str
    agreement: str
    version: int
    clause: str
    clause_text: Mapping[str, str]
    leg: str
    label: Mapping[str, str]
    kind: str
    amount_minor: int
    currency: str
    facts: tuple[FactUsed, ...]
    steps: tuple[ArithmeticStep, ...]
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """Why a party gets what it gets out of one order line: where the line stands, and each amount explained.

    `earned_from` is the day from whose start the line is earned, or on which its last after-sale case was
    closed; None before its receipt, while a case holds it back, and of a line not the agreement's own.
    """

    order: str
    line: str
    version: int
    standing: Standing
    earned_from: date | None
    explanations: tuple[Explanation, ...]
