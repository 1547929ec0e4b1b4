"""Rules as data: patterns over facts, outcomes, exceptions. Not how they are matched or resolved.

Only joins of positive facts can be written. There is no negation, no "or" and no arithmetic on purpose:
an absence, an alternative or a sum is a fact that was computed first, or a second rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from policies.canonical import canonical_bytes
from policies.errors import CanonicalError, FactError, did_you_mean
from policies.rules.errors import RulesBeyondLimit, RulesRejected
from policies.rules.facts import Kind, Kinds, Scalar, kind_of, kind_of_scalar

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
OPERATORS: tuple[Operator, ...] = get_args(Operator)

_TURNED: Mapping[Operator, Operator] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

PATTERNS_LIMIT = 16
"""Patterns joined in one rule."""

CONDITIONS_LIMIT = 24
"""Conditions of one pattern."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the fact that another pattern of the same rule is bound to."""

    alias: str
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one field against a constant, or against a field of another pattern (a join).

    It holds only where the fact has the field. Text is ordered by code points; bool has no order.
    """

    field: str
    op: Operator
    value: Scalar | Field

    def __post_init__(self) -> None:
        if self.op not in OPERATORS:
            raise RulesRejected(f"'{self.op}' is not a comparison{did_you_mean(self.op, OPERATORS)}")
        if type(self.field) is not str or not self.field:
            raise RulesRejected("a condition needs the name of a field")
        if not isinstance(self.value, Field):
            try:
                kind = kind_of_scalar(self.value, self.field)
            except FactError as fault:
                raise RulesRejected(fault.message, where=self.field) from fault
            _require_order(self.op, kind, self.field)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One fact of type `type` on which every condition of `where` holds, known in the rule as `alias`."""

    alias: str
    type: str
    where: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", tuple(self.where))
        if not self.alias or not self.type:
            raise RulesRejected("a pattern needs an alias and the name of the facts it matches")
        if len(self.where) > CONDITIONS_LIMIT:
            raise RulesBeyondLimit(
                f"{len(self.where)} conditions on one pattern; at most {CONDITIONS_LIMIT}", where=self.alias
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """When a different fact matches each pattern of `all_of`, the outcome holds for that combination.

    A join may be written on either of its patterns; `all_of` holds it on the later one.
    `exception_of` names a rule or a clause: this rule then overrules their firings (see resolution).
    `outcome` is plain JSON without floats; outcomes are compared by their canonical bytes.
    """

    id: str
    clause: str
    all_of: tuple[Pattern, ...]
    outcome: Mapping[str, Any]
    exception_of: str | None = None
    outcome_bytes: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "all_of", tuple(self.all_of))
        if not self.id or not self.clause:
            raise RulesRejected("a rule needs an id and a clause")
        if not self.all_of:
            raise RulesRejected("a rule needs at least one pattern; an absence is a fact", where=self.id)
        if len(self.all_of) > PATTERNS_LIMIT:
            raise RulesBeyondLimit(
                f"{len(self.all_of)} joined patterns; at most {PATTERNS_LIMIT} (split the rule)",
                where=self.id,
            )
        try:
            object.__setattr__(self, "outcome_bytes", canonical_bytes(dict(self.outcome)))
        except CanonicalError as fault:
            raise RulesRejected(f"outcome {fault}", where=self.id) from fault
        object.__setattr__(self, "outcome", MappingProxyType(dict(self.outcome)))
        object.__setattr__(self, "all_of", _on_later_pattern(self))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names of the patterns, in their order."""
        return tuple(pattern.alias for pattern in self.all_of)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules whose ids are unique and whose exceptions point at rules that exist, without a circle."""

    rules: tuple[Rule, ...]
    by_id: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    targets: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    """For each exception, the ids of the rules that it overrules."""

    def __post_init__(self) -> None:
        rules = tuple(sorted(self.rules, key=lambda rule: rule.id))
        by_id = {rule.id: rule for rule in rules}
        if len(by_id) < len(rules):
            twice = next(a.id for a, b in pairwise(rules) if a.id == b.id)
            raise RulesRejected("two rules have this id", where=twice)
        targets = {rule.id: _targets(rule, rules) for rule in rules if rule.exception_of is not None}
        _require_no_circle(targets)
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "by_id", MappingProxyType(by_id))
        object.__setattr__(self, "targets", MappingProxyType(targets))


def require_one_kind(ruleset: RuleSet, kinds: Kinds) -> None:
    """Refuse rules that would compare values of two kinds, or order truth values, in this case.

    `kinds` is the kind of each (fact name, field) among the facts. Raises RulesRejected naming the rule.
    """
    for rule in ruleset.rules:
        types = {pattern.alias: pattern.type for pattern in rule.all_of}
        for pattern in rule.all_of:
            for condition in pattern.where:
                left = kinds.get((pattern.type, condition.field))
                right = _right_kind(condition, types, kinds)
                where = f"{rule.id}, {pattern.alias}.{condition.field}"
                if left is None or right is None:
                    continue  # a field no fact has: the condition cannot hold
                if left != right:
                    raise RulesRejected(f"compares {left} with {right}; give both one kind", where=where)
                _require_order(condition.op, left, where)


def _right_kind(condition: Condition, types: Mapping[str, str], kinds: Kinds) -> Kind | None:
    if isinstance(condition.value, Field):
        return kinds.get((types[condition.value.alias], condition.value.name))
    return kind_of(condition.value)


def _require_order(op: str, kind: Kind, where: str) -> None:
    if kind == "bool" and op not in {"==", "!="}:
        raise RulesRejected(f"true and false have no order, so '{op}' cannot compare them", where=where)


def _on_later_pattern(rule: Rule) -> tuple[Pattern, ...]:
    """Return the patterns with every join written on the later of its two, as the engines read them."""
    place: dict[str, int] = {}
    for number, pattern in enumerate(rule.all_of):
        if pattern.alias in place:
            raise RulesRejected(f"two patterns are called '{pattern.alias}'", where=rule.id)
        place[pattern.alias] = number
    where: list[list[Condition]] = [[] for _ in rule.all_of]
    for number, pattern in enumerate(rule.all_of):
        for condition in pattern.where:
            if not isinstance(condition.value, Field):
                where[number].append(condition)
                continue
            other = place.get(condition.value.alias)
            if other is None or other == number:
                hint = did_you_mean(condition.value.alias, set(place) - {pattern.alias})
                raise RulesRejected(
                    f"'{condition.value.alias}' is not another pattern of this rule{hint}",
                    where=f"{rule.id}, {pattern.alias}.{condition.field}",
                )
            if other < number:
                where[number].append(condition)
            else:
                turned = Field(pattern.alias, condition.field)
                where[other].append(Condition(condition.value.name, _TURNED[condition.op], turned))
    return tuple(
        Pattern(pattern.alias, pattern.type, tuple(held))
        for pattern, held in zip(rule.all_of, where, strict=True)
    )


def _targets(rule: Rule, rules: Iterable[Rule]) -> frozenset[str]:
    """Rules with that id or clause. Within its own clause an exception overrules the plain rules only."""
    named = rule.exception_of
    found = frozenset(
        other.id
        for other in rules
        if other.id != rule.id
        and (
            other.id == named
            or (other.clause == named and (other.clause != rule.clause or other.exception_of is None))
        )
    )
    if not found:
        known = {name for other in rules if other.id != rule.id for name in (other.id, other.clause)}
        raise RulesRejected(
            f"exception of '{named}', which no rule is{did_you_mean(str(named), known)}", where=rule.id
        )
    return found


def _require_no_circle(targets: Mapping[str, frozenset[str]]) -> None:
    try:
        TopologicalSorter(targets).prepare()
    except CycleError as fault:
        circle = " -> ".join(fault.args[1])
        raise RulesRejected(f"exceptions go round in a circle: {circle}") from fault
