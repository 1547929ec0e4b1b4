"""The tree that every reader of formulas walks. Nodes are values: two formulas that read alike are equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

ArithmeticOp = Literal["+", "-", "*", "/"]
ComparisonOp = Literal["<", "<=", ">", ">=", "==", "!="]
LogicOp = Literal["and", "or"]


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number, exact. `text` is how it was written, "5%" or "2_000_000.00"."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted literal, compared with text and enum facts: 'brand_live'."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day: 2026-11-11."""

    value: date


@dataclass(frozen=True, slots=True)
class Name:
    """A fact or an earlier figure: `paid`, `later.price`, `due.mcn_share`."""

    name: str


@dataclass(frozen=True, slots=True)
class Negate:
    """Arithmetic minus of one operand."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Not:
    """Logical not; unknown stays unknown."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two operands joined by + - * /."""

    op: ArithmeticOp
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands of one type compared."""

    op: ComparisonOp
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """Two conditions joined by `and` or `or` in three-valued logic."""

    op: LogicOp
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among:
    """`later.channel in ('brand_store', 'brand_live')`."""

    operand: Node
    options: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language: min, max, round, if, exists, days."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """`orders where not refunded`: a set of rows by name, and a condition on each."""

    name: str
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum(BODY for ROWS where CONDITION)`, `count(ROWS where …)`, `all` and `any` likewise."""

    function: Literal["sum", "count", "all", "any"]
    body: Node
    rows: Rows


Node = (
    Number
    | Text
    | Truth
    | Day
    | Name
    | Negate
    | Not
    | Arithmetic
    | Comparison
    | Logic
    | Among
    | Call
    | Aggregate
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node, left to right."""
    match node:
        case Negate(operand) | Not(operand):
            return (operand,)
        case Arithmetic(_, left, right) | Comparison(_, left, right) | Logic(_, left, right):
            return (left, right)
        case Among(operand, options):
            return (operand, *options)
        case Call(_, arguments):
            return arguments
        case Aggregate(_, body, rows):
            return (body,) if rows.where is None else (body, rows.where)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> frozenset[str]:
    """Return every name a formula reads."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Name))


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Split a condition at its outermost `and`s."""
    if isinstance(node, Logic) and node.op == "and":
        return conjuncts(node.left) + conjuncts(node.right)
    return (node,)
