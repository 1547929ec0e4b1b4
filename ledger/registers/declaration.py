"""What a register is, as its file in `declared/` says it: fields, states, events, checks, clocks, retention.

A new register is a new file and its words; no code knows one by name. Files are read once and refused as a
whole where they do not fit. Not here: what each part of one says (terms.py), and what may be told of an item
as it stands (telling.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Literal

from pydantic import Field, model_validator

from ledger.registers.errors import RegisterUnknown, RegisterUnusable
from ledger.registers.terms import (
    CHECK,
    CHECK_EVENTS,
    CHECK_FIELDS,
    CHECKED,
    FORMULA_TYPES,
    NOTE,
    OPENED,
    SHOWN_BY,
    UNCHECKED,
    CheckTerms,
    ClauseTerm,
    ClockTerms,
    EventTerms,
    ExpiryTerms,
    FieldTerms,
    Figure,
    HoldTerms,
    Retention,
)
from policies.declarations import declared_in, read_declaration
from policies.errors import FormulaError, did_you_mean
from policies.fields import Model, Name, WholeNumber, Words
from policies.formulas.parse import parse
from policies.formulas.types import Type, check_type


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
        ticked = EventTerms(text=CHECK_EVENTS[CHECKED], takes=(SHOWN_BY, NOTE), needs=(CHECK,))
        undone = EventTerms(text=CHECK_EVENTS[UNCHECKED], needs=(CHECK, NOTE))
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
        for taken in sorted(self.events.keys() & CHECK_EVENTS.keys()):
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
    return read_declaration(Register, text, name=name, refused=RegisterUnusable)


@cache
def registers() -> Mapping[str, Register]:
    """Return every declared register by name, in order of their names."""
    found = declared_in("ledger.registers", "name", lambda text, name: read_register(text, name=name))
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
