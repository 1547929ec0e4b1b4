"""The one core clause, to which every named kind expands: when it applies, what follows, who must look.

A remedy is money that moves by a formula; an effect is a consequence that is not money. A kind that nobody
shipped is written on this directly.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from policies.fields import Account, ClauseId, Day, Formula, Model, Name, RowsFormula, Words, YesNo
from policies.money import Rounding


class Remedy(Model):
    """One amount that a clause awards: from an account, to an account, by a formula.

    `amount` is one figure; `each` is a figure per order of `for`, rounded per order and paid to each.
    `cap` binds when `cap_if` holds (always, when absent). `set_off` runs against the claim.
    """

    id: ClauseId | None = None
    kind: Name
    from_: Account = Field(alias="from")
    to: Account
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
    text: Words | None = None

    @model_validator(mode="after")
    def _one_figure(self) -> Remedy:
        if (self.amount is None) == (self.each is None):
            raise ValueError("a remedy has either 'amount' or 'each'")
        if (self.each is None) != (self.for_ is None):
            raise ValueError("'each' and 'for' go together: each: live.price - later.price, for: orders")
        if self.cap_if is not None and self.cap is None:
            raise ValueError("'cap_if' says when 'cap' binds, but there is no 'cap'")
        return self


class Effect(Model):
    """A consequence that is not money: `if` decides whether it follows, always when absent."""

    id: Name
    if_: Formula | None = Field(default=None, alias="if")
    clause: ClauseId | None = None
    review: YesNo = False
    text: Words


class Clause(Model):
    """The core clause. `when` decides whether it applies, always when absent; unknown facts leave it open.

    It applies to what happened from `valid_from` to the end of `valid_until`, whenever that is decided.
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
    remedies: tuple[Remedy, ...] = ()
    effects: tuple[Effect, ...] = ()
    review_when: Formula | None = None
    not_enforced: Words | None = None

    @property
    def computed(self) -> bool:
        """Tell whether anything of this clause is computed, or its text stands alone."""
        return bool(self.when or self.remedies or self.effects or self.review_when)

    @property
    def decides(self) -> bool:
        """Tell whether something follows where this clause applies: an amount or another consequence."""
        return bool(self.remedies or self.effects)

    def core(self) -> Clause:
        """Return this clause as the core clause; a named kind overrides this to expand itself."""
        return self
