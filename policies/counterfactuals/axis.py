"""One fact that has an order (money, a rate, a count, a day, an instant) as whole steps on a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from policies.counterfactuals.places import Place
from policies.document import FactType
from policies.facts import read_fact
from policies.formulas.values import Known
from policies.money import exact_decimal, from_minor, minor_digits

ORDERED: frozenset[FactType] = frozenset({"money", "rate", "count", "date", "instant"})

RATE_PLACES = 4
"""Decimal places of the steps in which a rate is looked at, 0.01%, where it is not written finer."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_SPAN_DAYS = 3_660
_FAR = 1_000
"""How many times what is given the line reaches, and at least `_REACH` of the fact's own unit."""
_REACH = 1_000_000_000


def measured(value: Known) -> Fraction | None:
    """Return a value as a number: a day by its ordinal, an instant in seconds; None for what has no order."""
    match value:
        case bool() | str():
            return None
        case datetime():
            return Fraction((value - _EPOCH) // timedelta(microseconds=1), 1_000_000)
        case date():
            return Fraction(value.toordinal())
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Axis:
    """The line of one fact in whole steps of `unit`; `low` and `high` are as far as it is looked at."""

    type: FactType
    currency: str
    unit: Fraction
    start: int
    low: int
    high: int

    def text(self, step: int) -> str:
        """Write a step as the text of a fact."""
        match self.type:
            case "money":
                return from_minor(step, self.currency)
            case "rate":
                return f"{exact_decimal(step * self.unit * 100, 0)}%"
            case "date":
                return date.fromordinal(step).isoformat()
            case "instant":
                return (_EPOCH + timedelta(seconds=step)).isoformat()
            case _:
                return str(step)


def axis_of(place: Place, currency: str, day: date) -> Axis:
    """Return the line of a place whose type has an order; a fact that is missing starts at zero or `day`."""
    unit = _unit(place, currency)
    if place.text is None:
        value: Fraction = Fraction(day.toordinal()) if place.type == "date" else Fraction(0)
        if place.type == "instant":
            value = Fraction((day.toordinal() - _EPOCH.toordinal()) * 86_400)
    else:
        known = measured(read_fact(place.text, place.type, currency))
        assert known is not None
        value = known
    start = int(value / unit)
    if place.type == "date":
        low = max(start - _SPAN_DAYS, _FIRST_DAY.toordinal())
        return Axis(place.type, currency, unit, start, low, min(start + _SPAN_DAYS, _LAST_DAY.toordinal()))
    if place.type == "instant":
        span = _SPAN_DAYS * 86_400
        return Axis(place.type, currency, unit, start, start - span, start + span)
    reach = max(abs(start) * _FAR, int(_REACH / unit))
    if place.type == "rate" and 0 <= value <= 1:
        reach = int(1 / unit)
    return Axis(place.type, currency, unit, start, 0 if start >= 0 else -reach, reach)


def _unit(place: Place, currency: str) -> Fraction:
    if place.type == "money":
        return Fraction(1, 10 ** minor_digits(currency))
    if place.type != "rate":
        return Fraction(1)
    written = (place.text or "").rstrip("%").partition(".")[2]
    places = len(written) + (2 if (place.text or "").endswith("%") else 0)
    return Fraction(1, 10 ** max(places, RATE_PLACES))
