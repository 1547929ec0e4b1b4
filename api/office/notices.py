"""Notices of the office: dismissed by one of those they are for, or made into a case under their clause.

The case that a monitor's notice becomes brings the facts that its condition read, each with the entry that
says it, as asserted: what the other side disputes stays for the dispute to settle.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from api.notices.words import said
from api.office.agreements import held
from api.office.dispute_process import open_dispute
from api.office.disputes import Dispute
from api.office.errors import NoticeRefused
from api.office.monitoring import plan
from api.office.opening import Office
from ledger.database import reading
from ledger.errors import NoticeUnknown
from ledger.monitors.stream import Read, as_texts, read_one
from ledger.notices.giving import dismiss_notice, record_filing
from ledger.notices.notice import Notice
from ledger.notices.reading import notice
from policies.agreement import Agreement
from policies.decisions.case import read_case
from policies.monitors.compiled import Compiled
from policies.monitors.judging import Entry, facts_shown


def dismiss(office: Office, notice_id: str, *, by: str, reason: str) -> Notice:
    """Dismiss a notice for a party that it is for; it stays open to its other readers.

    Raises NoticeUnknown, also where it is not for that party, and EntryInvalid for no reason.
    """
    _for(office, notice_id, by)
    dismiss_notice(office.log, notice_id, by=by, reason=" ".join(reason.split()), at=office.clock())
    return notice(office.log, notice_id)


def case_text(office: Office, notice_id: str, *, by: str, amount: str | None = None) -> str:
    """Return the case that a party, by its global id, can make of a notice, as JSON: who filed it files this.

    It is filed against the other side of the clause. Raises NoticeUnknown, NoticeRefused where it is about no
    clause, or the party is no side of it.
    """
    found = _for(office, notice_id, by)
    new = found.new
    if new.agreement is None or new.clause is None:
        raise NoticeRefused("it is about no clause, and a case is under one", where=notice_id)
    agreement = held(office, new.agreement).agreement
    claimant = next(key for key in agreement.parties if agreement.party_id(key) == by)
    words = said(new, agreement)
    claim: dict[str, Any] = {
        "claimant": claimant,
        "respondent": _other_side(agreement, new.clause, claimant, notice_id),
        "demand": {"zh": words.zh, "en": words.en},
    }
    if amount is not None:
        claim["amount"] = amount
    case = {
        "clause": new.clause,
        "agreement": new.agreement,
        "claim": claim,
        "occurred_on": datetime.fromisoformat(found.given_at).astimezone(agreement.zone).date().isoformat(),
        "facts": _facts(office, found),
    }
    return json.dumps(case, ensure_ascii=False)


def file_case(
    office: Office, notice_id: str, *, by: str, amount: str | None = None, filed_by: str | None = None
) -> Notice:
    """Make a case of a notice for a party, its claimant; `filed_by` says who files it if not that party.

    A notice becomes one case: asked again it is told of as it is. Raises what `case_text` does, and
    CaseRejected.
    """
    found = _for(office, notice_id, by)
    if found.filed is not None:
        return found
    case = read_case(case_text(office, notice_id, by=by, amount=amount), name=notice_id)
    return file_as(office, notice_id, open_dispute(office, case, by=filed_by), by=by)


def file_as(office: Office, notice_id: str, dispute: Dispute, *, by: str) -> Notice:
    """Say which dispute a party made of a notice; it is open to nobody from then on."""
    record_filing(office.log, notice_id, dispute.id, by=by, at=office.clock())
    return notice(office.log, notice_id)


def _for(office: Office, notice_id: str, party: str) -> Notice:
    found = notice(office.log, notice_id)
    if party not in found.new.readers:
        raise NoticeUnknown(
            f"it is not for '{party}'; it is for {', '.join(found.new.readers)}", where=notice_id
        )
    return found


def _other_side(agreement: Agreement, clause_id: str, claimant: str, notice_id: str) -> str:
    clause = agreement.clauses[clause_id]
    for key in (clause.holder, clause.toward):
        if key is not None and key != claimant and key in agreement.parties:
            return key
    message = f"clause {clause_id} names no other side; file a case of your own"
    raise NoticeRefused(message, where=notice_id)


def _facts(office: Office, found: Notice) -> dict[str, dict[str, str]]:
    """Return the facts that the monitor read, where a monitor gave it, as a case gives them."""
    new = found.new
    monitors = [
        one
        for one in plan(office).monitors
        if (one.agreement.ref, one.clause, one.monitor.code) == (new.agreement, new.clause, new.code)
    ]
    if not monitors or monitors[0].monitor.watch is None:
        return {}
    one, groups = monitors[0], plan(office).groups
    with reading(office.engine) as session:
        read = [each for seq in new.cites if (each := read_one(session, seq, groups)) is not None]
    watched, beside = _entry(one, read, watched=True), _entry(one, read, watched=False)
    shown = facts_shown(one, watched, beside) if watched is not None else {}
    return {
        fact: {"value": text, "status": "asserted", "evidence": f"entry {seq}"}
        for fact, (text, seq) in shown.items()
    }


def _entry(one: Compiled, read: list[Read], *, watched: bool) -> Entry | None:
    told = one.monitor.watch if watched else one.monitor.beside
    mine = [each for each in read if told is not None and each.kind in told.kinds]
    if not mine:
        return None
    last = mine[-1]
    return Entry(last.seq, last.at, last.by, as_texts(last.fields), last.readers)
