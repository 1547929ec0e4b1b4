"""Returns: within which days a refund reverses the split, and in which order a payee's debt is recovered."""

from __future__ import annotations

from typing import Literal

from policies.clauses.core import Clause
from policies.fields import Formula, WholeNumber

Recovery = Literal["balance", "next_settlement", "reserve", "deposit", "receivable"]


class Returns(Clause):
    """A refund reverses every reversible leg in proportion to `refundable`, at the terms of the sale.

    `window_days` counts from confirmed receipt. `recovery` is the order in which a payee who was already
    paid gives back.
    """

    kind: Literal["returns"]
    window_days: WholeNumber
    refundable: Formula
    reversal: Literal["original_terms"] = "original_terms"
    recovery: tuple[Recovery, ...] = ("balance", "next_settlement")

    @property
    def computed(self) -> bool:
        """Returns are always computed."""
        return True
