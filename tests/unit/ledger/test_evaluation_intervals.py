"""How sure a figure is: intervals as published, exact at their ends, and the same on every machine."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.evaluation.intervals import (
    Interval,
    Sample,
    bootstrap_growth,
    newcombe,
    normal,
    normal_difference,
    wilson,
)


def close(interval: Interval, low: str, high: str) -> bool:
    near = Fraction(1, 10_000)
    return abs(interval.low - Fraction(low)) < near and abs(interval.high - Fraction(high)) < near


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_wilsons_interval_is_as_newcombe_tabled_it(hits: int, of: int, low: str, high: str) -> None:
    assert close(wilson(hits, of), low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), "0.0524", "0.3339"),
        ((3, 10), (9, 10), "0.1705", "0.8090"),
        ((0, 20), (10, 10), "0.6791", "1.0000"),
    ],
)
def test_a_difference_of_shares_has_the_limits_of_newcombes_method_ten(
    first: tuple[int, int], second: tuple[int, int], low: str, high: str
) -> None:
    assert close(newcombe(first, second), low, high)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_lies_within_its_interval_and_the_interval_within_none_and_all(hits: int, of: int) -> None:
    hits = min(hits, of)
    found = wilson(hits, of)
    assert 0 <= found.low <= Fraction(hits, of) <= found.high <= 1


def test_nothing_observed_tells_nothing() -> None:
    assert wilson(0, 0) == Interval(Fraction(0), Fraction(1), "wilson")


def test_scores_have_a_mean_and_its_normal_interval() -> None:
    sample = Sample(((3, 10), (4, 20), (5, 10)))
    assert (sample.size, sample.mean) == (40, Fraction(4))
    assert sample.variance_of_mean == Fraction(20, 39 * 40)
    assert close(normal(sample), "3.7781", "4.2219")
    same = normal_difference(sample, sample)
    assert same.holds(Fraction(0))


def test_growth_is_drawn_by_days_and_always_the_same() -> None:
    before, after = [100, 120, 90, 110] * 10, [150, 170, 140, 160] * 10
    found = bootstrap_growth(before, after, "seed")
    assert found is not None
    assert found == bootstrap_growth(before, after, "seed")
    assert found.holds(Fraction(sum(after), sum(before)) - 1)
    assert not found.holds(Fraction(0))
    assert found != bootstrap_growth(before, after, "another")


def test_growth_from_nothing_has_no_interval() -> None:
    assert bootstrap_growth([0, 0], [1, 2], "seed") is None
