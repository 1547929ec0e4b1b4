"""Exact figures as integer columns: a numerator over one fixed denominator, and a bound on its size.

Bounds are carried along: where int64 could overflow the columns widen to Int128, and where that could
overflow too the figure is refused before anything runs. A null stays a null: unknown is never a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Literal

import polars as pl

from policies.errors import FormulaError
from policies.money import Rounding

INT64_SAFE = 2**62
INT128_SAFE = 2**126
TOO_LARGE = "the amounts are too large for exact column arithmetic; use the exact engine"


@dataclass(frozen=True, slots=True)
class Figure:
    """A numeric column: `numerator / denominator`, and a bound on the numerator's size.

    Money figures count minor units, so a money fact has denominator 1. `positive` where every row is known
    not to be below zero: rounding then need not ask.
    """

    numerator: pl.Expr
    denominator: int
    bound: int
    positive: bool = False


def rounded(figure: Figure, rounding: Rounding) -> Figure:
    """Round a figure to an integer column by the named rule, exactly as `policies.money.round_minor`."""
    n, d = wide(figure), figure.denominator
    if d == 1:
        return Figure(n, 1, figure.bound, figure.positive)
    bound = figure.bound // d + 1
    if rounding == "floor":
        return Figure(n.floordiv(d), 1, bound, figure.positive)
    if rounding == "half_up":
        # below zero, -floor((2|n| + d) / 2d) is ceil((2n - d) / 2d), which is floor((2n + d - 1) / 2d)
        tie = d if figure.positive else d - (n < 0).cast(pl.Int64)
        return Figure((2 * n + tie).floordiv(2 * d), 1, bound, figure.positive)
    low, rest = n.floordiv(d), 2 * (n - n.floordiv(d) * d)
    up = (rest > d) | ((rest == d) & ((low - low.floordiv(2) * 2) == 1))
    return Figure(low + up.cast(pl.Int64), 1, bound)


def wide(figure: Figure) -> pl.Expr:
    """Return the numerator in a type in which `2 * numerator + denominator` cannot overflow."""
    reach = 2 * figure.bound + figure.denominator
    if reach < INT64_SAFE:
        return figure.numerator
    if reach < INT128_SAFE:
        return figure.numerator.cast(pl.Int128)
    raise FormulaError(TOO_LARGE)


def constant(value: Fraction) -> Figure:
    """Return a number that is the same in every row. Raises FormulaError where no column could hold it."""
    size = abs(value.numerator)
    if size >= INT128_SAFE or value.denominator >= INT128_SAFE:
        raise FormulaError(TOO_LARGE)
    kind = pl.Int64 if size < INT64_SAFE else pl.Int128
    return Figure(pl.lit(value.numerator, dtype=kind), value.denominator, size, value >= 0)


def add(left: Figure, right: Figure) -> Figure:
    """Add two figures over their common denominator."""
    d = math.lcm(left.denominator, right.denominator)
    a, b = scaled(left, d // left.denominator), scaled(right, d // right.denominator)
    return Figure(wide(a) + wide(b), d, a.bound + b.bound, a.positive and b.positive)


def subtract(left: Figure, right: Figure) -> Figure:
    """Subtract one figure from another, over their common denominator."""
    d = math.lcm(left.denominator, right.denominator)
    a, b = scaled(left, d // left.denominator), scaled(right, d // right.denominator)
    return Figure(wide(a) - wide(b), d, a.bound + b.bound)


def negate(figure: Figure) -> Figure:
    """Change the sign of a figure."""
    # Polars has no unary minus on Int128, so the sign is changed by subtraction
    return Figure(0 - figure.numerator, figure.denominator, figure.bound)


def scaled(figure: Figure, factor: int) -> Figure:
    """Multiply a figure by an integer."""
    bound = figure.bound * abs(factor)
    if factor == 1:
        return figure
    widened = wide(Figure(figure.numerator, figure.denominator, bound))
    return Figure(widened * factor, figure.denominator, bound, figure.positive and factor >= 0)


def aligned(figures: Sequence[Figure]) -> list[Figure]:
    """Bring figures over one denominator and one integer width."""
    d = reduce(math.lcm, (figure.denominator for figure in figures), 1)
    parts = [scaled(figure, d // figure.denominator) for figure in figures]
    bound = max(part.bound for part in parts)
    return [Figure(wide(Figure(one.numerator, d, bound)), d, one.bound) for one in parts]


def times(figure: Figure, factor: Fraction) -> Figure:
    """Multiply a figure by a number that is the same in every row."""
    part = scaled(figure, factor.numerator)
    found = Figure(part.numerator, part.denominator * factor.denominator, part.bound, part.positive)
    if found.denominator >= INT128_SAFE:
        raise FormulaError(TOO_LARGE)
    return found


def extreme(which: Literal["min", "max"], figures: Sequence[Figure]) -> Figure:
    """Return the least or greatest of several figures; unknown where one of them is."""
    parts = aligned(figures)
    found = parts[0].numerator
    for part in parts[1:]:
        other = part.numerator
        first, second = (found, other) if which == "min" else (other, found)
        found = pl.when(first <= second).then(found).when(first > second).then(other)
    return Figure(found, parts[0].denominator, max(part.bound for part in parts))


def limited(figure: Figure, size: Fraction) -> Figure:
    """Return a figure with a tighter bound: the caller knows that it never exceeds `size`."""
    known = math.ceil(size * figure.denominator)
    return Figure(figure.numerator, figure.denominator, min(figure.bound, known))
