"""Finds exceptions that never meet their rule, and pairs of exceptions that meet in one case and disagree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, settle, whole_condition
from policies.checks.witness import phrase, written_values
from policies.clauses.core import Clause
from policies.errors import Finding
from policies.formulas.solver import Answer
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding for each exception that cannot be one, and for each pair that conflicts."""
    cores = [agreement.clauses[clause.id] for clause in agreement.document.clauses]
    by_id = {core.id: core for core in cores}
    exceptions = [(index, core) for index, core in enumerate(cores) if core.exception_of in by_id]
    for index, core in exceptions:
        yield from _meets_its_rule(agreement, core, by_id[core.exception_of or ""], ("clauses", index))
    for (_, first), (index, second) in itertools.combinations(exceptions, 2):
        if first.exception_of == second.exception_of and _says(first) != _says(second):
            yield from _conflict(agreement, first, second, ("clauses", index, "exception_of"))


def _says(clause: Clause) -> tuple[object, ...]:
    return (clause.remedies, clause.effects)


def _together(
    agreement: Agreement, clauses: tuple[Clause, Clause], what: tuple[str, str], path: Path
) -> Answer | Finding:
    nodes = [node for core in clauses for node in whole_condition(agreement, core)]
    return settle(agreement, nodes, condition_scope(agreement), what, path)


def _meets_its_rule(agreement: Agreement, core: Clause, rule: Clause, path: Path) -> Iterator[Finding]:
    what = (f"{core.id} can be an exception of {rule.id}", f"第 {core.id} 条能否成为第 {rule.id} 条的例外")
    answer = _together(agreement, (core, rule), what, (*path, "exception_of"))
    if isinstance(answer, Finding):
        yield answer
    elif answer.verdict == "never":
        yield agreement.finding(
            "exception.never-applies",
            f"clause {core.id} is an exception of {rule.id}, but no case meets the conditions of both",
            (*path, "exception_of"),
            severity="warning",
            witness={"clause": core.id, "exception_of": rule.id},
            message_zh=f"第 {core.id} 条是第 {rule.id} 条的例外，但不存在同时满足两者条件的情形",
        )


def _conflict(agreement: Agreement, first: Clause, second: Clause, path: Path) -> Iterator[Finding]:
    ids = f"{first.id} / {second.id}"
    what = (f"the exceptions {ids} can meet", f"例外 {ids} 是否会同时成立")
    answer = _together(agreement, (first, second), what, path)
    if isinstance(answer, Finding):
        yield answer
    elif answer.verdict == "found":
        scope = condition_scope(agreement)
        case = written_values(agreement, answer.values, scope)
        shown = {language: phrase(agreement, case, language) or "—" for language in ("zh", "en")}
        yield agreement.finding(
            "exception.conflict",
            f"{first.id} and {second.id} are both exceptions of {first.exception_of}, hold in one case"
            f" ({shown['en']}) and award different things; let the 'when' of the one that yields"
            " exclude the other",
            path,
            severity="warning",
            witness={"case": case, "clauses": [first.id, second.id]},
            message_zh=f"第 {first.id} 条与第 {second.id} 条均为第 {first.exception_of} 条的例外，"
            f"可在同一情形（{shown['zh']}）成立而结果不同，请约定何者优先",
        )
