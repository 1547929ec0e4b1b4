"""Marks the warnings that the parties sign over, and tells of acceptances that meet no finding.

Only warnings can be signed over: an error stops signing and an info asks for nothing. An acceptance is
part of the document, so each party's signature covers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from policies.acceptance import AcceptedFinding
from policies.agreement import Agreement
from policies.errors import Finding


def mark(agreement: Agreement, findings: Iterable[Finding], *, every_pack: bool) -> Iterator[Finding]:
    """Yield the findings, accepted ones as such, and a warning for each acceptance that meets none.

    Where not `every_pack` of the jurisdiction was applied, an acceptance may be of one that was not.
    """
    accepted = agreement.document.accepted_findings or ()
    met: set[int] = set()
    for finding in findings:
        at = next((i for i, one in enumerate(accepted) if _covers(agreement, one, finding)), None)
        if at is None:
            yield finding
        else:
            met.add(at)
            yield _marked(finding, accepted[at])
    for index, one in enumerate(accepted):
        if every_pack and index not in met:
            yield _unmatched(agreement, one, index)


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
