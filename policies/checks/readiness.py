"""Tells what is left before signing and what it does not cover: signers, tests, what is text only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.clause_text import reference_words
from policies.clauses.core import Clause
from policies.errors import Finding
from policies.source import Path
from policies.words.text_numbers import amounts_in, numbers_in, written


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield an info for each party without a signer, each clause that is text only, and missing tests."""
    yield from _signers(agreement)
    yield from _text_only(agreement)
    if agreement.commission is not None and not agreement.document.split_tests:
        yield agreement.finding(
            "tests.missing",
            "the document carries no test of its split; add an order and the shares expected of it",
            ("clauses", agreement.document.clauses.index(agreement.commission)),
            severity="info",
            message_zh="文件未附分佣用例；请补充一笔订单及其预期分佣",
        )


def _signers(agreement: Agreement) -> Iterator[Finding]:
    for key, party in agreement.parties.items():
        if party.signer is None:
            yield agreement.finding(
                "signer.missing",
                f"cannot be signed until {party.name.en} ({key}) has a signing address: 'signer: 0x…'",
                ("parties", key),
                severity="info",
                message_zh=f"{party.name.zh}（{key}）尚无签署地址，填写 signer 后方可签署",
            )


def _text_only(agreement: Agreement) -> Iterator[Finding]:
    references = reference_words(agreement)
    for index, clause in enumerate(agreement.document.clauses):
        if clause.not_enforced is not None:
            yield agreement.finding(
                "clause.not-enforced",
                f"clause {clause.id} is not computed: {clause.not_enforced.en}",
                ("clauses", index, "not_enforced"),
                severity="info",
                message_zh=f"第 {clause.id} 条不作计算：{clause.not_enforced.zh}",
            )
        elif not clause.computed:
            sums = amounts_in(clause.text.zh) or amounts_in(clause.text.en)
            if sums:
                yield _money(agreement, clause, sums, ("clauses", index, "text"))
                continue
            numbers = sorted(written(term) for term in numbers_in(clause.text.zh, references=references))
            also = f"; so are the figures it names ({', '.join(numbers)})" if numbers else ""
            also_zh = f"，其中数值（{'、'.join(numbers)}）亦不作计算" if numbers else ""
            yield agreement.finding(
                "clause.text-only",
                f"clause {clause.id} ({clause.kind}) is text only: nothing of it is computed{also}",
                ("clauses", index),
                severity="info",
                message_zh=f"第 {clause.id} 条仅为文本，不作计算{also_zh}",
            )


def _money(agreement: Agreement, clause: Clause, sums: tuple[str, ...], path: Path) -> Finding:
    return agreement.finding(
        "text.money-not-computed",
        f"clause {clause.id} ({clause.kind}) is text only, yet it names money ({', '.join(sums)}) that"
        " nothing computes; write it as a remedy, or mark the clause 'not_enforced'",
        path,
        severity="warning",
        witness={"amounts": list(sums)},
        message_zh=f"第 {clause.id} 条仅为文本，却写有金额（{'、'.join(sums)}），不会被计算；"
        "请写成救济，或注明 not_enforced",
    )
