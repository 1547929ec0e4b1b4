"""Until when a register's clocks run, by the document they are under: its time zone, calendar and clauses.

A day is over at its end; the day on which a clock starts is not counted. Business days are those of the
document's calendar, calendar days where it names none; for a year that its calendar does not know yet there
is no moment at which a clock is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from fractions import Fraction

from ledger.leaves import occurred_text
from ledger.registers.declaration import Register
from ledger.registers.terms import OPENED, ClockTerms
from policies.agreement import Agreement
from policies.calendars import load_calendar
from policies.clauses.parameters import value_of
from policies.errors import FormulaError

_SECOND = timedelta(seconds=1)


def clause_value(agreement: Agreement | None, named: str | None) -> str | None:
    """Return what the document's first clause of a kind says of a parameter (`KIND.PARAMETER`), as text."""
    if agreement is None or named is None:
        return None
    kind, _, parameter = named.partition(".")
    for clause in agreement.document.clauses:
        if clause.kind == kind:
            value = value_of(clause, parameter)
            if value is not None:
                return str(value)
    return None


def started(
    register: Register, event: str, *, first: bool, at: datetime, agreement: Agreement | None
) -> Iterator[tuple[str, str]]:
    """Yield each clock that an event starts, with the last moment of it as RFC 3339 text."""
    for clock in register.clocks:
        if clock.from_ == event or (first and clock.from_ == OPENED):
            due = _due(clock, at, agreement)
            if due is not None:
                yield clock.id, occurred_text(due)


def _due(clock: ClockTerms, at: datetime, agreement: Agreement | None) -> datetime | None:
    said = clause_value(agreement, clock.clause)
    if clock.hours is not None:
        return at + timedelta(hours=int(said) if said is not None else clock.hours)
    local = at if agreement is None else at.astimezone(agreement.zone)
    assert clock.days is not None, "a clock has days or hours"
    days = int(said) if said is not None else clock.days
    last = local.date() + timedelta(days=days)
    calendar = agreement.document.calendar if agreement is not None else None
    if clock.counted_in == "business_days" and calendar is not None:
        try:
            last = load_calendar(calendar).add(local.date(), Fraction(days))
        except FormulaError:
            return None
    return datetime.combine(last, time(), tzinfo=local.tzinfo) + timedelta(days=1) - _SECOND
