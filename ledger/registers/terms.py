"""The parts of a register's declaration: fields, events, checks, terms, figures, clocks, and what is kept.

Not here: the register as a whole, which holds their names against each other (declaration.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from policies.document import FactType
from policies.fields import Formula, Model, Name, WholeNumber, Words, YesNo
from policies.formulas.types import Type
from policies.tables import Key

FieldType = FactType | Literal["digest", "time_code", "item"]
"""Types of facts, the SHA-256 of a file in hex, milliseconds from a start, and another register's item.

The last is made by `links` and cannot be declared.
"""

FORMULA_TYPES: Mapping[str, Type] = {
    "money": "money", "rate": "number", "count": "number", "bool": "bool", "date": "date",
    "instant": "instant", "time_code": "number",
}  # fmt: skip
"""How formulas read a field by its type; the others are text."""

CHECKED, UNCHECKED = "checked", "check_withdrawn"
"""Events that every register with `checks` has: one is ticked, and a tick is taken back."""

CHECK, SHOWN_BY, NOTE = "check", "shown_by", "note"
CHECK_FIELDS = {
    CHECK: Words(zh="检查项", en="check"),
    SHOWN_BY: Words(zh="依据（关联记录编号）", en="shown by (item of the register it names)"),
    NOTE: Words(zh="说明", en="note"),
}
CHECK_EVENTS = {
    CHECKED: Words(zh="检查项已完成", en="Check made"),
    UNCHECKED: Words(zh="检查项已撤回", en="Check withdrawn"),
}


def _worded(value: Any) -> Any:
    """Let options be written as a list where their names need no other words."""
    return {one: {"zh": one, "en": one} for one in value} if isinstance(value, list) else value


class FieldTerms(Model):
    """One field: its type and words, and what rules take it for while nothing is told of it (`default`).

    What is `personal` stands in a disclosure group of its own. A `time_code` counts `from` an event; what is
    told with it happened so long after that event.
    """

    type: FieldType
    text: Words
    options: Annotated[dict[Key, Words] | None, BeforeValidator(_worded)] = None
    personal: YesNo = False
    default: str | None = None
    from_: Name | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _options_of_an_enum(self) -> FieldTerms:
        if (self.type == "enum") != (self.options is not None):
            raise ValueError("an enum has 'options', and no other type does")
        if self.from_ is not None and self.type != "time_code":
            raise ValueError("only a 'time_code' counts 'from' an event")
        return self


class Rule(Model):
    """What must hold of the item's fields and the register's terms when an event is told, and its words."""

    holds: Formula
    text: Words


class EventTerms(Model):
    """One event: whether it `opens` an item or in which states it may be told, and the state it leads `to`.

    Without `in` it may be told in any state, without `to` the state stays. `by` are roles of parties (and
    `self` where the register is of a party, `operator`, `monitor`); empty means any party. `needs` are those
    of the fields it `takes` that it cannot do without. `checklist` names checks that must stand, `reveals`
    the fields whose SHA-256 was told before, each with the field that told it.
    """

    text: Words
    opens: Name | None = None
    in_: tuple[Name, ...] = Field(default=(), alias="in")
    to: Name | None = None
    by: tuple[Name, ...] = ()
    takes: tuple[Name, ...] = ()
    needs: tuple[Name, ...] = ()
    checklist: tuple[Name, ...] = ()
    must: tuple[Rule, ...] = ()
    reveals: dict[Name, Name] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _opens_or_goes_on(self) -> EventTerms:
        if self.opens and (self.in_ or self.to):
            raise ValueError("an event that 'opens' an item has neither 'in' nor 'to'")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it takes, those it needs among them, each once."""
        return tuple(dict.fromkeys((*self.needs, *self.takes)))


class Shown(Model):
    """That a check is shown by an item of another register, which stands in one of some states.

    `valid_until` is a date of that item, the last day on which it shows anything.
    """

    register_: Name = Field(alias="register")
    in_: tuple[Name, ...] = Field(alias="in", min_length=1)
    valid_until: Name | None = None


class CheckTerms(Model):
    """One check of a checklist: its words, whose roles tick it, and what has to show it, if anything."""

    text: Words
    by: tuple[Name, ...] = ()
    shown_by: Shown | None = None


class ClauseTerm(Model):
    """A figure that a clause says as `KIND.PARAMETER`, else the `default`."""

    type: FactType
    text: Words
    clause: str = Field(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")
    default: str


class Figure(Model):
    """A figure that follows from fields, terms and the figures before it; shown, and read by rules."""

    formula: Formula
    type: Literal["money", "rate", "count"]
    text: Words


class ClockTerms(Model):
    """Time that runs from an event (`opened`: whichever opened the item) until one of some others.

    It is so many `days` or `hours`, or what the document's clause says as `KIND.PARAMETER`. One that `tells`
    has its readers given a notice while its last quarter runs, and when it is late.
    """

    id: Name
    text: Words
    from_: Name = Field(alias="from")
    until: tuple[Name, ...] = Field(min_length=1)
    days: WholeNumber | None = None
    hours: WholeNumber | None = None
    counted_in: Literal["calendar_days", "business_days"] = "calendar_days"
    clause: str | None = Field(default=None, pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")
    tells: YesNo = False

    @model_validator(mode="after")
    def _days_or_hours(self) -> ClockTerms:
        if (self.days is None) == (self.hours is None):
            raise ValueError("a clock has either 'days' or 'hours'")
        if self.hours is not None and self.counted_in != "calendar_days":
            raise ValueError("'counted_in' is for days")
        return self


class HoldTerms(Model):
    """That a party's balance is held while an item is in some states: money in hand until a matter is over.

    `amount` and `of` are fields: how much (money), and whose it is, by its role in the document. The hold
    names the item's field `clause`, else the document's first clause of one of `kinds`.
    """

    amount: Name
    of: Name
    while_: tuple[Name, ...] = Field(alias="while", min_length=1)
    kinds: tuple[Name, ...] = ()


class ExpiryTerms(Model):
    """That an item in some states is told an event by itself once the day in a `field` is over."""

    field: Name
    event: Name
    while_: tuple[Name, ...] = Field(alias="while", min_length=1)


class Retention(Model):
    """For how many days from an event nothing of an item is erased; until it is told, nothing is at all."""

    days: WholeNumber
    from_: Name = Field(alias="from")


OPENED = "opened"
"""In a clock's `from`: the event that opened the item, whichever it was."""
