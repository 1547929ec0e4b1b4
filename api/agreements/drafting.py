"""Drafts before they are proposed: what stands against one, and what it changes. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from api.agreements.changes import version_changes
from api.agreements.schemas import DraftChecked, FindingShown
from api.office.agreements import demand_free
from api.office.errors import OfficeError
from api.office.opening import Office
from api.office.readiness import MayRead, demand_ready, draft_difference, draft_findings, version_before
from api.office.relations import entry_findings
from api.reading import Text
from contracts.errors import ContractsError
from policies.agreement import Agreement
from policies.errors import AgreementRejected, Finding


def check_draft(
    office: Office, agreement: Agreement, documents: Mapping[str, Agreement], may_read: MayRead
) -> DraftChecked:
    """Return what proposing a document would find, whether it would be taken, and what it changes."""
    before = version_before(agreement, documents)
    found = (
        *draft_findings(agreement, documents, may_read),
        *entry_findings(office, agreement, before, may_read),
    )
    refusal: str | None = None
    try:
        demand_free(agreement, documents)
        demand_ready(office, agreement, before, found)
    except (OfficeError, ContractsError) as fault:
        refusal = str(fault)
    seen = before if before is not None and may_read(before) else None
    return DraftChecked(
        id=agreement.id,
        version=agreement.version,
        ready=refusal is None,
        refusal=refusal,
        findings=tuple(finding_shown(one) for one in found),
        changes=version_changes(draft_difference(seen, agreement)) if seen is not None else None,
    )


def unreadable(fault: AgreementRejected) -> DraftChecked:
    """Return what stands against a text that is no agreement yet."""
    findings = tuple(finding_shown(one) for one in fault.findings)
    return DraftChecked(None, None, ready=False, refusal=str(fault), findings=findings, changes=None)


def finding_shown(finding: Finding) -> FindingShown:
    """Return a finding for people."""
    witness = finding.witness
    shown = "; ".join(f"{name} {_plain(value)}" for name, value in witness.items()) if witness else None
    return FindingShown(
        finding.code,
        finding.severity,
        Text(finding.message_zh or "", finding.message),
        finding.path,
        finding.line,
        shown,
    )


def _plain(value: object) -> str:
    """Write a part of a witness as people would: `paid 100.00, freight 10.00`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)
