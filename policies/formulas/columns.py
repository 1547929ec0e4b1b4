"""The column reader: a formula as integer arithmetic over Polars columns, equal to the exact one.

Every figure is an integer column over one fixed denominator, so no float and no division by data occurs.
What cannot be said that way (division by a fact, text, days, aggregates) is refused by name, never
approximated. Bounds are carried along: where int64 could overflow the columns widen to Int128, and where
that could overflow too the formula is refused before it runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import polars as pl

from policies.errors import FormulaError
from policies.formulas.tree import Arithmetic, Call, Comparison, Logic, Name, Negate, Node, Not, Number, Truth
from policies.formulas.types import Scope, infer
from policies.money import Rounding

INT64_SAFE = 2**62
INT128_SAFE = 2**126


@dataclass(frozen=True, slots=True)
class Figure:
    """A numeric column: `numerator / denominator`, and a bound on the numerator's size.

    Money figures count minor units, so a money fact has denominator 1.
    """

    numerator: pl.Expr
    denominator: int
    bound: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean column."""

    expression: pl.Expr


Column = Figure | Condition


def fact_column(name: str, bound: int) -> Figure:
    """Return the figure of an integer fact column whose values stay within `bound` in size."""
    return Figure(pl.col(name), 1, bound)


def to_column(
    node: Node, scope: Mapping[str, Column], types: Scope, *, literal_scale: int, money: bool = False
) -> Column:
    """Turn a type-checked formula into a column over `scope`, whose names have the given `types`.

    `literal_scale` is the minor units a major unit has (100 for CNY): literals that stand for money are
    multiplied by it; `money` says that the whole formula does, as a flat fee of 3.00 must. Raises
    FormulaError, naming the construct, where no exact column form exists.
    """
    return _Reader(scope, types, literal_scale).read(node, money=money)


def rounded(figure: Figure, rounding: Rounding) -> Figure:
    """Round a figure to an integer column by the named rule, exactly as `policies.money.round_minor`."""
    n, d = wide(figure), figure.denominator
    if d == 1:
        return Figure(n, 1, figure.bound)
    bound = figure.bound // d + 1
    if rounding == "floor":
        return Figure(n.floordiv(d), 1, bound)
    if rounding == "half_up":
        size = (2 * n.abs() + d).floordiv(2 * d)
        return Figure(pl.when(n < 0).then(0 - size).otherwise(size), 1, bound)
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
    raise FormulaError("the amounts are too large for exact column arithmetic; use the exact engine")


def constant(value: Fraction) -> Figure:
    """Return a number that is the same in every row. Raises FormulaError where no column could hold it."""
    size = abs(value.numerator)
    if size >= INT128_SAFE or value.denominator >= INT128_SAFE:
        raise FormulaError("the amounts are too large for exact column arithmetic; use the exact engine")
    kind = pl.Int64 if size < INT64_SAFE else pl.Int128
    return Figure(pl.lit(value.numerator, dtype=kind), value.denominator, size)


def add(left: Figure, right: Figure) -> Figure:
    """Add two figures over their common denominator."""
    d = math.lcm(left.denominator, right.denominator)
    a, b = _scaled(left, d // left.denominator), _scaled(right, d // right.denominator)
    return Figure(wide(a) + wide(b), d, a.bound + b.bound)


def negate(figure: Figure) -> Figure:
    """Change the sign of a figure."""
    # Polars has no unary minus on Int128, so the sign is changed by subtraction
    return Figure(0 - figure.numerator, figure.denominator, figure.bound)


def _scaled(figure: Figure, factor: int) -> Figure:
    bound = figure.bound * abs(factor)
    if factor == 1:
        return figure
    widened = wide(Figure(figure.numerator, figure.denominator, bound))
    return Figure(widened * factor, figure.denominator, bound)


@dataclass(frozen=True, slots=True)
class _Reader:
    scope: Mapping[str, Column]
    types: Scope
    literal_scale: int

    def read(self, node: Node, *, money: bool) -> Column:
        match node:
            case Number(value, _):
                return self.literal(value, money=money)
            case Truth(value):
                return Condition(pl.lit(value))
            case Name(name):
                if name not in self.scope:
                    raise FormulaError(f"'{name}' has no column")
                return self.scope[name]
            case Negate(operand):
                return negate(self.figure(operand, money=money))
            case Not(operand):
                return Condition(~self.condition(operand))
            case Logic(op, left, right):
                a, b = self.condition(left), self.condition(right)
                return Condition(a & b if op == "and" else a | b)
            case Comparison():
                return self.comparison(node)
            case Arithmetic():
                return self.arithmetic(node, money=money)
            case Call():
                return self.call(node, money=money)
            case _:
                raise FormulaError(f"{type(node).__name__.lower()} has no exact column form")

    def figure(self, node: Node, *, money: bool) -> Figure:
        column = self.read(node, money=money)
        if not isinstance(column, Figure):
            raise FormulaError("a condition stands where a figure is needed")
        return column

    def condition(self, node: Node) -> pl.Expr:
        column = self.read(node, money=False)
        if not isinstance(column, Condition):
            raise FormulaError("a figure stands where a condition is needed")
        return column.expression

    def literal(self, value: Fraction, *, money: bool) -> Figure:
        scaled = value * self.literal_scale if money else value
        return constant(scaled)

    def is_money(self, *nodes: Node) -> bool:
        """Tell whether literals beside these nodes stand for money: some one among them is money."""
        return any(infer(node, self.types, {}) == "money" for node in nodes)

    def arithmetic(self, node: Arithmetic, *, money: bool) -> Figure:
        if money and node.op in "*/" and not self.is_money(node):
            # the number written out in it stands for money: 500.00 * days_late
            return _scaled(self.arithmetic(node, money=False), self.literal_scale)
        if node.op in "+-":
            money = money or self.is_money(node.left, node.right)
            left = self.figure(node.left, money=money)
            right = self.figure(node.right, money=money)
            return add(left, right if node.op == "+" else negate(right))
        if node.op == "*":
            left, right = self.figure(node.left, money=False), self.figure(node.right, money=False)
            bound = left.bound * right.bound
            probe = Figure(left.numerator, left.denominator * right.denominator, bound)
            return Figure(wide(probe) * right.numerator, probe.denominator, bound)
        divisor = _constant(node.right)
        if divisor is None:
            raise FormulaError("division by a fact has no exact column form")
        left = self.figure(node.left, money=False)
        scaled = _scaled(left, divisor.denominator)
        sign = 1 if divisor > 0 else -1
        return Figure(sign * scaled.numerator, scaled.denominator * abs(divisor.numerator), scaled.bound)

    def comparison(self, node: Comparison) -> Condition:
        money = self.is_money(node.left, node.right)
        left, right = self.figure(node.left, money=money), self.figure(node.right, money=money)
        gap = add(left, negate(right)).numerator
        return Condition(
            {"<": gap < 0, "<=": gap <= 0, ">": gap > 0, ">=": gap >= 0, "==": gap == 0, "!=": gap != 0}[
                node.op
            ]
        )

    def call(self, node: Call, *, money: bool) -> Figure:
        if node.function == "if":
            condition, *branches = node.arguments
            money = money or self.is_money(*branches)
            yes, no = _aligned([self.figure(branch, money=money) for branch in branches])
            chosen = pl.when(self.condition(condition)).then(yes.numerator).otherwise(no.numerator)
            return Figure(chosen, yes.denominator, max(yes.bound, no.bound))
        if node.function in {"min", "max"}:
            money = money or self.is_money(*node.arguments)
            parts = _aligned([self.figure(part, money=money) for part in node.arguments])
            pick = pl.min_horizontal if node.function == "min" else pl.max_horizontal
            bound = max(part.bound for part in parts)
            return Figure(pick(*(part.numerator for part in parts)), parts[0].denominator, bound)
        raise FormulaError(f"{node.function}() has no exact column form")


def _aligned(figures: list[Figure]) -> list[Figure]:
    """Bring figures over one denominator and one integer width."""
    d = reduce(math.lcm, (figure.denominator for figure in figures), 1)
    scaled = [_scaled(figure, d // figure.denominator) for figure in figures]
    bound = max(figure.bound for figure in scaled)
    return [Figure(wide(Figure(one.numerator, d, bound)), d, one.bound) for one in scaled]


def _constant(node: Node) -> Fraction | None:
    match node:
        case Number(value, _):
            return value or None
        case Negate(operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case _:
            return None
