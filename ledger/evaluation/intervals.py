"""How sure a figure is: 95% intervals in exact rationals, each by a method that is named.

Wilson's score interval for a share; Newcombe's for the difference of two shares, from their Wilson limits;
the normal interval for a mean and for the difference of two; and the percentile bootstrap for the growth of
daily figures.
The bootstrap draws by SHAKE-256 of a seed, so it gives the same everywhere.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Literal

Method = Literal["wilson", "newcombe", "normal", "bootstrap"]

Z = Fraction(1_959_963_985, 1_000_000_000)
"""How many standard errors the middle 95% of a normal distribution reaches to either side."""

RESAMPLES = 1_000
"""How often the bootstrap draws; 25 lie below the interval and 25 above."""

_PLACES = 10**9
_DRAW_BITS = 32


@dataclass(frozen=True, slots=True)
class Interval:
    """The limits between which a figure lies, by a method, at 95%."""

    low: Fraction
    high: Fraction
    method: Method

    def holds(self, value: Fraction) -> bool:
        """Tell whether a figure lies within."""
        return self.low <= value <= self.high


def wilson(hits: int, of: int) -> Interval:
    """Return Wilson's score interval of a share; of nothing, from none to all."""
    assert 0 <= hits <= of, "a share of a count"
    if not of:
        return Interval(Fraction(0), Fraction(1), "wilson")
    share, part = Fraction(hits, of), Z * Z / of
    middle = (share + part / 2) / (1 + part)
    half = _root((share * (1 - share) + part / 4) * Z * Z / of) / (1 + part)
    # the limits of none and of all are exact, whatever the root was rounded to
    low = Fraction(0) if not hits else max(Fraction(0), middle - half)
    high = Fraction(1) if hits == of else min(Fraction(1), middle + half)
    return Interval(low, high, "wilson")


def newcombe(before: tuple[int, int], after: tuple[int, int]) -> Interval:
    """Return the interval of the second share less the first, each as hits and of how many."""
    first, second = Fraction(*before), Fraction(*after)
    one, other = wilson(*before), wilson(*after)
    change = second - first
    low = _root(_squared(second - other.low) + _squared(one.high - first))
    high = _root(_squared(other.high - second) + _squared(first - one.low))
    return Interval(change - low, change + high, "newcombe")


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers by how often each was told, such as scores."""

    counts: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """How many were told."""
        return sum(number for _, number in self.counts)

    @property
    def mean(self) -> Fraction:
        """Their mean; of nothing it is an error."""
        return Fraction(sum(value * number for value, number in self.counts), self.size)

    @property
    def variance_of_mean(self) -> Fraction:
        """The square of the mean's standard error; zero of a single number."""
        if self.size < 2:
            return Fraction(0)
        mean = self.mean
        squares = sum((_squared(value - mean) * number for value, number in self.counts), Fraction(0))
        return squares / (self.size - 1) / self.size


def normal(sample: Sample) -> Interval:
    """Return the interval of a mean."""
    half = Z * _root(sample.variance_of_mean)
    return Interval(sample.mean - half, sample.mean + half, "normal")


def normal_difference(before: Sample, after: Sample) -> Interval:
    """Return the interval of the second mean less the first."""
    half = Z * _root(before.variance_of_mean + after.variance_of_mean)
    change = after.mean - before.mean
    return Interval(change - half, change + half, "normal")


def bootstrap_growth(before: Sequence[int], after: Sequence[int], seed: str) -> Interval | None:
    """Return the interval of the growth of a sum of daily figures: the second over the first, less one.

    Whole days are drawn, with those of the same window. None where a resample would divide by zero.
    """
    sums = zip(_resampled(before, f"{seed}/before"), _resampled(after, f"{seed}/after"), strict=True)
    found: list[Fraction] = []
    for first, second in sums:
        if not first:
            return None
        found.append(Fraction(second, first) - 1)
    found.sort()
    cut = RESAMPLES // 40
    return Interval(found[cut], found[-cut - 1], "bootstrap")


def _resampled(days: Sequence[int], seed: str) -> Iterator[int]:
    """Yield the sum of as many days drawn from among them, once for each resample."""
    size = len(days)
    form = struct.Struct(f">{size}I")
    drawn = hashlib.shake_256(seed.encode()).digest(form.size * RESAMPLES)
    for numbers in form.iter_unpack(drawn):
        yield sum([days[number * size >> _DRAW_BITS] for number in numbers])


def _squared(value: Fraction) -> Fraction:
    return value * value


def _root(square: Fraction) -> Fraction:
    """Return the square root to nine places, rounded up: an interval is rather too wide."""
    scaled = square * _PLACES * _PLACES
    whole = -(-scaled.numerator // scaled.denominator)
    root = isqrt(whole)
    return Fraction(root if root * root == whole else root + 1, _PLACES)
