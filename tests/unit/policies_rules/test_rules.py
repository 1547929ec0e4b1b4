"""Rules, exceptions and conflicts, as a decision uses them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.errors import FactError
from policies.rules import durable, reference, resolution
from policies.rules.errors import EnginesDisagree, RulesBeyondLimit, RulesRejected
from policies.rules.evaluate import evaluate
from policies.rules.facts import FACTS_LIMIT, Fact
from policies.rules.reference import Match
from policies.rules.ruleset import Condition, Field, Operator, Pattern, Rule, RuleSet

LIVE = Pattern("live", "event.live_price")
CHEAPER = Pattern(
    "later",
    "event.price_observed",
    (
        Condition("sku", "==", Field("live", "sku")),
        Condition("price_minor", "<", Field("live", "price_minor")),
    ),
)
PROMISE = Rule("9.1", "9.1", (LIVE, CHEAPER), {"breach": True})
PLATFORM_COUPON = Rule(
    "9.2",
    "9.2",
    (
        Pattern("later", "event.price_observed"),
        Pattern("coupon", "event.platform_coupon", (Condition("observed", "==", Field("later", "id")),)),
    ),
    {"breach": False},
    exception_of="9.1",
)
SHOP_COUPON = Rule(
    "9.3",
    "9.3",
    (
        Pattern("later", "event.price_observed"),
        Pattern("coupon", "event.shop_coupon", (Condition("observed", "==", Field("later", "id")),)),
    ),
    {"breach": "half"},
    exception_of="9.1",
)
FACTS = (
    Fact("event.live_price", {"sku": "serum", "price_minor": 29_900}),
    Fact("event.price_observed", {"id": "o1", "sku": "serum", "price_minor": 27_900}),
    Fact("event.price_observed", {"id": "o2", "sku": "serum", "price_minor": 26_900}),
    Fact("event.price_observed", {"id": "o3", "sku": "cream", "price_minor": 100}),
)
PLATFORM = Fact("event.platform_coupon", {"observed": "o1"})
SHOP = Fact("event.shop_coupon", {"observed": "o1"})


def holds(name: str, of: str | None = None, outcome: Any = None, *, clause: str = "") -> Rule:
    return Rule(
        name, clause or name, (Pattern("h", "holds", (Condition("what", "==", name),)),), {"is": outcome}, of
    )


def said(*names: str) -> list[Fact]:
    return [Fact("holds", {"what": name, "n": index}) for index, name in enumerate(names)]


def names(firings: Any) -> list[str]:
    return [firing.rule for firing in firings]


def apart(name: str, of: str | None = None, outcome: Any = None) -> Rule:
    """Return a rule that shares no alias with the others of these tests."""
    return Rule(
        name, name, (Pattern(f"h{name}", "holds", (Condition("what", "==", name),)),), {"is": outcome}, of
    )


def test_events_are_joined_on_what_they_share() -> None:
    found = evaluate(RuleSet((PROMISE,)), FACTS)
    bound = [
        {alias: found.facts[index].bindings.get("id") for alias, index in f.bindings} for f in found.firings
    ]
    assert bound == [{"live": None, "later": "o1"}, {"live": None, "later": "o2"}]
    assert found.effective == found.firings
    assert found.outcome(found.firings[0]) == {"breach": True}


def test_an_exception_overrules_only_the_firing_about_the_same_fact() -> None:
    found = evaluate(RuleSet((PROMISE, PLATFORM_COUPON)), [*FACTS, PLATFORM])
    assert [(f.rule, e.rule) for f, e in found.overridden] == [("9.1", "9.2")]
    assert names(found.effective) == ["9.1", "9.2"]
    remaining = dict(found.effective[0].bindings)["later"]
    assert found.facts[remaining].bindings["id"] == "o2"


def test_an_exception_that_shares_no_alias_overrules_every_firing() -> None:
    force_majeure = Rule("20", "20", (Pattern("storm", "holds"),), {}, exception_of="9.1")
    found = evaluate(RuleSet((PROMISE, force_majeure)), [*FACTS, *said("storm")])
    assert names(found.effective) == ["20"]
    assert len(found.overridden) == 2


def test_two_exceptions_that_both_hold_and_disagree_are_a_conflict_and_neither_wins() -> None:
    found = evaluate(RuleSet((PROMISE, PLATFORM_COUPON, SHOP_COUPON)), [*FACTS, PLATFORM, SHOP])
    assert [(a.rule, b.rule) for a, b in found.conflicts] == [("9.2", "9.3")]
    assert names(found.effective) == ["9.1"]  # the other observation, which neither exception concerns
    traced = {(line["rule"], line["stands"], *line["conflicts_with"]) for line in found.trace()}
    assert traced == {("9.1", False), ("9.1", True), ("9.2", False, "9.3"), ("9.3", False, "9.2")}


def test_two_exceptions_about_different_facts_do_not_conflict() -> None:
    other = Fact("event.shop_coupon", {"observed": "o2"})
    found = evaluate(RuleSet((PROMISE, PLATFORM_COUPON, SHOP_COUPON)), [*FACTS, PLATFORM, other])
    assert found.conflicts == ()
    assert names(found.effective) == ["9.2", "9.3"]


def test_two_exceptions_with_one_outcome_do_not_conflict() -> None:
    rules = RuleSet((apart("base"), apart("e1", "base", 1), apart("e2", "base", 1)))
    found = evaluate(rules, said("base", "e1", "e2"))
    assert found.conflicts == ()
    assert names(found.effective) == ["e1", "e2"]


def test_outcomes_true_and_one_disagree() -> None:
    rules = RuleSet((apart("base"), apart("e1", "base", 1), apart("e2", "base", True)))
    assert len(evaluate(rules, said("base", "e1", "e2")).conflicts) == 1


def test_exceptions_conflict_even_when_their_rule_did_not_fire() -> None:
    rules = RuleSet((apart("base"), apart("e1", "base", 1), apart("e2", "base", 2)))
    found = evaluate(rules, said("e1", "e2"))
    assert [(a.rule, b.rule) for a, b in found.conflicts] == [("e1", "e2")]
    assert found.effective == ()


def test_an_exception_to_an_exception_restores_the_rule() -> None:
    rules = RuleSet((apart("base"), apart("but", "base"), apart("unless", "but")))
    assert names(evaluate(rules, said("base", "but")).effective) == ["but"]
    found = evaluate(rules, said("base", "but", "unless"))
    assert names(found.effective) == ["base", "unless"]
    assert [(f.rule, e.rule) for f, e in found.overridden] == [("but", "unless")]


def test_an_overruled_exception_conflicts_with_nothing() -> None:
    rules = RuleSet((apart("base"), apart("e1", "base", 1), apart("e2", "base", 2), apart("no", "e1")))
    found = evaluate(rules, said("base", "e1", "e2", "no"))
    assert found.conflicts == ()
    assert names(found.effective) == ["e2", "no"]


def test_an_exception_may_name_a_clause_and_spares_its_siblings_there() -> None:
    rules = RuleSet(
        (
            holds("a", clause="9"),
            holds("b", clause="9"),
            holds("x", "9", clause="9"),
            holds("y", "9", clause="10"),
        )
    )
    assert rules.targets == {"x": {"a", "b"}, "y": {"a", "b", "x"}}


def test_the_trace_is_plain_and_leads_to_the_facts() -> None:
    found = evaluate(RuleSet((PROMISE, PLATFORM_COUPON)), [*FACTS, PLATFORM])
    first = found.trace()[0]
    assert first["clause"] == "9.1"
    assert first["overridden_by"] == ["9.2"]
    assert first["stands"] is False
    assert first["facts"]["later"] == {
        "type": "event.price_observed",
        "fields": {"id": "o1", "sku": "serum", "price_minor": 27_900},
    }


def test_a_fact_said_twice_is_one_fact() -> None:
    found = evaluate(RuleSet((apart("a"),)), [*said("a"), *said("a")])
    assert len(found.facts) == len(found.firings) == 1


def test_two_patterns_never_take_one_fact() -> None:
    pair = RuleSet((Rule("r", "1", (Pattern("a", "x"), Pattern("b", "x")), {}),))
    assert evaluate(pair, [Fact("x", {"n": 1})]).firings == ()
    assert len(evaluate(pair, [Fact("x", {"n": 1}), Fact("x", {"n": 2})]).firings) == 2


def test_no_rules_and_no_facts_give_nothing() -> None:
    assert evaluate(RuleSet(()), []).firings == ()
    assert evaluate(RuleSet(()), FACTS).firings == ()


def test_a_difference_between_the_engines_stops_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "match", lambda *_: ())
    with pytest.raises(
        EnginesDisagree, match=r"found 2 firings and durable-rules 0, differing in 9\.1"
    ) as caught:
        evaluate(RuleSet((PROMISE,)), FACTS)
    assert caught.value.code == "rules.engines-disagree"
    assert caught.value.data["durable"] == ()
    assert [match.rule for match in caught.value.data["reference"]] == ["9.1", "9.1"]


def test_a_firing_reported_twice_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = (Match("a", (0,)), Match("a", (0,)))
    monkeypatch.setattr(durable, "match", lambda *_: twice)
    with pytest.raises(EnginesDisagree, match="the number of firings"):
        evaluate(RuleSet((apart("a"),)), said("a"))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((apart("a"), apart("a")), "two rules have this id"),
        (
            (apart("a"), apart("b", "aa")),
            r"exception of 'aa', which no rule is; did you mean 'a'\?|known here",
        ),
        ((apart("a", "b"), apart("b", "a")), "go round in a circle"),
        ((apart("a", "a"),), "which no rule is"),
    ],
)
def test_rules_that_make_no_sense_together_are_refused(rules: tuple[Rule, ...], message: str) -> None:
    with pytest.raises(RulesRejected, match=message):
        RuleSet(rules)


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ((), "at least one pattern"),
        ((Pattern("a", "x"), Pattern("a", "y")), "two patterns are called 'a'"),
        (
            (Pattern("one", "x", (Condition("p", "==", Field("tow", "p")),)), Pattern("two", "y")),
            "'tow' is not another pattern of this rule; did you mean 'two'",
        ),
        ((Pattern("a", "x", (Condition("p", "==", Field("a", "q")),)),), "not another pattern"),
    ],
)
def test_patterns_that_make_no_sense_together_are_refused(
    patterns: tuple[Pattern, ...], message: str
) -> None:
    with pytest.raises(RulesRejected, match=message):
        Rule("r", "1", patterns, {})


@pytest.mark.parametrize(("op", "turned"), [("<", ">"), ("<=", ">="), (">", "<"), (">=", "<="), ("==", "==")])
def test_a_join_may_be_written_on_either_of_its_patterns(op: Operator, turned: Operator) -> None:
    early = (Pattern("a", "x", (Condition("p", op, Field("b", "q")),)), Pattern("b", "y"))
    late = (Pattern("a", "x"), Pattern("b", "y", (Condition("q", turned, Field("a", "p")),)))
    assert Rule("r", "1", early, {}) == Rule("r", "1", late, {})


def test_two_patterns_may_each_name_the_other() -> None:
    sku = Pattern("later", "price", (Condition("sku", "==", Field("live", "sku")),))
    shop = Pattern("live", "sale", (Condition("shop", "==", Field("later", "shop")),))
    found = evaluate(
        RuleSet((Rule("r", "1", (shop, sku), {}),)),
        [Fact("sale", {"sku": "s", "shop": "a"})]
        + [Fact("price", {"sku": sku, "shop": shop}) for sku in "st" for shop in "ab"],
    )
    assert len(found.firings) == 1


def test_names_may_not_be_empty() -> None:
    for build in (
        lambda: Pattern("", "x"),
        lambda: Pattern("a", ""),
        lambda: Condition("", "==", 1),
        lambda: Rule("", "1", (Pattern("a", "x"),), {}),
    ):
        with pytest.raises(RulesRejected):
            build()
    for name, fields in (("", {}), ("x", {"": 1})):
        with pytest.raises(FactError):
            Fact(name, fields)


def test_an_outcome_holds_no_float() -> None:
    with pytest.raises(RulesRejected, match="outcome"):
        Rule("r", "1", (Pattern("a", "x"),), {"rate": 0.2})


def test_truth_values_have_no_order() -> None:
    with pytest.raises(RulesRejected, match="no order"):
        Condition("p", "<", True)
    join = Pattern("b", "x", (Condition("p", "<", Field("a", "p")),))
    with pytest.raises(RulesRejected, match="no order"):
        evaluate(RuleSet((Rule("r", "1", (Pattern("a", "x"), join), {}),)), [Fact("x", {"p": True})])


def test_facts_do_not_change() -> None:
    fields: dict[str, str | int | bool] = {"n": 1}
    fact = Fact("x", fields)
    fields["n"] = 2
    assert fact.bindings["n"] == 1
    with pytest.raises(AttributeError):
        fact.name = "y"
    with pytest.raises(AttributeError):
        del fact.name
    assert repr(fact) == "Fact('x', {'n': 1})"
    assert fact != "x"


def test_rules_may_be_kept_and_their_outcomes_do_not_change() -> None:
    outcome = {"breach": True}
    kept = Rule("r", "1", (Pattern("a", "x"),), outcome)
    outcome["breach"] = False
    assert kept.outcome == {"breach": True}


def test_too_many_facts_are_refused() -> None:
    with pytest.raises(RulesBeyondLimit, match="4097 facts"):
        evaluate(RuleSet(()), [Fact("x", {"n": n}) for n in range(FACTS_LIMIT + 1)])


def test_a_join_that_explodes_is_refused_before_it_runs() -> None:
    everything = RuleSet((Rule("r", "1", tuple(Pattern(f"v{n}", "x") for n in range(4)), {}),))
    with pytest.raises(RulesBeyondLimit, match="combinations of facts"):
        evaluate(everything, [Fact("x", {"n": n}) for n in range(100)])
    pairs = RuleSet((Rule("r", "1", (Pattern("a", "x"), Pattern("b", "x", (Condition("n", "<", 0),))), {}),))
    with pytest.raises(RulesBeyondLimit, match=str(reference.COMPARISONS_LIMIT)):
        evaluate(pairs, [Fact("x", {"n": n}) for n in range(1001)])


def test_exceptions_that_explode_are_refused() -> None:
    rules = RuleSet((Rule("a", "1", (Pattern("a", "x"),), {}), Rule("b", "2", (Pattern("b", "x"),), {}, "1")))
    with pytest.raises(RulesBeyondLimit, match=str(resolution.PAIRS_LIMIT)):
        evaluate(rules, [Fact("x", {"n": n}) for n in range(150)])
