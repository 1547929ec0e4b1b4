"""The end of what was given: its time passes, the record of it is erased, its recipient says that it is gone.

Erasing what the log itself keeps of buyers is erasing.py and retention.py; this is about what left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from ledger.appending import append_once
from ledger.database import Session, reading
from ledger.entries import Group, entry_of
from ledger.erasing import Erasure
from ledger.errors import EntryUnknown
from ledger.leaves import instant_of
from ledger.legal_holds import LegalHold, standing_holds
from ledger.log import Log
from ledger.sharing.errors import SharingRefused
from ledger.sharing.record import (
    DELETED_KIND,
    DELIVERED_GROUP,
    ENDED_KIND,
    RETURNED_KIND,
    SHARING_GROUP,
    SOURCE,
    Sharing,
    sharings,
)

Gone = Literal["deleted", "returned"]
_A_DAY = timedelta(days=1)
_DIGEST_LENGTH = 64


def ended(log: Log, now: datetime) -> list[Sharing]:
    """Return what was given whose time is over for every order in it, and whose record was not erased yet.

    The days count from each order's last receipt; what was not received goes on. What a legal hold covers is
    not among them while the hold stands.
    """
    open_ones = [one for one in sharings(log) if one.sets and one.content["given"]]
    with reading(log.engine) as session:
        holds = standing_holds(session)
        over = [one for one in open_ones if _is_over(session, one, now)]
        return [one for one in over if not _is_held(session, one, holds)]


def _is_over(session: Session, one: Sharing, now: datetime) -> bool:
    until, days = one.content.get("until"), one.content["days"]
    if until is not None:
        return datetime.fromisoformat(until) <= now
    if one.level == "aggregate" and _sold_until(one) + timedelta(days=days) > now:
        return False
    sql = (
        "SELECT count(DISTINCT s.seq), max(r.occurred_us) FROM line_event s JOIN line_event r"  # noqa: S608
        " ON r.agreement = s.agreement AND r.order_id = s.order_id AND r.line_id = s.line_id"
        f" AND r.event = 'receipt' WHERE {session.members('s.seq')}"
    )
    received, last_us = session.rows(sql, (session.listed(_seqs(one)),))[0]
    return received == len(_seqs(one)) and instant_of(last_us) + timedelta(days=days) <= now


def _sold_until(one: Sharing) -> datetime:
    """Return a time before which no order of an aggregate can have been received, whatever its time zone."""
    return datetime.combine(date.fromisoformat(one.content["asked"]["days"][0]), time(), tzinfo=UTC) - _A_DAY


def _seqs(one: Sharing) -> list[int]:
    return sorted(frozenset[int]().union(*(one.sets or ())))


def _is_held(session: Session, one: Sharing, holds: Sequence[LegalHold]) -> bool:
    agreement = one.agreement.partition("@")[0]
    if not any(hold.agreement in {None, agreement} for hold in holds):
        return False
    sql = f"SELECT DISTINCT order_id FROM line_event WHERE {session.members('seq')}"  # noqa: S608
    orders = [row[0] for row in session.rows(sql, (session.listed(_seqs(one)),))]
    return any(hold.covers(agreement, order) for hold in holds for order in orders)


def end_sharing(log: Log, one: Sharing, *, by: str, at: datetime) -> None:
    """Say that the time of something given is over, and erase the record of which entries it was.

    Done again it adds nothing; ended in the middle, it goes on where it was. Raises ErasureRefused where a
    legal hold was placed just now.
    """
    content = {"sharing": one.id, "then": one.content["then"]}
    _say(log, ENDED_KIND, f"{one.id}/ended", one, content, by=by, at=at)
    reason = f"the time of {one.id} is over"
    log.erase_all([Erasure(one.seq, DELIVERED_GROUP, reason, by, SOURCE, f"{one.id}/erased")])


def say_gone(  # noqa: PLR0913 -- what, how, by whose word, when
    log: Log, sharing: str, how: Gone, *, certificate: str | None, by: str, at: datetime
) -> Sharing:
    """Record that a recipient deleted or gave back what it was given; the same again adds nothing.

    `certificate` is the SHA-256 of a document that shows it, in hex. Raises EntryUnknown where nothing of
    that name was given, SharingRefused where it was said otherwise before, or there is nothing to be gone.
    """
    found = [one for one in sharings(log) if one.id == sharing]
    if not found:
        raise EntryUnknown("nothing was given under that name", where=sharing)
    one = found[0]
    if not one.permitted or one.level != "order":
        raise SharingRefused("no order's data was given with it, so nothing has to go", where=sharing)
    if by != one.recipient:
        raise SharingRefused(f"only {one.recipient}, who received it, says so", where=sharing)
    if one.settled is not None and one.settled != how:
        raise SharingRefused(f"it was said to be {one.settled} by entry {one.settled_seq}", where=sharing)
    if certificate is not None and not _is_digest(certificate):
        raise SharingRefused("a certificate is named by its SHA-256 in 64 hex digits", where="certificate")
    if one.settled is None:
        content = {"sharing": one.id, "certificate_sha256": certificate}
        kind = DELETED_KIND if how == "deleted" else RETURNED_KIND
        _say(log, kind, f"{one.id}/gone", one, content, by=by, at=at)
    return next(again for again in sharings(log) if again.id == sharing)


def _is_digest(text: str) -> bool:
    return len(text) == _DIGEST_LENGTH and set(text) <= set("0123456789abcdef")


def _say(  # noqa: PLR0913 -- the parts of one entry
    log: Log, kind: str, entry_id: str, one: Sharing, content: dict[str, Any], *, by: str, at: datetime
) -> None:
    group = Group(SHARING_GROUP, one.readers, content)
    entry = entry_of(group, source=SOURCE, id=entry_id, kind=kind, at=at, by=by, agreement=one.agreement)
    append_once(log, entry)
