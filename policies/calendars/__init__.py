"""Business calendars shipped with the language: dated, cited data files, each known by its digest.

A calendar grows by the years its authority announces. Which bytes a decision used is part of the decision.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from pydantic import Field

from policies.errors import FormulaError, did_you_mean
from policies.fields import Day, Model, Words
from policies.formulas.days import Calendar, YearOfDays
from policies.source import read_source

_FOLDER = Path(__file__).parent


class Off(Model):
    """Days without work, from the first to the last of them, and what they are called."""

    from_: Day = Field(alias="from")
    to: Day
    zh: str


class Year(Model):
    """What was announced for one year, by which notice."""

    notice: str
    published: Day
    url: str
    off: tuple[Off, ...]
    worked: tuple[Day, ...]

    def days(self) -> YearOfDays:
        """Return the days off and the weekend days worked."""
        off = {
            one.from_ + timedelta(step) for one in self.off for step in range((one.to - one.from_).days + 1)
        }
        return YearOfDays(frozenset[date](off), frozenset(self.worked))


class CalendarFile(Model):
    """A calendar as its file holds it."""

    calendar: str
    name: Words
    years: dict[str, Year]


@cache
def known_calendars() -> tuple[str, ...]:
    """Return the ids of the shipped calendars, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def load_calendar(calendar_id: str) -> Calendar:
    """Return a shipped calendar. Raises FormulaError for an id that is none."""
    if calendar_id not in known_calendars():
        hint = did_you_mean(calendar_id, known_calendars())
        raise FormulaError(f"'{calendar_id[:40]}' is not a calendar that is shipped{hint}")
    data = (_FOLDER / f"{calendar_id}.yaml").read_bytes()
    file = CalendarFile.model_validate(read_source(data.decode(), f"{calendar_id}.yaml").plain)
    years = {int(year): terms.days() for year, terms in file.years.items()}
    return Calendar(calendar_id, hashlib.sha256(data).hexdigest(), years)
