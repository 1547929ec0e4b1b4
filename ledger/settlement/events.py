"""Events that versions of an agreement wait for, such as the signing of a side letter, as entries of the log.

An event counts from the day on which the log took it, never from a day that somebody says it was: so it
starts a version today and changes no past. The first record of an event stands.
"""

from __future__ import annotations

from datetime import date, datetime

from ledger.database import reading
from ledger.entries import Group, NewEntry
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.terminations import termination_within
from policies.agreement import Agreement
from policies.versions.timeline import ENDED

EVENT_KIND = "event.recorded"
EVENT_GROUP = "event"


def event_entry(  # noqa: PLR0913 -- which event of which version, on whose word, when, resting on what
    agreement: Agreement,
    event: str,
    *,
    source: str,
    asserter: str,
    occurred_at: datetime,
    sha256: str | None,
) -> NewEntry:
    """Return the `event.recorded` entry of an event, not yet appended; every party reads it.

    `sha256` is the digest of the file that it rests on, if there is one.
    """
    readers = tuple(agreement.party_id(key) for key in agreement.parties)
    content = {"agreement": agreement.id, "event": event, **({"sha256": sha256} if sha256 else {})}
    return NewEntry(
        source=source,
        id=f"{agreement.id}/event/{event}",
        kind=EVENT_KIND,
        occurred_at=occurred_at,
        asserter=asserter,
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(EVENT_GROUP, readers, content),),
    )


def recorded_events(log: Log, agreement: Agreement, end: int | None = None) -> dict[str, date]:
    """Return the day on which each event was recorded, in the agreement's time zone.

    The end of the agreement by all its parties is among them under ENDED, with the day that they agreed on.
    `agreement` is any version of the agreement; with `end`, only what the log holds before that seq counts.
    """
    found: dict[str, date] = {}
    with reading(log.engine) as session:
        ended = termination_within(session, agreement.id, end)
    if ended is not None:
        found[ENDED] = ended.ends_on
    after = -1
    while entries := log.entries(after, kinds=[EVENT_KIND], agreement=agreement.id):
        for entry in entries:
            if end is None or entry.seq < end:
                name = next(one for one in log.groups(entry.seq) if one.name == EVENT_GROUP).content["event"]
                found.setdefault(name, instant_of(entry.recorded_us).astimezone(agreement.zone).date())
        after = entries[-1].seq
    return found
