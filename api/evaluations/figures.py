"""Figures of an evaluation as text, and where they lie on a chart. Not for what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from api.evaluations.schemas import DailyChart, IntervalChart, SideShown, Span
from ledger.evaluation.measures import SCORES, Measure, Side, Unit
from policies.money import from_minor, grouped, round_minor

WIDE, HIGH = 1_000, 200
"""The width and height of a chart in its own units."""

_PERCENT = 100


def decimal(value: Fraction, places: int) -> str:
    """Write a figure to some places, rounded half up, thousands set apart."""
    scaled = round_minor(value * 10**places, "half_up")
    digits = str(abs(scaled)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return ("-" if scaled < 0 else "") + grouped(text)


def figure(value: Fraction, unit: Unit, currency: str) -> str:
    """Write a figure in its unit: a share in percent, money in major units."""
    match unit:
        case "money":
            return grouped(from_minor(round_minor(value, "half_up"), currency))
        case "share":
            return f"{decimal(value * _PERCENT, 1)}%"
        case "count":
            return decimal(value, 0)
        case "balance":
            return decimal(value * _PERCENT, 1)
        case _:
            return decimal(value, 2)


def change_text(value: Fraction, unit: Unit) -> str:
    """Write a change with its sign: of shares in percentage points, of what is sold a growth in percent."""
    of_one = unit in {"share", "balance", "money", "count"}
    places, scaled = (1, value * _PERCENT) if of_one else (2, value)
    text = decimal(scaled, places)
    sign = "+" if value > 0 else ""
    return f"{sign}{text}{'%' if unit in {'money', 'count'} else ''}"


def side_shown(side: Side, unit: Unit, currency: str) -> SideShown:
    """Return a window's figure as it is shown."""
    if side.value is None:
        return SideShown(None, None, None, side.hits, side.of)
    low, high = (None, None) if side.interval is None else (side.interval.low, side.interval.high)
    return SideShown(
        figure(side.value, unit, currency),
        None if low is None else figure(low, unit, currency),
        None if high is None else figure(high, unit, currency),
        side.hits,
        side.of,
    )


def interval_chart(one: Measure, currency: str) -> IntervalChart | None:
    """Return both figures on one axis, the axis of the unit."""
    before, after = one.before, one.after
    if before.value is None or after.value is None:
        return None
    first, last = _axis(one.unit, [limit for side in (before, after) for limit in _limits(side)])
    return IntervalChart(
        _span(before, first, last),
        _span(after, first, last),
        figure(first, one.unit, currency),
        figure(last, one.unit, currency),
    )


def _axis(unit: Unit, limits: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the ends of an axis: all there is of a score or share, else from nothing to beyond the most."""
    if unit == "score":
        return Fraction(SCORES[0]), Fraction(SCORES[1])
    if unit in {"share", "balance"}:
        return Fraction(-1 if unit == "balance" else 0), Fraction(1)
    return Fraction(0), max(limits) * Fraction(11, 10) or Fraction(1)


def _limits(side: Side) -> tuple[Fraction, Fraction]:
    assert side.value is not None
    return (side.value, side.value) if side.interval is None else (side.interval.low, side.interval.high)


def _span(side: Side, first: Fraction, last: Fraction) -> Span:
    def place(value: Fraction) -> int:
        return round_minor((value - first) * WIDE / (last - first), "half_up")

    assert side.value is not None
    low, high = _limits(side)
    return Span(place(side.value), place(low), place(high))


def daily_chart(before: Sequence[int], after: Sequence[int]) -> DailyChart | None:
    """Return a line of daily figures over both windows; None where nothing was sold on any day."""
    days = [*before, *after]
    most = max(days, default=0)
    if not most or len(days) < 2:
        return None
    points = " ".join(
        f"{index * WIDE // (len(days) - 1)},{HIGH - value * HIGH // most}" for index, value in enumerate(days)
    )
    return DailyChart(points, len(before) * WIDE // (len(days) - 1), most)
