"""Identities of the parties that the office knows, the gate they pass, and notice of rechecks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.register_duties import AHEAD, MONITOR
from ledger.identities import Gate, Identity, identities, set_gate
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """A party's identity with the parties that read it: itself, and the platforms it has agreements with."""

    identity: Identity
    readers: tuple[str, ...]


def known_identities(office: Office, at: datetime | None = None) -> list[KnownIdentity]:
    """Return the identity of every party to an agreement, and of whoever else submitted one, by party.

    A platform that a draft names beside a party reads nothing of it before all have signed.
    """
    found = identities(office.log, office.clock() if at is None else at)
    readers = {party: {party} for party in found}
    for held in held_versions(office).values():
        agreement = held.agreement
        ids = {agreement.party_id(key): one.role for key, one in agreement.parties.items()}
        platforms = {party for party, role in ids.items() if role == "platform" and held.is_signed}
        for party in ids:
            readers.setdefault(party, {party}).update(platforms)
    return [
        KnownIdentity(found.get(party, Identity(party, "unknown")), tuple(sorted(readers[party])))
        for party in sorted(readers)
    ]


def change_gate(office: Office, *, sign: bool, pay: bool, by: str, reason: str) -> Gate:
    """Turn the gate on or off for signing and for paying; what holds already adds nothing."""
    return set_gate(office.log, Gate(sign, pay), by=by, reason=reason, at=office.clock())


def watch_rechecks(office: Office) -> int:
    """Give notice of identities that are to be checked again soon, or are due to be. A duty."""
    now = office.clock()
    ahead = [(one, now) for known in known_identities(office, now) for one in _rechecks(known, now.date())]
    return give_notices(office.log, ahead, by=MONITOR)


def _rechecks(one: KnownIdentity, today: date) -> Iterator[NewNotice]:
    identity, day = one.identity, one.identity.recheck_by
    if identity.standing not in {"verified", "recheck_due"} or day is None or today + AHEAD < day:
        return
    assert identity.seq is not None, "what is verified was told of an item"
    yield NewNotice(
        id=f"identity-recheck-{identity.item}-{day.isoformat()}",
        code="identity-recheck",
        agreement=None,
        clause=None,
        about={"party": identity.party},
        cites=(identity.seq,),
        figures={"day": day.isoformat()},
        readers=one.readers,
        severity="warning",
    )
