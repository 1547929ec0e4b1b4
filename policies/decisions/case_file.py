"""The shape of a case: the clause invoked, the claim, facts with their standing, and the orders it is about.

Structure only; `policies.decisions.case` reads it against an agreement. A document's own tests hold cases
of this shape too.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from policies.fields import ClauseId, Model, Name, WholeNumber

Standing = Literal["proven", "asserted", "presumed", "disputed"]
"""What a fact's value rests on: proof, a party's word, a presumption, or nothing while it is disputed."""

ORDERS_LISTED_MAX = 100_000

RowGiven = dict[str, str | None]
"""One row as written: a fact's text by its name, and `count`, `order` and the like beside."""


class FactGiven(Model):
    """A fact of the case: its text, its standing, and what shows it."""

    value: str
    status: Standing = "proven"
    evidence: str | list[str] | None = None

    @property
    def items(self) -> int:
        """How many pieces of evidence are given for it."""
        return 1 if isinstance(self.evidence, str) else len(self.evidence or ())


class Claim(Model):
    """Who asks whom for how much, and in which words; `asks` names a consequence that is to be found."""

    claimant: str
    respondent: str
    amount: str | None = None
    asks: Name | None = None
    demand: str | dict[str, str] | None = None


class About(Model):
    """What in particular a case disputes: an order, a line of a statement by its number, or a decision."""

    order: str | None = None
    statement: str | None = None
    line: WholeNumber | None = None
    decision: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> About:
        if sum(one is not None for one in (self.order, self.statement, self.decision)) != 1:
            raise ValueError("a case is about an 'order', a 'statement' or a 'decision', one of the three")
        if self.line is not None and self.statement is None:
            raise ValueError("'line' is the number of a line of a 'statement'")
        return self


def _given(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


class CaseFile(Model):
    """A case as written. `agreement` names the document, `head-streamer` or `head-streamer@2`, among several.

    `occurred_on` is the day of what is disputed; clauses are valid or not on it. `settled` says what was
    settled on the orders so far, leg by leg, or `in_full` where all of it was. A case that brings no `orders`
    is about those in the log that were settled: all of them, or the `order_list` by their ids.
    """

    clause: ClauseId
    agreement: str | None = None
    about: About | None = None
    claim: Claim
    decided_at: str | None = None
    occurred_on: str | None = None
    facts: dict[
        str, Annotated[FactGiven, BeforeValidator(_given, json_schema_input_type=str | FactGiven)]
    ] = Field(default_factory=dict)
    orders: str | list[RowGiven] | None = None
    order_list: Annotated[list[str], Field(min_length=1, max_length=ORDERS_LISTED_MAX)] | None = None
    events: dict[Name, list[RowGiven]] = Field(default_factory=dict)
    balances: dict[str, str] = Field(default_factory=dict)
    settled: dict[Name, str] | Literal["in_full"] = Field(default_factory=dict)
