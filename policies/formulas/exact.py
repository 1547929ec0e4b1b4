"""The reference reader: exact evaluation on rationals, three-valued where facts are unknown.

Money is held in major units of the document's currency as Fraction. A missing or disputed fact is Unknown,
never false and never zero; `false and unknown` is false, `true or unknown` is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction

from policies.errors import FormulaError
from policies.formulas.days import add_days, add_months, months
from policies.formulas.joins import candidates
from policies.formulas.tree import (
    Aggregate,
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
    Rows,
    Table,
    Text,
    Truth,
)
from policies.formulas.values import Facts, Known, Row, Unknown, Value

__all__ = ["Facts", "Known", "Row", "Unknown", "Value", "evaluate", "matching"]


def evaluate(node: Node, facts: Facts) -> Value:
    """Evaluate a bound, type-checked formula exactly.

    Raises FormulaError for what has no value whatever the facts: division by zero, a key that a table has no
    row for, a year the calendar does not know.
    """
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
        case Lookup():
            return _lookup(node, facts)
        case BusinessDays():
            return _business_days(node, facts)
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
    found = tuple(unknown)
    return Unknown(frozenset().union(*(one.names for one in found)), any(one.disputed for one in found))


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
        value = evaluate(node.arguments[0], facts)
        # whether a disputed fact is so is what the dispute is about: a formula may not take it for absent
        return value if isinstance(value, Unknown) and value.disputed else not isinstance(value, Unknown)
    if node.function == "if":
        return _if(node, facts)
    values = [evaluate(argument, facts) for argument in node.arguments]
    unknown = [value for value in values if isinstance(value, Unknown)]
    if unknown:
        return _merge(unknown)
    if node.function in {"days", "months"}:
        start, end = values
        assert isinstance(start, date)
        assert isinstance(end, date)
        return Fraction((end - start).days if node.function == "days" else months(start, end))
    if node.function in {"add_days", "add_months"}:
        start, count = values
        assert isinstance(start, date)
        assert isinstance(count, Fraction)
        return add_days(start, count) if node.function == "add_days" else add_months(start, count)
    numbers = [_fraction(value) for value in values if not isinstance(value, Unknown)]
    if node.function == "round":
        if facts.rounded is None:
            raise FormulaError("round() stands in amounts and figures; a condition compares exact figures")
        return facts.rounded(numbers[0])
    return min(numbers) if node.function == "min" else max(numbers)


def _if(node: Call, facts: Facts) -> Value:
    condition, yes, no = node.arguments
    chosen = evaluate(condition, facts)
    if isinstance(chosen, Unknown):
        first, second = evaluate(yes, facts), evaluate(no, facts)
        return first if first == second and not isinstance(first, Unknown) else chosen
    return evaluate(yes if chosen else no, facts)


def _lookup(node: Lookup, facts: Facts) -> Value:
    key = evaluate(node.key, facts)
    if isinstance(key, Unknown):
        return key
    table = node.table
    assert table is not None, "a formula is bound before it is evaluated"
    if node.function == "lookup":
        assert isinstance(key, str)
        return _row_of(table, key)
    at = _fraction(key)
    return _bracket(table, at) if node.function == "bracket" else _marginal(table, at)


def _row_of(table: Table, key: str) -> Fraction:
    found = table.by_key.get(key)
    if found is not None:
        return found
    if table.otherwise is None:
        raise FormulaError(f"the table '{table.name}' has no row for '{key}' and no 'otherwise'")
    return table.otherwise.value


def _bracket(table: Table, at: Fraction) -> Fraction:
    for upto, figure in table.steps:
        if upto is None or at <= upto.value:
            return figure.value
    raise FormulaError(f"the table '{table.name}' has no open step")


def _marginal(table: Table, at: Fraction) -> Fraction:
    """Sum each part of an amount at its own step's figure; the first step reaches down without end."""
    total, low = Fraction(0), None
    for upto, figure in table.steps:
        high = at if upto is None else min(at, upto.value)
        if low is None:
            total = high * figure.value
        elif high > low:
            total += (high - low) * figure.value
        low = upto.value if upto is not None else None
    return total


def _business_days(node: BusinessDays, facts: Facts) -> Value:
    start, second = (evaluate(one, facts) for one in node.arguments)
    unknown = [value for value in (start, second) if isinstance(value, Unknown)]
    if unknown:
        return _merge(unknown)
    assert node.calendar is not None, "a formula is bound before it is evaluated"
    assert isinstance(start, date)
    if node.function == "business_days":
        assert isinstance(second, date)
        return Fraction(node.calendar.between(start, second))
    assert isinstance(second, Fraction)
    return node.calendar.add(start, second)


def matching(rows: Rows, facts: Facts) -> Iterator[tuple[Facts, int, bool | Unknown]] | Unknown:
    """Return what each row of a bound source is read with, how many it stands for, and whether it is meant.

    Rows that are not meant are left out; where that cannot be told, the answer is the unknown. A source whose
    set is not known is unknown as a whole. Raises FormulaError as `evaluate` does.
    """
    found = candidates(rows, facts.rows)
    return found if isinstance(found, Unknown) else _chosen(rows, found, facts)


def _chosen(rows: Rows, found: Iterable[Row], facts: Facts) -> Iterator[tuple[Facts, int, bool | Unknown]]:
    for row in found:
        inside = Facts({**facts.values, **row.facts}, {}, facts.rounded)
        chosen = True if rows.where is None else evaluate(rows.where, inside)
        assert isinstance(chosen, bool | Unknown)
        if chosen is not False:
            yield inside, row.count, chosen


def _aggregate(node: Aggregate, facts: Facts) -> Value:
    rows = matching(node.rows, facts)
    if isinstance(rows, Unknown):
        return rows
    if node.function in {"min", "max"}:
        return _extreme(node, rows)
    total, unknown = Fraction(0), []
    hits = misses = 0
    for inside, count, chosen in rows:
        value = evaluate(node.body, inside)
        unclear = [part for part in (chosen, value) if isinstance(part, Unknown)]
        if unclear and not _settled_anyway(node.function, chosen, value):
            unknown += unclear
            continue
        hits += count if value is True else 0
        misses += count if value is False else 0
        if node.function == "sum" and not isinstance(value, Unknown):
            total += _fraction(value) * count
    return _concluded(node, total, hits, misses, unknown)


def _extreme(node: Aggregate, rows: Iterable[tuple[Facts, int, bool | Unknown]]) -> Value:
    """Return the least or greatest figure; unknown over no row at all, and where one of them is."""
    figures: list[Fraction] = []
    unknown: list[Unknown] = []
    for inside, _, chosen in rows:
        value = evaluate(node.body, inside)
        unclear = [part for part in (chosen, value) if isinstance(part, Unknown)]
        unknown += unclear
        if not unclear and not isinstance(value, Unknown):
            figures.append(_fraction(value))
    if unknown:
        return _merge(unknown)
    if not figures:
        return Unknown(frozenset({node.rows.name}))
    return min(figures) if node.function == "min" else max(figures)


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
