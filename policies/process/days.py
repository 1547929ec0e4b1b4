"""When a step of a dispute is due: days counted from recorded service, in the document's zone and calendar.

The day of service is not counted, and a step may be taken until the end of its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from policies.errors import FormulaError
from policies.process.terms import ProcessTerms, Side, Turn, Window


@dataclass(frozen=True, slots=True)
class Deadline:
    """A window: which step it is for, whom it waits for, from which day it counts, and its last day.

    Those of who decides, `ruling/LEVEL`, and `enforcement` wait for no side.

    `last_day` is None where the calendar does not know the year yet: until it does nothing is over. `done`
    says that nobody need act any more. `name` tells the appeals of a case apart: `appeal/rules`.
    """

    step: Window | Turn
    name: str
    waits_for: tuple[Side, ...]
    started: date
    last_day: date | None
    done: bool = False

    def is_over(self, today: date) -> bool:
        """Tell whether its last day is past, taken or not."""
        return self.last_day is not None and today > self.last_day

    def is_open(self, today: date) -> bool:
        """Tell whether it still waits for somebody."""
        return not self.done and not self.is_over(today)


def day_of(terms: ProcessTerms, instant: datetime) -> date:
    """Return the day that it is where the document counts its days."""
    return instant.astimezone(terms.zone).date()


def counted(terms: ProcessTerms, start: date, days: int) -> date | None:
    """Return the last of so many days after one, None where the calendar does not know its year."""
    if terms.calendar is None:
        return start + timedelta(days=days)
    try:
        return terms.calendar.add(start, Fraction(days))
    except FormulaError:
        return None
