"""Binding a parsed formula to its document: the tables it reads, its calendar, the names that join two sets.

A formula that has been bound says all that it computes with; readers ask nothing of the document again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.errors import FormulaError, did_you_mean
from policies.formulas.days import Calendar
from policies.formulas.tree import (
    Aggregate,
    Among,
    Arithmetic,
    BusinessDays,
    Call,
    Comparison,
    Logic,
    Lookup,
    Name,
    Negate,
    Node,
    Not,
    Rows,
    Table,
    conjuncts,
    walk,
)
from policies.formulas.types import Scope


@dataclass(frozen=True, slots=True)
class Bindings:
    """What formulas of one document may read besides facts: tables, a calendar, sets of rows by name."""

    tables: Mapping[str, Table]
    calendar: Calendar | None
    rows: Mapping[str, Scope]


def bind(node: Node, to: Bindings) -> Node:
    """Return the formula with its tables, calendar and joins filled in.

    Raises FormulaError for a table the document does not have, business days where it names no calendar,
    and a join of two sets without an equality between them.
    """
    if not any(isinstance(part, Lookup | BusinessDays | Aggregate) for part in walk(node)):
        return node
    return _bound(node, to)


def bind_rows(rows: Rows, to: Bindings) -> Rows:
    """Return a source of rows with its condition bound and its join found. Raises FormulaError."""
    where = bind(rows.where, to) if rows.where is not None else None
    return replace(rows, where=where, on=_joined(rows, to))


def _bound(node: Node, to: Bindings) -> Node:
    match node:
        case Negate(operand) | Not(operand) | Among(operand):
            return replace(node, operand=_bound(operand, to))
        case Arithmetic(_, left, right) | Comparison(_, left, right) | Logic(_, left, right):
            return replace(node, left=_bound(left, to), right=_bound(right, to))
        case Call(_, arguments):
            return replace(node, arguments=tuple(_bound(one, to) for one in arguments))
        case BusinessDays(function, (first, second)):
            if to.calendar is None:
                message = f"{function}() needs a calendar; name one in the document: 'calendar: CN'"
                raise FormulaError(message)
            return BusinessDays(function, (_bound(first, to), _bound(second, to)), to.calendar)
        case Lookup(function, name, key):
            if name not in to.tables:
                raise FormulaError(f"'{name}' is not a table of the document{did_you_mean(name, to.tables)}")
            return Lookup(function, name, _bound(key, to), to.tables[name])
        case Aggregate(_, body, rows):
            return replace(node, body=_bound(body, to), rows=bind_rows(rows, to))
        case _:
            return node


def _joined(rows: Rows, to: Bindings) -> tuple[tuple[str, str], ...]:
    """Return the equalities between a name of each side; none where only one set is read."""
    if rows.other is None or rows.name not in to.rows or rows.other not in to.rows:
        return ()  # a set that nobody declared is named when types are checked
    left, right = to.rows[rows.name], to.rows[rows.other]
    found: list[tuple[str, str]] = []
    for part in conjuncts(rows.where) if rows.where is not None else ():
        match part:
            case Comparison("==", Name(one), Name(two)) if one in left and two in right:
                found.append((one, two))
            case Comparison("==", Name(one), Name(two)) if two in left and one in right:
                found.append((two, one))
            case _:
                pass
    if not found:
        raise FormulaError(
            f"'{rows.name} with {rows.other}' needs a 'where' that holds an equality between a name of each,"
            " such as sku == listing.sku"
        )
    return tuple(found)
