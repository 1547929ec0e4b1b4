"""What a reconciliation goes by: tolerance, days and legs, and the limits within which it searches.

Tolerance and days come from the layout or from the user, and are recorded with the result. The limits are
fixed: a search that reaches one says so, and what it could not look through is left open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.reconciliation.errors import ReconciliationRefused
from policies.errors import MoneyError
from policies.money import to_minor

PAIRS_MAX = 2_500
"""Pairs of rows of like amount and day that are looked at; where there are more, none is matched."""

CANDIDATES_MAX = 20
"""Rows of which sums are tried for one other row; 2^20 sums are found as two halves of 2^10."""

TARGETS_MAX = 500
"""Rows for which sums of others are tried, in order of day, amount and id."""

CHANCE = 1_000
"""A sum counts as found only where it would come about by accident less than once in so many cases."""

SUGGESTIONS_MAX = 500
"""Suggestions that are spelt out; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How far amounts (minor units) and days may be apart, and the `legs` compared: all, where empty."""

    tolerance_minor: int = 0
    days: int = 0
    legs: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the rules as they are recorded."""
        return {"tolerance_minor": self.tolerance_minor, "days": self.days, "legs": list(self.legs)}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Rules:
        """Read rules as they were recorded."""
        return cls(told["tolerance_minor"], told["days"], tuple(told["legs"]))


def rules_of(tolerance: str, days: int, legs: tuple[str, ...], currency: str) -> Rules:
    """Return rules with the tolerance as decimal text. Raises ReconciliationRefused."""
    try:
        minor = to_minor(tolerance, currency)
    except MoneyError as fault:
        raise ReconciliationRefused(
            f"'{tolerance[:40]}' is no amount: {fault.message}", where="tolerance"
        ) from None
    if minor < 0:
        raise ReconciliationRefused("a tolerance is zero or more", where="tolerance")
    if not 0 <= days <= 366:
        raise ReconciliationRefused("days apart are 0 to 366", where="days")
    return Rules(minor, days, tuple(sorted(set(legs))))
