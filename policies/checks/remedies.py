"""Finds remedies that contradict themselves or pay twice: caps below floors, two for one breach."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, read, settle, whole_condition
from policies.checks.paths import party_of, payees_of, payers_of, remedy_path
from policies.checks.witness import phrase, written_values
from policies.clauses.core import Clause, Remedy
from policies.errors import Finding
from policies.formulas.tree import Comparison, Node, names
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each cap that can fall below its floor, and each pair that pays for one breach."""
    cores = [(index, agreement.clauses[clause.id]) for index, clause in enumerate(agreement.document.clauses)]
    for index, core in cores:
        clause = agreement.document.clauses[index]
        for at, remedy in enumerate(core.remedies):
            if remedy.cap is not None and remedy.floor is not None:
                path = (*remedy_path(clause, core, at, ("clauses", index)), "cap")
                yield from _cap_and_floor(agreement, core, remedy, path)
    for (_, first), (index, second) in itertools.combinations(cores, 2):
        if _related(first, second):
            continue
        for one, other in itertools.product(first.remedies, second.remedies):
            if _pays_alike(agreement, one, other) and _one_breach(agreement, first, second):
                yield from _twice(agreement, (first, second), (one, other), ("clauses", index))


def _cap_and_floor(agreement: Agreement, core: Clause, remedy: Remedy, path: Path) -> Iterator[Finding]:
    cap, floor = (read(agreement, core, one or "0") for one in (remedy.cap, remedy.floor))
    nodes: list[Node] = [*whole_condition(agreement, core), Comparison("<", cap, floor)]
    nodes += [read(agreement, core, one) for one in (remedy.if_, remedy.cap_if) if one is not None]
    name = remedy.id or remedy.kind
    what = (f"the cap of {name} can fall below its floor", f"{name} 的上限是否会低于下限")
    scope = condition_scope(agreement)
    answer = settle(agreement, nodes, scope, what, path)
    if isinstance(answer, Finding):
        yield answer
    elif answer.verdict == "found":
        case = written_values(agreement, answer.values, scope)
        shown = {language: phrase(agreement, case, language) for language in ("zh", "en")}
        yield agreement.finding(
            "remedy.cap-below-floor",
            f"the cap of {name} is below its floor{_in_case(shown['en'])}, and the floor wins",
            path,
            severity="warning",
            witness={"case": case, "cap": remedy.cap, "floor": remedy.floor},
            message_zh=f"{name} 的上限低于下限{_in_case_zh(shown['zh'])}，此时按下限支付；请约定以何者为准",
        )


def _in_case(words: str) -> str:
    return f" in a case of {words}" if words else " in every case"


def _in_case_zh(words: str) -> str:
    return f"（情形：{words}）" if words else "（任何情形）"


def _related(first: Clause, second: Clause) -> bool:
    """Tell whether one clause is an exception of, or tied to, the other: they settle between themselves."""
    ids = {first.id, second.id}
    parents = {first.parent, second.parent}
    return bool(parents & ids) or (first.parent is not None and len(parents) == 1)


def _pays_alike(agreement: Agreement, one: Remedy, other: Remedy) -> bool:
    parties = [
        [{party_of(account) for account in of(agreement, remedy)} for of in (payers_of, payees_of)]
        for remedy in (one, other)
    ]
    return one.kind == other.kind and parties[0] == parties[1] and not (one.set_off or other.set_off)


def _one_breach(agreement: Agreement, first: Clause, second: Clause) -> bool:
    """Tell whether two clauses speak of one breach: their conditions read a fact in common."""
    read = [
        frozenset[str]().union(*(names(node) for node in whole_condition(agreement, core)))
        for core in (first, second)
    ]
    return bool(read[0] & read[1]) and first.not_enforced is None and second.not_enforced is None


def _twice(
    agreement: Agreement, clauses: tuple[Clause, Clause], remedies: tuple[Remedy, Remedy], path: Path
) -> Iterator[Finding]:
    first, second = clauses
    nodes = [node for core in clauses for node in whole_condition(agreement, core)]
    nodes += [
        read(agreement, core, remedy.if_)
        for core, remedy in zip(clauses, remedies, strict=True)
        if remedy.if_ is not None
    ]
    kind = remedies[0].kind
    what = (
        f"clauses {first.id} and {second.id} can pay {kind} for one breach",
        f"第 {first.id} 条与第 {second.id} 条是否会就同一违约重复支付 {kind}",
    )
    scope = condition_scope(agreement)
    answer = settle(agreement, nodes, scope, what, path)
    if isinstance(answer, Finding):
        yield answer
    elif answer.verdict == "found":
        case = written_values(agreement, answer.values, scope)
        shown = {language: phrase(agreement, case, language) or "—" for language in ("zh", "en")}
        yield agreement.finding(
            "remedy.pays-twice",
            f"clauses {first.id} and {second.id} both pay {kind} in one case ({shown['en']});"
            " make one an exception of the other, or say that both are due",
            path,
            severity="warning",
            witness={"case": case, "clauses": [first.id, second.id], "remedy": kind},
            message_zh=f"第 {first.id} 条与第 {second.id} 条在同一情形（{shown['zh']}）均支付 {kind}，"
            "请约定其一为例外，或写明可以并付",
        )
