"""What points are worth after some days, and the score that they come to, exactly.

Points halve in a fixed number of days and fall in a straight line from one halving to the next, so that
every value is a rational and the half is exactly reached on its day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from policies.credit.model import Band, CreditModel


@dataclass(frozen=True, slots=True)
class Score:
    """A score at a time: `exact` before it is held to the model's range and rounded to `points`."""

    exact: Fraction
    points: int
    band: Band


def worth(points: int, days: int, half_days: int) -> Fraction:
    """Return what points are worth some whole days after they were given."""
    assert days >= 0, "points count from when they are given"
    halvings, rest = divmod(days, half_days)
    return Fraction(points, 2**halvings) * (1 - Fraction(rest, 2 * half_days))


def score(model: CreditModel, given: Iterable[tuple[int, int]]) -> Score:
    """Return the score of points that count, each with the whole days since it was given."""
    exact = model.start + sum((worth(one, days, model.half_days) for one, days in given), Fraction(0))
    held = min(max(exact, Fraction(model.lowest)), Fraction(model.highest))
    points = int(held + Fraction(1, 2))  # half up: what is held is never below zero
    return Score(exact, points, model.band(points))
