"""The z3 reader: a formula as a z3 term, and questions about every order or case at once.

Money is a real number of major units, a date is a day number, text is a string. What cannot be said
exactly (division by a fact, aggregates, instants) is refused by name. A question is answered under a
resource limit, not a clock, so the answer is repeatable; an answer with values was confirmed by the exact
reader first. z3 is imported on first use. It is not the place where checks are worded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import Any, Literal

from policies.errors import FormulaError
from policies.formulas.exact import Known
from policies.formulas.tree import (
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
from policies.formulas.types import Scope
from policies.money import AMOUNT_LIMIT_MINOR, Rounding, round_minor

RESOURCE_LIMIT = 2_000_000
"""z3 resource units for one question: about a second, and the same on every machine."""

SMALL_MAJOR = 1_000
"""Witnesses are looked for among amounts up to this many major units first: people read those best."""


@dataclass(frozen=True)
class Domain:
    """What variables range over: types by name, which numbers are counts, minor units and rounding."""

    types: Scope
    scale: int
    counts: frozenset[str] = frozenset()
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`never`: nothing satisfies the question. `found`: `values` do. `unknown`: the limit was reached."""

    verdict: Literal["never", "found", "unknown"]
    values: Mapping[str, Known] = field(default_factory=dict)


@dataclass
class Terms:
    """z3 terms in one context. `defined` holds figures by name; other names become variables on first use.

    With `whole_minor`, money variables are whole minor units, as in every real order.
    """

    domain: Domain
    whole_minor: bool = False
    limit_major: int | None = None
    defined: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    bounds: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a context of its own, so that no earlier question changes an answer."""
        import z3  # type: ignore[import-untyped]  # noqa: PLC0415 (heavy; only where a proof is asked)

        self.z3 = z3
        self.context = z3.Context()

    def define(self, name: str, term: Any) -> Any:
        """Name a figure, so that later formulas read it instead of a variable."""
        self.defined[name] = term
        return term

    def number(self, value: Fraction | int) -> Any:
        """Return an exact rational constant."""
        return self.z3.RealVal(str(Fraction(value)), self.context)

    def term(self, node: Node) -> Any:
        """Return the z3 term of a type-checked formula. Raises FormulaError naming what has no term."""
        match node:
            case Number(value, _):
                return self.number(value)
            case Text(value):
                return self.z3.StringVal(value, self.context)
            case Truth(value):
                return self.z3.BoolVal(value, self.context)
            case Day(value):
                return self.z3.IntVal(value.toordinal(), self.context)
            case Name(name):
                return self.defined[name] if name in self.defined else self.variable(name)
            case Negate(operand):
                return -self.term(operand)
            case Not(operand):
                return self.z3.Not(self.term(operand))
            case Logic(op, left, right):
                join = self.z3.And if op == "and" else self.z3.Or
                return join(self.term(left), self.term(right))
            case Comparison(op, left, right):
                return _compared(op, self.term(left), self.term(right))
            case Among(operand, options):
                value = self.term(operand)
                return self.z3.Or(*(value == self.term(option) for option in options))
            case Arithmetic():
                return self.arithmetic(node)
            case Call():
                return self.call(node)
            case _:
                raise FormulaError(f"{type(node).__name__.lower()} has no exact solver form")

    def variable(self, name: str) -> Any:
        """Return the variable of a fact, made with its bounds on first use."""
        if name not in self.domain.types:
            raise FormulaError(f"'{name}' is not declared")
        if name not in self.variables:
            self.variables[name] = self._fresh(name)
        variable = self.variables[name]
        if self.domain.types[name] == "money" and self.whole_minor:
            return self.z3.ToReal(variable) / self.domain.scale
        return self.z3.ToReal(variable) if name in self.domain.counts else variable

    def _fresh(self, name: str) -> Any:
        z3, kind = self.z3, self.domain.types[name]
        if kind == "money":
            variable = (z3.Int if self.whole_minor else z3.Real)(name, self.context)
            unit = 1 if self.whole_minor else self.domain.scale
            largest = Fraction(AMOUNT_LIMIT_MINOR, unit)
            if self.limit_major is not None:
                largest = Fraction(self.limit_major * self.domain.scale, unit)
            bound = self.number(largest)
            self.bounds += [variable <= bound, variable >= -bound]
            return variable
        if kind == "number":
            if name not in self.domain.counts:
                return z3.Real(name, self.context)
            variable = z3.Int(name, self.context)
            self.bounds.append(variable >= 0)
            return variable
        if kind == "bool":
            return z3.Bool(name, self.context)
        if kind == "text":
            return z3.String(name, self.context)
        if kind == "date":
            variable = z3.Int(name, self.context)
            self.bounds += [
                variable >= date(1970, 1, 1).toordinal(),
                variable <= date(2199, 12, 31).toordinal(),
            ]
            return variable
        raise FormulaError(f"the {kind} '{name}' has no exact solver form")

    def arithmetic(self, node: Arithmetic) -> Any:
        """Return the term of + - * and of division by a number that is written out."""
        left, right = self.term(node.left), self.term(node.right)
        if node.op == "+":
            return left + right
        if node.op == "-":
            return left - right
        if node.op == "*":
            return left * right
        if not self.z3.is_rational_value(self.z3.simplify(right)):
            raise FormulaError("division by a fact has no exact solver form")
        if self.z3.simplify(right).as_fraction() == 0:
            raise FormulaError("division by zero")
        return left / right

    def call(self, node: Call) -> Any:
        """Return the term of a function of the language."""
        if node.function == "exists":
            return self._exists(node.arguments[0])
        parts = [self.term(argument) for argument in node.arguments]
        match node.function:
            case "if":
                return self.z3.If(*parts)
            case "min":
                return reduce(lambda a, b: self.z3.If(a <= b, a, b), parts)
            case "max":
                return reduce(lambda a, b: self.z3.If(a >= b, a, b), parts)
            case "days":
                return self.z3.ToReal(parts[1] - parts[0])
            case "round":
                return self.rounded(parts[0])
            case _:
                raise FormulaError(f"{node.function}() has no exact solver form")

    def _exists(self, node: Node) -> Any:
        """Hold every fact of a solved case to be there; whether a figure can be computed is not asked."""
        if not isinstance(node, Name):
            raise FormulaError("exists() of a figure has no exact solver form")
        self.term(node)
        return self.z3.BoolVal(val=True, ctx=self.context)

    def rounded(self, major: Any) -> Any:
        """Round major units to the minor unit by the domain's rule, as `policies.money.round_minor`."""
        if self.domain.rounding is None:
            raise FormulaError("round() needs a clause that names its rounding")
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

    def solve(self, conditions: Iterable[Any], limit: int) -> Answer:
        """Ask whether all conditions can hold at once."""
        solver = self.z3.Solver(ctx=self.context)
        solver.set("rlimit", limit)
        solver.set("random_seed", 0)
        solver.add(*conditions, *self.bounds)
        verdict = solver.check()
        if verdict == self.z3.unsat:
            return Answer("never")
        if verdict != self.z3.sat:
            return Answer("unknown")
        model, values = solver.model(), {}
        for name, variable in sorted(self.variables.items()):
            value = self._value(name, model.eval(variable, model_completion=True))
            if value is None:
                return Answer("unknown")
            values[name] = value
        return Answer("found", values)

    def _value(self, name: str, value: Any) -> Known | None:
        """Read a model's value; money to the nearest minor unit. None where z3 gives no plain value."""
        kind, z3 = self.domain.types[name], self.z3
        if kind == "bool":
            return bool(z3.is_true(value))
        if kind == "text":
            return str(value.as_string())
        if kind == "date":
            return date.fromordinal(value.as_long())
        if z3.is_algebraic_value(value):
            return None
        number = Fraction(value.as_long()) if z3.is_int_value(value) else Fraction(str(value.as_fraction()))
        if kind != "money":
            return number
        minor = number if self.whole_minor else Fraction(round_minor(number * self.domain.scale, "half_up"))
        return minor / self.domain.scale


def _compared(op: str, left: Any, right: Any) -> Any:
    return {
        "<": lambda: left < right, "<=": lambda: left <= right, ">": lambda: left > right,
        ">=": lambda: left >= right, "==": lambda: left == right, "!=": lambda: left != right,
    }[op]()  # fmt: skip


def find(
    domain: Domain,
    conditions: Callable[[Terms], Iterable[Any]],
    holds: Callable[[Mapping[str, Known]], bool],
    *,
    limit: int = RESOURCE_LIMIT,
) -> Answer:
    """Look for values that satisfy the conditions, small and in whole minor units where there are such.

    `holds` is the exact reader's word on the same question: values that it does not confirm are never
    returned. `never` is a proof; `unknown` is neither. Raises FormulaError for what has no term.
    """
    terms = Terms(domain)
    if terms.solve(list(conditions(terms)), limit).verdict == "never":
        return Answer("never")
    for terms in _attempts(domain):
        answer = terms.solve(list(conditions(terms)), limit)
        if answer.verdict == "found" and holds(answer.values):
            return answer
        if answer.verdict == "never" and terms.whole_minor and terms.limit_major is None:
            return answer
    return Answer("unknown")


def _attempts(domain: Domain) -> Iterator[Terms]:
    yield Terms(domain, limit_major=SMALL_MAJOR)
    yield Terms(domain, whole_minor=True, limit_major=SMALL_MAJOR)
    yield Terms(domain, whole_minor=True)
