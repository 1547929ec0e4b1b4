"""Two windows of equal length beside the day on which a version starts, and what makes them unlike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.evaluation.errors import EvaluationUnready
from ledger.leaves import microseconds
from policies.versions.timeline import Period

DAYS = 90
"""Days of each window where nobody says."""

DAYS_LIMIT = 731


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days from `first` to before `stop`, where the agreement counts them."""

    first: date
    stop: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.stop - self.first).days

    @property
    def range_us(self) -> tuple[int, int]:
        """From which microsecond (UTC) on it reaches, and before which."""
        first, stop = (
            datetime(day.year, day.month, day.day, tzinfo=self.zone) for day in (self.first, self.stop)
        )
        return microseconds(first), microseconds(stop)

    def day_starts_us(self) -> list[int]:
        """Return the microsecond (UTC) with which each of its days begins, in order."""
        days = (self.first + timedelta(days=number) for number in range(self.days))
        return [microseconds(datetime(day.year, day.month, day.day, tzinfo=self.zone)) for day in days]

    def holds(self, at_us: int) -> bool:
        """Tell whether a microsecond (UTC) lies within."""
        first, stop = self.range_us
        return first <= at_us < stop

    def earlier(self) -> Window:
        """Return the window of the same length before this one."""
        return Window(self.first - timedelta(days=self.days), self.first, self.zone)


@dataclass(frozen=True, slots=True)
class Windows:
    """The days before a version started and as many from then on; `asked` days were wanted of each."""

    period: Period
    before: Window
    after: Window
    asked: int


def windows_of(
    periods: Sequence[Period], version: int | None, days: int, now: datetime, first_told: datetime | None
) -> Windows:
    """Return the windows beside the start of a version, the newest in force where none is named.

    `first_told` is when anything was first told under the agreement; neither window reaches beyond it or into
    a day that is not over. Raises EvaluationUnready.
    """
    if not 1 <= days <= DAYS_LIMIT:
        raise EvaluationUnready(f"a window is of 1 to {DAYS_LIMIT} days, not {days}")
    started = [one for one in periods if one.start <= now]
    among = [one for one in started if version in {None, one.agreement.version}]
    if not among:
        known = ", ".join(str(one.agreement.version) for one in started) or "none"
        raise EvaluationUnready(f"no such version has started; started are {known}")
    period = among[-1]
    zone = period.agreement.zone
    start, today = (at.astimezone(zone).date() for at in (period.start, now))
    told = start if first_told is None else first_told.astimezone(zone).date()
    length = min(days, (today - start).days, (start - told).days)
    if length < 1:
        side = "after" if (today - start).days < 1 else "before"
        raise EvaluationUnready(
            f"no whole day lies {side} {start}, on which version {period.agreement.version} started",
            where=period.agreement.ref,
        )
    before = Window(start - timedelta(days=length), start, zone)
    return Windows(period, before, Window(start, start + timedelta(days=length), zone), days)
