"""Identities of the parties that the office knows, the gate they pass, and notice before they expire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.registers import tell_event
from ledger.identities import REGISTER, Gate, Identity, identities, set_gate
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice

MONITOR = "monitor"
AHEAD = timedelta(days=30)
"""How long before an identity expires, or is to be checked again, somebody is told."""


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """A party's identity with the parties that read it: itself, and the platforms it has agreements with."""

    identity: Identity
    readers: tuple[str, ...]


def known_identities(office: Office, at: datetime | None = None) -> list[KnownIdentity]:
    """Return the identity of every party to an agreement, and of whoever else submitted one, by party."""
    found = identities(office.log, office.clock() if at is None else at)
    readers = {party: {party} for party in found}
    for held in held_versions(office).values():
        agreement = held.agreement
        ids = {agreement.party_id(key): one.role for key, one in agreement.parties.items()}
        platforms = {party for party, role in ids.items() if role == "platform"}
        for party in ids:
            readers.setdefault(party, {party}).update(platforms)
    return [
        KnownIdentity(found.get(party, Identity(party, "unknown")), tuple(sorted(readers[party])))
        for party in sorted(readers)
    ]


def change_gate(office: Office, *, sign: bool, pay: bool, by: str, reason: str) -> Gate:
    """Turn the gate on or off for signing and for paying; what holds already adds nothing."""
    return set_gate(office.log, Gate(sign, pay), by=by, reason=reason, at=office.clock())


def watch_identities(office: Office) -> int:
    """Tell identities that have expired as expired, and give notice of those that soon will. A duty."""
    now = office.clock()
    known = known_identities(office, now)
    expired = [
        one.identity
        for one in known
        if one.identity.standing == "expired" and one.identity.valid_until is not None
    ]
    told = sum(_tell_expired(office, one) for one in expired)
    ahead = [(notice, now) for one in known for notice in _ahead(one, now.date())]
    return told + give_notices(office.log, ahead, by=MONITOR)


def _tell_expired(office: Office, one: Identity) -> int:
    from ledger.registers.items import item  # noqa: PLC0415 (beside its only use)

    assert one.item is not None, "what expired was told of an item"
    if item(office.log, REGISTER, one.item).state == "expired":
        return 0
    tell_event(office, REGISTER, one.item, "expired", {}, by=MONITOR, party=one.party)
    return 1


def _ahead(one: KnownIdentity, today: date) -> Iterator[NewNotice]:
    identity = one.identity
    dates = (("identity-expiring", identity.valid_until), ("identity-recheck", identity.recheck_by))
    for code, day in dates if identity.standing in {"verified", "recheck_due"} else ():
        if day is not None and today + AHEAD >= day:
            yield NewNotice(
                id=f"{code}-{identity.item}-{day.isoformat()}",
                code=code,
                agreement=None,
                clause=None,
                about={"party": identity.party},
                cites=() if identity.seq is None else (identity.seq,),
                figures={"day": day.isoformat()},
                readers=one.readers,
                severity="warning",
            )
