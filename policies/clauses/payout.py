"""Payout: when a statement's amount is paid, from which sum on, and what a change of account waits for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from policies.clauses.core import Clause
from policies.fields import Model, WholeNumber


class AccountChange(Model):
    """For how many days after a payee records another account nothing is paid to that one.

    Days of 24 hours from when the log took the change. `meanwhile` its payouts `wait`, or go to the
    `old_account`.
    """

    cooling_days: WholeNumber = 3
    meanwhile: Literal["wait", "old_account"] = "wait"


class Payout(Clause):
    """A statement is paid `days` calendar days after it is accepted, or its window to contest is over.

    `holder` is the party that pays, the platform where it is absent. A payee that is due less than `minimum`,
    in major units, is paid once it is due as much.
    """

    kind: Literal["payout"]
    days: WholeNumber = 0
    minimum: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9_]{0,14}(\.[0-9]{1,4})?$")] | None = None
    account_change: AccountChange = AccountChange()

    @property
    def computed(self) -> bool:
        """Payouts are computed."""
        return True
