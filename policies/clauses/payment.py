"""How a remedy is paid: from one account, from a list of draws in order, or out of a pool of a clause.

A draw takes what remains of an award, up to what its account can give. Nothing is computed here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from policies.fields import Account, ClauseId, Formula, Model, Name, OrderAccount, RowsFormula, Words


class Draw(Model):
    """One account of an ordered list. It gives what remains of the award, `up_to` a figure where one stands.

    With `for` it is one draw a row, in the rows' order, and `up_to` may read the row. `kind`, `status` and
    `clause` stand in the posting in place of the award's own; `text` is what people call the kind.
    """

    account: OrderAccount
    up_to: Formula | None = None
    for_: RowsFormula | None = Field(default=None, alias="for")
    kind: Name | None = None
    status: Literal["settled", "open"] | None = None
    clause: ClauseId | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _row_is_named(self) -> Draw:
        if self.account.endswith(":order") and self.for_ is None:
            raise ValueError("':order' names the order of a row; give the draw 'for: orders' and 'up_to'")
        if self.for_ is not None and self.up_to is None:
            raise ValueError("a draw 'for' rows says how much each gives: 'up_to'")
        return self


def _shape(value: Any) -> str:
    return "[account]" if isinstance(value, str) else "[draws]"


Sources = Annotated[
    Annotated[OrderAccount, Tag("[account]")]
    | Annotated[tuple[Draw, ...], Field(min_length=1, max_length=16), Tag("[draws]")],
    Discriminator(_shape),
]
"""An account, or draws in their order."""


class Pool(Model):
    """What several remedies, of several clauses, are paid into together: to whom, and from where in order."""

    kind: Name
    to: Account
    from_: Sources = Field(alias="from")
    text: Words | None = None

    @model_validator(mode="after")
    def _no_row(self) -> Pool:
        if ends_in_order(self.from_):
            raise ValueError("':order' names the order of a row; give the pool a draw with 'for' and 'up_to'")
        return self


def ends_in_order(source: str | tuple[Draw, ...] | None) -> bool:
    """Tell whether an account names the order of its remedy's rows."""
    return isinstance(source, str) and source.endswith(":order")
