"""Clearing: how long after the buyer's confirmed receipt an order line may be settled."""

from __future__ import annotations

from typing import Literal

from policies.clauses.core import Clause
from policies.fields import WholeNumber


class Clearing(Clause):
    """A line is settled once `days` calendar days of the agreement's time zone have passed since receipt.

    Where an `open_after_sale` case `waits`, a line that has one by then is settled once none is open any
    more; without it an open case changes nothing.
    """

    kind: Literal["clearing"]
    days: WholeNumber
    after: Literal["receipt_confirmed"] = "receipt_confirmed"
    open_after_sale: Literal["waits"] | None = None

    @property
    def computed(self) -> bool:
        """Clearing decides when a line is settled."""
        return True
