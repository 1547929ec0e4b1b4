"""The tree that every reader of formulas walks. Nodes are values: two formulas that read alike are equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from policies.formulas.days import Calendar

ArithmeticOp = Literal["+", "-", "*", "/"]
ComparisonOp = Literal["<", "<=", ">", ">=", "==", "!="]
LogicOp = Literal["and", "or"]
AggregateFunction = Literal["sum", "count", "all", "any", "min", "max"]
TableRead = Literal["lookup", "bracket", "marginal"]
Gives = Literal["money", "rate", "count"]
"""What the figures of a table are."""


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
    """A function of the language: min, max, round, if, exists, days, months, add_days, add_months."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the document as formulas read it: rows by text, or steps by an amount, the last one open.

    `rows` and `steps` keep the document's order and its way of writing numbers; money is in major units.
    A step reaches up to and including its bound; the bound of the last is None.
    """

    name: str
    by: Literal["text", "money", "count", "rate"]
    gives: Gives
    rows: tuple[tuple[str, Number], ...] = ()
    steps: tuple[tuple[Number | None, Number], ...] = ()
    otherwise: Number | None = None
    by_key: Mapping[str, Fraction] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the rows, so that a lookup costs the same in a long table."""
        object.__setattr__(self, "by_key", {key: figure.value for key, figure in self.rows})

    def numbers(self) -> Iterator[Number]:
        """Yield every number that stands in the table, in its order."""
        for _, figure in self.rows:
            yield figure
        for upto, figure in self.steps:
            yield from (figure,) if upto is None else (upto, figure)
        if self.otherwise is not None:
            yield self.otherwise


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table read: `lookup(tech_rate, category)`, `bracket(ladder, x)`, `marginal(ladder, x)`.

    `table` is filled in when the formula is bound to its document.
    """

    function: TableRead
    name: str
    key: Node
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """`add_business_days(day, n)` or `business_days(a, b)`, by the calendar of the bound document."""

    function: Literal["add_business_days", "business_days"]
    arguments: tuple[Node, Node]
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """`orders where not refunded`: a set of rows by name, and a condition on each.

    With a second set (`orders with listings where …`) its rows are the pairs that meet the condition; `on`
    holds the equalities that join them, a name of each side, filled in when the formula is bound.
    """

    name: str
    where: Node | None = None
    other: str | None = None
    on: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum(BODY for ROWS where CONDITION)`, `count(ROWS where …)`; `all`, `any`, `min`, `max` likewise."""

    function: AggregateFunction
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
    | Lookup
    | BusinessDays
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
        case Call(_, arguments) | BusinessDays(_, arguments):
            return arguments
        case Lookup(key=key):
            return (key,)
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


def literals(node: Node) -> Iterator[Number | Day]:
    """Yield every number and day a bound formula computes with, those of its tables too."""
    for part in walk(node):
        if isinstance(part, Number | Day):
            yield part
        elif isinstance(part, Lookup) and part.table is not None:
            yield from part.table.numbers()


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Split a condition at its outermost `and`s."""
    if isinstance(node, Logic) and node.op == "and":
        return conjuncts(node.left) + conjuncts(node.right)
    return (node,)
