"""Faults of durable-rules 2.0.28 in comparing and matching.

Each is shown on the library as it comes and then on the adapter. The raw half runs in a process of its own,
because some faults hang or kill it. If it ever fails, the library has changed: think the guard over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from policies.errors import FactError
from policies.rules import durable, reference
from policies.rules.errors import RulesRejected
from policies.rules.evaluate import evaluate
from policies.rules.facts import FACTS_LIMIT, Fact
from policies.rules.ruleset import (
    CONDITIONS_LIMIT,
    OPERATORS,
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


def fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def test_ids_that_collide_in_32_bits_stay_apart(raw: Raw) -> None:
    assert fnv1a("costarring") == fnv1a("liquid")
    assert (
        raw("""
host = host_with([], r=[{"a": {"t": 1}}])
host.assert_fact("case", {"sid": "0", "id": "costarring", "t": 1})
try:
    host.assert_fact("case", {"sid": "0", "id": "liquid", "t": 1})
except engine.MessageObservedException:
    print("taken for the same")
""")
        == "taken for the same"
    )
    same_sku = Pattern("b", "line", (Condition("id", "==", Field("a", "id")),))
    lines = [Fact("line", {"id": "costarring"}), Fact("line", {"id": "liquid"})]
    assert fired(RuleSet((rule("each", Pattern("a", "line")),)), *lines) == ["each", "each"]
    assert fired(RuleSet((rule("pair", Pattern("a", "line"), same_sku),)), *lines) == []


def test_no_id_of_ours_collides_with_another() -> None:
    ids = [str(number) for number in range(FACTS_LIMIT + 1)] + ["sid-0", "$pulse"]
    assert len({fnv1a(name) for name in ids}) == len(ids)


def test_no_property_of_ours_collides_with_another_or_with_a_keyword() -> None:
    keywords = "id sid t m $m $s $i all any pri count cap dist name $l $r $forward $and $or $eq $neq $lt $lte"
    keywords += " $gt $gte $ex $nex $mt $imt $iall $iany $add $sub $mul $div"
    names = [
        *keywords.split(),
        "k",
        *(f"p{number}" for number in range(durable.FIELDS_PER_TYPE + 2 * CONDITIONS_LIMIT)),
        *(f"a{number}" for number in range(PATTERNS_LIMIT)),
    ]
    assert len({fnv1a(name) for name in names}) == len(names)


def test_a_fact_fires_every_rule_that_it_matches(raw: Raw) -> None:
    assert (
        raw("""
fired = []
host = host_with(fired, one=[{"a": {"t": 1}}], two=[{"a": {"t": 1}}])
host.post("case", {"sid": "0", "id": "1", "t": 1})
print(len(fired))
""")
        == "1"
    )
    both = RuleSet((rule("one", Pattern("a", "x")), rule("two", Pattern("a", "x"))))
    assert fired(both, Fact("x", {})) == ["one", "two"]


def test_an_alternative_fires_twice_and_cannot_be_written(raw: Raw) -> None:
    assert (
        raw("""
fired = []
host = host_with(fired, r=[{"a": {"$or": [{"p": 1}, {"q": 1}]}}])
host.assert_fact("case", {"sid": "0", "id": "1", "p": 1, "q": 1})
print(len(fired))
""")
        == "2"
    )
    with pytest.raises(RulesRejected, match="not a comparison"):
        Condition("p", "$or", 1)  # type: ignore[arg-type]


def test_a_bare_negation_hangs_and_cannot_be_written(raw: Raw) -> None:
    assert (
        raw(
            """
host = host_with([], r=[{"a": {"$nex": {"p": 1}}}])
host.assert_fact("case", {"sid": "0", "id": "1", "t": 1})
""",
            seconds=2,
        )
        == "HANGS"
    )
    with pytest.raises(RulesRejected, match="at least one pattern"):
        Rule("r", "1", (), {})
    for negation in ("not", "none", "$nex", "$not"):
        with pytest.raises(RulesRejected, match="not a comparison"):
            Condition("p", negation, 1)  # type: ignore[arg-type]
    assert OPERATORS == ("==", "!=", "<", "<=", ">", ">=")


def test_a_negation_before_the_end_is_wrong_and_no_alias_can_smuggle_one_in(raw: Raw) -> None:
    script = """
fired = []
host = host_with(fired, r=[{"a": {"t": 1}}, {"b$not": {"t": 2}}, {"c": {"t": 3}}])
for number, kind in enumerate((1, 3, 2), start=1):
    host.assert_fact("case", {"sid": "0", "id": str(number), "t": kind})
first = list(fired)
del fired[:]
host.delete_state("case", "0")
for number, kind in enumerate((2, 1, 3), start=1):
    host.assert_fact("case", {"sid": "0", "id": str(number), "t": kind})
print(first != fired)
"""
    assert raw(script) == "True"
    smuggled = RuleSet((rule("r", Pattern("a", "x"), Pattern("b$not", "y"), Pattern("c$any", "z")),))
    present = [Fact("x", {}), Fact("y", {}), Fact("z", {})]
    assert fired(smuggled, *present) == ["r"]
    assert fired(smuggled, present[0], present[2]) == []


def test_an_integer_never_meets_a_float(raw: Raw) -> None:
    script = """
fired = []
host = host_with(fired, r=[{"a": {"p": 9007199254740993}}])
host.assert_fact("case", {"sid": "0", "id": "1", "p": 9007199254740992.0})
print(fired)
"""
    assert raw(script) == "['r']"
    with pytest.raises(FactError, match="float cannot be"):
        Fact("x", {"p": 1.0})  # type: ignore[dict-item]


def test_integers_stay_exact_to_the_ends_of_int64_and_are_refused_beyond(raw: Raw) -> None:
    script = """
fired = []
host = host_with(fired, r=[{"a": {"p": 2**63 - 1}}])
host.assert_fact("case", {"sid": "0", "id": "1", "p": 2**70})
print(fired)
"""
    assert raw(script) == "['r']"
    top, bottom = 2**63 - 1, -(2**63)
    exact = RuleSet((rule("r", Pattern("a", "x", (Condition("p", "==", top),))),))
    assert fired(exact, Fact("x", {"p": top}), Fact("x", {"p": top - 1}), Fact("x", {"p": bottom})) == ["r"]
    for beyond in (top + 1, bottom - 1, 2**70):
        with pytest.raises(FactError, match="int64"):
            Fact("x", {"p": beyond})
        with pytest.raises(RulesRejected, match="int64"):
            Condition("p", "<", beyond)


def test_the_library_cannot_carry_a_decimal_or_a_day(raw: Raw) -> None:
    script = """
from datetime import date
from decimal import Decimal
for value in (Decimal("1.00"), date(2026, 11, 11)):
    try:
        host_with([], r=[{"a": {"p": 1}}]).assert_fact("case", {"sid": "0", "id": "1", "p": value})
    except TypeError:
        print("refused", end=" ")
"""
    assert raw(script) == "refused refused"


@pytest.mark.parametrize(
    "value", [Decimal("1.00"), date(2026, 11, 11), Fraction(1, 3), None, 0.5, b"x", ["x"]]
)
def test_values_without_a_kind_are_refused_where_they_are_written(value: Any) -> None:
    with pytest.raises(FactError, match=r"x\.p: .* cannot be a field"):
        Fact("x", {"p": value})
    with pytest.raises(RulesRejected, match="cannot be a field"):
        Condition("p", "==", value)


def test_text_is_never_compared_with_a_number(raw: Raw) -> None:
    script = """
fired = []
host = host_with(fired, r=[{"a": {"$gt": {"p": 100}}}])
host.assert_fact("case", {"sid": "0", "id": "1", "p": "20"})
print(fired)
"""
    assert raw(script) == "['r']"
    over = RuleSet((rule("r", Pattern("a", "x", (Condition("p", ">", 100),))),))
    with pytest.raises(RulesRejected, match="compares text with int"):
        evaluate(over, [Fact("x", {"p": "20"})])


def test_true_is_never_one(raw: Raw) -> None:
    script = """
fired = []
host = host_with(fired, r=[{"a": {"p": 1}}])
host.assert_fact("case", {"sid": "0", "id": "1", "p": True})
print(fired)
"""
    assert raw(script) == "['r']"
    assert Fact("x", {"p": True}) != Fact("x", {"p": 1})
    one = RuleSet((rule("r", Pattern("a", "x", (Condition("p", "==", 1),))),))
    with pytest.raises(RulesRejected, match="compares bool with int"):
        evaluate(one, [Fact("x", {"p": True})])
    with pytest.raises(FactError, match="in one fact and"):
        evaluate(one, [Fact("x", {"p": True}), Fact("x", {"p": 1})])


def test_kinds_stay_apart_in_both_engines_even_past_the_check() -> None:
    facts = (Fact("x", {"p": True}), Fact("x", {"p": 1}), Fact("x", {"p": "1"}))
    join = Pattern("b", "x", (Condition("p", "==", Field("a", "p")),))
    ruleset = RuleSet((rule("r", Pattern("a", "x"), join),))
    assert durable.match(ruleset, facts) == reference.match(ruleset, facts) == ()


def test_text_is_compared_whole_whatever_it_holds() -> None:
    # Quotes, control characters, a NUL, Chinese text, look-alikes, 70,000 characters.
    texts = [
        '"',
        "\\",
        "\x00",
        "直播间",
        "e\u0301",
        "\u00e9",
        "x" * 70_000,
        "x" * 70_001,
        "",
        " ",
        "true",
        "1",
    ]
    join = Pattern("b", "y", (Condition("p", "==", Field("a", "p")),))
    ruleset = RuleSet((rule("r", Pattern("a", "x"), join),))
    facts = [Fact(name, {"p": text}) for text in texts for name in ("x", "y")]
    assert len(fired(ruleset, *facts)) == len(texts)


def test_a_join_on_a_field_that_a_fact_lacks_does_not_hold(raw: Raw) -> None:
    script = """
host = host_with([], r=[{"a": {"t": 1}}, {"b": {"$and": [{"t": 2}, {"$neq": {"p": {"a": "q"}}}]}}])
host.assert_fact("case", {"sid": "0", "id": "1", "t": 1})
try:
    host.assert_fact("case", {"sid": "0", "id": "2", "t": 2, "p": 1})
except native.error as fault:
    print(str(fault)[-3:])
"""
    assert raw(script) == "311"
    for op in OPERATORS:
        join = Pattern("b", "y", (Condition("p", op, Field("a", "q")),))
        ruleset = RuleSet((rule("r", Pattern("a", "x"), join),))
        assert fired(ruleset, Fact("x", {}), Fact("y", {"p": 1})) == []
        assert fired(ruleset, Fact("x", {"q": 1}), Fact("y", {})) == []


def test_the_order_of_facts_changes_the_order_of_the_library_and_nothing_of_ours(raw: Raw) -> None:
    script = """
orders = []
for kinds in ((1, 2), (2, 1)):
    fired = []
    host = host_with(fired, one=[{"a": {"t": 1}}], two=[{"a": {"t": 2}}])
    for kind in kinds:
        host.assert_fact("case", {"sid": "0", "id": str(kind), "t": kind})
    orders.append(fired)
print(orders[0] != orders[1])
"""
    assert raw(script) == "True"
    ruleset = RuleSet((rule("one", Pattern("a", "x")), rule("two", Pattern("a", "y"), Pattern("b", "x"))))
    facts = [Fact("x", {"n": 1}), Fact("x", {"n": 2}), Fact("y", {"n": 1})]
    assert len({repr(evaluate(ruleset, order)) for order in permutations(facts)}) == 1
