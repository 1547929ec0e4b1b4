"""The one door to durable-rules 2.0.28: matches rules over facts, in a host that lives for one case.

It resolves no exceptions and no other module may import the library. What the library gets wrong is kept
away from it: it sees facts (never events) with numbers only, under names made here, in small rule sets.

- Values travel as their rank among all values of the case, so no text, large integer or truth value is
  ever compared by the library, and equal means equal of one kind.
- One sid, sequence numbers as ids: sid and id are matched by a 32-bit hash.
- Every set holds a sentinel rule that fires first. It proves that the set is alive, and it gives the
  native state the action context that deleting a state frees without ever having initialised it.
- The host starts no threads and reads no clock; actions only record; state and set are always deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple

from policies.rules.errors import EngineFailed, RulesBeyondLimit
from policies.rules.facts import Fact, Scalar, kind_of_scalar
from policies.rules.reference import Match
from policies.rules.ruleset import Condition, Field, Pattern, Rule, RuleSet

PATTERNS_PER_TYPE = 48
"""Patterns on one type of fact in one native set; the library's stack holds 64."""

PATTERNS_PER_SET = 128
"""Patterns in one native set; the library hangs when 512 tests share a bucket."""

FIELDS_PER_TYPE = 200
"""Compared fields of one type of fact in one native set; a native message holds 254 properties."""

_SID = "0"
_SENTINEL = "r0"
_NAME = "case"
_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


class _Engine(NamedTuple):
    """The library's parts that are used, and a host class without threads."""

    host: Any
    native: Any
    not_handled: type[Exception]
    observed: type[Exception]


class _Codes:
    """Numbers that stand for values and fields, the same for every native set of a case."""

    def __init__(self, ruleset: RuleSet, facts: Sequence[Fact]) -> None:
        constants = (
            condition.value
            for rule in ruleset.rules
            for pattern in rule.all_of
            for condition in pattern.where
            if not isinstance(condition.value, Field)
        )
        values = chain((value for fact in facts for value in fact.bindings.values()), constants)
        self._rank = {key: rank for rank, key in enumerate(sorted({_key(value) for value in values}))}

    def value(self, value: Scalar) -> int:
        """Return the rank of a value: kinds one after the other, in order within a kind."""
        return self._rank[_key(value)]


def match(ruleset: RuleSet, facts: Sequence[Fact]) -> tuple[Match, ...]:
    """Return every match, sorted, as `reference.match` must find them too.

    Raises RulesBeyondLimit for a rule that fits no native set, EngineFailed when the library misbehaves.
    """
    codes = _Codes(ruleset, facts)
    found: list[Match] = []
    for rules in batches(ruleset.rules):
        found.extend(_match_batch(rules, facts, codes))
    return tuple(sorted(found))


def batches(rules: Iterable[Rule]) -> list[tuple[Rule, ...]]:
    """Divide rules into sets that stay clear of the library's limits.

    Raises RulesBeyondLimit for a rule that compares more than FIELDS_PER_TYPE fields of one type.
    """
    divided: list[tuple[Rule, ...]] = []
    current: list[Rule] = []
    for rule in rules:
        if current and not _fits([*current, rule]):
            divided.append(tuple(current))
            current = []
        current.append(rule)
        if len(current) == 1 and not _fits(current):
            raise RulesBeyondLimit(
                f"compares more than {FIELDS_PER_TYPE} fields of one type of fact; split the rule",
                where=rule.id,
            )
    return [*divided, tuple(current)] if current else divided


def _fits(rules: Sequence[Rule]) -> bool:
    patterns = [pattern.type for rule in rules for pattern in rule.all_of]
    return (
        len(patterns) <= PATTERNS_PER_SET
        and all(patterns.count(name) <= PATTERNS_PER_TYPE for name in set(patterns))
        and all(len(fields) <= FIELDS_PER_TYPE for fields in _fields(rules).values())
    )


def _fields(rules: Iterable[Rule]) -> dict[str, dict[str, str]]:
    """Return, per type of fact, the native name of each field that a rule compares."""
    names: dict[str, dict[str, str]] = {}
    for rule in rules:
        types = {pattern.alias: pattern.type for pattern in rule.all_of}
        for pattern in rule.all_of:
            own = names.setdefault(pattern.type, {})
            for condition in pattern.where:
                own.setdefault(condition.field, f"p{len(own)}")
                if isinstance(condition.value, Field):
                    other = names.setdefault(types[condition.value.alias], {})
                    other.setdefault(condition.value.name, f"p{len(other)}")
    return names


def _match_batch(rules: Sequence[Rule], facts: Sequence[Fact], codes: _Codes) -> list[Match]:
    fields = _fields(rules)
    types = {name: number for number, name in enumerate(sorted(fields), start=1)}
    recorded: list[tuple[int, tuple[int, ...]]] = []
    definition: dict[str, Any] = {
        _SENTINEL: {"all": [{"a0": {"$and": [{"t": 0}]}}], "run": _recorder(0, 1, recorded)}
    }
    for number, rule in enumerate(rules, start=1):
        definition[f"r{number}"] = {
            "all": _native_patterns(rule, types, fields, codes),
            "run": _recorder(number, len(rule.all_of), recorded),
        }
    messages = [{"sid": _SID, "id": "0", "t": 0, "k": 0}]
    messages.extend(
        _message(index, fact, types[fact.name], fields[fact.name], codes)
        for index, fact in enumerate(facts)
        if fact.name in types
    )
    _run(definition, messages)
    if [entry for entry in recorded if entry[0] == 0] != [(0, (-1,))] or recorded[0][0] != 0:
        raise EngineFailed("durable-rules did not fire the sentinel rule once and first; do not decide on it")
    return [Match(rules[number - 1].id, taken) for number, taken in recorded[1:]]


def _message(
    index: int, fact: Fact, type_number: int, names: Mapping[str, str], codes: _Codes
) -> dict[str, Any]:
    message: dict[str, Any] = {"sid": _SID, "id": str(index + 1), "t": type_number, "k": 0}
    for name, value in fact.bindings.items():
        if name in names:
            message[names[name]] = codes.value(value)
    return message


def _native_patterns(
    rule: Rule, types: Mapping[str, int], fields: Mapping[str, Mapping[str, str]], codes: _Codes
) -> list[dict[str, Any]]:
    # A join that reads a field the other fact lacks is a native error: ask for the field where it is bound.
    wanted: dict[str, list[str]] = {pattern.alias: [] for pattern in rule.all_of}
    place = {pattern.alias: number for number, pattern in enumerate(rule.all_of)}
    types_of = {pattern.alias: pattern.type for pattern in rule.all_of}
    for pattern in rule.all_of:
        for condition in pattern.where:
            if isinstance(condition.value, Field):
                wanted[condition.value.alias].append(condition.value.name)

    def right(value: Scalar | Field) -> Any:
        if isinstance(value, Field):
            return {f"a{place[value.alias]}": fields[types_of[value.alias]][value.name]}
        return codes.value(value)

    def test(pattern: Pattern, condition: Condition) -> dict[str, Any]:
        plain = {fields[pattern.type][condition.field]: right(condition.value)}
        return plain if condition.op == "==" else {_OPERATORS[condition.op]: plain}

    native: list[dict[str, Any]] = []
    for number, pattern in enumerate(rule.all_of):
        tests: list[dict[str, Any]] = [{"t": types[pattern.type]}]
        tests.extend({"$ex": {fields[pattern.type][name]: 1}} for name in sorted(set(wanted[pattern.alias])))
        tests.extend(test(pattern, condition) for condition in pattern.where)
        if any(isinstance(condition.value, Field) for condition in pattern.where):
            # When the last joined test of a pattern fails, the library reads on past the end of its tests,
            # so the last one never fails: every fact carries the same number k.
            tests.append({"$lte": {"k": {"a0": "k"}}})
        native.append({f"a{number}": {"$and": tests}})
    return native


def _recorder(
    number: int, patterns: int, recorded: list[tuple[int, tuple[int, ...]]]
) -> Callable[[Any], None]:
    """Return an action that notes the facts it was called with and does nothing else."""

    def record(context: Any) -> None:
        frame = context._m  # noqa: SLF001 - the only way to the bound facts by alias
        recorded.append((number, tuple(int(frame[f"a{place}"]["id"]) - 1 for place in range(patterns))))

    return record


def _run(definition: dict[str, Any], messages: Iterable[dict[str, Any]]) -> None:
    """Assert the messages into a fresh set, and free whatever the library holds, come what may."""
    engine = _engine()
    host = engine.host()
    asserted = False
    try:
        host.register_rulesets({_NAME: definition})
        for message in messages:
            asserted = True
            try:
                state = host.assert_fact(_NAME, message)
            except engine.not_handled:
                continue  # no rule asks for this fact
            if state is not None and "exception" in state:
                raise EngineFailed(f"an action failed: {state['exception']}")
    except (engine.native.error, engine.observed, ValueError, TypeError) as fault:
        raise EngineFailed(f"durable-rules refused the case: {fault}") from fault
    finally:
        _free(engine, host, asserted=asserted)


def _free(engine: _Engine, host: Any, *, asserted: bool) -> None:
    # Only the native deletion gives the memory back; Python's collector knows nothing of it.
    directory = host._ruleset_directory  # noqa: SLF001 - the library offers no way to unregister
    ruleset = directory.pop(_NAME, None)
    host._ruleset_list.clear()  # noqa: SLF001
    if ruleset is None:
        return
    try:
        if asserted:
            ruleset.delete_state(_SID)
    except engine.native.error as fault:
        raise EngineFailed(f"durable-rules would not delete the state of a case: {fault}") from fault
    finally:
        engine.native.delete_ruleset(ruleset._handle)  # noqa: SLF001


@cache
def _engine() -> _Engine:
    """Import the library once, without its clock and its background threads."""
    try:
        engine: Any = import_module("durable.engine")
        native: Any = import_module("durable_rules_engine")
    except ImportError as fault:
        raise EngineFailed(
            f"durable-rules 2.0.28 does not import here (it needs Python 3.11 or 3.12): {fault}"
        ) from fault
    engine._unix_now = _no_clock  # noqa: SLF001 - it only times actions out, and ours never wait
    quiet = type("_QuietHost", (engine.Host,), {"_run": _start_nothing})
    return _Engine(quiet, native, engine.MessageNotHandledException, engine.MessageObservedException)


def _no_clock() -> float:
    return 0.0


def _start_nothing(_host: object) -> None:
    """Take the place of the host's run loop, whose threads can touch a state that is being deleted."""


def _key(value: Scalar) -> tuple[str, Scalar]:
    return kind_of_scalar(value, "value"), value
