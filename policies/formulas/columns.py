"""The column reader: a formula as integer arithmetic over Polars columns, equal to the exact one.

Every figure is an integer column over one fixed denominator, so no float and no division by data occurs; a
day is its number. What cannot be said that way (division by a fact, sets of rows, business days, instants)
is refused by name, never approximated. A null is an unknown fact and stays one, in three-valued logic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from policies.errors import FormulaError
from policies.formulas.exact import Facts, evaluate
from policies.formulas.figures import (
    INT64_SAFE,
    TOO_LARGE,
    Figure,
    add,
    aligned,
    constant,
    extreme,
    limited,
    negate,
    rounded,
    scaled,
    subtract,
    times,
    wide,
)
from policies.formulas.tree import (
    Among,
    Arithmetic,
    BusinessDays,
    Call,
    Comparison,
    Day,
    Logic,
    Lookup,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Table,
    Text,
    Truth,
    names,
)
from policies.formulas.types import Scope, infer
from policies.money import Rounding

__all__ = [
    "Column", "Condition", "DayNumber", "Figure", "Words", "add", "day_column", "fact_column",
    "fact_columns", "negate", "rounded", "to_column", "wide",
]  # fmt: skip

_EPOCH = 719_163
"""The number of 1970-01-01, counting from 0001-01-01 as 1."""

_DAYS = 3_652_059
"""The number of 9999-12-31, the last day there is."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean column."""

    expression: pl.Expr


@dataclass(frozen=True, slots=True)
class Words:
    """A column of text."""

    expression: pl.Expr


@dataclass(frozen=True, slots=True)
class DayNumber:
    """A column of days, counting from 0001-01-01 as 1."""

    expression: pl.Expr


Column = Figure | Condition | Words | DayNumber


def fact_column(name: str, bound: int) -> Figure:
    """Return the figure of an integer fact column whose values stay within `bound` in size."""
    return Figure(pl.col(name), 1, bound)


def fact_columns(types: Scope, bounds: Mapping[str, int]) -> dict[str, Column]:
    """Return the columns of facts by their type; of numbers, those whose size is known.

    Days are Date columns or text such as 2026-11-11; text that is no day is unknown.
    """
    found: dict[str, Column] = {}
    for name, kind in types.items():
        if kind == "bool":
            found[name] = Condition(pl.col(name))
        elif kind == "text":
            found[name] = Words(pl.col(name))
        elif kind == "date":
            found[name] = DayNumber(day_column(name).to_physical().cast(pl.Int64) + _EPOCH)
        elif kind in {"money", "number"} and name in bounds:
            found[name] = fact_column(name, bounds[name])
    return found


def day_column(name: str) -> pl.Expr:
    """Return a column of days from one of days or of text; text that is no day is null."""
    text = pl.col(name).cast(pl.String)
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(day)


def to_column(  # noqa: PLR0913 (the formula, its names, and the three rules by which numbers count)
    node: Node,
    scope: Mapping[str, Column],
    types: Scope,
    *,
    literal_scale: int,
    money: bool = False,
    rounding: Rounding | None = None,
) -> Column:
    """Turn a bound, type-checked formula into a column over `scope`, whose names have the given `types`.

    `literal_scale` is the minor units a major unit has (100 for CNY): literals that stand for money are
    multiplied by it; `money` says that the whole formula does, as a flat fee of 3.00 must. `rounding` is what
    `round()` does. Raises FormulaError, naming the construct, where no exact column form exists.
    """
    return _Reader(scope, types, literal_scale, rounding).read(node, money=money)


@dataclass(frozen=True, slots=True)
class _Reader:
    scope: Mapping[str, Column]
    types: Scope
    literal_scale: int
    rounding: Rounding | None

    def read(self, node: Node, *, money: bool) -> Column:
        match node:
            case Number(value, _):
                return self.literal(value, money=money)
            case Truth(value):
                return Condition(pl.lit(value))
            case Text(value):
                return Words(pl.lit(value))
            case Day(value):
                return DayNumber(pl.lit(value.toordinal(), dtype=pl.Int64))
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
            case Among(operand, options):
                words = self.words(operand)
                return Condition(words.is_in([option.value for option in options]))
            case Arithmetic():
                return self.arithmetic(node, money=money)
            case Lookup():
                return self.lookup(node)
            case Call():
                return self.call(node, money=money)
            case BusinessDays(function):
                raise FormulaError(f"{function}() has no exact column form")
            case _:
                raise FormulaError(f"{node.function}() over rows has no exact column form")

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

    def words(self, node: Node) -> pl.Expr:
        column = self.read(node, money=False)
        if not isinstance(column, Words):
            raise FormulaError("a figure stands where text is needed")
        return column.expression

    def day(self, node: Node) -> pl.Expr:
        column = self.read(node, money=False)
        if not isinstance(column, DayNumber):
            raise FormulaError("a figure stands where a day is needed")
        return column.expression

    def literal(self, value: Fraction, *, money: bool) -> Figure:
        return constant(value * self.literal_scale if money else value)

    def is_money(self, *nodes: Node) -> bool:
        """Tell whether literals beside these nodes stand for money: some one among them is money."""
        return any(infer(node, self.types, {}) == "money" for node in nodes)

    def arithmetic(self, node: Arithmetic, *, money: bool) -> Figure:
        if money and node.op in "*/" and not self.is_money(node):
            # the number written out in it stands for money: 500.00 * days_late
            return scaled(self.arithmetic(node, money=False), self.literal_scale)
        if node.op in "+-":
            money = money or self.is_money(node.left, node.right)
            left = self.figure(node.left, money=money)
            right = self.figure(node.right, money=money)
            return add(left, right) if node.op == "+" else subtract(left, right)
        if node.op == "*":
            for factor, other in ((node.left, node.right), (node.right, node.left)):
                known = evaluate(factor, Facts({})) if not names(factor) else None
                if isinstance(known, Fraction):
                    return times(self.figure(other, money=False), known)
            left, right = self.figure(node.left, money=False), self.figure(node.right, money=False)
            bound = left.bound * right.bound
            probe = Figure(left.numerator, left.denominator * right.denominator, bound)
            return Figure(wide(probe) * right.numerator, probe.denominator, bound)
        if names(node.right):
            raise FormulaError("division by a fact has no exact column form")
        divisor = evaluate(node.right, Facts({}))
        if not isinstance(divisor, Fraction) or divisor == 0:
            raise FormulaError("division by zero")
        return times(self.figure(node.left, money=False), 1 / divisor)

    def comparison(self, node: Comparison) -> Condition:
        kind = infer(node.left, self.types, {})
        if kind == "instant":
            raise FormulaError("instants have no exact column form")
        if kind in {"text", "bool"}:
            read = self.words if kind == "text" else self.condition
            left, right = read(node.left), read(node.right)
            return Condition(left == right if node.op == "==" else left != right)
        if kind == "date":
            gap = self.day(node.left) - self.day(node.right)
        else:
            money = self.is_money(node.left, node.right)
            low, high = self.figure(node.left, money=money), self.figure(node.right, money=money)
            gap = add(low, negate(high)).numerator
        return Condition(
            {"<": gap < 0, "<=": gap <= 0, ">": gap > 0, ">=": gap >= 0, "==": gap == 0, "!=": gap != 0}[
                node.op
            ]
        )

    def call(self, node: Call, *, money: bool) -> Column:
        match node.function:
            case "if":
                return self.choice(node, money=money)
            case "min" | "max":
                money = money or self.is_money(*node.arguments)
                return extreme(node.function, [self.figure(part, money=money) for part in node.arguments])
            case "exists":
                asked = self.read(node.arguments[0], money=False)
                held = asked.numerator if isinstance(asked, Figure) else asked.expression
                return Condition(held.is_not_null())
            case "days":
                start, end = (self.day(one) for one in node.arguments)
                return Figure(end - start, 1, _DAYS)
            case "add_days":
                return self.moved(*node.arguments)
            case "round" if self.rounding is not None:
                return rounded(self.figure(node.arguments[0], money=True), self.rounding)
            case _:
                raise FormulaError(f"{node.function}() has no exact column form")

    def choice(self, node: Call, *, money: bool) -> Column:
        """Read `if`: where the condition is not known, neither is the figure, unless both branches agree."""
        when = self.condition(node.arguments[0])
        branches = node.arguments[1:]
        money = money or self.is_money(*branches)
        yes, no = (self.read(branch, money=money) for branch in branches)
        if isinstance(yes, Figure) and isinstance(no, Figure):
            one, two = aligned([yes, no])
            chosen = _either(when, one.numerator, two.numerator)
            return Figure(chosen, one.denominator, max(one.bound, two.bound))
        assert not isinstance(yes, Figure)
        assert not isinstance(no, Figure)
        return type(yes)(_either(when, yes.expression, no.expression))

    def moved(self, day: Node, by: Node) -> DayNumber:
        days = self.figure(by, money=False)
        if days.denominator != 1:
            raise FormulaError("add_days() of a figure that may be part of a day has no exact column form")
        at = self.day(day) + days.numerator
        return DayNumber(pl.when(at.is_between(1, _DAYS)).then(at))

    def lookup(self, node: Lookup) -> Figure:
        table = node.table
        assert table is not None, "a formula is bound before it is read"
        scale = self.literal_scale if table.gives == "money" else 1
        if node.function == "lookup":
            return _row_of(table, self.words(node.key), scale)
        by_money = table.by == "money"
        key = self.figure(node.key, money=by_money)
        bounds = self.literal_scale if by_money else 1
        steps = [(upto.value * bounds if upto else None, one.value * scale) for upto, one in table.steps]
        return _bracket(key, steps) if node.function == "bracket" else _marginal(key, steps)


_Steps = list[tuple[Fraction | None, Fraction]]


def _either(when: pl.Expr, yes: pl.Expr, no: pl.Expr) -> pl.Expr:
    return pl.when(when).then(yes).when(~when).then(no).when(yes == no).then(yes)


def _row_of(table: Table, key: pl.Expr, scale: int) -> Figure:
    if table.otherwise is None:
        message = f"the table '{table.name}' has no 'otherwise', so a row outside it has no exact column form"
        raise FormulaError(message)
    values = [figure.value * scale for figure in (*(one for _, one in table.rows), table.otherwise)]
    parts = aligned([constant(value) for value in values])
    size, d = max(part.bound for part in parts), parts[0].denominator
    if size >= INT64_SAFE:
        raise FormulaError(TOO_LARGE)
    *cells, other = [int(value * d) for value in values]
    found = key.replace_strict([text for text, _ in table.rows], cells, default=other, return_dtype=pl.Int64)
    return Figure(pl.when(key.is_not_null()).then(found), d, size)


def _bracket(key: Figure, steps: _Steps) -> Figure:
    parts = aligned([constant(figure) for _, figure in steps])
    found = parts[-1].numerator
    for (upto, _), part in reversed(list(zip(steps[:-1], parts[:-1], strict=True))):
        assert upto is not None, "only the last step is open"
        within = add(key, negate(constant(upto))).numerator <= 0
        found = pl.when(within).then(part.numerator).otherwise(found)
    known = pl.when(key.numerator.is_not_null()).then(found)
    return Figure(known, parts[0].denominator, max(part.bound for part in parts))


def _marginal(key: Figure, steps: _Steps) -> Figure:
    """Sum each part of the key at its own step's figure; the first step reaches down without end."""
    total, low = None, None
    for upto, value in steps:
        part = key if upto is None else extreme("min", [key, constant(upto)])
        if low is not None:
            part = extreme("max", [constant(Fraction(0)), add(part, negate(constant(low)))])
            part = limited(part, upto - low) if upto is not None else part
        worth = times(part, value)
        total, low = worth if total is None else add(total, worth), upto
    assert total is not None, "a table has a step"
    return total
