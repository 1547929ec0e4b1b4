"""Finds conditions that no case can meet: clauses, remedies, caps and effects that never apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, read, settle, whole_condition, with_figures
from policies.checks.paths import remedy_path
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.clauses.templates import Templated
from policies.errors import Finding
from policies.formulas.tree import Node
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each condition that can never hold, and for days that end before they begin."""
    for index, clause in enumerate(agreement.document.clauses):
        path: Path = ("clauses", index)
        yield from _days(agreement, clause, path)
        core = agreement.clauses[clause.id]
        when = whole_condition(agreement, core)
        dead = False
        if when:
            at = (*path, "when") if clause.when is not None else path
            name = (f"clause {clause.id}", f"第 {clause.id} 条")
            for finding in _possible(agreement, clause, when, name, at):
                dead = dead or finding.code == "clause.never-applies"
                yield finding
        if not dead:
            yield from _parts(agreement, clause, when, path)


def _parts(agreement: Agreement, clause: Clause, when: list[Node], path: Path) -> Iterator[Finding]:
    core = agreement.clauses[clause.id]
    for formula, name, at in _conditions(clause, core, path):
        nodes = with_figures(agreement, core, [*when, read(agreement, core, formula)])
        yield from _possible(agreement, clause, nodes, name, at)


def _conditions(clause: Clause, core: Clause, path: Path) -> Iterator[tuple[str, tuple[str, str], Path]]:
    """Yield the conditions inside a clause, with what each decides in both languages."""
    for i, remedy in enumerate(core.remedies):
        name, at = remedy.id or remedy.kind, remedy_path(clause, core, i, path)
        if remedy.if_:
            yield remedy.if_, (f"remedy {name}", f"救济 {name}"), (*at, "if")
        if remedy.cap_if:
            yield remedy.cap_if, (f"the cap of {name}", f"{name} 的上限"), (*at, "cap_if")
    for i, effect in enumerate(core.effects):
        own = i < len(clause.effects) and clause.effects[i] == effect
        if effect.if_:
            at = (*path, "effects", i, "if") if own else path
            yield effect.if_, (f"effect {effect.id}", f"效果 {effect.id}"), at


def _possible(
    agreement: Agreement,
    clause: Clause,
    nodes: list[Node],
    name: tuple[str, str],
    path: Path,
) -> Iterator[Finding]:
    answer = settle(
        agreement, nodes, condition_scope(agreement), (f"{name[0]} can apply", f"{name[1]}能否适用"), path
    )
    if isinstance(answer, Finding):
        yield answer
    elif answer.verdict == "never":
        yield _never(agreement, clause, name, path)


def _never(agreement: Agreement, clause: Clause, name: tuple[str, str], path: Path) -> Finding:
    return agreement.finding(
        "clause.never-applies",
        f"{name[0]} can never apply: no case meets its condition",
        path,
        severity="warning",
        witness={"clause": clause.id},
        message_zh=f"{name[1]}永远不会适用：不存在满足其条件的情形",
    )


def _days(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    starts: date = max(clause.valid_from or date.min, agreement.document.effective_from)
    ends: list[tuple[date, Path]] = []
    if clause.valid_until is not None:
        ends.append((clause.valid_until, (*path, "valid_until")))
    if isinstance(clause, Templated) and clause.template.ends is not None:
        name = clause.template.ends
        ends.append((value_of(clause, name), (*path, *name.split("."))))
    for end, at in ends:
        if end < starts:
            # an amendment may carry along a promise that has run out; a first version may not begin with one
            carried = agreement.version > 1 and end < agreement.document.effective_from
            yield agreement.finding(
                "clause.never-applies",
                f"clause {clause.id} ends on {end}, before it begins on {starts}",
                at,
                severity="info" if carried else "warning",
                witness={"clause": clause.id, "from": str(starts), "until": str(end)},
                message_zh=f"第 {clause.id} 条于 {end} 届满，早于生效日 {starts}",
            )
