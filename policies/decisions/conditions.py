"""Whether a clause applies: its condition compiled to rules, its figures computed before.

Each `and`ed part of a condition is either a join of text facts, which the rules match, or a comparison of
money, days or truth, which the exact reader computes and which enters as a positive fact. The rules then
settle exceptions. What is unknown enters as nothing, and is named.

A clause's days of validity are part of its condition, read against the day of what is disputed
(`occurred_on`). Where a case does not say that day, the day of the decision bounds it: what was decided by
then had happened by then. Whatever that bound cannot settle stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import product
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.decisions.proof import Shown
from policies.errors import PolicyError
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.formulas.tree import Among, Comparison, Day, Logic, Name, Node, Text, conjuncts
from policies.rules import evaluate as rules
from policies.rules.facts import Fact
from policies.rules.resolution import Evaluation
from policies.rules.ruleset import Condition, Field, Pattern, Rule, RuleSet

ALTERNATIVES_LIMIT = 24
"""Combinations of alternatives that the rules match; beyond these the exact reader computes the part."""

PARTS_LIMIT = 7
"""Parts of one condition, so that a rule of two patterns a part stays within what is joined in one rule."""


class ReadersDisagree(PolicyError):
    """The rules and the exact reader differ on whether a condition holds; the decision stops here."""

    code = "decision.readers-disagree"


@dataclass(frozen=True, slots=True)
class Applicability:
    """Which clauses apply to a case, which are open for want of facts, and the rules' own account of it.

    `applied` and `open` are ids in the order in which the clauses are evaluated; `open` holds those whose
    answer matters.
    """

    holds: Mapping[str, bool | Unknown]
    applied: tuple[str, ...]
    open: tuple[str, ...]
    conflicts: tuple[tuple[str, str], ...]
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class _Part:
    """One `and`ed part of a condition: a join on text, alternatives on text, or a computed truth."""

    node: Node
    number: int


def applicability(clauses: Sequence[Clause], shown: Shown) -> Applicability:
    """Decide by the rules which of a family of clauses apply. Raises ReadersDisagree.

    `clauses` are a clause, its exceptions and its followers; a clause whose parent is not among them stands
    on its own condition. A clause whose parent is known not to stand is not evaluated.
    """
    holds = _truths(clauses, shown)
    clauses = [one for one in clauses if one.id in holds]
    ruleset = RuleSet(tuple(rule for one in clauses for rule in _rules(one, shown)))
    evaluation = rules.evaluate(ruleset, _positive(clauses, shown))
    fired = {firing.clause for firing in evaluation.firings}
    for one in clauses:
        if (holds[one.id] is True) != (one.id in fired):
            raise ReadersDisagree("the rules and the exact reader differ on this clause", where=one.id)
    effective = frozenset(firing.clause for firing in evaluation.effective)
    tree = _Tree({one.id: one for one in clauses}, holds, effective)
    conflicts = dict.fromkeys((a.clause, b.clause) for a, b in evaluation.conflicts)
    return Applicability(
        holds,
        tuple(one.id for one in clauses if tree.stands(one)),
        tuple(one.id for one in clauses if isinstance(holds[one.id], Unknown) and tree.may_be_reached(one)),
        tuple(
            (a, b) for a, b in conflicts if tree.reached(tree.clauses[a]) and tree.reached(tree.clauses[b])
        ),
        evaluation,
    )


@dataclass(frozen=True, slots=True)
class _Tree:
    """How far clauses of a family reach: an exception while its rule holds, a follower while that stands."""

    clauses: Mapping[str, Clause]
    holds: Mapping[str, bool | Unknown]
    effective: frozenset[str]

    def parent(self, clause: Clause) -> Clause | None:
        return self.clauses.get(clause.parent) if clause.parent is not None else None

    def stands(self, clause: Clause) -> bool:
        """Tell whether a clause holds, nothing overrules it, and what it depends on is so too."""
        return clause.id in self.effective and self.reached(clause)

    def reached(self, clause: Clause) -> bool:
        """Tell whether all that a clause depends on is so: an exception to nothing awards nothing."""
        parent = self.parent(clause)
        if parent is None:
            return True
        if clause.follows is not None:
            return self.stands(parent)
        return self.holds[parent.id] is True and self.reached(parent)

    def may_be_reached(self, clause: Clause) -> bool:
        """Tell whether what is unknown of a clause matters: nothing it depends on is known to fail."""
        parent = self.parent(clause)
        if parent is None:
            return True
        overruled = self.holds[parent.id] is True and parent.id not in self.effective
        if self.holds[parent.id] is False or (clause.follows is not None and overruled):
            return False
        return self.may_be_reached(parent)


def _truths(clauses: Sequence[Clause], shown: Shown) -> dict[str, bool | Unknown]:
    """Return whether each clause holds, without those that nothing can reach: their figures are not asked."""
    found: dict[str, bool | Unknown] = {}
    unreached: set[str] = set()
    for one in clauses:
        parent = one.parent
        overruled = one.follows is not None and _overruled(one.follows, clauses, found)
        if parent is not None and (parent in unreached or found.get(parent) is False or overruled):
            unreached.add(one.id)
        else:
            found[one.id] = _truth(one, shown)
    return found


def _overruled(rule: str, clauses: Sequence[Clause], found: Mapping[str, bool | Unknown]) -> bool:
    """Tell whether an exception of a clause holds that nothing can take back."""
    exceptions = [one.id for one in clauses if one.exception_of == rule and found.get(one.id) is True]
    return any(
        all(found.get(other.id) is False for other in clauses if other.exception_of == one)
        for one in exceptions
    )


def _truth(clause: Clause, shown: Shown) -> bool | Unknown:
    if clause.not_enforced is not None:
        return False
    facts = shown.under(clause)
    node = condition(shown.agreement, clause, facts)
    value = True if node is None else evaluate(node, facts)
    assert isinstance(value, bool | Unknown)
    return value


def condition(agreement: Agreement, clause: Clause, facts: Facts) -> Node | None:
    """Return the whole condition of a clause, its days of validity included; None where it has none."""
    nodes = [*([agreement.formula(clause.when)] if clause.when else ()), *_validity(clause, facts)]
    return _all_of(nodes) if nodes else None


def _validity(clause: Clause, facts: Facts) -> Iterable[Node]:
    """Compare the day of what is disputed, or the day of the decision where that one settles it."""
    decided = facts.values.get("decided_at") if "occurred_on" not in facts.values else None
    known = decided if isinstance(decided, date) else None
    if clause.valid_from is not None:
        told = known is not None and known < clause.valid_from
        yield Comparison(">=", Name("decided_at" if told else "occurred_on"), Day(clause.valid_from))
    if clause.valid_until is not None:
        told = known is not None and known <= clause.valid_until
        yield Comparison("<=", Name("decided_at" if told else "occurred_on"), Day(clause.valid_until))


def _all_of(nodes: Iterable[Node]) -> Node:
    return reduce(lambda left, right: Logic("and", left, right), nodes)


def _parts(clause: Clause, shown: Shown) -> tuple[_Part, ...]:
    whole = condition(shown.agreement, clause, shown.under(clause))
    nodes = conjuncts(whole) if whole is not None else ()
    if len(nodes) > PARTS_LIMIT:
        nodes = (*nodes[: PARTS_LIMIT - 1], _all_of(nodes[PARTS_LIMIT - 1 :]))
    return tuple(_Part(node, number) for number, node in enumerate(nodes, 1))


def _rules(clause: Clause, shown: Shown) -> Iterable[Rule]:
    """Write a clause as rules: one for each combination of text alternatives in its condition."""
    outcome = shown.agreement.consequences[clause.id]
    alternatives: list[list[list[Pattern]]] = []
    count = 1
    for part in _parts(clause, shown):
        choices = _alternatives(clause, part, shown)
        if count * len(choices) > ALTERNATIVES_LIMIT:
            choices = _computed(clause, part)
        alternatives.append(choices)
        count *= len(choices)
    for number, chosen in enumerate(product(*alternatives), 1):
        name = clause.id if count == 1 else f"{clause.id}/{number}"
        in_force = Pattern(f"clause {clause.id}", "in_force", (Condition("clause", "==", clause.id),))
        yield Rule(name, clause.id, (in_force, *_merged(chosen)), outcome, clause.exception_of)


def _alternatives(clause: Clause, part: _Part, shown: Shown) -> list[list[Pattern]]:
    match part.node:
        case Comparison("==", Name(left), Name(right)) if _joins(left, right, clause, shown):
            (event, field), (other, other_field) = _event(left), _event(right)
            join = Condition(field, "==", Field(other, other_field))
            return [[Pattern(other, other, ()), Pattern(event, event, (join,))]]
        case Among(Name(name), options) if _is_text(name, clause, shown):
            event, field = _event(name)
            return [[Pattern(event, event, (Condition(field, "==", option.value),))] for option in options]
        case Comparison("==", Name(name), Text(value)) if _is_text(name, clause, shown):
            event, field = _event(name)
            return [[Pattern(event, event, (Condition(field, "==", value),))]]
        case _:
            return _computed(clause, part)


def _computed(clause: Clause, part: _Part) -> list[list[Pattern]]:
    where = (Condition("clause", "==", clause.id), Condition("part", "==", part.number))
    return [[Pattern(f"part {clause.id}/{part.number}", "computed", where)]]


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


def _positive(clauses: Iterable[Clause], shown: Shown) -> list[Fact]:
    """Return what is so: clauses in force, events with their text, and computed parts that hold."""
    events: dict[str, dict[str, Any]] = {}
    for name, value in shown.facts.values.items():
        if isinstance(value, str):
            event, field = _event(name)
            events.setdefault(event, {})[field] = value
    found = [Fact(event, fields) for event, fields in events.items()]
    for clause in clauses:
        if clause.not_enforced is None:
            found.append(Fact("in_force", {"clause": clause.id}))
        facts = shown.under(clause)
        for part in _parts(clause, shown):
            value = evaluate(part.node, facts)
            if value is False:
                break  # what a part guards is not asked: `n != 0 and m / n > 1`
            if value is True:
                found.append(Fact("computed", {"clause": clause.id, "part": part.number}))
    return found


def _event(name: str) -> tuple[str, str]:
    """Read `later.sku` as the field `sku` of the event `later`; a bare name is a field of the case."""
    event, _, field = name.rpartition(".")
    return (f"event.{event}" if event else "event.case"), field


def _joins(left: str, right: str, clause: Clause, shown: Shown) -> bool:
    texts = _is_text(left, clause, shown) and _is_text(right, clause, shown)
    return texts and _event(left)[0] != _event(right)[0]


def _is_text(name: str, clause: Clause, shown: Shown) -> bool:
    """Tell whether a name is a text that all clauses see alike, so that the rules may match it."""
    own = {*(clause.presume or ()), *(clause.needs_proof or ())}
    return name not in own and isinstance(shown.facts.values.get(name), str)
