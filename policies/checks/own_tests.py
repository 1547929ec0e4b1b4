"""Runs the tests that a document carries on orders: facts of one, and the legs that must come of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from policies.agreement import Agreement
from policies.checks.witness import amount
from policies.document import DocumentTest
from policies.errors import FactError, Finding, MoneyError
from policies.facts import order_facts
from policies.money import to_minor
from policies.source import Path
from policies.splits.line import LineSplit, split_plan


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding for each expected figure that the split does not give."""
    if agreement.commission is None:
        return
    for index, test in enumerate(agreement.document.tests):
        if test.case is None:
            yield from _run(agreement, test, ("tests", index))


def _run(agreement: Agreement, test: DocumentTest, path: Path) -> Iterator[Finding]:
    try:
        facts = order_facts(agreement, test.given, where=f"test '{test.name}'")
        given = split_plan(agreement).split(facts)
    except (FactError, MoneyError) as fault:
        yield agreement.finding(
            "test.unusable",
            f"the test '{test.name}' cannot be run: {fault}",
            (*path, "given"),
            message_zh=f"用例“{test.name}”无法执行：{fault}",
        )
        return
    for name, text in test.expect.items():
        yield from _compare(agreement, test, given, (name, text), (*path, "expect", name))


def _compare(
    agreement: Agreement, test: DocumentTest, split: LineSplit, expected: tuple[str, str], path: Path
) -> Iterator[Finding]:
    name, text = expected
    try:
        wanted = to_minor(text, agreement.currency)
    except MoneyError as fault:
        message_zh = f"“{text}”不是可读的金额"
        yield agreement.finding("test.unusable", fault.message, path, message_zh=message_zh)
        return
    got = _figure(split, name)
    if got == wanted:
        return
    shown = amount(agreement, got)
    label = agreement.labels().get(name, {"zh": name, "en": name})
    yield agreement.finding(
        "test.failed",
        f"'{test.name}' expects {label['en']} ({name}) of {amount(agreement, wanted)};"
        f" the terms give {shown}",
        path,
        witness={"given": dict(test.given), "expected": amount(agreement, wanted), "got": shown},
        message_zh=f"用例“{test.name}”期望{label['zh']}为 {amount(agreement, wanted)}，按条款算得 {shown}",
    )


def _figure(split: LineSplit, name: str) -> int:
    if name == "whole":
        return split.whole.posted
    if name in split.pools:
        return split.pools[name].posted
    posted = split.legs[name].amount_minor
    assert Fraction(posted).denominator == 1, "a posted amount is whole minor units"
    return posted
