"""Recording an event that a version of an agreement waits for. The day on which it is recorded counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.office.agreements import held
from api.office.errors import AgreementNotReady, NotASigner
from api.office.opening import Office
from ledger.settlement.events import event_entry, recorded_events
from ledger.settlement.runs import last_run
from ledger.signing.proposals import SOURCE
from policies.versions.timeline import starts_at


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event on record: of which version, its name, and the day that counts."""

    agreement: str
    event: str
    day: date


def record_event(office: Office, ref: str, event: str, party: str, sha256: str | None) -> RecordedEvent:
    """Record, on a party's word, that an event has happened; the first record of it stands.

    `sha256` is the digest of the file it rests on. Raises AgreementUnknown, NotASigner, and AgreementNotReady
    where the version waits for no such event or would reach into what was settled today.
    """
    agreement = held(office, ref).agreement
    follows = agreement.document.supersedes
    awaited = follows.event if follows else None
    if awaited != event:
        waits = f"it waits for '{awaited}'" if awaited else "it waits for no event"
        raise AgreementNotReady(f"{waits}, not for '{event}'", where=ref)
    if party not in agreement.parties:
        names = ", ".join(agreement.parties)
        raise NotASigner(f"'{party}' is no party to {ref}; its parties are {names}", where=ref)
    known = recorded_events(office.log, agreement)
    if event not in known:
        _require_open(office, ref)
        entry = event_entry(
            agreement,
            event,
            source=SOURCE,
            asserter=agreement.party_id(party),
            occurred_at=office.clock(),
            sha256=sha256,
        )
        office.log.append([entry])
        known = recorded_events(office.log, agreement)
    return RecordedEvent(ref, event, known[event])


def _require_open(office: Office, ref: str) -> None:
    """Refuse where orders of today, to which the version would reach back, are settled already."""
    agreement = held(office, ref).agreement
    last = last_run(office.log, agreement.id)
    today = office.clock().astimezone(agreement.zone).date()
    if last is not None and starts_at(agreement, today) <= last.point.cutoff:
        cutoff = last.point.cutoff.isoformat()
        raise AgreementNotReady(
            f"it would start today, and orders are settled up to {cutoff}; record it tomorrow", where=ref
        )
