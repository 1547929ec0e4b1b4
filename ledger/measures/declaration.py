"""Measures as their files declare them: which items of a register count, and what is taken of them.

A file is a report: measures of one register, and the fields by which they may be told apart. Not here: what
they come to (working.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ledger.measures.errors import ReportUnknown
from ledger.registers.declaration import Register, register
from policies.declarations import declared_in
from policies.errors import did_you_mean
from policies.fields import Model, Name, WholeNumber, Words
from policies.source import read_source

Take = Literal["count", "late", "share", "sum", "ratio", "mean", "median_hours", "in_time"]
"""How many items; how many whose clock is late; which part of them; a field's sum; one field's sum over
another's; a field's mean; the middle of the hours between two events; which part of the clocks that ended, or
are late, were in time."""

STATE = "state"
"""In a `where`: the state of the item, beside its fields."""

_NEEDS: Mapping[Take, frozenset[str]] = {
    "count": frozenset(),
    "late": frozenset({"clock"}),
    "share": frozenset({"part"}),
    "sum": frozenset({"field"}),
    "ratio": frozenset({"field", "over"}),
    "mean": frozenset({"field"}),
    "median_hours": frozenset({"from_", "until"}),
    "in_time": frozenset({"clock"}),
}


class MeasureTerms(Model):
    """One measure: what is taken of the items for which `where` holds, a field's values by its name.

    `part` narrows further, for a share. `field` and `over` are fields of figures, `from` and `until` events,
    `clock` a clock of the register. As `fact` it can be recorded of a period, for clauses to read.
    """

    id: Name
    text: Words
    take: Take
    where: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    part: dict[Name, tuple[str, ...]] | None = None
    field: Name | None = None
    over: Name | None = None
    from_: tuple[Name, ...] | None = Field(default=None, alias="from")
    until: tuple[Name, ...] | None = None
    clock: Name | None = None
    fact: Name | None = None

    @model_validator(mode="after")
    def _whole(self) -> MeasureTerms:
        given = {name for name in ("part", "field", "over", "from_", "until", "clock") if getattr(self, name)}
        if given != _NEEDS[self.take]:
            wanted = ", ".join(sorted(one.strip("_") for one in _NEEDS[self.take])) or "nothing more"
            raise ValueError(f"'{self.take}' needs {wanted}")
        return self

    @property
    def names(self) -> Iterator[str]:
        """The fields that it reads."""
        yield from self.where
        yield from self.part or ()
        yield from filter(None, (self.field, self.over))


class Report(Model):
    """Measures of one register's items, told apart by some of its fields where that is asked."""

    report: Name
    title: Words
    lead: Words
    register_: Name = Field(alias="register")
    mechanisms: tuple[WholeNumber, ...] = Field(min_length=1)
    by: tuple[Name, ...] = ()
    measures: Annotated[tuple[MeasureTerms, ...], Field(min_length=1)]

    @property
    def of(self) -> Register:
        """The register that it measures."""
        return register(self.register_)

    @model_validator(mode="after")
    def _known_names(self) -> Report:
        of = self.of
        assert not of.readers, "what a report tells, all parties of the agreement may read"
        fields, clocks = {*of.all_fields, STATE}, {one.id for one in of.clocks}
        events = [name for one in self.measures for name in (*(one.from_ or ()), *(one.until or ()))]
        for known, names in (
            (fields, [*self.by, *(name for one in self.measures for name in one.names)]),
            (set(of.all_events), events),
            (clocks, [one.clock for one in self.measures if one.clock]),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"the register {of.name} has no '{name}'{did_you_mean(name, known)}")
        return self

    def measure(self, name: str) -> MeasureTerms:
        """Return one measure; the caller knows that it is there."""
        return next(one for one in self.measures if one.id == name)


@cache
def reports() -> Mapping[str, Report]:
    """Return every report that comes with the package, by name."""
    return declared_in(
        "ledger.measures", "report", lambda text, name: Report.model_validate(read_source(text, name).plain)
    )


def report(name: str) -> Report:
    """Return one report. Raises ReportUnknown with the nearest name."""
    found = reports().get(name)
    if found is None:
        raise ReportUnknown(
            f"there is no report '{name[:40]}'{did_you_mean(name, reports())}", where="report"
        )
    return found
