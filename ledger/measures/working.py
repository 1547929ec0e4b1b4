"""What measures come to over items of a register: exact, each with how many items it rests on.

An item belongs to the period in which it was opened. A measure of no items has no value, which is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from ledger.leaves import microseconds
from ledger.measures.declaration import STATE, MeasureTerms, Report
from ledger.registers.items import Item
from policies.money import read_decimal, read_rate

_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measure comes to: an exact value (None where no item tells) over `items` items.

    Money is in major units, shares and ratios are parts of one, times are hours.
    """

    terms: MeasureTerms
    value: Fraction | None
    items: int


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of items that have the same text in the field they are told apart by, empty for all."""

    key: str
    items: tuple[str, ...]
    measured: tuple[Measured, ...]


def measured(
    report: Report, items: Iterable[Item], now: datetime, *, between: tuple[datetime, datetime], by: str = ""
) -> list[Row]:
    """Return the measures of items opened in a stretch of time, by a field where one is named, sorted."""
    found = inside(items, between)
    groups: Mapping[str, Sequence[Item]] = {"": found}
    if by:
        ordered = sorted(found, key=lambda one: one.text(by))
        groups = {key: list(mine) for key, mine in groupby(ordered, key=lambda one: one.text(by))}
    return [
        Row(key, tuple(one.id for one in mine), tuple(take(terms, mine, now) for terms in report.measures))
        for key, mine in groups.items()
    ]


def inside(items: Iterable[Item], between: tuple[datetime, datetime]) -> list[Item]:
    """Return the items that were opened in a stretch of time, its end not included."""
    first, stop = (microseconds(one) for one in between)
    return [one for one in items if first <= one.opened.occurred_us < stop]


def take(terms: MeasureTerms, items: Sequence[Item], now: datetime) -> Measured:
    """Return what a measure comes to over some items as they stand."""
    among = [one for one in items if holds(terms.where, one)]
    match terms.take:
        case "count":
            return Measured(terms, Fraction(len(among)), len(among))
        case "late":
            late = [one for one in among if any(c.id == terms.clock and c.is_late(now) for c in one.clocks)]
            return Measured(terms, Fraction(len(late)), len(among))
        case "share":
            part = [one for one in among if holds(terms.part or {}, one)]
            return Measured(terms, _over(len(part), len(among)), len(among))
        case "in_time":
            return _in_time(terms, among, now)
        case "median_hours":
            hours = [one for item in among if (one := _hours(terms, item)) is not None]
            return Measured(terms, _middle(hours), len(hours))
        case _:
            return _of_figures(terms, among)


def _of_figures(terms: MeasureTerms, among: Sequence[Item]) -> Measured:
    told = [one for one in among if one.text(terms.field or "")]
    total = sum((_figure(one, terms.field or "") for one in told), Fraction(0))
    if terms.take == "sum":
        return Measured(terms, total if told else None, len(told))
    if terms.take == "mean":
        return Measured(terms, _over(total, len(told)), len(told))
    both = [one for one in told if one.text(terms.over or "")]
    total = sum((_figure(one, terms.field or "") for one in both), Fraction(0))
    return Measured(terms, _over(total, sum(_figure(one, terms.over or "") for one in both)), len(both))


def _in_time(terms: MeasureTerms, among: Sequence[Item], now: datetime) -> Measured:
    clocks = [clock for one in among for clock in one.clocks if clock.id == terms.clock]
    known = [one for one in clocks if one.ended_at is not None or one.is_late(now)]
    kept = sum(1 for one in known if not one.is_late(now))
    return Measured(terms, _over(kept, len(known)), len(known))


def _hours(terms: MeasureTerms, item: Item) -> Fraction | None:
    start = next((one for one in item.happened if one.event in (terms.from_ or ())), None)
    if start is None:
        return None
    later = (one for one in item.happened if one.event in (terms.until or ()) and one.seq > start.seq)
    end = next(later, None)
    return None if end is None else Fraction(end.occurred_us - start.occurred_us, _HOUR_US)


def _middle(values: Sequence[Fraction]) -> Fraction | None:
    """Return the middle of some values, of two middle ones their mean; None of none."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _over(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def _figure(item: Item, name: str) -> Fraction:
    text = item.text(name)
    return read_rate(text) if text.endswith("%") else read_decimal(text)


def holds(where: Mapping[str, tuple[str, ...]], item: Item) -> bool:
    """Tell whether an item says one of the values named of each field; nothing told is an empty text."""
    return all((item.state if name == STATE else item.text(name)) in values for name, values in where.items())
