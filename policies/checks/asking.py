"""Questions that checks put to the solver about every case at once, and what a clause's figures are there.

A question is a list of conditions, asked to hold together. The exact reader confirms every answer with
values; what has no term, or no answer within the limit, comes back as the finding that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, cast

from policies.agreement import Agreement
from policies.checks.witness import LIMIT_REACHED, domain_of, reason_of, unproved
from policies.clauses.core import Clause, Remedy
from policies.clauses.family import followed
from policies.errors import Finding, FormulaError
from policies.formulas.exact import Known, evaluate
from policies.formulas.solver import Answer, Terms, facts_of, find
from policies.formulas.tree import Aggregate, Arithmetic, Call, Comparison, Name, Node, Number, Rows, walk
from policies.formulas.types import Type
from policies.references import case_scope
from policies.source import Path

ZERO = Number(Fraction(0), "0")
_NEVER_BELOW_ZERO = ("award", "claim.amount")


@lru_cache(maxsize=16)
def condition_scope(agreement: Agreement) -> Mapping[str, Type]:
    """Return the types of all names that the conditions of clauses may read."""
    cores = agreement.clauses.values()
    awarded: dict[str, Type] = {
        f"awarded.{remedy.kind}": "money" for core in cores for remedy in core.remedies
    }
    return {**case_scope(agreement), **awarded, "award": "money"}


def read(agreement: Agreement, core: Clause, formula: str) -> Node:
    """Return a formula of a clause, the figures that it and the clauses it follows name written out."""
    figures: dict[str, Node] = {}
    for one in (*followed(agreement.clauses, core), core):
        for name, figure in (one.figures or {}).items():
            figures[name] = substituted(agreement.formula(figure.value), figures)
    return substituted(agreement.formula(formula), figures)


def settle(
    agreement: Agreement,
    nodes: Sequence[Node],
    scope: Mapping[str, Type],
    what: tuple[str, str],
    path: Path,
) -> Answer | Finding:
    """Ask for a case in which all conditions hold; a question that stays open comes back as its finding."""
    try:
        answer = possible(agreement, nodes, scope)
    except FormulaError as fault:
        return unproved(agreement, what, reason_of(fault), path)
    return unproved(agreement, what, LIMIT_REACHED, path) if answer.verdict == "unknown" else answer


def possible(agreement: Agreement, nodes: Sequence[Node], scope: Mapping[str, Type]) -> Answer:
    """Ask for a case in which all conditions hold at once. Raises FormulaError for what has no term."""
    asked = [*nodes, *_bounds(nodes)]

    def conditions(terms: Terms) -> Iterable[Any]:
        return [terms.term(node) for node in asked]

    def holds(values: Mapping[str, Known]) -> bool:
        facts = facts_of(values)
        return all(evaluate(node, facts) is True for node in asked)

    return find(domain_of(agreement, scope), conditions, holds)


def _bounds(nodes: Iterable[Node]) -> list[Node]:
    read = {part.name for node in nodes for part in walk(node) if isinstance(part, Name)}
    owed = sorted(name for name in read if name in _NEVER_BELOW_ZERO or name.startswith("awarded."))
    return [Comparison(">=", Name(name), ZERO) for name in owed]


def with_figures(agreement: Agreement, core: Clause, nodes: Iterable[Node]) -> list[Node]:
    """Write out what a clause itself awards where conditions read `awarded.KIND` or `award`."""
    figures = award_figures(agreement, core)
    return [substituted(node, figures) for node in nodes]


def award_figures(agreement: Agreement, core: Clause) -> dict[str, Node]:
    """Return `awarded.KIND` and `award` of a clause as formulas of facts, where all of it can be so written.

    A figure that reads rows, or rests on one that does, is left out and so stands for any amount.
    """
    figures: dict[str, Node] = {}
    whole: list[Node] | None = []
    open_kinds: set[str] = set()
    for remedy in core.remedies:
        name = f"awarded.{remedy.kind}"
        amount = remedy_amount(agreement, core, remedy)
        amount = None if amount is None else substituted(amount, figures)
        if amount is None or name in open_kinds or _reads_any(amount, open_kinds):
            figures.pop(name, None)
            open_kinds.add(name)
            whole = None
            continue
        figures[name] = amount if name not in figures else Arithmetic("+", figures[name], amount)
        if whole is not None and not remedy.set_off:
            whole.append(amount)
    if whole:
        figures["award"] = reduce(lambda left, right: Arithmetic("+", left, right), whole)
    return figures


def remedy_amount(agreement: Agreement, core: Clause, remedy: Remedy) -> Node | None:
    """Return what a remedy awards as one formula, rounding aside; None where it is a figure per row."""
    if remedy.amount is None:
        return None
    figure = read(agreement, core, remedy.amount)
    if remedy.cap is not None:
        capped: Node = Call("min", (figure, read(agreement, core, remedy.cap)))
        figure = (
            capped if remedy.cap_if is None else _if(read(agreement, core, remedy.cap_if), capped, figure)
        )
    if remedy.floor is not None:
        figure = Call("max", (figure, read(agreement, core, remedy.floor)))
    figure = Call("max", (ZERO, figure))
    figure = figure if remedy.if_ is None else _if(read(agreement, core, remedy.if_), figure, ZERO)
    return None if any(isinstance(part, Aggregate) for part in walk(figure)) else figure


def _if(condition: Node, then: Node, otherwise: Node) -> Node:
    return Call("if", (condition, then, otherwise))


def _reads_any(node: Node, names: set[str]) -> bool:
    return any(isinstance(part, Name) and part.name in names for part in walk(node))


def substituted(node: Node, figures: Mapping[str, Node]) -> Node:
    """Return a formula with names replaced by formulas."""
    return cast(
        "Node", _rewritten(node, lambda one: figures.get(one.name) if isinstance(one, Name) else None)
    )


def replaced(node: Node, old: Node, new: Node) -> Node:
    """Return a formula with one part of it replaced, wherever it stands."""
    return cast("Node", _rewritten(node, lambda one: new if one == old else None))


def _rewritten(node: Any, change: Callable[[Node], Node | None]) -> Any:
    """Rewrite a part of a formula and what stands below it: nodes, rows, and tuples of them."""
    if isinstance(node, tuple):
        return tuple(_rewritten(one, change) for one in node)
    if not isinstance(node, Node | Rows):
        return node
    new = None if isinstance(node, Rows) else change(node)
    if new is not None:
        return new
    parts = {part.name: _rewritten(getattr(node, part.name), change) for part in fields(node) if part.init}
    return replace(cast("Any", node), **parts)


def whole_condition(agreement: Agreement, core: Clause) -> list[Node]:
    """Return what must hold for a clause to apply, the conditions of the clause it follows included."""
    standing = (*followed(agreement.clauses, core), core)
    return [read(agreement, one, one.when) for one in standing if one.when is not None]
