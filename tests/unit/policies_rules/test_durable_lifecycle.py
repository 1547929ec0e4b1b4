"""Faults of durable-rules 2.0.28 in loading, memory and actions.

Each is shown on the library as it comes and then on the adapter. The raw half runs in a process of its own,
because some faults hang or kill it. If it ever fails, the library has changed: think the guard over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from threading import active_count
from typing import Any

import pytest

from policies.rules import durable
from policies.rules.errors import EngineFailed
from policies.rules.evaluate import evaluate
from policies.rules.facts import Fact
from policies.rules.ruleset import (
    Pattern,
    Rule,
    RuleSet,
)

Raw = Callable[..., str]


def rule(name: str, *patterns: Pattern, **outcome: Any) -> Rule:
    return Rule(name, name, patterns, outcome)


def fired(ruleset: RuleSet, *facts: Fact) -> list[str]:
    return [firing.rule for firing in evaluate(ruleset, facts).firings]


def test_python_3_13_is_refused_before_it_can_fail() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"] == ">=3.11,<3.13"


def test_one_file_imports_the_library() -> None:
    root = Path(__file__).parents[3]
    packages = ("policies", "ledger", "contracts", "verifier", "api", "migrations")
    named = {
        path.relative_to(root).as_posix()
        for package in packages
        for path in (root / package).rglob("*.py")
        if re.search(
            r"(?m)^\s*(from|import) durable|[\"']durable(\.engine|_rules_engine)[\"']",
            path.read_text("utf-8"),
        )
    }
    assert named == {"policies/rules/durable.py"}


def test_a_library_that_does_not_import_stops_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    durable._engine.cache_clear()
    monkeypatch.setattr(durable, "import_module", absent)
    with pytest.raises(EngineFailed, match=r"3\.11 or 3\.12"):
        evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [Fact("x", {})])
    durable._engine.cache_clear()


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


def test_a_silent_engine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_recorder", lambda *_: lambda _context: None)
    with pytest.raises(EngineFailed, match="sentinel"):
        evaluate(RuleSet((rule("r", Pattern("a", "x")),)), [])
