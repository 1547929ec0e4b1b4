"""Finds conditions that no case can meet: clauses, remedies, caps and effects that never apply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from policies.agreement import Agreement
from policies.checks.witness import LIMIT_REACHED, domain_of, unproved
from policies.clauses.core import Clause
from policies.clauses.price_parity import PriceParity
from policies.errors import Finding, FormulaError
from policies.formulas.exact import Facts, Known, evaluate
from policies.formulas.solver import Answer, Terms, find
from policies.formulas.tree import Node
from policies.formulas.types import Type
from policies.references import case_scope
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each condition that can never hold, and for days that end before they begin."""
    for index, clause in enumerate(agreement.document.clauses):
        path: Path = ("clauses", index)
        yield from _days(agreement, clause, path)
        core = clause.core()
        scope = condition_scope(agreement, core)
        when = [agreement.formula(core.when)] if core.when is not None else []
        dead = False
        if core.when is not None:
            at = (*path, "when") if clause.when is not None else path
            for finding in _possible(
                agreement, clause, (when, scope), (f"clause {clause.id}", f"第 {clause.id} 条"), at
            ):
                dead = dead or finding.code == "clause.never-applies"
                yield finding
        if not dead:
            yield from _parts(agreement, clause, (when, scope), path)


def condition_scope(agreement: Agreement, core: Clause) -> dict[str, Type]:
    """Return the types of all names that a clause's conditions may read."""
    awarded: dict[str, Type] = {f"awarded.{remedy.kind}": "money" for remedy in core.remedies}
    return {**case_scope(agreement), **awarded}


def possible(agreement: Agreement, nodes: Sequence[Node], scope: Mapping[str, Type]) -> Answer:
    """Ask for a case in which all conditions hold at once. Raises FormulaError for what has no term."""

    def conditions(terms: Terms) -> Iterable[Any]:
        return [terms.term(node) for node in nodes]

    def holds(values: Mapping[str, Known]) -> bool:
        return all(evaluate(node, Facts(values)) is True for node in nodes)

    return find(domain_of(agreement, scope), conditions, holds)


def _parts(
    agreement: Agreement, clause: Clause, when: tuple[list[Node], dict[str, Type]], path: Path
) -> Iterator[Finding]:
    nodes, scope = when
    parts: list[tuple[str, str, str, Path]] = []
    for i, remedy in enumerate(clause.remedies):
        name, at = remedy.id or remedy.kind, (*path, "remedies", i)
        parts += [(remedy.if_, f"remedy {name}", f"救济 {name}", (*at, "if"))] if remedy.if_ else []
        parts += (
            [(remedy.cap_if, f"the cap of {name}", f"{name} 的上限", (*at, "cap_if"))]
            if remedy.cap_if
            else []
        )
    for i, effect in enumerate(clause.effects):
        if effect.if_:
            parts.append(
                (effect.if_, f"effect {effect.id}", f"效果 {effect.id}", (*path, "effects", i, "if"))
            )
    for formula, name, name_zh, at in parts:
        yield from _possible(
            agreement, clause, ([*nodes, agreement.formula(formula)], scope), (name, name_zh), at
        )


def _possible(
    agreement: Agreement,
    clause: Clause,
    asked: tuple[list[Node], dict[str, Type]],
    name: tuple[str, str],
    path: Path,
) -> Iterator[Finding]:
    what = (f"{name[0]} can apply", f"{name[1]}能否适用")
    try:
        verdict = possible(agreement, *asked).verdict
    except FormulaError as fault:
        yield unproved(agreement, what, (str(fault), str(fault)), path)
        return
    if verdict == "unknown":
        yield unproved(agreement, what, LIMIT_REACHED, path)
    elif verdict == "never":
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
    if isinstance(clause, PriceParity):
        ends.append((clause.scope.until, (*path, "scope", "until")))
    for end, at in ends:
        if end < starts:
            yield agreement.finding(
                "clause.never-applies",
                f"clause {clause.id} ends on {end}, before it begins on {starts}",
                at,
                severity="warning",
                witness={"clause": clause.id, "from": str(starts), "until": str(end)},
                message_zh=f"第 {clause.id} 条于 {end} 届满，早于生效日 {starts}",
            )
