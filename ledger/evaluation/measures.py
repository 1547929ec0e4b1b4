"""The measures of a version, before and after it started, with how sure each is and what it cannot carry.

satisfaction   the mean score of buyers, 1 to 5, and the share that gave 4 or 5
recommendation who would recommend less who would not, of all asked (NPS), -1 to 1
violations     confirmed incidents for every 10,000 orders, and notices of a breach that nobody dismissed
sessions       the share of live sessions in which something was violated
sales, orders, buyers   what was sold in the window; the change is a growth
retention      brands that sold in the window before and still sell in this one

A change is told from chance where its interval leaves zero out. A caution says where a sample is too small,
or the windows are unlike for another reason than the version; it never hides the figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from ledger.evaluation.intervals import (
    Interval,
    Sample,
    bootstrap_growth,
    newcombe,
    normal,
    normal_difference,
    wilson,
)
from ledger.evaluation.sold import Sold, growth
from ledger.evaluation.told import SATISFIED

Name = Literal[
    "satisfaction", "satisfied", "recommendation", "violations", "breaches", "sessions", "sales", "orders",
    "buyers", "retention",
]  # fmt: skip
Unit = Literal["score", "share", "balance", "per_10000", "money", "count"]

SAMPLE_MIN = 30
"""Answers, orders or days below which a figure is not to be leant on."""
BRANDS_MIN = 10
SCORES = (1, 5)
"""The least and the greatest score that a buyer can give."""
RATE_OF = 10_000

_UNITS: Mapping[Name, Unit] = {
    "satisfaction": "score", "satisfied": "share", "recommendation": "balance", "violations": "per_10000",
    "breaches": "per_10000", "sessions": "share", "sales": "money", "orders": "count", "buyers": "count",
    "retention": "share",
}  # fmt: skip

Caution = Literal[
    "nothing_told", "few_answers", "few_orders", "few_sessions", "few_days", "few_brands", "within_chance",
    "over_one", "no_history", "some_unread", "some_nameless", "nothing_before",
]  # fmt: skip


Cautions = tuple[Caution, ...]

SMALL: frozenset[Caution] = frozenset({"few_answers", "few_orders", "few_sessions", "few_days", "few_brands"})


@dataclass(frozen=True, slots=True)
class Side:
    """One window's figure: of how many it is, how sure, None where nothing tells it.

    `value` is in the measure's unit: money in minor units, a share from 0 to 1, a rate for 10,000.
    """

    value: Fraction | None
    hits: int
    of: int
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure on both sides. `change` is the second less the first, for what is sold a growth as a share.

    `wanted` says in which direction it is better.
    """

    name: Name
    unit: Unit
    wanted: Literal["up", "down"]
    before: Side
    after: Side
    change: Fraction | None
    interval: Interval | None
    cautions: Cautions

    @property
    def is_small(self) -> bool:
        """Tell whether a sample is too small for its interval to be leant on."""
        return not SMALL.isdisjoint(self.cautions)

    @property
    def told_apart(self) -> bool:
        """Tell whether the change is told from chance: zero is outside its interval, of no small sample."""
        return self.interval is not None and not self.interval.holds(Fraction(0)) and not self.is_small


_UNWANTED: frozenset[Name] = frozenset({"violations", "breaches", "sessions"})

Both = tuple[Side, Side]
"""A figure before and after."""


def satisfaction(before: Sample | None, after: Sample | None) -> Iterator[Measure]:
    """Yield the mean score and the share of the satisfied."""
    means, shares = (_mean(before), _mean(after)), (_satisfied(before), _satisfied(after))
    if before is None or after is None or not (before.size and after.size):
        yield _untold("satisfaction", means)
        yield _untold("satisfied", shares)
        return
    few: Cautions = ("few_answers",) if min(before.size, after.size) < SAMPLE_MIN else ()
    interval = normal_difference(before, after) if min(before.size, after.size) > 1 else None
    yield _judged("satisfaction", means, after.mean - before.mean, interval, few)
    yield _shares("satisfied", shares, few)


def recommendation(before: Sample | None, after: Sample | None) -> Measure:
    """Return the share of promoters less that of detractors."""
    sides = (_balance(before), _balance(after))
    if before is None or after is None or not (before.size and after.size):
        return _untold("recommendation", sides)
    few: Cautions = ("few_answers",) if min(before.size, after.size) < SAMPLE_MIN else ()
    interval = normal_difference(before, after) if min(before.size, after.size) > 1 else None
    return _judged("recommendation", sides, after.mean - before.mean, interval, few)


def sessions(before: tuple[int, int] | None, after: tuple[int, int] | None) -> Measure:
    """Return the share of sessions on air in which something was violated, as (violated, of)."""
    sides = (_share(before), _share(after))
    if before is None or after is None or not (before[1] and after[1]):
        return _untold("sessions", sides)
    few: Cautions = ("few_sessions",) if min(before[1], after[1]) < SAMPLE_MIN else ()
    return _shares("sessions", sides, few)


def violations(told: tuple[Counter[str] | None, Counter[str] | None], orders: tuple[int, int]) -> Measure:
    """Return confirmed incidents for every 10,000 orders; None where nobody keeps a register of them."""
    before, after = told
    if before is None or after is None:
        return _untold("violations", (Side(None, 0, 0), Side(None, 0, 0)))
    return _rates("violations", (before, after), orders)


def breaches(told: tuple[Counter[str], Counter[str]], orders: tuple[int, int]) -> Measure:
    """Return undismissed notices of a breach for every 10,000 orders."""
    return _rates("breaches", told, orders)


def of_sales(both: tuple[Sold, Sold], seed: str) -> Iterator[Measure]:
    """Yield what was sold, in how many orders, to how many; `seed` names what the bootstrap draws for."""
    before, after = both
    if before.sales_minor is not None and after.sales_minor is not None:
        unread: Cautions = ("some_unread",) if before.unread or after.unread else ()
        totals, daily = (before.sales_minor, after.sales_minor), (before.daily_minor, after.daily_minor)
        yield _growth("sales", totals, daily, seed, unread)
    daily = (before.daily_orders, after.daily_orders)
    yield _growth("orders", (before.orders, after.orders), daily, seed)
    if before.buyers is None or after.buyers is None:
        yield _untold("buyers", (_buyers(before), _buyers(after)))
        return
    nameless: Cautions = ("some_nameless",) if before.nameless or after.nameless else ()
    daily = (before.daily_buyers, after.daily_buyers)
    yield _growth("buyers", (before.buyers, after.buyers), daily, seed, nameless)


def retention(before: tuple[int, int] | None, after: tuple[int, int]) -> Measure:
    """Return how many brands of the window before still sell, as (still, of); None before the log began."""
    sides = (_share(before), _share(after))
    if before is None or not (before[1] and after[1]):
        return _untold("retention", sides, "no_history" if before is None else "nothing_told")
    few: Cautions = ("few_brands",) if min(before[1], after[1]) < BRANDS_MIN else ()
    return _shares("retention", sides, few)


def _rates(name: Name, told: tuple[Counter[str], Counter[str]], orders: tuple[int, int]) -> Measure:
    hits = (told[0].total(), told[1].total())
    over = hits[0] > orders[0] or hits[1] > orders[1]
    if over or not (orders[0] and orders[1]):
        sides = (rate(hits[0], orders[0]), rate(hits[1], orders[1]))
        return _untold(name, sides, "over_one" if over else "nothing_told")
    few: Cautions = ("few_orders",) if min(orders) < SAMPLE_MIN else ()
    return _shares(name, (_share((hits[0], orders[0])), _share((hits[1], orders[1]))), few)


def _shares(name: Name, sides: Both, cautions: Cautions) -> Measure:
    """Return a measure of two shares, scaled to its unit."""
    before, after = sides
    scale = RATE_OF if _UNITS[name] == "per_10000" else 1
    interval = _scaled_interval(newcombe((before.hits, before.of), (after.hits, after.of)), scale)
    change = (Fraction(after.hits, after.of) - Fraction(before.hits, before.of)) * scale
    return _judged(name, (_scaled(before, scale), _scaled(after, scale)), change, interval, cautions)


def _growth(
    name: Name,
    totals: tuple[int, int],
    daily: tuple[Sequence[int], Sequence[int]],
    seed: str,
    cautions: Cautions = (),
) -> Measure:
    """Return what grew from one window to the other; days are drawn, so the interval tells of them."""
    before, after = totals
    sides = (
        Side(Fraction(before), before, len(daily[0])),
        Side(Fraction(after), after, len(daily[1])),
    )
    few: Cautions = ("few_days",) if min(map(len, daily)) < SAMPLE_MIN else ()
    if not before:
        return _untold(name, sides, "nothing_before")
    interval = bootstrap_growth(*daily, f"{seed}/{name}")
    grown, by_days = Fraction(after, before) - 1, growth(*daily)
    if interval is not None and by_days is not None:
        # who buys on several days is one buyer: the interval is that of the days, about the growth told
        moved = grown - by_days
        interval = Interval(interval.low + moved, interval.high + moved, interval.method)
    return _judged(name, sides, grown, interval, (*cautions, *few))


def _judged(
    name: Name, sides: Both, change: Fraction, interval: Interval | None, cautions: Cautions
) -> Measure:
    chance = interval is not None and interval.holds(Fraction(0))
    said: Cautions = (*cautions, "within_chance") if chance else cautions
    return _measure(name, sides, change, interval, said)


def _untold(name: Name, sides: Both, why: Caution = "nothing_told") -> Measure:
    """Return a measure whose change cannot be told."""
    return _measure(name, sides, None, None, (why,))


def _measure(
    name: Name, sides: Both, change: Fraction | None, interval: Interval | None, cautions: Cautions
) -> Measure:
    wanted: Literal["up", "down"] = "down" if name in _UNWANTED else "up"
    return Measure(name, _UNITS[name], wanted, *sides, change, interval, cautions)


def _buyers(one: Sold) -> Side:
    return Side(None if one.buyers is None else Fraction(one.buyers), one.buyers or 0, 0)


def rate(hits: int, orders: int) -> Side:
    """Return how many there were for every 10,000 orders, with limits where there are no more than orders."""
    if not orders or hits > orders:
        return Side(Fraction(hits, orders) * RATE_OF if orders else None, hits, orders)
    return _scaled(_share((hits, orders)), RATE_OF)


def _share(told: tuple[int, int] | None) -> Side:
    if told is None or not told[1]:
        return Side(None, 0, 0)
    return Side(Fraction(*told), *told, wilson(*told))


def _scaled(side: Side, scale: int) -> Side:
    assert side.value is not None
    assert side.interval is not None
    return replace(side, value=side.value * scale, interval=_scaled_interval(side.interval, scale))


def _scaled_interval(interval: Interval, scale: int) -> Interval:
    return Interval(interval.low * scale, interval.high * scale, interval.method)


def _mean(sample: Sample | None) -> Side:
    return _within(sample, *SCORES)


def _balance(sample: Sample | None) -> Side:
    return _within(sample, -1, 1)


def _within(sample: Sample | None, least: int, most: int) -> Side:
    """Return the mean of a sample with its limits, which no answer lies beyond."""
    if sample is None or not sample.size:
        return Side(None, 0, 0)
    found = normal(sample)
    limits = Interval(max(found.low, Fraction(least)), min(found.high, Fraction(most)), found.method)
    return Side(sample.mean, sample.size, sample.size, limits if sample.size > 1 else None)


def _satisfied(sample: Sample | None) -> Side:
    if sample is None or not sample.size:
        return Side(None, 0, 0)
    happy = sum(number for score, number in sample.counts if score >= SATISFIED)
    return _share((happy, sample.size))
