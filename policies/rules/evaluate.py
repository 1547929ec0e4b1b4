"""Evaluates rules over facts with both engines side by side; it matches and resolves nothing itself."""

from __future__ import annotations

from collections.abc import Iterable

from policies.rules import durable, reference
from policies.rules.errors import EnginesDisagree
from policies.rules.facts import Fact, field_kinds, in_order
from policies.rules.reference import Match
from policies.rules.resolution import Evaluation, Firing, resolve
from policies.rules.ruleset import RuleSet, require_one_kind


def evaluate(ruleset: RuleSet, facts: Iterable[Fact]) -> Evaluation:
    """Return what the rules say about the facts; the same for any order and repetition of the facts.

    Raises EnginesDisagree when the engines find different firings, and then nothing may be decided;
    FactError for one field of two kinds; RulesRejected where a rule would compare two kinds;
    RulesBeyondLimit for too much of anything; EngineFailed when durable-rules cannot be relied on.
    """
    ordered = in_order(facts)
    require_one_kind(ruleset, field_kinds(ordered))
    # The reference goes first: it bounds the joins before the other engine attempts them.
    expected = reference.match(ruleset, ordered)
    matched = durable.match(ruleset, ordered)
    if expected != matched:
        raise _disagreement(expected, matched)
    return resolve(ruleset, ordered, [_firing(ruleset, found) for found in expected])


def _firing(ruleset: RuleSet, found: Match) -> Firing:
    rule = ruleset.by_id[found.rule]
    return Firing(rule.id, rule.clause, tuple(zip(rule.aliases, found.facts, strict=True)))


def _disagreement(expected: tuple[Match, ...], matched: tuple[Match, ...]) -> EnginesDisagree:
    rules = sorted({found.rule for found in set(expected) ^ set(matched)}) or ["the number of firings"]
    return EnginesDisagree(
        f"the reference interpreter found {len(expected)} firings and durable-rules {len(matched)}, "
        f"differing in {', '.join(rules)}; the decision stops here, escalate it with both traces",
        reference=expected,
        durable=matched,
    )
