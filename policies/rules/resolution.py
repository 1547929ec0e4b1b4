"""Exceptions: which firings stand, which are overruled and by what, and which exceptions collide.

One pure function over the set of firings, shared by both engines; it matches nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import combinations
from typing import Any

from policies.rules.errors import RulesBeyondLimit
from policies.rules.facts import Fact
from policies.rules.ruleset import RuleSet

PAIRS_LIMIT = 20_000
"""Pairs of firing and exception of one rule that a case may have."""


@dataclass(frozen=True, slots=True, order=True)
class Firing:
    """A rule that fired: its clause and, per alias, the position of the fact in the evaluation's facts."""

    rule: str
    clause: str
    bindings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the rules say about the facts. Every tuple is sorted and independent of the order of facts.

    `effective` are the firings that stand: neither overruled nor part of a conflict. `overridden` pairs a
    firing with each exception that overrules it. `conflicts` pairs exceptions that both hold, concern the
    same rule and disagree in outcome: when there is one, no outcome may be taken for that rule.
    """

    ruleset: RuleSet
    facts: tuple[Fact, ...]
    firings: tuple[Firing, ...]
    effective: tuple[Firing, ...]
    overridden: tuple[tuple[Firing, Firing], ...]
    conflicts: tuple[tuple[Firing, Firing], ...]

    def outcome(self, firing: Firing) -> Mapping[str, Any]:
        """Return the outcome of the rule that fired."""
        return self.ruleset.by_id[firing.rule].outcome

    def trace(self) -> list[dict[str, Any]]:
        """Return every firing as plain JSON, in order: clause, facts bound, and why it stands or not."""
        by: dict[Firing, list[str]] = {}
        for firing, exception in self.overridden:
            by.setdefault(firing, []).append(exception.rule)
        against: dict[Firing, list[str]] = {}
        for one, other in self.conflicts:
            against.setdefault(one, []).append(other.rule)
            against.setdefault(other, []).append(one.rule)
        standing = set(self.effective)
        return [
            {
                "rule": firing.rule,
                "clause": firing.clause,
                "facts": {
                    alias: {"type": self.facts[index].name, "fields": dict(self.facts[index].bindings)}
                    for alias, index in firing.bindings
                },
                "outcome": dict(self.outcome(firing)),
                "stands": firing in standing,
                "overridden_by": sorted(set(by.get(firing, ()))),
                "conflicts_with": sorted(set(against.get(firing, ()))),
            }
            for firing in self.firings
        ]


def resolve(ruleset: RuleSet, facts: tuple[Fact, ...], firings: Sequence[Firing]) -> Evaluation:
    """Settle exceptions over the firings.

    An exception overrules a firing of its target when both bind the aliases that they share to the same
    facts; sharing none, it overrules every firing of the target. An exception that is itself overruled
    overrules nothing. Exceptions of one target collide when both stand, differ in outcome and agree on
    the aliases they share with it, whether or not the target fired.
    """
    by_rule: dict[str, list[Firing]] = {}
    for firing in sorted(firings):
        by_rule.setdefault(firing.rule, []).append(firing)
    exceptions_of: dict[str, set[str]] = {rule.id: set() for rule in ruleset.rules}
    for exception, targets in ruleset.targets.items():
        for target in targets:
            exceptions_of[target].add(exception)
    standing: dict[str, list[Firing]] = {}
    overridden: list[tuple[Firing, Firing]] = []
    # In this order an exception is settled before the firings that it could overrule.
    for rule in TopologicalSorter(exceptions_of).static_order():
        against = [
            pair
            for exception in sorted(exceptions_of[rule])
            for pair in _alike(ruleset, rule, by_rule.get(rule, ()), standing.get(exception, ()))
        ]
        fallen = {firing for firing, _ in against}
        standing[rule] = [firing for firing in by_rule.get(rule, ()) if firing not in fallen]
        overridden.extend(against)
    conflicts = _conflicts(ruleset, exceptions_of, standing)
    disputed = {firing for pair in conflicts for firing in pair}
    stands = {firing for rule in standing.values() for firing in rule} - disputed
    return Evaluation(
        ruleset=ruleset,
        facts=facts,
        firings=tuple(sorted(firings)),
        effective=tuple(sorted(stands)),
        overridden=tuple(sorted(overridden)),
        conflicts=tuple(sorted(conflicts)),
    )


def _conflicts(
    ruleset: RuleSet, exceptions_of: Mapping[str, set[str]], standing: Mapping[str, Sequence[Firing]]
) -> set[tuple[Firing, Firing]]:
    found: set[tuple[Firing, Firing]] = set()
    for target, exceptions in exceptions_of.items():
        for one, other in combinations(sorted(exceptions), 2):
            if ruleset.by_id[one].outcome_bytes != ruleset.by_id[other].outcome_bytes:
                found.update(_alike(ruleset, target, standing[one], standing[other]))
    return found


def _alike(
    ruleset: RuleSet, target: str, ones: Sequence[Firing], others: Sequence[Firing]
) -> list[tuple[Firing, Firing]]:
    """Pair firings of two rules that bind alike the aliases which they and the target share."""
    if not ones or not others:
        return []
    shared = set(ruleset.by_id[target].aliases)
    shared &= {alias for alias, _ in ones[0].bindings}
    shared &= {alias for alias, _ in others[0].bindings}
    groups: dict[tuple[int, ...], list[Firing]] = {}
    for other in others:
        groups.setdefault(_bound(other, shared), []).append(other)
    pairs: list[tuple[Firing, Firing]] = []
    for one in ones:
        pairs.extend((one, other) for other in groups.get(_bound(one, shared), ()))
        if len(pairs) > PAIRS_LIMIT:
            raise RulesBeyondLimit(
                f"more than {PAIRS_LIMIT} pairs of firings and exceptions; name the fact they share alike",
                where=others[0].rule,
            )
    return pairs


def _bound(firing: Firing, aliases: set[str]) -> tuple[int, ...]:
    return tuple(index for alias, index in sorted(firing.bindings) if alias in aliases)
