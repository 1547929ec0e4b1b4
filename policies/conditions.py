"""Whether a clause applies: its condition compiled to rules, its figures computed before.

Each `and`ed part of a condition is either a join of text facts, which the rules match, or a comparison of
money, days or truth, which the exact reader computes and which enters as a positive fact. The rules then
settle exceptions. What is unknown enters as nothing, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.errors import PolicyError
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.parse import parse
from policies.formulas.tree import Among, Comparison, Name, Node, Text, conjuncts
from policies.rules import evaluate as rules
from policies.rules.facts import Fact
from policies.rules.resolution import Evaluation
from policies.rules.ruleset import Condition, Field, Pattern, Rule, RuleSet

ALTERNATIVES_LIMIT = 24
"""Alternatives of one condition matched by the rules; beyond this the exact reader computes it."""


class ReadersDisagree(PolicyError):
    """The rules and the exact reader differ on whether a condition holds; the decision stops here."""

    code = "decision.readers-disagree"


@dataclass(frozen=True, slots=True)
class Applicability:
    """Which clauses apply to a case, which are open for want of facts, and the rules' own account of it."""

    holds: Mapping[str, bool | Unknown]
    applied: tuple[str, ...]
    conflicts: tuple[tuple[str, str], ...]
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class _Part:
    """One `and`ed part of a condition: a join on text, alternatives on text, or a computed truth."""

    node: Node
    number: int


def applicability(agreement: Agreement, clause: Clause, facts: Facts) -> Applicability:
    """Decide by the rules whether a clause, or an exception to it, applies. Raises ReadersDisagree."""
    clauses = (clause, *_exceptions(agreement, clause.id))
    holds = {one.id: _truth(one, facts) for one in clauses}
    ruleset = RuleSet(tuple(rule for one in clauses for rule in _rules(one, facts)))
    evaluation = rules.evaluate(ruleset, _positive(clauses, facts))
    fired = {firing.clause for firing in evaluation.firings}
    for one in clauses:
        if (holds[one.id] is True) != (one.id in fired):
            raise ReadersDisagree("the rules and the exact reader differ on this clause", where=one.id)
    applied = tuple(dict.fromkeys(firing.clause for firing in evaluation.effective))
    conflicts = tuple(dict.fromkeys((a.clause, b.clause) for a, b in evaluation.conflicts))
    return Applicability(holds, applied, conflicts, evaluation)


def _exceptions(agreement: Agreement, clause_id: str) -> tuple[Clause, ...]:
    found: list[Clause] = []
    for clause in agreement.clauses.values():
        if clause.exception_of == clause_id:
            found += [clause, *_exceptions(agreement, clause.id)]
    return tuple(found)


def _truth(clause: Clause, facts: Facts) -> bool | Unknown:
    if clause.not_enforced is not None:
        return False
    if clause.when is None:
        return True
    value = evaluate(parse(clause.when), facts)
    assert isinstance(value, bool | Unknown)
    return value


def _parts(clause: Clause) -> tuple[_Part, ...]:
    nodes = conjuncts(parse(clause.when)) if clause.when else ()
    return tuple(_Part(node, number) for number, node in enumerate(nodes, 1))


def _rules(clause: Clause, facts: Facts) -> Iterable[Rule]:
    """Write a clause as rules: one for each combination of text alternatives in its condition."""
    alternatives = [_alternatives(clause, part, facts) for part in _parts(clause)]
    outcome = {"remedies": [remedy.model_dump(mode="json", exclude_none=True) for remedy in clause.remedies]}
    count = 1
    for choices in alternatives:
        count *= len(choices)
    for number, chosen in enumerate(product(*alternatives), 1):
        name = clause.id if count == 1 else f"{clause.id}/{number}"
        in_force = Pattern(f"clause {clause.id}", "in_force", (Condition("clause", "==", clause.id),))
        yield Rule(name, clause.id, (in_force, *_merged(chosen)), outcome, clause.exception_of)


def _alternatives(clause: Clause, part: _Part, facts: Facts) -> list[list[Pattern]]:
    match part.node:
        case Comparison("==", Name(left), Name(right)) if _joins(left, right, facts):
            (event, field), (other, other_field) = _event(left), _event(right)
            join = Condition(field, "==", Field(other, other_field))
            return [[Pattern(other, other, ()), Pattern(event, event, (join,))]]
        case Among(Name(name), options) if len(options) <= ALTERNATIVES_LIMIT and _is_text(name, facts):
            event, field = _event(name)
            return [[Pattern(event, event, (Condition(field, "==", option.value),))] for option in options]
        case Comparison("==", Name(name), Text(value)) if _is_text(name, facts):
            event, field = _event(name)
            return [[Pattern(event, event, (Condition(field, "==", value),))]]
        case _:
            condition = (Condition("clause", "==", clause.id), Condition("part", "==", part.number))
            return [[Pattern(f"part {clause.id}/{part.number}", "computed", condition)]]


def _merged(chosen: Iterable[list[Pattern]]) -> Iterable[Pattern]:
    """Join the conditions on one event into one pattern, events that others refer to coming first."""
    conditions: dict[str, list[Condition]] = {}
    types: dict[str, str] = {}
    for patterns in chosen:
        for pattern in patterns:
            types[pattern.alias] = pattern.type
            held = conditions.setdefault(pattern.alias, [])
            held += [one for one in pattern.where if one not in held]
    joined = [alias for alias, held in conditions.items() if any(isinstance(c.value, Field) for c in held)]
    for alias in [*(alias for alias in conditions if alias not in joined), *joined]:
        yield Pattern(alias, types[alias], tuple(conditions[alias]))


def _positive(clauses: Iterable[Clause], facts: Facts) -> list[Fact]:
    """Return what is so: clauses in force, events with their text, and computed parts that hold."""
    events: dict[str, dict[str, Any]] = {}
    for name, value in facts.values.items():
        if isinstance(value, str):
            event, field = _event(name)
            events.setdefault(event, {})[field] = value
    found = [Fact(event, fields) for event, fields in events.items()]
    for clause in clauses:
        if clause.not_enforced is None:
            found.append(Fact("in_force", {"clause": clause.id}))
        found += [
            Fact("computed", {"clause": clause.id, "part": part.number})
            for part in _parts(clause)
            if evaluate(part.node, facts) is True
        ]
    return found


def _event(name: str) -> tuple[str, str]:
    """Read `later.sku` as the field `sku` of the event `later`; a bare name is a field of the case."""
    event, _, field = name.rpartition(".")
    return (f"event.{event}" if event else "event.case"), field


def _joins(left: str, right: str, facts: Facts) -> bool:
    return _is_text(left, facts) and _is_text(right, facts) and _event(left)[0] != _event(right)[0]


def _is_text(name: str, facts: Facts) -> bool:
    value: Value | None = facts.values.get(name)
    return isinstance(value, str)
