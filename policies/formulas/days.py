"""Arithmetic of days: months that end early, and business days by a dated calendar.

A calendar knows the years it was published for and no others: a day of any other year is an error, since a
guess at its holidays would be a wrong deadline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from fractions import Fraction

from policies.errors import FormulaError

_SATURDAY = 5
SPAN_LIMIT = 3_660
"""Business days counted at once, at most: beyond any deadline, and it bounds the work."""


@dataclass(frozen=True, slots=True)
class YearOfDays:
    """One year: weekdays on which nobody works, and days of a weekend on which people do."""

    holidays: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A dated calendar by its id (`CN`), with the SHA-256 of the file it was read from."""

    id: str
    sha256: str
    years: Mapping[int, YearOfDays] = field(repr=False, compare=False)

    def is_business_day(self, day: date) -> bool:
        """Tell whether people work on a day. Raises FormulaError for a year the calendar does not know."""
        year = self.years.get(day.year)
        if year is None:
            known = ", ".join(str(one) for one in sorted(self.years))
            raise FormulaError(f"the calendar {self.id} does not know {day.year} ({day}); it knows {known}")
        return day in year.workdays or (day.weekday() < _SATURDAY and day not in year.holidays)

    def add(self, day: date, days: Fraction) -> date:
        """Return the business day that many business days after a day; 0 is the day itself.

        Raises FormulaError for part of a day, a span too long, and years the calendar does not know.
        """
        left = whole(days, "business days")
        if abs(left) > SPAN_LIMIT:
            raise FormulaError(f"at most {SPAN_LIMIT} business days are counted; this asks for {left}")
        step = 1 if left > 0 else -1
        while left:
            day = shifted(day, step)
            if self.is_business_day(day):
                left -= step
        return day

    def between(self, start: date, end: date) -> int:
        """Return the business days after `start` up to and including `end`; negative where it is earlier.

        Raises FormulaError for a span too long, and years the calendar does not know.
        """
        if end < start:
            return -self.between(end, start)
        if (end - start).days > 2 * SPAN_LIMIT:
            raise FormulaError(f"from {start} to {end} is too long to count in business days")
        return sum(self.is_business_day(start + timedelta(one)) for one in range(1, (end - start).days + 1))


def add_days(day: date, days: Fraction) -> date:
    """Return the day so many calendar days later. Raises FormulaError beyond the calendar."""
    return shifted(day, whole(days, "days"))


def add_months(day: date, months: Fraction) -> date:
    """Return the same day so many months later, or the last of that month: 31 January and one is 28 February.

    Raises FormulaError for part of a month and beyond the calendar.
    """
    count = day.year * 12 + day.month - 1 + whole(months, "months")
    year, month = divmod(count, 12)
    if not MINYEAR <= year < MAXYEAR:
        raise FormulaError(f"{months} months from {day} is outside the calendar")
    first = date(year, month + 1, 1)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return first.replace(day=min(day.day, last))


def months(start: date, end: date) -> int:
    """Return the whole months from one day to another, by `add_months`; negative where it is earlier.

    31 January to 28 February is one month; so is 15 January to 15 February, the 14th not yet.
    """
    if end < start:
        return -months(end, start)
    count = (end.year - start.year) * 12 + end.month - start.month
    return count if add_months(start, Fraction(count)) <= end else count - 1


def shifted(day: date, days: int) -> date:
    """Return the day so many days later. Raises FormulaError beyond the calendar."""
    try:
        return day + timedelta(days)
    except OverflowError:
        raise FormulaError(f"{days} days from {day} is outside the calendar") from None


def whole(number: Fraction, what: str) -> int:
    """Return a whole number as an integer. Raises FormulaError for part of one."""
    if number.denominator != 1:
        raise FormulaError(f"{what} are counted whole; this is {number}")
    return number.numerator
