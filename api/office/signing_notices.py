"""What becomes known of signing by itself: a proposal that expires, reminders, and notice of how one ended.

A duty of tending. Ids of notices follow from the step, or from the day of a reminder, so that a round says
nothing twice. Reminders go to those whose turn it is, as often as the proposal asks, and in its last day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from api.office.agreements import Held, held_versions
from api.office.keys import Register, registers
from api.office.opening import OPERATOR, Office
from api.office.signing import record_expiry
from ledger.errors import EntryConflict
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice, Severity
from ledger.signing.errors import ProposalOver
from ledger.signing.keys import NAMED, NOBODY, REVOKED, ROTATED, KeyEvent
from ledger.signing.proposals import ENDS, TAKEN_BACK, Step

LAST_DAY = timedelta(days=1)
_KEYS = {NAMED: "key-recovery", ROTATED: "key-rotated", REVOKED: "key-revoked"}
"""Changes of keys that those whom a party deals with are told of, with the code of the notice."""


def watch_signing(office: Office) -> int:
    """Record what expired, remind the slow, tell how proposals ended and of keys; return how much. A duty."""
    now = office.clock()
    done = 0
    for one in held_versions(office).values():
        try:
            done += record_expiry(office, one)
        except (ProposalOver, EntryConflict):  # everybody signed in that moment, or somebody ended it
            continue
    found = [pair for one in held_versions(office).values() for pair in _notices(one, now)]
    for signer in registers(office).values():
        found += [(_of_key(signer, event), event.at) for event in signer.keys.events if _is_told(event)]
    return done + give_notices(office.log, found, by=OPERATOR)


def _notices(one: Held, now: datetime) -> Iterator[tuple[NewNotice, datetime]]:
    proposal = one.proposal
    for step in proposal.steps:
        if step.kind == TAKEN_BACK or step.kind in ENDS:
            yield _of_step(one, step), datetime.fromisoformat(step.at)
    if one.ended(now) is not None or not one.waiting_for:
        return
    due = proposal.reminder_due(now)
    until = proposal.process.expires_at
    if until is not None and until - LAST_DAY <= now:
        due = until - LAST_DAY
    if due is None:
        return
    for name in proposal.process.turn(one.waiting_for):
        yield _reminder(one, name, due), due


def _of_step(one: Held, step: Step) -> NewNotice:
    how = ENDS.get(step.kind, "taken-back")
    severity: Severity = "info" if how == "taken-back" else "warning"
    return NewNotice(
        id=f"signing-{step.seq}",
        code=f"signing-{how}",
        agreement=one.agreement.ref,
        clause=None,
        about={"party": step.by},
        cites=(step.seq,),
        figures={"version": str(one.agreement.version)},
        readers=one.concerned,
        severity=severity,
    )


def _is_told(event: KeyEvent) -> bool:
    return event.kind in _KEYS and event.content.get("recovery") != NOBODY


def _of_key(signer: Register, event: KeyEvent) -> NewNotice:
    told = event.content
    figures = {"key": told.get("new_key") or told.get("recovery") or told["key"], "signer": event.signer}
    if event.kind == ROTATED:
        figures["until"] = datetime.fromisoformat(told["usable_from"]).isoformat(" ", "minutes")
    return NewNotice(
        id=f"signing-{event.seq}",
        code=_KEYS[event.kind],
        agreement=None,
        clause=None,
        about={"party": signer.party},
        cites=(event.seq,),
        figures=figures,
        readers=signer.readers,
        severity="warning",
    )


def _reminder(one: Held, name: str, due: datetime) -> NewNotice:
    until = one.proposal.process.expires_at
    party, _ = one.signers[name]
    end = "—" if until is None else until.astimezone(one.agreement.zone).isoformat(" ", "minutes")
    return NewNotice(
        id=f"signature-due-{one.proposed_seq}-{name}-{due.date().isoformat()}",
        code="signature-due",
        agreement=one.agreement.ref,
        clause=None,
        about={"party": party},
        cites=(one.proposed_seq,),
        figures={"version": str(one.agreement.version), "until": end},
        readers=(party,),
        severity="warning",
    )
