"""Faults of durable-rules 2.0.28 at its limits.

Each is shown on the library as it comes and then on the adapter. The raw half runs in a process of its own,
because some faults hang or kill it. If it ever fails, the library has changed: think the guard over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from policies.rules import durable
from policies.rules.errors import RulesBeyondLimit
from policies.rules.evaluate import evaluate
from policies.rules.facts import Fact
from policies.rules.ruleset import (
    CONDITIONS_LIMIT,
    PATTERNS_LIMIT,
    Condition,
    Field,
    Pattern,
    Rule,
    RuleSet,
)

Raw = Callable[..., str]


def rule(name: str, *patterns: Pattern, **outcome: Any) -> Rule:
    return Rule(name, name, patterns, outcome)


def fired(ruleset: RuleSet, *facts: Fact) -> list[str]:
    return [firing.rule for firing in evaluate(ruleset, facts).firings]


def test_more_than_64_rules_match_one_fact(raw: Raw) -> None:
    script = """
host = host_with([], **{f"r{n}": [{"a": {"$and": [{"t": 1}, {"$neq": {"p": n + 10}}]}}] for n in range(70)})
try:
    host.assert_fact("case", {"sid": "0", "id": "1", "t": 1, "p": 1})
except native.error as fault:
    print(str(fault)[-3:])
"""
    assert raw(script) == "303"
    rules = [rule(f"r{n:03}", Pattern("a", "x", (Condition("p", "!=", n + 10),))) for n in range(200)]
    assert len(durable.batches(rules)) == 5
    assert fired(RuleSet(tuple(rules)), Fact("x", {"p": 1})) == [one.id for one in rules]


def test_a_fact_has_as_many_fields_as_it_likes(raw: Raw) -> None:
    script = """
host = host_with([], r=[{"a": {"t": 1}}])
try:
    host.assert_fact("case", {"sid": "0", "id": "1", "t": 1, **{f"p{n}": n for n in range(255)}})
except native.error as fault:
    print(str(fault)[-3:])
"""
    assert raw(script) == "302"
    wide = Fact("x", {f"f{n}": n for n in range(400)})
    every = [rule(f"r{n:03}", Pattern("a", "x", (Condition(f"f{n}", "==", n),))) for n in range(400)]
    assert len(fired(RuleSet(tuple(every)), wide)) == 400


def test_more_than_512_tests_of_one_field_do_not_hang(raw: Raw) -> None:
    script = """
host = host_with([], **{f"r{n}": [{"a": {"p": n}}] for n in range(512)})
host.assert_fact("case", {"sid": "0", "id": "1", "p": 511})
"""
    assert raw(script, seconds=2) in {"HANGS", "DIES"}
    many = RuleSet(tuple(rule(f"r{n}", Pattern("a", "x", (Condition("p", "==", n),))) for n in range(600)))
    assert fired(many, Fact("x", {"p": 599})) == ["r599"]


def test_a_pattern_takes_all_its_conditions_as_joins_and_no_more() -> None:
    fields = {f"f{n}": n for n in range(CONDITIONS_LIMIT)}
    joins = tuple(Condition(name, "==", Field("a", name)) for name in fields)
    ruleset = RuleSet((rule("r", Pattern("a", "x"), Pattern("b", "y", joins)),))
    assert fired(ruleset, Fact("x", fields), Fact("y", fields)) == ["r"]
    assert fired(ruleset, Fact("x", fields), Fact("y", {**fields, "f7": 8})) == []
    with pytest.raises(RulesBeyondLimit, match="25 conditions"):
        Pattern("b", "y", (*joins, Condition("f0", "==", 0)))


def test_16_patterns_join_and_17_are_refused(raw: Raw) -> None:
    script = """
joined = [{f"v{n}": {"t": n + 1}} for n in range(17)]
host = host_with([], r=joined)
try:
    for number in range(1, 18):
        host.assert_fact("case", {"sid": "0", "id": str(number), "t": number})
except native.error as fault:
    print(str(fault)[-3:])
"""
    assert raw(script) == "304"
    patterns = [Pattern(f"v{n}", f"x{n}") for n in range(PATTERNS_LIMIT)]
    chained = [
        patterns[0],
        *(
            Pattern(f"v{n}", f"x{n}", (Condition("k", "==", Field(f"v{n - 1}", "k")),))
            for n in range(1, PATTERNS_LIMIT)
        ),
    ]
    facts = [Fact(f"x{n}", {"k": "same"}) for n in range(PATTERNS_LIMIT)]
    assert fired(RuleSet((rule("r", *patterns),)), *facts) == ["r"]
    assert fired(RuleSet((rule("r", *chained),)), *facts) == ["r"]
    with pytest.raises(RulesBeyondLimit, match="17 joined patterns"):
        rule("r", *patterns, Pattern("v16", "x16"))


def test_a_rule_that_compares_too_many_fields_of_one_type_is_refused() -> None:
    patterns = [
        Pattern(
            f"v{p}",
            "x",
            tuple(Condition(f"f{p}-{n}", "==", Field(f"v{p - 1}", f"g{p}-{n}")) for n in range(20)),
        )
        for p in range(1, 10)
    ]
    with pytest.raises(RulesBeyondLimit, match="compares more than 200 fields"):
        evaluate(RuleSet((rule("r", Pattern("v0", "x"), *patterns),)), [])
