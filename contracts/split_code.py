"""Instructions of CommissionSplitter: formulas of a document as a row of words for a machine with a stack.

It translates and works nothing out: the arithmetic is the contract's own. What the machine has no instruction
for is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from contracts.hashing import keccak256
from policies.errors import FormulaError
from policies.formulas.tree import (
    Among,
    Arithmetic,
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
)

NUMBER, FACT, FIGURE = 1, 2, 3
ADD, SUBTRACT, MULTIPLY, DIVIDE, LEAST, GREATEST, LESS, EQUAL = range(4, 12)
OPPOSITE, ROUND, JUMP, JUMP_IF_FALSE = range(12, 16)
LOOKUP, BRACKET, MARGINAL = range(16, 19)
WHOLE, BASE, STEP, REST, FUNDED, REFUNDABLE = range(32, 38)

CODE_MAX = 640
ROWS_MAX = 1024

_OF_ARITHMETIC = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE}
_OF_TABLES = {"lookup": LOOKUP, "bracket": BRACKET, "marginal": MARGINAL}
_NUMERATOR_LIMIT = 1 << 127
_DENOMINATOR_LIMIT = 1 << 120
_KEY_BYTES = 15


def text_key(text: str) -> int:
    """Return the number by which the contract knows a text: the first 15 bytes of its Keccak-256 digest."""
    return int.from_bytes(keccak256(text.encode())[:_KEY_BYTES])


def instruction(does: int, where: int = 0, count: int = 0) -> int:
    """Return the word of an instruction with a position or distance, and a count."""
    return does | where << 8 | count << 24


def constant(value: Fraction) -> int:
    """Return the word of a constant, which has room for any number that a document may hold."""
    assert abs(value.numerator) < _NUMERATOR_LIMIT, "numbers of documents have at most 34 digits"
    assert value.denominator < _DENOMINATOR_LIMIT, "numbers of documents have at most 14 places"
    return NUMBER | value.denominator << 8 | (value.numerator % (1 << 128)) << 128


class SplitCode:
    """Collects the instructions of a plan, formula after formula, and the rows of the tables they read."""

    def __init__(self, facts: Mapping[str, int]) -> None:
        """Take the facts that formulas may read, by name, with their places."""
        self._facts = facts
        self._figures: dict[str, int] = {}
        self._tables: dict[tuple[str, bool], tuple[int, int]] = {}
        self.code: list[int] = []
        self.rows: list[int] = []

    def figure(self, name: str, place: int) -> None:
        """Let what follows read a figure by name; it stands before a fact of that name."""
        self._figures[name] = place

    def end(self, does: int, where: int = 0) -> None:
        """Say what becomes of the formula before."""
        self.code.append(instruction(does, where))

    def add(self, node: Node) -> None:
        """Append the instructions of a formula. Raises FormulaError for what has none."""
        match node:
            case Number(value):
                self.code.append(constant(value))
            case Truth(value):
                self.code.append(constant(Fraction(value)))
            case Text(value):
                self.code.append(constant(Fraction(text_key(value))))
            case Day(value):
                self.code.append(constant(Fraction(value.toordinal())))
            case Name(name):
                self._name(name)
            case Negate(operand):
                self._joined(SUBTRACT, Number(Fraction(0), "0"), operand)
            case Not(operand):
                self.add(operand)
                self.end(OPPOSITE)
            case Arithmetic(op, left, right):
                self._joined(_OF_ARITHMETIC[op], left, right)
            case Comparison():
                self._comparison(node)
            case Logic(op, left, right):
                self._choice(left, right, Truth(value=False)) if op == "and" else self._choice(
                    left, Truth(value=True), right
                )
            case Among(operand, options):
                self._among(operand, options)
            case Call():
                self._call(node)
            case Lookup():
                self._lookup(node)
            case _:
                raise FormulaError(f"{_named(node)} has no instruction in the splitter")

    def _name(self, name: str) -> None:
        if name in self._figures:
            self.end(FIGURE, self._figures[name])
        elif name in self._facts:
            self.end(FACT, self._facts[name])
        else:
            raise FormulaError(f"'{name}' is no fact of an order line")

    def _joined(self, does: int, left: Node, right: Node) -> None:
        self.add(left)
        self.add(right)
        self.end(does)

    def _comparison(self, node: Comparison) -> None:
        op, left, right = node.op, node.left, node.right
        if op in {"==", "!="}:
            self._joined(EQUAL, left, right)
        elif op in {"<", ">="}:
            self._joined(LESS, left, right)
        else:
            self._joined(LESS, right, left)
        if op in {"!=", ">=", "<="}:
            self.end(OPPOSITE)

    def _choice(self, condition: Node, yes: Node, no: Node) -> None:
        """Append a choice of which only the side that is taken is worked out."""
        self.add(condition)
        at = self._jump(JUMP_IF_FALSE)
        self.add(yes)
        after = self._jump(JUMP)
        self._land(at)
        self.add(no)
        self._land(after)

    def _jump(self, does: int) -> int:
        self.code.append(does)
        return len(self.code) - 1

    def _land(self, at: int) -> None:
        self.code[at] = instruction(self.code[at], len(self.code) - at - 1)

    def _among(self, operand: Node, options: tuple[Text, ...]) -> None:
        first, *others = options
        found: Node = Comparison("==", operand, first)
        for one in others:
            found = Logic("or", found, Comparison("==", operand, one))
        self.add(found)

    def _call(self, node: Call) -> None:
        match node.function, node.arguments:
            case "if", (condition, yes, no):
                self._choice(condition, yes, no)
            case ("min" | "max") as function, (first, *others):
                self.add(first)
                for one in others:
                    self.add(one)
                    self.end(LEAST if function == "min" else GREATEST)
            case "round", (amount,):
                self.add(amount)
                self.end(ROUND)
            case "days", (start, end):
                self._joined(SUBTRACT, end, start)
            case function, _:
                raise FormulaError(f"{function}() has no instruction in the splitter")

    def _lookup(self, node: Lookup) -> None:
        assert node.table is not None, "a formula is bound before it is compiled"
        self.add(node.key)
        first, count = self._table(node.table)
        self.code.append(instruction(_OF_TABLES[node.function], first, count))

    def _table(self, table: Table) -> tuple[int, int]:
        """Return where a table's rows stand and how many there are, appending them on first use."""
        known = (table.name, table.by == "text")
        if known not in self._tables:
            first = len(self.rows)
            if table.by == "text":
                found = sorted((text_key(key), number.value) for key, number in table.rows)
                self.rows += [constant(one) for key, value in found for one in (Fraction(key), value)]
                self.rows.append(constant(table.otherwise.value) if table.otherwise else 0)
                self._tables[known] = first, len(found)
            else:
                for upto, number in table.steps:
                    self.rows += [constant(upto.value) if upto else 0, constant(number.value)]
                self._tables[known] = first, len(table.steps)
        return self._tables[known]


def _named(node: Node) -> str:
    return f"{node.function}()" if hasattr(node, "function") else f"'{node}'"
