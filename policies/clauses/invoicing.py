"""That a clause asks for invoices: at which rate of tax, and whether the payment waits for them.

Who invoices is the clause's holder, and whom it is `toward` is who is invoiced. Invoices themselves are
recorded in the log and matched there; nothing is computed here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from policies.clauses.parameters import RateText
from policies.fields import Model
from policies.money import read_rate


class Invoicing(Model):
    """The rate of tax that invoices under the clause have, and what the payment of a statement waits for.

    `payment_waits_for: invoice` says that what a statement pays the holder is not paid before invoices for
    all of it are there; with `nothing` they are asked for and the payment does not wait.
    """

    rate: RateText
    payment_waits_for: Literal["invoice", "nothing"]

    @property
    def exact_rate(self) -> Fraction:
        """The rate of tax as a rational: "6%" is 3/50."""
        return read_rate(self.rate)
