"""Marks the warnings that the parties sign over, and tells of acceptances that meet no finding.

Only warnings can be signed over: an error stops signing and an info asks for nothing. An acceptance is
part of the document, so each party's signature covers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policies.acceptance import AcceptedFinding
from policies.agreement import Agreement
from policies.errors import Finding

_OF_SEVERAL = ("together.", "amendment.", "check.unknown")
"""Findings that are about two documents, or may be, which the check of one alone does not give."""


def mark(agreement: Agreement, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings, those that the document accepts as accepted."""
    for finding in findings:
        accepted = next((one for one in _accepted(agreement) if _covers(agreement, one, finding)), None)
        yield finding if accepted is None else _marked(finding, accepted)


def unmatched(agreement: Agreement, findings: Sequence[Finding], *, every_pack: bool) -> Iterator[Finding]:
    """Yield a warning for each acceptance that meets none of the findings of a document alone.

    Where not `every_pack` of the jurisdiction was applied, an acceptance may be of one that was not.
    """
    for index, one in enumerate(_accepted(agreement)):
        met = any(_covers(agreement, one, finding) for finding in findings)
        if every_pack and not met and not one.code.startswith(_OF_SEVERAL):
            yield _unmatched(agreement, one, index)


def _accepted(agreement: Agreement) -> tuple[AcceptedFinding, ...]:
    return agreement.document.accepted_findings or ()


def _covers(agreement: Agreement, accepted: AcceptedFinding, finding: Finding) -> bool:
    if (finding.code, finding.severity) != (accepted.code, "warning"):
        return False
    at = re.match(r"clauses\[(\d+)\]", finding.path)
    clause = agreement.document.clauses[int(at[1])].id if at else None
    return clause == accepted.clause


def _marked(finding: Finding, accepted: AcceptedFinding) -> Finding:
    return replace(
        finding,
        severity="accepted",
        message=f"{finding.message} (signed over: {accepted.reason.en})",
        message_zh=f"{finding.message_zh}（各方签署接受：{accepted.reason.zh}）",
    )


def _unmatched(agreement: Agreement, accepted: AcceptedFinding, index: int) -> Finding:
    where = f"clause {accepted.clause}" if accepted.clause else "the document as a whole"
    where_zh = f"第 {accepted.clause} 条" if accepted.clause else "文件整体"
    return agreement.finding(
        "acceptance.unmatched",
        f"no warning {accepted.code} is found for {where}, so there is nothing to sign over; remove this",
        ("accepted_findings", index),
        severity="warning",
        witness={"code": accepted.code, "clause": accepted.clause},
        message_zh=f"{where_zh}没有 {accepted.code} 警示，无可接受，请删除此项",
    )
