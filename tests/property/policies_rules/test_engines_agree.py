"""The two engines find the same firings, whatever the rules, the facts and their order."""

from __future__ import annotations

import gc
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.rules import durable, reference
from policies.rules.evaluate import evaluate
from policies.rules.facts import Fact, Scalar, in_order
from policies.rules.ruleset import OPERATORS, Condition, Field, Operator, Pattern, Rule, RuleSet

TYPES = ("sale", "price", "holds")
KINDS = {"sku": "text", "note": "text", "amount": "int", "day": "int", "live": "bool"}
VALUES: dict[str, st.SearchStrategy[Scalar]] = {
    "text": st.sampled_from(["", "20", "100", "costarring", "liquid", "直播", "\x00", '"}']),
    "int": st.one_of(st.integers(-3, 3), st.sampled_from([2**63 - 1, -(2**63), 2**53, 2**53 + 1, 100])),
    "bool": st.booleans(),
}


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    names = draw(st.sets(st.sampled_from(sorted(KINDS))))
    return Fact(draw(st.sampled_from(TYPES)), {name: draw(VALUES[KINDS[name]]) for name in sorted(names)})


def operators(kind: str) -> st.SearchStrategy[Operator]:
    return st.sampled_from(OPERATORS[:2] if kind == "bool" else OPERATORS)


@st.composite
def conditions(draw: st.DrawFn, earlier: tuple[str, ...]) -> Condition:
    field = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[field]
    if not earlier or draw(st.booleans()):
        return Condition(field, draw(operators(kind)), draw(VALUES[kind]))
    other = draw(st.sampled_from(sorted(name for name in KINDS if KINDS[name] == kind)))
    return Condition(field, draw(operators(kind)), Field(draw(st.sampled_from(earlier)), other))


@st.composite
def rulesets(draw: st.DrawFn) -> RuleSet:
    rules: list[Rule] = []
    for number in range(draw(st.integers(1, 5))):
        patterns: list[Pattern] = []
        for place in range(draw(st.integers(1, 3))):
            earlier = tuple(pattern.alias for pattern in patterns)
            where = draw(st.lists(conditions(earlier), max_size=3))
            patterns.append(Pattern(f"v{place}", draw(st.sampled_from(TYPES)), tuple(where)))
        exception_of = draw(st.sampled_from([None, *(rule.id for rule in rules)]))
        outcome = {"is": draw(st.integers(0, 1))}
        rules.append(Rule(f"r{number}", f"c{number % 2}", tuple(patterns), outcome, exception_of))
    return RuleSet(tuple(rules))


@given(ruleset=rulesets(), given_facts=st.lists(facts(), max_size=10))
def test_durable_rules_and_the_reference_find_the_same(ruleset: RuleSet, given_facts: list[Fact]) -> None:
    ordered = in_order(given_facts)
    assert durable.match(ruleset, ordered) == reference.match(ruleset, ordered)


@given(ruleset=rulesets(), given_facts=st.lists(facts(), max_size=8), seed=st.integers(0, 2**32))
def test_the_order_of_facts_and_rules_changes_nothing(
    ruleset: RuleSet, given_facts: list[Fact], seed: int
) -> None:
    shuffled, rules = list(given_facts), list(ruleset.rules)
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(rules)
    assert evaluate(ruleset, given_facts) == evaluate(RuleSet(tuple(rules)), shuffled)


@given(ruleset=rulesets(), given_facts=st.lists(facts(), max_size=8))
def test_the_order_of_patterns_changes_no_combination(ruleset: RuleSet, given_facts: list[Fact]) -> None:
    turned = RuleSet(
        tuple(
            Rule(rule.id, rule.clause, rule.all_of[::-1], rule.outcome, rule.exception_of)
            for rule in ruleset.rules
        )
    )
    one, other = evaluate(ruleset, given_facts), evaluate(turned, given_facts)
    assert sorted((f.rule, sorted(f.bindings)) for f in one.firings) == sorted(
        (f.rule, sorted(f.bindings)) for f in other.firings
    )
    assert len(one.conflicts) == len(other.conflicts)


@given(ruleset=rulesets(), given_facts=st.lists(facts(), max_size=10))
def test_a_firing_stands_is_overruled_or_is_in_conflict(ruleset: RuleSet, given_facts: list[Fact]) -> None:
    found = evaluate(ruleset, given_facts)
    overruled = {firing for firing, _ in found.overridden}
    disputed = {firing for pair in found.conflicts for firing in pair}
    standing = set(found.effective)
    assert standing | overruled | disputed == set(found.firings)
    assert not standing & overruled
    assert not standing & disputed
    assert not overruled & disputed
    for firing, exception in found.overridden:
        assert exception not in overruled
        assert firing.rule in ruleset.targets[exception.rule]


def _resident_kilobytes() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS in /proc/self/status")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_memory_stays_flat_over_many_cases_in_one_process() -> None:
    cases = int(os.environ.get("TALLYSTICK_SOAK", "3000"))
    ruleset = RuleSet(
        (
            Rule(
                "parity",
                "9.1",
                (
                    Pattern("live", "sale"),
                    Pattern("later", "price", (Condition("sku", "==", Field("live", "sku")),)),
                ),
                {"breach": True},
            ),
            Rule("none", "9.2", (Pattern("h", "holds", (Condition("live", "==", True),)),), {}, "9.1"),
        )
    )

    def run(number: int) -> None:
        case = [Fact("sale", {"sku": f"s{number}"}), Fact("price", {"sku": f"s{number}", "amount": number})]
        assert len(evaluate(ruleset, case).effective) == 1

    for number in range(500):  # the allocators find their size
        run(number)
    gc.collect()
    before = _resident_kilobytes()
    for number in range(cases):
        run(number)
    gc.collect()
    # With either deletion left out, a set of this size keeps 74 to 111 kB: hundreds of megabytes here.
    assert _resident_kilobytes() - before < 8 * 1024
