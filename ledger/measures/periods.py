"""Periods that people name: a month (2026-05), a quarter (2026-Q2) or a year (2026), in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ledger.measures.errors import ScoreRefused

_PERIOD = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period by its name, from the start of its `first` day to that of the day `stop` behind its last."""

    name: str
    first: date
    stop: date

    def between(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return its first moment, and the first behind it."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.stop, time(), zone)

    def before(self) -> Stretch:
        """Return the period of the same length before it."""
        months = (self.stop.year - self.first.year) * 12 + self.stop.month - self.first.month
        return _stretch(_moved(self.first, -months), months)


def stretch(text: str) -> Stretch:
    """Read the name of a period. Raises ScoreRefused."""
    found = _PERIOD.fullmatch(text)
    if found is None or not 1900 < int(found[1]) < 2900:
        raise ScoreRefused(f"'{text[:40]}' is no period such as 2026-05, 2026-Q2 or 2026", where="period")
    year, month, quarter = int(found[1]), found[2], found[3]
    if month:
        return _stretch(date(year, int(month), 1), 1)
    return _stretch(date(year, int(quarter) * 3 - 2, 1), 3) if quarter else _stretch(date(year, 1, 1), 12)


def _stretch(first: date, months: int) -> Stretch:
    names = {1: f"{first:%Y-%m}", 3: f"{first.year}-Q{(first.month + 2) // 3}", 12: f"{first.year}"}
    return Stretch(names[months], first, _moved(first, months))


def _moved(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
