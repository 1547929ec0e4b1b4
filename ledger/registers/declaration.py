"""What a register is, as its file in `declared/` says it: fields, states, events, checks, clocks, retention.

A new register is a new file and its words; no code knows one by name. Files are read once and refused as a
whole where they do not fit. Not here: what may be told of an item as it stands (telling.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from ledger.registers.errors import RegisterUnknown, RegisterUnusable
from policies.document import FactType
from policies.errors import AgreementRejected, FormulaError, did_you_mean
from policies.fields import Formula, Model, Name, WholeNumber, Words, YesNo
from policies.formulas.parse import parse
from policies.formulas.types import Type, check_type
from policies.source import path_text, read_source
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
_CHECK_EVENTS = {
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


class Register(Model):
    """One kind of matter, as declared. `of` an agreement's parties, or of one `party`.

    `readers` are roles whose parties read the items (all parties of the agreement where it is empty),
    `personal_readers` those who read personal fields besides whoever tells them;
    `links` are fields that name an item of another register; `mechanisms` are numbers of the catalogue in
    docs/reference/mechanisms.md.
    """

    register_: Name = Field(alias="register")
    title: Words
    lead: Words
    mechanisms: tuple[WholeNumber, ...] = Field(min_length=1)
    of: Literal["agreement", "party"] = "agreement"
    readers: tuple[Name, ...] = ()
    personal_readers: tuple[Name, ...] = ()
    links: dict[Name, Name] = Field(default_factory=dict)
    fields: dict[Name, FieldTerms] = Field(default_factory=dict)
    terms: dict[Name, ClauseTerm] = Field(default_factory=dict)
    figures: dict[Name, Figure] = Field(default_factory=dict)
    states: dict[Name, Words] = Field(min_length=1)
    checks: dict[Name, CheckTerms] = Field(default_factory=dict)
    events: dict[Name, EventTerms] = Field(min_length=1)
    clocks: tuple[ClockTerms, ...] = ()
    holds: HoldTerms | None = None
    expires: ExpiryTerms | None = None
    retention: Retention | None = None

    @property
    def name(self) -> str:
        """Its name, the first word of the kinds of its entries."""
        return self.register_

    @cached_property
    def all_events(self) -> Mapping[str, EventTerms]:
        """Every event by name, those of its checks among them."""
        if not self.checks:
            return self.events
        ticked = EventTerms(text=_CHECK_EVENTS[CHECKED], takes=(SHOWN_BY, NOTE), needs=(CHECK,))
        undone = EventTerms(text=_CHECK_EVENTS[UNCHECKED], needs=(CHECK, NOTE))
        return {**self.events, CHECKED: ticked, UNCHECKED: undone}

    @cached_property
    def all_fields(self) -> Mapping[str, FieldTerms]:
        """Every field by name: its own, its links, and those of its checks."""
        found = dict(self.fields)
        for name, other in self.links.items():
            found[name] = FieldTerms(type="item", text=register(other).title)
        if self.checks:
            options = {name: one.text for name, one in self.checks.items()}
            found[CHECK] = FieldTerms(type="enum", text=CHECK_FIELDS[CHECK], options=options)
            found |= {one: FieldTerms(type="text", text=CHECK_FIELDS[one]) for one in (SHOWN_BY, NOTE)}
        return found

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its entries."""
        return tuple(f"{self.name}.{event}" for event in self.all_events)

    @model_validator(mode="after")
    def _names(self) -> Register:
        for fault in (*self._unknown_names(), *self._untyped(), *self._unholdable(), *self._lasting()):
            raise ValueError(fault)
        if not any(one.opens for one in self.events.values()):
            raise ValueError("no event 'opens' an item")
        if self.of == "party" and any(one.type == "money" for one in self.fields.values()):
            raise ValueError("money needs the currency of an agreement; a register 'of: party' has none")
        return self

    def _unknown_names(self) -> Iterator[str]:
        known = {*self.fields, *self.links}
        reserved = CHECK_FIELDS.keys() if self.checks else set[str]()
        for taken in sorted(self.fields.keys() & (self.links.keys() | reserved)):
            yield f"the field '{taken}' has the name of a link or of a field of checks"
        for taken in sorted(self.events.keys() & _CHECK_EVENTS.keys()):
            yield f"the event '{taken}' has the name of an event of checks"
        for name, event in self.events.items():
            for state in filter(None, (event.opens, event.to, *event.in_)):
                if state not in self.states:
                    yield f"event {name}: there is no state '{state}'{did_you_mean(state, self.states)}"
            if event.opens and event.checklist:
                yield f"event {name}: what opens an item can have no checklist, since nothing is ticked yet"
            for field in event.fields:
                if field not in known:
                    yield f"event {name}: there is no field '{field}'{did_you_mean(field, known)}"
            for check in event.checklist:
                if check not in self.checks:
                    yield f"event {name}: there is no check '{check}'{did_you_mean(check, self.checks)}"
            for field, sealed in event.reveals.items():
                if field not in event.needs or sealed not in self.fields:
                    yield f"event {name}: '{field}' is needed where it reveals what a field '{sealed}' sealed"
        timed = [(f"clock {one.id}", event) for one in self.clocks for event in (one.from_, *one.until)]
        timed += [("retention", self.retention.from_)] if self.retention else []
        timed += [(f"field {key}", one.from_) for key, one in self.fields.items() if one.from_]
        for where, event_name in timed:
            if event_name not in self.events and event_name != OPENED:
                yield f"{where}: there is no event '{event_name}'{did_you_mean(event_name, self.events)}"

    @cached_property
    def scope(self) -> Mapping[str, Type]:
        """The types of what rules and figures read. Raises FormulaError for a figure that does not type."""
        types: dict[str, str] = {key: one.type for key, one in self.fields.items()}
        types |= {key: one.type for key, one in self.terms.items()}
        scope: dict[str, Type] = {key: FORMULA_TYPES.get(kind, "text") for key, kind in types.items()}
        scope |= dict.fromkeys(self.links, "text")
        for name, figure in self.figures.items():
            kind: Type = "money" if figure.type == "money" else "number"
            check_type(parse(figure.formula), scope, {}, kind)
            scope[name] = kind
        return scope

    def _unholdable(self) -> Iterator[str]:
        if self.holds is None:
            return
        for state in self.holds.while_:
            if state not in self.states:
                yield f"holds: there is no state '{state}'{did_you_mean(state, self.states)}"
        for name, wanted in ((self.holds.amount, "money"), (self.holds.of, "enum")):
            if name not in self.fields or self.fields[name].type != wanted:
                yield f"holds: '{name}' is no field of the type {wanted}"

    def _lasting(self) -> Iterator[str]:
        if self.expires is None:
            return
        for state in self.expires.while_:
            if state not in self.states:
                yield f"expires: there is no state '{state}'{did_you_mean(state, self.states)}"
        if self.expires.field not in self.fields or self.fields[self.expires.field].type != "date":
            yield f"expires: '{self.expires.field}' is no field of the type date"
        told = self.events.get(self.expires.event)
        if told is None or told.needs or "monitor" not in told.by:
            yield f"expires: '{self.expires.event}' is no event that a monitor tells without fields"

    def _untyped(self) -> Iterator[str]:
        try:
            scope = self.scope
        except FormulaError as fault:
            yield f"figures: {fault.message}"
            return
        for name, event in self.events.items():
            for rule in event.must:
                try:
                    check_type(parse(rule.holds), scope, {}, "bool")
                except FormulaError as fault:
                    yield f"event {name}, must: {fault.message}"


def read_register(text: str, *, name: str) -> Register:
    """Read a declaration. Raises RegisterUnusable naming line and path of the first thing that misfits."""
    try:
        source = read_source(text, name)
        return Register.model_validate(source.plain)
    except AgreementRejected as fault:
        first = fault.findings[0]
        raise RegisterUnusable(first.message, where=f"{name}, line {first.line}") from None
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        at = source.at(tuple(error["loc"]))
        where = f"{name}, line {at.line if at else 1}, {path_text(tuple(error['loc']))}"
        raise RegisterUnusable(error["msg"], where=where) from None


@cache
def registers() -> Mapping[str, Register]:
    """Return every declared register by name, in order of their names."""
    found: dict[str, Register] = {}
    folder = resources.files("ledger.registers").joinpath("declared")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            one = read_register(file.read_text(encoding="utf-8"), name=file.name)
            assert file.name == f"{one.name}.yaml", f"{file.name} declares the register '{one.name}'"
            found[one.name] = one
    for one in found.values():
        linked = [*one.links.values(), *(c.shown_by.register_ for c in one.checks.values() if c.shown_by)]
        for other in linked:
            if other not in found:
                hint = did_you_mean(other, found)
                raise RegisterUnusable(f"there is no register '{other}'{hint}", where=one.name)
        for shown in filter(None, (check.shown_by for check in one.checks.values())):
            dated = shown.valid_until and found[shown.register_].fields.get(shown.valid_until)
            if shown.valid_until and (not dated or dated.type != "date"):
                message = f"'{shown.valid_until}' is no date of the register '{shown.register_}'"
                raise RegisterUnusable(message, where=one.name)
    return found


def register(name: str) -> Register:
    """Return one register. Raises RegisterUnknown with the nearest name."""
    found = registers().get(name)
    if found is None:
        raise RegisterUnknown(f"there is no register '{name[:40]}'{did_you_mean(name, registers())}")
    return found


def register_kinds() -> frozenset[str]:
    """Return the kinds of every register's entries."""
    return frozenset(kind for one in registers().values() for kind in one.kinds)
