"""The parts of a statement's sum by class: earned, reversed, penalties, guarantees, tax, FX and what is left.

A class is read off the names that a part bears: its leg or posting kind, and its clause's kind. A kind that
nobody shipped is classed by the same words (`tax_withheld`, `late_penalty`). Statements as they are signed
say nothing of classes, so another reading of them changes no bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ledger.statements.contested import parts_of
from policies.agreement import Agreement

StatementClass = Literal[
    "earned", "reversed", "funded", "penalties", "guarantees", "tax", "fx", "debts", "other"
]
CLASSES: tuple[StatementClass, ...] = (
    "earned", "reversed", "funded", "penalties", "guarantees", "tax", "fx", "debts", "other",
)  # fmt: skip
"""In the order in which statements show them; `other` is fees, bonuses and whatever has no class."""

_OF_KIND: Mapping[str, StatementClass] = {
    "earned": "earned", "window": "earned", "rounding": "earned",
    "reversed": "reversed", "funded": "funded", "returned": "funded", "recovery": "debts",
}  # fmt: skip
"""Classes of totals, and of dues that no clause of its own gives rise to."""

_OF_LEG: Mapping[str, StatementClass] = {
    "tax": "tax", "vat": "tax", "withholding": "tax", "withheld": "tax", "fx": "fx",
}  # fmt: skip
"""Words of a leg or posting kind that say its class whatever brought it about."""

_OF_WORD: Mapping[str, StatementClass] = {
    **_OF_LEG,
    "penalty": "penalties", "fine": "penalties", "damages": "penalties", "forfeited": "penalties",
    "guarantee": "guarantees", "guaranteed": "guarantees", "roi": "guarantees", "traffic": "guarantees",
    "written": "debts",
}  # fmt: skip
"""Words of what a clause or a decision moved, or of the clause's own kind."""


@dataclass(frozen=True, slots=True)
class ClassSum:
    """What the parts of one class add to the party, in minor units, and their places in the content."""

    name: StatementClass
    amount_minor: int
    figures: tuple[str, ...]


def class_sums(content: Mapping[str, Any], agreement: Agreement) -> tuple[ClassSum, ...]:
    """Return the subtotal of every class that a statement has parts of; opening and they come to the closing.

    `agreement` is the newest version that it was issued under.
    """
    places: dict[StatementClass, list[str]] = defaultdict(list)
    amounts: dict[StatementClass, int] = defaultdict(int)
    for place, part in parts_of(content):
        name = class_of(part, agreement)
        places[name].append(place)
        amounts[name] += part["amount_minor"]
    closing = content["opening_minor"] + sum(amounts.values())
    assert closing == content["closing_minor"], "every part is in one class"
    return tuple(ClassSum(one, amounts[one], tuple(places[one])) for one in CLASSES if one in places)


def class_of(part: Mapping[str, Any], agreement: Agreement) -> StatementClass:
    """Return the class of one part of a statement's sum, as its content has it."""
    kind = str(part["kind"])
    name = str(part.get("leg") or kind)
    known = _OF_KIND.get(kind) if "leg" in part else None
    if known is not None:
        return known if known == "debts" else _worded(name, _OF_LEG) or known
    clause = agreement.clauses.get(part["clause"])
    return _worded(name, _OF_WORD) or (_worded(clause.kind, _OF_WORD) if clause else None) or "other"


def _worded(name: str, words: Mapping[str, StatementClass]) -> StatementClass | None:
    return next((words[word] for word in name.split("_") if word in words), None)
