"""Runs the tests that a document carries on cases: a claim with its facts, and what must be decided of it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.witness import amount
from policies.decisions.case import Case
from policies.decisions.case_file import CaseFile
from policies.decisions.decide import decide
from policies.decisions.decision import Decision
from policies.document import DocumentTest
from policies.errors import Finding, MoneyError, PolicyError
from policies.money import to_minor
from policies.source import Path, Source


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding for each case whose decision is not what its test expects."""
    for index, test in enumerate(agreement.document.tests):
        if test.case is not None:
            yield from _run(agreement, test, test.case, ("tests", index))


def _run(agreement: Agreement, test: DocumentTest, given: CaseFile, path: Path) -> Iterator[Finding]:
    source = agreement.source or Source(agreement.name, {}, {})
    rows = tuple(given.orders) if isinstance(given.orders, list) else None
    try:
        decision = decide([agreement], Case(given, source, rows, (*path, "case")))
    except PolicyError as fault:
        yield agreement.finding(
            "test.unusable",
            f"the test '{test.name}' cannot be decided: {fault}",
            (*path, "case"),
            message_zh=f"用例“{test.name}”无法裁决：{fault}",
        )
        return
    for name, wanted in test.expect.items():
        yield from _compare(agreement, test, decision, (name, wanted), (*path, "expect", name))


def _compare(
    agreement: Agreement, test: DocumentTest, decision: Decision, expected: tuple[str, str], path: Path
) -> Iterator[Finding]:
    name, wanted = expected
    got = _said(agreement, decision, name)
    try:
        same = got == (amount(agreement, to_minor(wanted, agreement.currency)) if _is_money(name) else wanted)
    except MoneyError as fault:
        yield agreement.finding("test.unusable", fault.message, path, message_zh=f"“{wanted}”不是可读的金额")
        return
    if not same:
        yield agreement.finding(
            "test.failed",
            f"'{test.name}' expects {name} to be {wanted}; the terms give {got}",
            path,
            witness={"expected": wanted, "got": got, "missing": ", ".join(decision.missing)},
            message_zh=f"用例“{test.name}”期望 {name} 为 {wanted}，按条款裁得 {got}",
        )


def _is_money(name: str) -> bool:
    return name == "amount" or name.startswith("awarded.")


def _said(agreement: Agreement, decision: Decision, name: str) -> str:
    """Return what a decision says under one name of `expect`, as text."""
    owner, _, rest = name.partition(".")
    if name == "outcome":
        return decision.outcome
    if name == "amount":
        return amount(agreement, decision.amount_minor)
    if name == "review":
        return str(decision.human_review).lower()
    if owner == "effect":
        return str(rest in {one["id"] for one in decision.effects}).lower()
    steps = [one for one in decision.trace if one["step"] == "remedy" and one["remedy"] == rest]
    return amount(agreement, sum(one["amount_minor"] for one in steps))
