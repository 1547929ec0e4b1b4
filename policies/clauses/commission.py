"""Commission: what an order's whole is, who funds it, and the order in which it is shared out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from policies.clauses.core import Clause
from policies.fields import Account, ClauseId, Formula, Identifier, Model, Name, Words, YesNo
from policies.money import Rounding


class Funding(Model):
    """One source of the whole. `at` says whether it is posted with the sale or with the settlement."""

    from_: Account = Field(alias="from")
    kind: Name
    amount: Formula
    at: Literal["sale", "settlement"] = "settlement"


class Step(Model):
    """One step of the waterfall: a pool that later legs draw from, or a leg that pays a party.

    A leg or pool is `amount` by formula; the last leg of each pool, and of the whole, is its `rest`. With
    `over` the amount is due on the `volume` of a window as a whole; `provisional` is what a line posts until
    the window makes up the difference.
    """

    leg: Name | None = None
    pool: Name | None = None
    from_: Name | None = Field(default=None, alias="from")
    to: Account | None = None
    kind: Name | None = None
    amount: Formula | None = None
    over: Name | None = None
    provisional: Formula | None = None
    rest: YesNo = False
    on_refund: Literal["reverse", "keep"] = "reverse"
    clause: ClauseId | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _leg_or_pool(self) -> Step:
        if (self.leg is None) == (self.pool is None):
            raise ValueError("a step is either a 'leg' or a 'pool'")
        if self.rest == (self.amount is not None):
            raise ValueError("a step has either 'amount' or 'rest: true'")
        if self.pool is not None and (self.rest or self.to or self.on_refund == "keep" or self.from_):
            raise ValueError("a pool has an amount and nothing else; legs draw 'from' it")
        if self.leg is not None and self.to is None:
            raise ValueError("a leg says whom it pays: 'to: streamer'")
        if self.over is not None and (self.amount is None or self.on_refund == "keep"):
            raise ValueError("a step 'over' a window has an 'amount' of its 'volume', which refunds lessen")
        if self.provisional is not None and self.over is None:
            raise ValueError("'provisional' stands beside 'over': a window makes up what it leaves")
        if self.rest and self.on_refund == "keep":
            raise ValueError("a rest bears what others keep and cannot itself keep")
        return self

    @property
    def name(self) -> str:
        """The name formulas use for this step's exact figure."""
        return self.leg or self.pool or ""


class RoundingRule(Model):
    """How and where amounts are rounded: every leg and pool, once, per order line or per statement.

    At a statement, what it posts is the rounded sum of everything so far, less what stood before.
    """

    mode: Rounding
    at: Literal["line", "statement"]


class Window(Model):
    """A span of time over whose lines a measure is counted up, less what was refunded.

    A line belongs to the month, quarter or year in which its receipt was confirmed, in the agreement's time
    zone; `term` is the whole term of the agreement.
    """

    by: Literal["month", "quarter", "year", "term"]
    measure: Formula


class FedWhole(Model):
    """A whole that another agreement brings: what one of its legs pays, or all legs of one of its pools."""

    from_: Identifier = Field(alias="from")
    leg: Name


def _whole_form(value: Any) -> str:
    return "[formula]" if isinstance(value, str) else "[fed]"


Whole = Annotated[
    Annotated[Formula, Tag("[formula]")] | Annotated[FedWhole, Tag("[fed]")], Discriminator(_whole_form)
]


class Commission(Clause):
    """The split of an order line. Amounts are money of the document's currency; formulas read order facts.

    A `whole` that a linked agreement feeds is funded by the leg that feeds it, so it names no `funding`.
    """

    kind: Literal["commission"]
    whole: Whole
    funding: tuple[Funding, ...] = ()
    base: Formula | None = None
    windows: dict[Name, Window] | None = Field(default=None, min_length=1, max_length=8)
    waterfall: tuple[Step, ...] = Field(min_length=1, max_length=40)
    rounding: RoundingRule

    @model_validator(mode="after")
    def _funded(self) -> Commission:
        if isinstance(self.whole, FedWhole) and self.funding:
            raise ValueError("a whole fed by another agreement is funded by its leg; leave out 'funding'")
        if isinstance(self.whole, str) and not self.funding:
            raise ValueError("'funding' says who brings the whole: from, kind and amount")
        return self

    @property
    def fed(self) -> FedWhole | None:
        """The leg of another agreement that is this whole, None where a formula gives it."""
        return self.whole if isinstance(self.whole, FedWhole) else None

    @property
    def computed(self) -> bool:
        """A commission is always computed."""
        return True
