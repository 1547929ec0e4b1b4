"""The reference interpreter: joins facts to patterns in plain Python. Slow and obvious is its purpose.

It resolves no exceptions, and it bounds the work: what passes here is small enough for the other engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.rules.errors import RulesBeyondLimit
from policies.rules.facts import Fact, kind_of
from policies.rules.ruleset import Condition, Field, Rule, RuleSet

JOINS_LIMIT = 20_000
"""Partial combinations of facts that one case may reach over all rules: the other engine keeps each."""

COMPARISONS_LIMIT = 1_000_000
"""Facts tried against patterns in one case over all rules: about a second of work here."""

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A rule and the facts its patterns took, as positions in the facts given, in the patterns' order."""

    rule: str
    facts: tuple[int, ...]


def match(ruleset: RuleSet, facts: Sequence[Fact]) -> tuple[Match, ...]:
    """Return every match, sorted. Two patterns of one rule never take the same fact.

    Raises RulesBeyondLimit when the work grows beyond JOINS_LIMIT or COMPARISONS_LIMIT.
    """
    found: list[Match] = []
    joined = compared = 0
    for rule in ruleset.rules:
        partial: list[tuple[int, ...]] = [()]
        for depth, pattern in enumerate(rule.all_of):
            candidates = [index for index, fact in enumerate(facts) if fact.name == pattern.type]
            compared += len(candidates) * len(partial)
            _require_bounded(compared, COMPARISONS_LIMIT, rule)
            longer: list[tuple[int, ...]] = []
            for taken in partial:
                longer.extend(_extend(rule, depth, taken, candidates, facts))
                _require_bounded(joined + len(longer), JOINS_LIMIT, rule)
            joined += len(longer)
            partial = longer
        found.extend(Match(rule.id, taken) for taken in partial)
    return tuple(sorted(found))


def _require_bounded(size: int, limit: int, rule: Rule) -> None:
    if size > limit:
        raise RulesBeyondLimit(
            f"more than {limit} combinations of facts to look at; join on a shared field, "
            "or compute the comparison first",
            where=rule.id,
        )


def _extend(
    rule: Rule, depth: int, taken: tuple[int, ...], candidates: Sequence[int], facts: Sequence[Fact]
) -> list[tuple[int, ...]]:
    bound = {rule.all_of[place].alias: facts[index] for place, index in enumerate(taken)}
    return [
        (*taken, index)
        for index in candidates
        if index not in taken
        and all(_holds(condition, facts[index], bound) for condition in rule.all_of[depth].where)
    ]


def _holds(condition: Condition, fact: Fact, bound: Mapping[str, Fact]) -> bool:
    left = fact.bindings.get(condition.field)
    right: Any = condition.value
    if isinstance(right, Field):
        right = bound[right.alias].bindings.get(right.name)
    if kind_of(left) is None or kind_of(left) != kind_of(right):
        return False
    return _TESTS[condition.op](left, right)
