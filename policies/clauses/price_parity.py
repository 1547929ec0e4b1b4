"""Price parity: a price promised as the lowest, where and until when, and what a cheaper offer costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.fields import Day, FactName, Formula, Model, Name


class Scope(Model):
    """Where the promise holds: on which channels, for the same SKU, until the end of which day.

    The facts that say what was observed are named, so that a document may call them as it likes.
    """

    channels: tuple[Name, ...] = Field(min_length=1)
    until: Day
    promised_sku: FactName = "live.sku"
    observed_sku: FactName = "later.sku"
    observed_channel: FactName = "later.channel"
    observed_on: FactName = "later.on"


class Breach(Model):
    """The condition on prices that breaks the promise."""

    when: Formula


class PriceParity(Clause):
    """The holder promises that nobody sells the same goods cheaper within the scope."""

    kind: Literal["price_parity"]
    scope: Scope
    breach: Breach

    def core(self) -> Clause:
        """Expand to a clause that applies when an offer within the scope, and its validity, is cheaper."""
        scope = self.scope
        channels = ", ".join(f"'{channel}'" for channel in scope.channels)
        within = (
            f"{scope.observed_sku} == {scope.promised_sku}"
            f" and {scope.observed_channel} in ({channels})"
            f" and {scope.observed_on} <= {scope.until.isoformat()}"
            f" and ({self.breach.when})"
        )
        days = ((">=", self.valid_from), ("<=", self.valid_until))
        within += "".join(f" and {scope.observed_on} {op} {day.isoformat()}" for op, day in days if day)
        own = {"scope", "breach", "kind", "when", "valid_from", "valid_until"}
        shared = self.model_dump(by_alias=True, exclude=own)
        condition = within if self.when is None else f"{within} and ({self.when})"
        return Clause(kind=self.kind, when=condition, **shared)

    @property
    def computed(self) -> bool:
        """A price promise is always computed."""
        return True
