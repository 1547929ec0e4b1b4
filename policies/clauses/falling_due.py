"""When what a clause awards falls due at settlement, and where a run takes the clause's facts from.

A clause without it awards only by a decision. How a due is worked out is `policies.dues`', and how a run
posts it the ledger's; nothing is computed here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from policies.fields import Currency, FactName, Formula, Model, WholeNumber

Occurrence = Literal["month", "quarter", "year", "case", "settlement"]
"""How often a clause falls due: for each period, for each case recorded under it, or at every settlement."""


class RateTaken(Model):
    """A rate of exchange that a run takes from those recorded: of which currency and source, as of which day.

    It is what one major unit of the currency is worth in the agreement's own: the last recorded of the source
    as of the end of the day `on`, a formula that gives a day.
    """

    of: Currency
    source: str = Field(min_length=1, max_length=100)
    on: Formula


class FallsDue(Model):
    """When a clause falls due: `by` each period, case or settlement, or once `on` a day.

    A period's orders are those whose receipt was confirmed in it, and it is due when it is over. `on` is a
    formula that gives a day; beside `by: case` it is the day of each case. `after_days` puts the day off.
    `rates` says which facts of the case are rates of exchange, and by whose record; `facts` how a run works
    facts out of orders, balances, rates and what the split gives. Every other fact is recorded in the log.
    """

    by: Occurrence | None = None
    on: Formula | None = None
    after_days: Annotated[WholeNumber, Field(le=3_660)] | None = None
    rates: dict[FactName, RateTaken] | None = Field(default=None, min_length=1, max_length=8)
    facts: dict[FactName, Formula] | None = Field(default=None, min_length=1, max_length=20)

    @model_validator(mode="after")
    def _says_when(self) -> FallsDue:
        if self.by is None and self.on is None:
            raise ValueError("say when: 'by: month', 'by: case' or 'by: settlement', or 'on:' a day")
        if self.on is not None and self.by not in {None, "case"}:
            raise ValueError("'on' is a day of its own; beside 'by' it stands with 'by: case' only")
        if self.after_days is not None and self.running:
            raise ValueError("'after_days' counts from the end of a period or from the day given as 'on'")
        return self

    @property
    def running(self) -> bool:
        """Tell whether it is worked out anew at every settlement, as of its day."""
        return self.on is None and self.by in {"case", "settlement"}
