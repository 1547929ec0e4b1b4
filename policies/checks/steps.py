"""Finds gaps and overlaps among clauses that are steps of a ladder: of one kind, bounding one fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from policies.agreement import Agreement
from policies.checks.asking import whole_condition
from policies.checks.witness import phrase, written_values
from policies.clauses.core import Clause
from policies.errors import Finding
from policies.formulas.exact import Facts, Known, evaluate
from policies.formulas.tree import Comparison, Day, Name, Node, Number, conjuncts


@dataclass(frozen=True, slots=True)
class Step:
    """A clause as a step: where it stands, the fact it bounds, its bounds, and what else must hold."""

    index: int
    clause: Clause
    fact: str
    bounds: tuple[Comparison, ...]
    rest: frozenset[Node]

    def takes(self, value: Known) -> bool:
        """Tell whether a value of the fact lies within this step."""
        return all(evaluate(bound, Facts({self.fact: value})) is True for bound in self.bounds)


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each value that no step of a ladder takes, and each that two take."""
    for steps in ladders(agreement):
        yield from _ladder(agreement, steps)


def ladders(agreement: Agreement) -> list[list[Step]]:
    """Return the ladders among the clauses of a document: two steps or more that differ in bounds alone."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for index, clause in enumerate(agreement.document.clauses):
        core = agreement.clauses[clause.id]
        step = _step(agreement, index, core)
        if step is not None:
            groups.setdefault((core.kind, core.parent, step.fact, step.rest), []).append(step)
    return [steps for steps in groups.values() if len(steps) > 1]


def _step(agreement: Agreement, index: int, core: Clause) -> Step | None:
    if core.when is None or core.not_enforced is not None:
        return None
    parts = [part for node in whole_condition(agreement, core) for part in conjuncts(node)]
    bounds = tuple(part for part in parts if isinstance(part, Comparison) and _bounded(part) is not None)
    facts = {_bounded(part) for part in bounds}
    if len(facts) != 1:
        return None
    return Step(index, core, facts.pop() or "", bounds, frozenset(parts) - frozenset(bounds))


def _bounded(part: Comparison) -> str | None:
    """Return the fact that a comparison bounds by a figure written out, None where it does anything else."""
    match part:
        case Comparison(op, Name(name), Number() | Day()) if op != "!=":
            return name
        case Comparison(op, Number() | Day(), Name(name)) if op != "!=":
            return name
        case _:
            return None


def _ladder(agreement: Agreement, steps: list[Step]) -> Iterator[Finding]:
    fact = steps[0].fact
    points = _points(agreement, steps)
    takers = [(value, [step for step in steps if step.takes(value)]) for value in points]
    taken = [at for at, (_, found) in enumerate(takers) if found]
    for at, (value, found) in enumerate(takers):
        if len(found) > 1:
            yield _overlap(agreement, found, (fact, value))
            break
        if not found and taken and taken[0] < at < taken[-1]:
            yield _gap(agreement, steps, (fact, value))
            break


def _points(agreement: Agreement, steps: list[Step]) -> list[Known]:
    """Return every figure that bounds a step, and the values next to it, in order."""
    fact = agreement.document.facts.get(steps[0].fact)
    sizes = {"money": Fraction(1, agreement.scale), "rate": Fraction(1, 10_000)}
    unit = sizes.get(fact.type if fact else "", Fraction(1))
    found: set[Known] = set()
    for step in steps:
        for bound in step.bounds:
            for side in (bound.left, bound.right):
                if isinstance(side, Number):
                    found |= {side.value - unit, side.value, side.value + unit}
                elif isinstance(side, Day):
                    found |= {side.value + timedelta(days=more) for more in (-1, 0, 1)}
    return sorted(found, key=_rank)


def _rank(value: Known) -> Fraction:
    assert isinstance(value, Fraction | date)
    return Fraction(value.toordinal()) if isinstance(value, date) else value


def _shown(agreement: Agreement, at: tuple[str, Known]) -> tuple[dict[str, str], str, str]:
    types = agreement.fact_types("case") | agreement.fact_types("order")
    written = written_values(agreement, dict([at]), types)
    return written, phrase(agreement, written, "en"), phrase(agreement, written, "zh")


def _overlap(agreement: Agreement, steps: list[Step], at: tuple[str, Known]) -> Finding:
    case, en, zh = _shown(agreement, at)
    ids = [step.clause.id for step in steps]
    return agreement.finding(
        "ladder.overlap",
        f"{en} falls under {' and '.join(ids)} at once; end one step where the next begins",
        ("clauses", steps[-1].index, "when"),
        severity="warning",
        witness={"case": case, "clauses": ids},
        message_zh=f"{zh} 同时落入第 {'、'.join(ids)} 条，各档应首尾相接",
    )


def _gap(agreement: Agreement, steps: list[Step], at: tuple[str, Known]) -> Finding:
    case, en, zh = _shown(agreement, at)
    ids = [step.clause.id for step in steps]
    return agreement.finding(
        "ladder.gap",
        f"{en} falls under none of the steps {', '.join(ids)}, though less and more do",
        ("clauses", steps[-1].index, "when"),
        severity="warning",
        witness={"case": case, "clauses": ids},
        message_zh=f"{zh} 不落入第 {'、'.join(ids)} 条任何一档，而更低与更高的数值均有档可归",
    )
