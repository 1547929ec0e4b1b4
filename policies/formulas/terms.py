"""Formulas as z3 terms, three-valued: every reading says what a figure is and in which cases it is known.

Money is a real number of major units, a day is its number, text is a string, an instant is microseconds. A
set of rows is either any set at all (an aggregate is then any figure, which is enough for a proof that
something never holds) or a few rows made out one by one (which is enough to show that it can). What has no
exact term (business days, months) is refused by name. z3 is imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import Any

from policies.errors import FormulaError
from policies.formulas.exact import Facts, evaluate
from policies.formulas.row_terms import RowTerms
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
    Text,
    Truth,
    names,
)
from policies.formulas.types import Type
from policies.formulas.variables import Domain, fresh_variable


@dataclass
class _Shared:
    """A z3 context, and all made in it: kept, since z3 would give freed numbers out again at any time."""

    context: Any
    kept: list[Any] = field(default_factory=list)


_SHARED: ContextVar[_Shared | None] = ContextVar("z3 context", default=None)


@contextmanager
def one_context() -> Iterator[None]:
    """Let the questions asked inside share one z3 context, since a new one costs more than most answers.

    An answer may then depend on the questions before it: ask the same ones in the same order.
    """
    import z3  # type: ignore[import-untyped]  # noqa: PLC0415 (heavy; only where a proof is asked)

    token = _SHARED.set(_Shared(z3.Context()))
    try:
        yield
    finally:
        _SHARED.reset(token)


@dataclass(frozen=True, slots=True)
class Reading:
    """A term, and the condition under which it is known: None where it is in every case.

    The term of a condition says that it is known to hold.
    """

    value: Any
    known: Any = None


@dataclass
class Terms:
    """z3 terms in one context. `defined` holds figures by name; other names become variables on first use.

    With `whole_minor`, money variables are whole minor units, as in every real order. `optional` facts may be
    missing; `asked` collects those that a formula asks `exists` of. `guards` say that what was read has a
    value: no division by zero, no key without a row. With `rows`, sets hold up to that many different rows.
    """

    domain: Domain
    whole_minor: bool = False
    limit_major: int | None = None
    optional: frozenset[str] = frozenset()
    rows: int | None = None
    defined: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    bounds: list[Any] = field(default_factory=list)
    guards: list[Any] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Open a context of its own, unless several questions share one."""
        import z3  # noqa: PLC0415 (heavy; only where a proof is asked)

        self.z3 = z3
        shared = _SHARED.get()
        self.context = z3.Context() if shared is None else shared.context
        if shared is not None:
            shared.kept.append(self)
        self.of_rows = RowTerms(self)
        self._inside: Mapping[str, str] = {}

    def define(self, name: str, term: Any) -> Any:
        """Name a figure, so that later formulas read it instead of a variable."""
        self.defined[name] = term
        return term

    def number(self, value: Fraction | int) -> Any:
        """Return an exact rational constant."""
        return self.z3.RealVal(str(Fraction(value)), self.context)

    def term(self, node: Node) -> Any:
        """Return the z3 term of a bound, type-checked formula; of a condition, that it is known to hold.

        Raises FormulaError naming what has no term.
        """
        return self.read(node).value

    @contextmanager
    def inside(self, row: Mapping[str, str]) -> Iterator[None]:
        """Read facts of rows as the variables that stand for them, by name."""
        before, self._inside = self._inside, {**self._inside, **row}
        yield
        self._inside = before

    def read(self, node: Node) -> Reading:
        """Return the term of a formula, and when it is known."""
        z3, context = self.z3, self.context
        match node:
            case Number(value, _):
                return Reading(self.number(value))
            case Text(value):
                return Reading(z3.StringVal(value, context))
            case Truth(value):
                return Reading(z3.BoolVal(value, context))
            case Day(value):
                return Reading(z3.IntVal(value.toordinal(), context))
            case Name(name):
                return self._named(name)
            case Negate(operand):
                part = self.read(operand)
                return Reading(-part.value, part.known)
            case Not(operand):
                return self.denied(self.read(operand))
            case Logic(op, left, right):
                return self._joined(op, self.read(left), self.read(right))
            case Comparison(op, left, right):
                one, two = self.read(left), self.read(right)
                return self.known_to(_compared(op, one.value, two.value), self.all_known(one, two))
            case Among(operand, options):
                part = self.read(operand)
                listed = (part.value == self.term(option) for option in options)
                return self.known_to(z3.Or(*listed), part.known)
            case Arithmetic():
                return self._arithmetic(node)
            case Lookup():
                return self._lookup(node)
            case Call():
                return self._call(node)
            case Aggregate():
                return self.of_rows.aggregate(node)
            case BusinessDays(function):
                if not names(node):
                    return self._worked_out(node)
                raise _no_form(function)

    # ---- what is known

    def all_known(self, *parts: Reading) -> Any:
        """Return when all of several parts are known; None where they always are."""
        conditions = [part.known for part in parts if part.known is not None]
        return self.z3.And(*conditions) if conditions else None

    def reading(self, value: Any, known: Any = None) -> Reading:
        """Return a reading of a term made elsewhere."""
        return Reading(value, known)

    def known_to(self, holds: Any, known: Any) -> Reading:
        """Return the reading of a condition over figures that are known in some cases only."""
        return Reading(holds if known is None else self.z3.And(known, holds), known)

    def denied(self, part: Reading) -> Reading:
        """Return `not`: unknown stays unknown."""
        return self.known_to(self.z3.Not(part.value), part.known)

    def _fails(self, part: Reading) -> Any:
        return self.denied(part).value

    def _joined(self, op: str, left: Reading, right: Reading) -> Reading:
        z3 = self.z3
        join, other = (z3.And, z3.Or) if op == "and" else (z3.Or, z3.And)
        holds = join(left.value, right.value)
        if left.known is None and right.known is None:
            return Reading(holds)
        return Reading(holds, z3.Or(holds, other(self._fails(left), self._fails(right))))

    # ---- names

    def _named(self, name: str) -> Reading:
        if name in self.defined and name not in self._inside:
            return Reading(self.defined[name])
        known = self.known(name) if name in self.optional and name not in self._inside else None
        value = self.variable(name)
        return self.known_to(value, known) if self.kind(name) == "bool" else Reading(value, known)

    def known(self, name: str) -> Any:
        """Return whether an optional fact is there."""
        return self.z3.Bool(f"known {name}", self.context)

    def kind(self, name: str) -> Type:
        """Return the type of a name, or of a fact of the rows being read. Raises FormulaError for neither."""
        for types in (self.domain.types, *self.domain.rows.values()):
            if name in types:
                return types[name]
        raise FormulaError(f"'{name}' is not declared", zh=f"“{name}”未声明")

    def variable(self, name: str) -> Any:
        """Return the variable of a fact, made with its bounds on first use."""
        kind, key = self.kind(name), self._inside.get(name, name)
        if key not in self.variables:
            self.variables[key] = fresh_variable(self, name, key, kind)
        variable = self.variables[key]
        if kind == "money" and self.whole_minor:
            return self.z3.ToReal(variable) / self.domain.scale
        return self.z3.ToReal(variable) if name in self.domain.counts else variable

    # ---- figures

    def _arithmetic(self, node: Arithmetic) -> Reading:
        one, two = self.read(node.left), self.read(node.right)
        known = self.all_known(one, two)
        match node.op:
            case "+":
                return Reading(one.value + two.value, known)
            case "-":
                return Reading(one.value - two.value, known)
            case "*":
                return Reading(one.value * two.value, known)
            case "/":
                if not names(node.right) and evaluate(node.right, Facts({})) == 0:
                    raise FormulaError("division by zero", zh="除数为零")
                if names(node.right):
                    self.guards.append(two.value != 0)
                return Reading(one.value / two.value, known)

    def _call(self, node: Call) -> Reading:
        if node.function == "exists":
            self.asked |= (names(node) & self.domain.types.keys()) - self.defined.keys()
            known = self.read(node.arguments[0]).known
            return Reading(self.z3.BoolVal(val=True, ctx=self.context) if known is None else known)
        parts = [self.read(argument) for argument in node.arguments]
        if node.function == "if":
            return self._if(*parts)
        values, known = [part.value for part in parts], self.all_known(*parts)
        match node.function:
            case "min":
                return Reading(reduce(lambda a, b: self.z3.If(a <= b, a, b), values), known)
            case "max":
                return Reading(reduce(lambda a, b: self.z3.If(a >= b, a, b), values), known)
            case "days":
                return Reading(self.z3.ToReal(values[1] - values[0]), known)
            case "add_days":
                self.guards.append(self.z3.IsInt(values[1]))
                return Reading(values[0] + self.z3.ToInt(values[1]), known)
            case "round":
                return Reading(self.rounded(values[0]), known)
            case _ if node.function in {"months", "add_months"} and not names(node):
                return self._worked_out(node)
            case _:
                raise _no_form(node.function)

    def _worked_out(self, node: Node) -> Reading:
        """Return a day or number of days that reads no fact, as the exact reader has it."""
        value = evaluate(node, Facts({}))
        assert isinstance(value, date | Fraction)
        return self.read(Day(value) if isinstance(value, date) else Number(value, str(value)))

    def _if(self, when: Reading, yes: Reading, no: Reading) -> Reading:
        z3 = self.z3
        if when.known is None and yes.known is None and no.known is None:
            return Reading(z3.If(when.value, yes.value, no.value))
        true = z3.BoolVal(val=True, ctx=self.context)
        yes_known, no_known = (true if one.known is None else one.known for one in (yes, no))
        fails = self._fails(when)
        known = z3.Or(
            z3.And(when.value, yes_known),
            z3.And(fails, no_known),
            z3.And(yes_known, no_known, yes.value == no.value),
        )
        chosen = z3.If(when.value, yes.value, no.value)
        return Reading(z3.And(known, chosen) if z3.is_bool(chosen) else chosen, known)

    def _lookup(self, node: Lookup) -> Reading:
        table = node.table
        assert table is not None, "a formula is bound before it is read"
        key = self.read(node.key)
        if node.function == "lookup":
            if table.otherwise is not None:
                found = self.number(table.otherwise.value)
            else:
                found = self.z3.FreshReal("no row", self.context)
                self.guards.append(self.z3.Or(*(key.value == text for text, _ in table.rows)))
            for text, figure in table.rows:
                found = self.z3.If(key.value == text, self.number(figure.value), found)
            return Reading(found, key.known)
        steps = [(upto and self.number(upto.value), self.number(one.value)) for upto, one in table.steps]
        read = self._bracket if node.function == "bracket" else self._marginal
        return Reading(read(key.value, steps), key.known)

    def _bracket(self, key: Any, steps: list[tuple[Any, Any]]) -> Any:
        found = steps[-1][1]
        for upto, figure in reversed(steps[:-1]):
            found = self.z3.If(key <= upto, figure, found)
        return found

    def _marginal(self, key: Any, steps: list[tuple[Any, Any]]) -> Any:
        total, low = None, None
        for upto, figure in steps:
            high = key if upto is None else self.z3.If(key <= upto, key, upto)
            if low is None:
                total = high * figure
            else:
                total += self.z3.If(high > low, (high - low) * figure, self.number(0))
            low = upto
        return total

    def rounded(self, major: Any) -> Any:
        """Round major units to the minor unit by the domain's rule, as `policies.money.round_minor`."""
        if self.domain.rounding is None:
            message = "round() stands in amounts and figures; a condition compares exact figures"
            raise FormulaError(message, zh="round() 用于金额与算式；条件比较的是精确数值")
        z3, minor, half = self.z3, major * self.domain.scale, self.number(Fraction(1, 2))
        if self.domain.rounding == "floor":
            whole = z3.ToInt(minor)
        elif self.domain.rounding == "half_up":
            whole = z3.If(minor >= 0, z3.ToInt(minor + half), -z3.ToInt(half - minor))
        else:
            up = z3.ToInt(minor + half)
            tie = z3.And(z3.ToReal(up) == minor + half, up % 2 == 1)
            whole = z3.If(tie, up - 1, up)
        return z3.ToReal(whole) / self.domain.scale


def _no_form(function: str) -> FormulaError:
    return FormulaError(f"{function}() has no exact solver form", zh=f"{function}() 无法由求解器精确表达")


def _compared(op: str, left: Any, right: Any) -> Any:
    return {
        "<": lambda: left < right, "<=": lambda: left <= right, ">": lambda: left > right,
        ">=": lambda: left >= right, "==": lambda: left == right, "!=": lambda: left != right,
    }[op]()  # fmt: skip
