"""Disputes: filed against a clause, decided by the rules, recorded with what they rest on.

    dispute.filed     the case as filed: clause, claim, facts, orders
    dispute.decided   the decision, its trace and its postings

A case that names no orders is about the orders in the log; what was settled is then read from the
statements, so that parties argue over the same figures.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from api.office.agreements import held_versions
from api.office.errors import DisputeUnknown
from api.office.opening import Office
from ledger.reading import Entry
from policies.agreement import Agreement
from policies.case import read_case
from policies.decide import decide

SOURCE = "tallystick.disputes"
_KINDS = ("dispute.filed", "dispute.decided")


@dataclass(frozen=True)
class Dispute:
    """A dispute as the log has it."""

    id: str
    agreement: Agreement
    filed: Entry
    case: dict[str, Any]
    decided: Entry | None
    decision: dict[str, Any] | None


def disputes(office: Office) -> dict[str, Dispute]:
    """Return every dispute by id, in order of filing."""
    versions = held_versions(office)
    found: dict[str, Dispute] = {}
    for entry in _entries(office):
        name = "case" if entry.kind == "dispute.filed" else "decision"
        (content,) = [group.content for group in office.log.groups(entry.seq) if group.name == name]
        if entry.kind == "dispute.filed":
            agreement = versions[entry.agreement or ""].agreement
            found[content["dispute"]] = Dispute(content["dispute"], agreement, entry, content, None, None)
        else:
            filed = found[content["dispute"]]
            found[filed.id] = Dispute(filed.id, filed.agreement, filed.filed, filed.case, entry, content)
    return found


def dispute(office: Office, dispute_id: str) -> Dispute:
    """Return one dispute. Raises DisputeUnknown."""
    found = disputes(office)
    if dispute_id not in found:
        raise DisputeUnknown("there is no such dispute", where=dispute_id)
    return found[dispute_id]


def file_dispute(office: Office, text: str, *, name: str, asserter: str) -> Dispute:
    """File a case; the same case again returns the dispute it opened. Raises CaseRejected.

    The case is tried against its agreement first, so that what cannot be read is refused before it is
    on the record.
    """
    case = read_case(text, name=name)
    dispute_id = f"D-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
    known = disputes(office)
    if dispute_id in known:
        return known[dispute_id]
    version = _version(office, case)
    decide([version.agreement], _completed(office, version.agreement, case))
    content = {"dispute": dispute_id, "clause": case.file.clause, "case": text, "name": name}
    _append(office, "dispute.filed", version.agreement, f"{dispute_id}/filed", "case", content, asserter)
    return dispute(office, dispute_id)


def decide_dispute(office: Office, dispute_id: str) -> Dispute:
    """Decide a dispute by the rules and post the decision; decided once, it stays as it is."""
    one = dispute(office, dispute_id)
    if one.decided is not None:
        return one
    size = office.log.size()
    case = _completed(office, one.agreement, read_case(one.case["case"], name=one.case["name"]))
    decision = decide([one.agreement], case)
    content = {"dispute": dispute_id, "as_of_seq": size - 1, "filed_seq": one.filed.seq, **decision.as_json()}
    postings = () if decision.human_review else decision_postings(decision)
    _append(
        office,
        "dispute.decided",
        one.agreement,
        f"{dispute_id}/decided",
        "decision",
        content,
        "rules",
        postings,
    )
    return dispute(office, dispute_id)
