"""Finds review conditions that can never hold, or hold whatever happens: who must look would be no rule."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, read, settle, whole_condition, with_figures
from policies.checks.witness import written_values
from policies.clauses.core import Clause
from policies.errors import Finding
from policies.formulas.solver import Answer
from policies.formulas.tree import Node, Not
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each `review_when` that no case meets, or every case does."""
    for index, clause in enumerate(agreement.document.clauses):
        if clause.review_when is not None:
            yield from _review(agreement, agreement.clauses[clause.id], ("clauses", index, "review_when"))


def _review(agreement: Agreement, core: Clause, path: Path) -> Iterator[Finding]:
    review = read(agreement, core, core.review_when or "true")
    met = _asked(agreement, core, review, path)
    if isinstance(met, Finding):
        yield met
        return
    if met.verdict == "never":
        yield agreement.finding(
            "review.never",
            f"no case under clause {core.id} meets its review_when, so no person will ever be asked to look",
            path,
            severity="warning",
            witness={"clause": core.id, "review_when": core.review_when},
            message_zh=f"第 {core.id} 条下不存在满足 review_when 的情形，永远不会交人工复核",
        )
        return
    avoided = _asked(agreement, core, Not(review), path)
    if isinstance(avoided, Finding):
        yield avoided
    elif avoided.verdict == "never":
        yield agreement.finding(
            "review.always",
            f"every case under clause {core.id} meets its review_when; say so in words, or narrow it",
            path,
            severity="warning",
            witness={"case": written_values(agreement, met.values, condition_scope(agreement))},
            message_zh=f"第 {core.id} 条下任何情形都满足 review_when，等于一律人工复核，请写明或收窄",
        )


def _asked(agreement: Agreement, core: Clause, review: Node, path: Path) -> Answer | Finding:
    nodes = [*whole_condition(agreement, core), review]
    # what the process reviews is every award of the document, not one of its own
    own = nodes if core.kind == "dispute_process" else with_figures(agreement, core, nodes)
    what = (f"a case under clause {core.id} is reviewed", f"第 {core.id} 条的复核条件能否成立")
    return settle(agreement, own, condition_scope(agreement), what, path)
