"""The reference reader: exact evaluation on rationals, three-valued where facts are unknown.

Money is held in major units of the document's currency as Fraction. A missing or disputed fact is Unknown,
never false and never zero; `false and unknown` is false, `true or unknown` is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from policies.errors import FormulaError
from policies.formulas.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Comparison,
    Day,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Text,
    Truth,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of what was not shown: which facts are missing or disputed."""

    names: frozenset[str]


Known = Fraction | bool | str | date | datetime
Value = Known | Unknown


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a set, standing for `count` alike rows."""

    facts: Mapping[str, Value]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What a formula is evaluated on: values by name, sets of rows by name, and how `round()` rounds."""

    values: Mapping[str, Value]
    rows: Mapping[str, Iterable[Row]] = field(default_factory=dict)
    rounded: Callable[[Fraction], Fraction] | None = None


def evaluate(node: Node, facts: Facts) -> Value:
    """Evaluate a type-checked formula exactly. Raises FormulaError for division by zero."""
    match node:
        case Number() | Text() | Truth() | Day():
            return node.value
        case Name(name):
            return facts.values.get(name, Unknown(frozenset({name})))
        case Negate(operand):
            value = evaluate(operand, facts)
            return value if isinstance(value, Unknown) else -_fraction(value)
        case Not(operand):
            value = evaluate(operand, facts)
            return value if isinstance(value, Unknown) else not value
        case Logic():
            return _logic(node, facts)
        case Arithmetic(op, left, right):
            return _known2(evaluate(left, facts), evaluate(right, facts), lambda a, b: _arithmetic(op, a, b))
        case Comparison(op, left, right):
            return _known2(evaluate(left, facts), evaluate(right, facts), lambda a, b: _compare(op, a, b))
        case Among(operand, options):
            value = evaluate(operand, facts)
            return value if isinstance(value, Unknown) else any(value == option.value for option in options)
        case Call():
            return _call(node, facts)
        case Aggregate():
            return _aggregate(node, facts)


def _logic(node: Logic, facts: Facts) -> Value:
    decisive = node.op == "or"
    left = evaluate(node.left, facts)
    if left is decisive:  # what the left side settles is not asked of the right: `n != 0 and m / n > 1`
        return decisive
    right = evaluate(node.right, facts)
    if right is decisive:
        return decisive
    unknown = [side for side in (left, right) if isinstance(side, Unknown)]
    return _merge(unknown) if unknown else not decisive


def _known2(left: Value, right: Value, combine: Callable[[Known, Known], Value]) -> Value:
    unknown = [side for side in (left, right) if isinstance(side, Unknown)]
    if unknown:
        return _merge(unknown)
    assert not isinstance(left, Unknown)
    assert not isinstance(right, Unknown)
    return combine(left, right)


def _merge(unknown: Iterable[Unknown]) -> Unknown:
    return Unknown(frozenset().union(*(one.names for one in unknown)))


def _arithmetic(op: str, left: Known, right: Known) -> Fraction:
    a, b = _fraction(left), _fraction(right)
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if b == 0:
        raise FormulaError("division by zero")
    return a / b


def _compare(op: str, left: Known, right: Known) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if isinstance(left, date) and isinstance(right, date):
        order = (left > right) - (left < right)
    else:
        a, b = _fraction(left), _fraction(right)
        order = (a > b) - (a < b)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]


def _call(node: Call, facts: Facts) -> Value:
    if node.function == "exists":
        return not isinstance(evaluate(node.arguments[0], facts), Unknown)
    if node.function == "if":
        return _if(node, facts)
    values = [evaluate(argument, facts) for argument in node.arguments]
    unknown = [value for value in values if isinstance(value, Unknown)]
    if unknown:
        return _merge(unknown)
    if node.function == "days":
        start, end = values
        assert isinstance(start, date)
        assert isinstance(end, date)
        return Fraction((end - start).days)
    numbers = [_fraction(value) for value in values if not isinstance(value, Unknown)]
    if node.function == "round":
        if facts.rounded is None:
            raise FormulaError("round() needs a clause that names its rounding")
        return facts.rounded(numbers[0])
    return min(numbers) if node.function == "min" else max(numbers)


def _if(node: Call, facts: Facts) -> Value:
    condition, yes, no = node.arguments
    chosen = evaluate(condition, facts)
    if isinstance(chosen, Unknown):
        first, second = evaluate(yes, facts), evaluate(no, facts)
        return first if first == second and not isinstance(first, Unknown) else chosen
    return evaluate(yes if chosen else no, facts)


def _aggregate(node: Aggregate, facts: Facts) -> Value:
    rows = node.rows
    if rows.name not in facts.rows:
        return Unknown(frozenset({rows.name}))
    total, unknown = Fraction(0), []
    hits = misses = 0
    for row in facts.rows[rows.name]:
        inside = Facts({**facts.values, **row.facts}, {}, facts.rounded)
        chosen: Value = True if rows.where is None else evaluate(rows.where, inside)
        value: Value = chosen if chosen is False else evaluate(node.body, inside)
        if chosen is False:
            continue
        unclear = [part for part in (chosen, value) if isinstance(part, Unknown)]
        if unclear and not _settled_anyway(node.function, chosen, value):
            unknown += unclear
            continue
        hits += row.count if value is True else 0
        misses += row.count if value is False else 0
        if node.function == "sum" and not isinstance(value, Unknown):
            total += _fraction(value) * row.count
    return _concluded(node, total, hits, misses, unknown)


def _settled_anyway(function: str, chosen: Value, value: Value) -> bool:
    """Tell whether an unclear row adds nothing either way: zero to a sum, true to `all`, false to `any`."""
    if not isinstance(chosen, Unknown) or isinstance(value, Unknown):
        return False
    return {"sum": value == 0, "all": value is True, "any": value is False}.get(function, False)


def _concluded(node: Aggregate, total: Fraction, hits: int, misses: int, unknown: list[Unknown]) -> Value:
    if node.function == "all" and misses:
        return False
    if node.function == "any" and hits:
        return True
    if unknown:
        return _merge(unknown)
    if node.function == "sum":
        return total
    if node.function == "count":
        return Fraction(hits)
    return node.function == "all"


def _fraction(value: Known) -> Fraction:
    if not isinstance(value, Fraction):
        raise FormulaError(f"{value!r} is not a number")
    return value
