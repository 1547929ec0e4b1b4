"""What a document says about its place among its versions: what it follows, from when, on what notice.

Also the cut-over from an agreement that was signed elsewhere: balances and volumes to begin with, signed
with the document. What follows from all this is `policies.versions.timeline`' and `policies.opening`'s.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from policies.fields import Account, Day, Model, Name, WholeNumber, Words

Transition = Literal["by_order_time", "by_event", "retroactive"]


class Notice(Model):
    """When a change was made known, and whom it affects; `many` also where major interests are."""

    noticed_on: Day
    affects: Literal["few", "many"]


class Supersedes(Model):
    """The version this one follows, and by which time an order chooses between the two.

    `by_order_time`: from `effective_from`. `by_event`: from the recorded day of `event`, and not before
    `effective_from`. `retroactive`: from the past day `from`, with the signature of each party as consent.
    """

    version: WholeNumber
    transition: Transition = "by_order_time"
    event: Name | None = None
    from_: Day | None = Field(default=None, alias="from")
    consents: Literal["each_party"] | None = None
    notice: Notice | None = None

    @model_validator(mode="after")
    def _what_the_transition_needs(self) -> Supersedes:
        if (self.transition == "by_event") != (self.event is not None):
            raise ValueError("'transition: by_event' and 'event: NAME' go together")
        retroactive = self.transition == "retroactive"
        if retroactive != (self.from_ is not None) or retroactive != (self.consents is not None):
            raise ValueError("'transition: retroactive' goes with 'from: DAY' and 'consents: each_party'")
        if retroactive and self.notice is not None:
            raise ValueError("a retroactive change rests on consent; it has no 'notice'")
        return self


class Paper(Model):
    """A document signed elsewhere: what it is called, and the SHA-256 of its file in hex."""

    title: Words
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Opening(Model):
    """Balances and volumes carried over from an agreement signed elsewhere, at the start of a day.

    `balances` are amounts in major units by account, below zero for what is owed; they sum to zero, or
    `rest` is the account that takes what is left. `volumes` are what windows already hold.
    """

    on: Day
    from_: Paper = Field(alias="from")
    balances: dict[Account, str] = Field(default_factory=dict)
    rest: Account | None = None
    volumes: dict[Name, str] = Field(default_factory=dict)
