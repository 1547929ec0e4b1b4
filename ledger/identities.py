"""Whether a party is who it says: its verified identity at a time, and the gate that signing and paying pass.

Identities are items of the register `identity`; here is what follows from them. The gate is a setting of the
operator that stands in the log, so that what was let through can be checked against what held then. A party
cannot verify itself, whatever roles it has, and the gate counts what the house or the agreement's own
platform verified: another agreement may name anybody its platform.

identity_gate.changed    what the gate is on for from then on: `sign`, `pay`; why, and on whose word
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from ledger.database import Session, reading
from ledger.entries import AUDITOR, Group, NewEntry, require_plain
from ledger.errors import IdentityNeeded
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.reading import content_of, read_told
from ledger.registers.declaration import register
from ledger.registers.items import Item, items_within
from policies.agreement import Agreement

SOURCE = "tallystick.identities"
KIND = "identity_gate.changed"
GROUP = "identity_gate"
REGISTER = "identity"
REASON_LIMIT = 2_000

Standing = Literal["verified", "unknown", "submitted", "rejected", "suspended", "expired", "recheck_due"]
"""How a party's identity stands; `unknown` where nothing was submitted."""

_BEST: tuple[Standing, ...] = (
    "verified", "recheck_due", "expired", "suspended", "submitted", "rejected", "unknown",
)  # fmt: skip
_VERIFYING = frozenset({"verified", "rechecked", "reinstated"})
HOUSE = "operator"


@dataclass(frozen=True, slots=True)
class Identity:
    """A party's identity at a time: how it stands, by which item, until when, and by which entry.

    `verified_by` and `method` are of the last time it was verified or checked again.
    """

    party: str
    standing: Standing
    item: str | None = None
    subject: str | None = None
    valid_until: date | None = None
    recheck_by: date | None = None
    seq: int | None = None
    verified_by: str | None = None
    method: str | None = None

    @property
    def is_verified(self) -> bool:
        """Tell whether the gate lets the party through."""
        return self.standing == "verified"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate is on for, since which entry; None before anybody set it."""

    sign: bool = False
    pay: bool = False
    seq: int | None = None


def gate_within(session: Session, end: int | None = None) -> Gate:
    """Return the gate as the entries before `end` leave it."""
    found = Gate()
    for entry, opened in read_told(session, [KIND], GROUP):
        if end is None or entry.seq < end:
            content = content_of(opened)
            found = Gate(content["sign"], content["pay"], entry.seq)
    return found


def gate(log: Log) -> Gate:
    """Return the gate as it stands."""
    with reading(log.engine) as session:
        return gate_within(session)


def set_gate(log: Log, wanted: Gate, *, by: str, reason: str, at: datetime) -> Gate:
    """Turn the gate on or off for signing and for paying; what holds already adds nothing.

    Raises EntryConflict where somebody else set it in the same moment.
    """
    require_plain(reason, REASON_LIMIT, "identity gate, reason")
    with reading(log.engine) as session:
        number = sum(1 for _ in read_told(session, [KIND], GROUP)) + 1
        standing = gate_within(session)
    if (standing.sign, standing.pay) == (wanted.sign, wanted.pay):
        return standing
    content = {"sign": wanted.sign, "pay": wanted.pay, "reason": reason, "by": by}
    entry = NewEntry(
        source=SOURCE,
        id=f"gate/{number}",
        kind=KIND,
        occurred_at=at,
        asserter=by,
        groups=(Group(GROUP, (AUDITOR,), content),),
    )
    log.append([entry])
    return gate(log)


def identities_within(
    session: Session,
    at: datetime,
    zone: ZoneInfo | None = None,
    end: int | None = None,
    platforms: Collection[str] | None = None,
) -> dict[str, Identity]:
    """Return the identity of every party that has one, as of a time, as the entries before `end` tell.

    A date is over at its end in `zone`, UTC where none is given. Of several items of a party the best counts.
    With `platforms`, by global id, what others than these and the house verified waits to be.
    """
    day = at.astimezone(zone).date() if zone is not None else at.date()
    found: dict[str, Identity] = {}
    for item in items_within(session, REGISTER, end=end):
        one = _identity(item, day, microseconds(at), platforms)
        if one is None:
            continue
        known = found.get(one.party)
        if known is None or _BEST.index(one.standing) <= _BEST.index(known.standing):
            found[one.party] = one
    return found


def identities(log: Log, at: datetime, zone: ZoneInfo | None = None) -> dict[str, Identity]:
    """Return the identity of every party that has one; see identities_within."""
    with reading(log.engine) as session:
        return identities_within(session, at, zone)


def identity_to_sign(session: Session, agreement: Agreement, party: str, at: datetime) -> Identity:
    """Return a party's identity, by global id, as it counts for signing a version at a time."""
    known = identities_within(session, at, agreement.zone, platforms=_platforms(agreement))
    return known.get(party, Identity(party, "unknown"))


def require_to_sign(session: Session, agreement: Agreement, party: str, at: datetime) -> None:
    """Refuse a signature of a party, by global id, that the gate does not let through.

    Raises IdentityNeeded.
    """
    if not gate_within(session).sign:
        return
    one = identity_to_sign(session, agreement, party, at)
    if not one.is_verified:
        raise IdentityNeeded(
            f"its identity is {one.standing.replace('_', ' ')}, and only verified parties sign here;"
            " have it verified: `tallystick register tell identity …`",
            where=party,
        )


def unpaid_within(
    session: Session, agreement: Agreement, payees: Iterable[str], at: datetime, end: int
) -> set[str]:
    """Return those payees that the gate keeps from being paid at a time, by the entries before `end`."""
    if not gate_within(session, end).pay:
        return set()
    known = identities_within(session, at, agreement.zone, end, _platforms(agreement))
    return {one for one in payees if one not in known or not known[one].is_verified}


def _platforms(agreement: Agreement) -> frozenset[str]:
    found = (key for key, one in agreement.parties.items() if one.role == "platform")
    return frozenset(agreement.party_id(key) for key in found)


def _identity(item: Item, day: date, at_us: int, platforms: Collection[str] | None) -> Identity | None:
    """Return what an item makes of its party's identity by what had happened at a time; None before it."""
    told = [one for one in item.happened if one.occurred_us <= at_us]
    if not told or item.party is None:
        return None
    states = register(REGISTER).all_events
    state, fields, verifier = "", dict[str, str](), ""
    for one in told:
        terms = states.get(one.event)
        if terms is not None:
            state = terms.opens or terms.to or state
        fields |= {name: text for name, text in one.fields.items() if text is not None}
        if one.event in _VERIFYING:
            verifier = one.by
    last = told[-1]
    until, recheck = _day(fields, "valid_until"), _day(fields, "recheck_by")
    counts = platforms is None or verifier in {HOUSE, *platforms}
    if state == "verified" and (verifier == item.party or not counts):
        state = "submitted"
    standing = _standing(state, until, recheck, day)
    of_item = (item.id, fields.get("subject"), until, recheck, last.seq, verifier or None)
    return Identity(item.party, standing, *of_item, fields.get("method"))


def _standing(state: str, until: date | None, recheck: date | None, day: date) -> Standing:
    if state == "verified":
        if until is None or day > until:
            return "expired"
        return "verified" if recheck is None or day <= recheck else "recheck_due"
    known: Mapping[str, Standing] = {
        "submitted": "submitted", "rejected": "rejected", "expired": "expired", "suspended": "suspended",
    }  # fmt: skip
    return known.get(state, "unknown")


def _day(fields: Mapping[str, str], name: str) -> date | None:
    return date.fromisoformat(fields[name]) if name in fields else None
