"""Tells the parties, before they sign, what no settlement run settles, and which facts a run waits for."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.dues.reads import due_formulas, due_names
from policies.errors import Finding
from policies.formulas.tree import Call, Node, names, walk
from policies.source import Path
from policies.splits.settled import not_settled


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each part that no run settles, and an info for the facts that a due waits for."""
    for one in not_settled(agreement):
        yield agreement.finding(
            "settlement.not-yet",
            f"no run settles this agreement yet: {one.message}",
            one.path,
            severity="warning",
            message_zh=f"本协议尚不能结算：{one.message_zh}",
        )
    for index, clause in enumerate(agreement.document.clauses):
        if clause.falls_due is not None:
            path = ("clauses", index, "falls_due")
            yield from _claims(agreement, clause, path)
            yield from _waits(agreement, clause, path)


def _claims(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield a finding where what falls due without a claim reads one."""
    claims = sorted(name for name in due_names(agreement, clause.id) if name.startswith("claim."))
    if claims:
        yield agreement.finding(
            "settlement.reads-claim",
            f"clause {clause.id} falls due at settlement and reads {', '.join(claims)}, which only a claim"
            " gives; a run would hold it for ever",
            path,
            severity="warning",
            message_zh=f"第 {clause.id} 条到期结算，却读取仅在请求中才有的 {'、'.join(claims)}，"
            "结算时将一直暂缓",
        )


def _waits(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield the facts without which a run holds what falls due: those with no default and no formula."""
    due = clause.falls_due
    given = {*(due.facts or {}), *(due.rates or {})} if due is not None else set()
    nodes = list(due_formulas(agreement, clause.id))
    read = frozenset().union(*map(names, nodes)) - {name for node in nodes for name in _asked_for(node)}
    waits = [
        (name, fact)
        for name, fact in sorted(agreement.document.facts.items())
        if name in read - given and fact.of == "case" and fact.default is None
    ]
    if waits:
        names_en = ", ".join(f"{fact.text.en} ({name})" for name, fact in waits)
        names_zh = "、".join(f"{fact.text.zh}（{name}）" for name, fact in waits)
        yield agreement.finding(
            "settlement.waits-for",
            f"a run settles clause {clause.id} once these facts are recorded, and holds it until then:"
            f" {names_en}",
            path,
            severity="info",
            message_zh=f"第 {clause.id} 条须在下列事实入账后方可结算，此前暂缓：{names_zh}",
        )


def _asked_for(node: Node) -> Iterator[str]:
    """Yield the names of which a formula asks whether they exist: it can do without them."""
    for part in walk(node):
        if isinstance(part, Call) and part.function == "exists":
            yield from names(part)
