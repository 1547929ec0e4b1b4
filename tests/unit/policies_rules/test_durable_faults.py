"""Each known fault of durable-rules 2.0.28: shown on the library as it comes, then shown to be kept out.

The raw half runs in a process of its own, because some faults hang or kill it. If a raw half ever fails,
the library has changed and the guard can be thought over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from threading import active_count
from typing import Any

import pytest

from policies.errors import FactError
from policies.rules import durable, reference
from policies.rules.errors import EngineFailed, RulesBeyondLimit, RulesRejected
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


def test_python_3_13_is_refused_before_it_can_fail() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"] == ">=3.11,<3.13"


def test_a_library_that_does_not_import_stops_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    durable._engine.cache_clear()
    monkeypatch.setattr(durable, "import_module", absent)
    with pytest.raises(EngineFailed, match=r"3\.11 or 3\.12"):
        evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [Fact("x", {})])
    durable._engine.cache_clear()


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


def test_no_background_thread_is_started(raw: Raw) -> None:
    assert raw("import threading; engine.Host(); print(threading.active_count() > 1)") == "True"
    before = active_count()
    evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [Fact("x", {})])
    assert active_count() == before


def test_every_native_set_is_freed_also_when_the_case_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = durable._engine()
    ruleset = RuleSet((rule("r", Pattern("a", "x")),))
    created: list[int] = []
    native_create = engine.native.create_ruleset

    def create(*arguments: Any) -> int:
        created.append(native_create(*arguments))
        return created[-1]

    monkeypatch.setattr(engine.native, "create_ruleset", create)
    evaluate(ruleset, [Fact("x", {})])
    monkeypatch.setattr(engine.host, "assert_fact", _refuse)
    with pytest.raises(EngineFailed):
        evaluate(ruleset, [Fact("x", {})])
    assert len(created) == 2
    for handle in created:
        with pytest.raises(engine.native.error, match="111"):  # the library's code for an unknown handle
            engine.native.get_state(handle, "0")


def _refuse(*_: object) -> None:
    raise ValueError("refused")


def test_a_state_in_which_nothing_fired_is_deleted_safely(raw: Raw) -> None:
    # Deleting a state frees an action context that was never initialised unless an action ran.
    script = """
for number in range(50):
    host = host_with([], r=[{"a": {"$and": [{"t": 1}, {"p": 1}]}}])
    try:
        host.assert_fact("case", {"sid": "0", "id": "1", "t": 1, "p": 2})
    except engine.MessageNotHandledException:
        pass
    host.delete_state("case", "0")
"""
    assert raw(script, MALLOC_PERTURB_="65") == "DIES"
    ours = """
from policies.rules.evaluate import evaluate
from policies.rules.facts import Fact
from policies.rules.ruleset import Condition, Pattern, Rule, RuleSet
rules = RuleSet((Rule("r", "1", (Pattern("a", "x", (Condition("p", "==", 1),)),), {}),))
print(sum(len(evaluate(rules, facts).firings) for facts in ([], [Fact("x", {"p": 2})]) for _ in range(50)))
"""
    assert raw(ours, MALLOC_PERTURB_="65") == "0"


def test_a_join_that_fails_on_its_last_condition_reads_nothing_beyond_it(raw: Raw) -> None:
    # The library looks for the end of the tests from one place after the end.
    script = """
joined = [{"a": {"t": 1}}, {"b": {"$and": [{"t": 2}, {"$lt": {"p": {"a": "p"}}}]}}]
for count in range(1, 60):
    host = host_with([], **{f"r{n}": joined for n in range(count)})
    for kind in (1, 2):
        host.assert_fact("case", {"sid": "0", "id": str(kind), "t": kind, "p": kind})
"""
    assert raw(script) == "DIES"
    ours = """
from policies.rules.evaluate import evaluate
from policies.rules.facts import Fact
from policies.rules.ruleset import Condition, Field, Pattern, Rule, RuleSet
later = Pattern("b", "y", (Condition("p", "<", Field("a", "p")),))
for count in range(1, 60):
    rules = RuleSet(tuple(Rule(f"r{n}", "1", (Pattern("a", "x"), later), {}) for n in range(count)))
    assert evaluate(rules, [Fact("x", {"p": 1}), Fact("y", {"p": 2})]).firings == ()
print("alive")
"""
    assert raw(ours, MALLOC_PERTURB_="165") == "alive"


def test_a_set_leaks_unless_state_and_set_are_deleted(raw: Raw) -> None:
    script = """
import gc
def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
def grown(free):
    before = resident()
    for number in range(200):
        host = host_with([], r=[{"a": {"t": 1}}, {"b": {"t": 2}}])
        host.assert_fact("case", {"sid": "0", "id": "1", "t": 1})
        host.assert_fact("case", {"sid": "0", "id": "2", "t": 2})
        if free:
            ruleset = host.get_ruleset("case")
            ruleset.delete_state("0")
            native.delete_ruleset(ruleset._handle)
    gc.collect()
    return resident() - before
grown(True)
print(grown(True) < 1000, grown(False) > 10000)
"""
    assert raw(script) == "True True"


def test_an_exception_in_an_action_is_raised_again(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        raw("""
def broken(c):
    raise RuntimeError("lost")
host = Quiet()
host.register_rulesets({"case": {"r": {"all": [{"a": {"t": 1}}], "run": broken}}})
state = host.assert_fact("case", {"sid": "0", "id": "1", "t": 1})
print("lost" in state["exception"])
""")
        == "True"
    )

    def broken(*_: object) -> Callable[[Any], None]:
        def act(context: Any) -> None:
            raise RuntimeError("not lost")

        return act

    monkeypatch.setattr(durable, "_recorder", broken)
    with pytest.raises(EngineFailed, match="not lost"):
        evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [Fact("x", {})])


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
            seconds=3,
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


def test_16_patterns_join_and_17_are_refused() -> None:
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


def test_more_than_512_tests_of_one_field_do_not_hang(raw: Raw) -> None:
    script = """
host = host_with([], **{f"r{n}": [{"a": {"p": n}}] for n in range(512)})
host.assert_fact("case", {"sid": "0", "id": "1", "p": 511})
"""
    assert raw(script, seconds=3) in {"HANGS", "DIES"}
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


def test_the_library_changes_what_it_is_given_and_the_rules_stay_as_they_are(raw: Raw) -> None:
    script = """
definition = {"r": {"all": [{"a": {"t": 1}}], "run": lambda c: None}}
host = Quiet()
host.register_rulesets({"case": definition})
again = ""
try:
    host.register_rulesets({"case": {"r": {"all": [{"a": {"t": 1}}], "run": lambda c: None}}})
except Exception as fault:
    again = str(fault)
print("run" in definition["r"], "already registered" in again)
"""
    assert raw(script) == "False True"
    ruleset = RuleSet((rule("r", Pattern("a", "x"), each=1),))
    before = repr(ruleset)
    first = evaluate(ruleset, [Fact("x", {})])
    assert evaluate(ruleset, [Fact("x", {})]) == first
    assert repr(ruleset) == before


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


def test_a_silent_engine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_recorder", lambda *_: lambda _context: None)
    with pytest.raises(EngineFailed, match="sentinel"):
        evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [])
