"""Data grant: which fields a party may see, for what purpose, for how long, and what happens then."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from policies.clauses.core import Clause
from policies.fields import FactName, Model, Name, WholeNumber, Words, YesNo

OptOut = Literal["marketing", "profiling"]
"""What a buyer may opt out of, short of having personal data shared at all."""


class Retention(Model):
    """How many days after an order's receipt its granted data may be kept, and its end.

    For `at_least` days of them it must be kept, as after-sales service and records ask for.
    """

    days: WholeNumber
    at_least: WholeNumber | None = None
    then: Literal["erase", "return"] = "erase"

    @model_validator(mode="after")
    def _least_within_most(self) -> Retention:
        if self.at_least is not None and self.at_least > self.days:
            raise ValueError(f"'at_least' {self.at_least} is more than the {self.days} days it may be kept")
        return self


class Aggregates(Model):
    """Counts and sums over groups of orders, none of them of fewer than `at_least` buyers.

    Buyers are told apart by a fact of the order; without `told_apart_by` each order counts as a buyer. With
    `only` nothing finer is given. Three is the least: of two, each knows the other.
    """

    at_least: Annotated[WholeNumber, Field(ge=3)]
    told_apart_by: FactName | None = None
    only: YesNo = False


class DataGrant(Clause):
    """The holder lets the recipients see the fields of orders for one purpose.

    Without `aggregates` it is given order by order and no other way. Whoever has opted out of one of
    `opt_outs`, or of sharing as such, is left out.
    """

    kind: Literal["data_grant"]
    recipients: tuple[Name, ...] = Field(min_length=1)
    fields: tuple[FactName, ...] = Field(min_length=1)
    personal: tuple[FactName, ...] = ()
    purpose: Words
    retention: Retention
    aggregates: Aggregates | None = None
    opt_outs: tuple[OptOut, ...] | None = None

    @property
    def computed(self) -> bool:
        """A grant is enforced where data is read."""
        return True
