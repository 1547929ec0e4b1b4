"""The one core clause, to which every named kind expands: when it applies, what follows, who must look.

A remedy is money that moves by a formula; an effect is a consequence that is not money. A kind that nobody
shipped is written on this directly. How a remedy is drawn and paid is `policies.clauses.payment`'s.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from policies.clauses.falling_due import FallsDue
from policies.clauses.invoicing import Invoicing
from policies.clauses.payment import Pool, Sources, ends_in_order
from policies.fields import (
    ClauseId,
    Day,
    FactName,
    Formula,
    Model,
    Name,
    OrderAccount,
    RowsFormula,
    Words,
    YesNo,
)
from policies.formulas.parse import parse
from policies.formulas.tree import names
from policies.money import Rounding


class Remedy(Model):
    """One amount that a clause awards: from an account or a list of draws, to an account, by a formula.

    `amount` is one figure; `each` is a figure per row of `for`, rounded per row and paid to each. `cap`
    binds when `cap_if` holds (always, when absent). `set_off` runs against the claim; with `toward_claim:
    false` a remedy is posted beside the claim and answers none of it. Instead of `from` and `to` a remedy
    may be paid `into` a pool that a clause declares. `component` names it among the parts of the award, its
    kind where absent. `cites` are further clauses that the figure rests on.
    """

    id: ClauseId | None = None
    kind: Name
    from_: Sources | None = Field(default=None, alias="from")
    to: OrderAccount | None = None
    into: Name | None = None
    amount: Formula | None = None
    each: Formula | None = None
    for_: RowsFormula | None = Field(default=None, alias="for")
    if_: Formula | None = Field(default=None, alias="if")
    cap: Formula | None = None
    cap_if: Formula | None = None
    cap_id: ClauseId | None = None
    floor: Formula | None = None
    rounding: Rounding = "half_up"
    set_off: YesNo = False
    status: Literal["settled", "open"] = "settled"
    toward_claim: YesNo | None = None
    phase: Literal["decision", "next_settlement"] | None = None
    component: Name | None = None
    cites: tuple[ClauseId, ...] | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _one_figure(self) -> Remedy:
        if (self.amount is None) == (self.each is None):
            raise ValueError("a remedy has either 'amount' or 'each'")
        if (self.each is None) != (self.for_ is None):
            raise ValueError("'each' and 'for' go together: each: live.price - later.price, for: orders")
        if self.cap_if is not None and self.cap is None:
            raise ValueError("'cap_if' says when 'cap' binds, but there is no 'cap'")
        if self.set_off and self.answers is False:
            raise ValueError("what is set off runs against the claim; it cannot be 'toward_claim: false'")
        return self

    @model_validator(mode="after")
    def _from_and_to(self) -> Remedy:
        if self.into is not None:
            if self.from_ or self.to or self.phase or self.set_off or self.status == "open":
                raise ValueError("a remedy paid 'into' a pool leaves who pays whom, and when, to the pool")
        elif self.from_ is None or self.to is None:
            raise ValueError("a remedy says 'from' and 'to', or the pool it is paid 'into'")
        if self.for_ is None and any(ends_in_order(one) for one in (self.from_, self.to)):
            raise ValueError("':order' names the order of a row; give the remedy 'each' and 'for'")
        if isinstance(self.from_, tuple) and ends_in_order(self.to):
            raise ValueError("draws pay one account; where 'to' ends in ':order', 'from' is one account")
        return self

    @property
    def answers(self) -> bool:
        """Tell whether this remedy is part of what answers the claim."""
        return self.toward_claim is not False


class Effect(Model):
    """A consequence that is not money: `if` decides whether it follows, always when absent."""

    id: Name
    if_: Formula | None = Field(default=None, alias="if")
    clause: ClauseId | None = None
    review: YesNo = False
    text: Words


class Figure(Model):
    """A named intermediate figure of a clause, exact and never posted: `top_up` for `tiered - paid_out`.

    `gives: money` says that written numbers alone are an amount, as in `202_000.00 / 6`.
    """

    value: Formula
    gives: Literal["money"] | None = None
    text: Words | None = None


def _in_reading_order(figures: dict[Name, Figure]) -> dict[Name, Figure]:
    """Return figures so that each stands behind those it reads, else by name; what goes round stays last.

    Signed bytes sort the keys of a mapping, so the order in which somebody wrote them cannot count.
    """
    waiting, found = dict(sorted(figures.items())), dict[Name, Figure]()
    while waiting:
        reads = {name: names(parse(one.value)) & waiting.keys() for name, one in waiting.items()}
        ready = next((name for name in waiting if not reads[name]), None)
        if ready is None:
            return found | waiting
        found[ready] = waiting.pop(ready)
    return found


class Clause(Model):
    """The core clause. `when` decides whether it applies, always when absent; unknown facts leave it open.

    It applies to what happened from `valid_from` to the end of `valid_until`, whenever that is decided.
    A clause that `follows` another is evaluated after it and together with it, whenever that one applies.
    `presume` is what counts of a fact while nobody has shown it; a fact that `needs_proof` counts only when
    proven. `figures` are names for what several formulas of the clause share. `falls_due` says when a
    settlement run posts what the clause awards; without it only a decision does. `invoicing` says that the
    holder invoices whom the clause is `toward`, and whether the payment waits for it.
    """

    id: ClauseId
    kind: Name
    text: Words
    law: tuple[str, ...] = ()
    valid_from: Day | None = None
    valid_until: Day | None = None
    holder: Name | None = None
    toward: Name | None = None
    when: Formula | None = None
    exception_of: ClauseId | None = None
    follows: ClauseId | None = None
    presume: dict[FactName, str] | None = Field(default=None, max_length=20)
    needs_proof: tuple[FactName, ...] | None = None
    figures: Annotated[dict[Name, Figure], AfterValidator(_in_reading_order)] | None = Field(
        default=None, max_length=20
    )
    remedies: tuple[Remedy, ...] = ()
    pools: dict[Name, Pool] | None = Field(default=None, max_length=8)
    effects: tuple[Effect, ...] = ()
    review_when: Formula | None = None
    review_reason: Words | None = None
    not_enforced: Words | None = None
    falls_due: FallsDue | None = None
    invoicing: Invoicing | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Clause:
        if self.exception_of is not None and self.follows is not None:
            raise ValueError("a clause is either an exception of another or follows it, not both")
        if self.review_reason is not None and self.review_when is None:
            raise ValueError("'review_reason' words a 'review_when', and there is none")
        if self.falls_due is not None and self.parent is not None:
            raise ValueError(f"it is settled together with clause {self.parent}; write 'falls_due' there")
        if self.invoicing is not None and (self.holder is None or self.toward is None):
            raise ValueError(
                "'invoicing' says that the 'holder' invoices whom the clause is 'toward'; name both"
            )
        return self

    @property
    def computed(self) -> bool:
        """Tell whether anything of this clause is computed, or its text stands alone."""
        return bool(
            self.when or self.remedies or self.effects or self.review_when or self.pools or self.invoicing
        )

    @property
    def decides(self) -> bool:
        """Tell whether something follows where this clause applies: an amount or another consequence."""
        return bool(self.remedies or self.effects)

    @property
    def parent(self) -> ClauseId | None:
        """The clause that must apply before this one can: the one it is from, or the one it follows."""
        return self.exception_of or self.follows

    def core(self) -> Clause:
        """Return this clause as the core clause; a named kind overrides this to expand itself."""
        return self
