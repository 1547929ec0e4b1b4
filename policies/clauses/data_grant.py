"""Data grant: which fields a party may see, for what purpose, for how long, and what happens then."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.fields import FactName, Model, Name, WholeNumber, Words


class Retention(Model):
    """How many days after an order's receipt its granted data may be kept, and its end."""

    days: WholeNumber
    then: Literal["erase", "return"] = "erase"


class DataGrant(Clause):
    """The holder lets the recipients see the fields of orders for one purpose."""

    kind: Literal["data_grant"]
    recipients: tuple[Name, ...] = Field(min_length=1)
    fields: tuple[FactName, ...] = Field(min_length=1)
    personal: tuple[FactName, ...] = ()
    purpose: Words
    retention: Retention

    @property
    def computed(self) -> bool:
        """A grant is enforced where data is read."""
        return True
