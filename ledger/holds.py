"""Holds: part of an account's balance that is not available, why, and until when.

A hold moves nothing; what is available is the balance less what is held. What is held is asked for at any
pair of times: a hold counts from when it was placed until the time it expires, less what was released by
then. So the answer is right whether or not anybody has recorded that a hold expired.

hold.placed     the account, the amount, why, under which clause, on whose word, until when
hold.released   part of it, or what is left
hold.expired    what was left when it expired; changes nothing, and is there to be read
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from ledger.accounts import Account, Until, balance_within
from ledger.appending import append_once
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry, entry_of
from ledger.errors import EntryInvalid, HoldBeyondBalance, HoldRefused, HoldUnknown
from ledger.hold_events import EXPIRED_KIND, HOLD_GROUP, PLACED_KIND, RELEASED_KIND
from ledger.leaves import instant_of, microseconds, occurred_text
from ledger.log import Log
from ledger.reading import Entry, find_entry, read_groups

SOURCE = "tallystick.holds"
"""Source of every entry about holds."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """A hold to be placed: its id for ever, on what, how much (minor units above 0), and why.

    `agreement` is the version (id@version) that holds the clause, `readers` the global ids of who may read
    it, `expires_at` is aware, None for a hold that only a release ends. `case` names a dispute.
    """

    id: str
    account: Account
    amount_minor: int
    reason: str
    clause: str
    agreement: str
    readers: tuple[str, ...]
    expires_at: datetime | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands at a time: placed for `amount_minor`, of which `held_minor` is held then.

    `expires_us` is NEVER_US where it expires at no time.
    """

    id: str
    seq: int
    account: Account
    amount_minor: int
    held_minor: int
    placed_us: int
    expires_us: int


def held_at(session: Session, at: datetime, until: Until, **narrow: str | None) -> list[Hold]:
    """Return the holds placed by `at`, as they stand then, in order of placing; spent ones hold 0.

    Of `until` the recorded limit and `end` count. `narrow` names an owner, agreement, purpose, currency or
    hold.
    """
    at_us, conditions, limits = microseconds(at), "", []
    if until.recorded is not None:
        conditions += " AND {0}.recorded_us <= ?"
        limits.append(microseconds(until.recorded))
    if until.end is not None:
        conditions += " AND {0}.seq < ?"
        limits.append(until.end)
    wanted = {column: value for column, value in narrow.items() if value is not None}
    among = "".join(f" AND h.{column} = ?" for column in wanted)
    sql = (
        "SELECT h.hold, h.seq, h.owner, h.agreement, h.purpose, h.currency, h.amount_minor,"  # noqa: S608
        " h.occurred_us, h.expires_us, (SELECT coalesce(sum(r.amount_minor), 0) FROM hold_event r"
        f" WHERE r.hold = h.hold AND r.event = 'released' AND r.occurred_us <= ?{conditions.format('r')})"
        f" FROM hold_event h WHERE h.event = 'placed' AND h.occurred_us <= ?{conditions.format('h')}{among}"
        " ORDER BY h.seq"
    )
    rows = session.rows(sql, [at_us, *limits, at_us, *limits, *wanted.values()])
    return [_hold(row, at_us) for row in rows]


def _hold(row: Sequence[Any], at_us: int) -> Hold:
    hold, seq, *key, amount, placed_us, expires_us, released = row
    left = 0 if at_us >= expires_us else amount - int(released)
    return Hold(hold, seq, Account(*key), amount, left, placed_us, expires_us)


def holds(
    engine: Engine,
    at: datetime,
    until: Until | None = None,
    *,
    agreement: str | None = None,
    hold: str | None = None,
) -> list[Hold]:
    """Return holds as they stand at a time, all or those of an agreement or of one id; see held_at."""
    with reading(engine) as session:
        return held_at(session, at, until or Until(), agreement=agreement, hold=hold)


@dataclass(frozen=True, slots=True)
class Available:
    """What an account has at a pair of times, in minor units: its balance, and how much of it is held."""

    balance_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        """The balance less what is held; below zero where more is held than is there."""
        return self.balance_minor - self.held_minor


def available(engine: Engine, account: Account, at: datetime, recorded: datetime | None = None) -> Available:
    """Return what an account has of what occurred by `at`, as far as it was recorded by `recorded`."""
    with reading(engine) as session:
        return available_within(session, account, at, Until(recorded=recorded))


def available_within(
    session: Session, account: Account, at: datetime, until: Until | None = None
) -> Available:
    """Return what an account has at a time as a transaction sees it; see available."""
    until = until or Until()
    found = held_at(
        session, at, until, owner=account.owner, agreement=account.agreement, purpose=account.purpose,
        currency=account.currency,
    )  # fmt: skip
    there = balance_within(session, account, Until(at, until.recorded, until.end))
    return Available(there, sum(one.held_minor for one in found))


def place_hold(log: Log, new: NewHold, *, at: datetime, by: str, beyond_balance: bool = False) -> int:
    """Place a hold from `at` on, on the word of `by`; return its seq. The same again adds nothing.

    More than is available is held only `beyond_balance`, which is for documents that say so: what comes in
    later is then held too. Raises HoldBeyondBalance, HoldRefused for times that do not follow each other,
    EntryConflict for another hold under the id.
    """
    entry = placing(new, at=at, by=by)

    def require(session: Session) -> None:
        if beyond_balance:
            return
        account, there = new.account, available_within(session, new.account, at)
        if new.amount_minor > there.available_minor:
            raise HoldBeyondBalance(
                f"{new.amount_minor} minor units of {account.currency} are more than the"
                f" {there.available_minor} available on {account.owner}.{account.purpose}"
                f" ({there.balance_minor} less {there.held_minor} held)",
                where=new.id,
            )

    return append_once(log, entry, require)


def placing(new: NewHold, *, at: datetime, by: str) -> NewEntry:
    """Return the entry that places a hold, not yet appended: for who holds with entries of their own.

    Whether so much is available is not asked. Raises HoldRefused for times that do not follow each other.
    """
    _require_name(new.id, "hold.id")
    if new.expires_at is not None and new.expires_at <= at:
        raise HoldRefused(f"it would expire before it begins, at {occurred_text(at)}", where=new.id)
    account = new.account
    content: dict[str, Any] = {
        "hold": new.id,
        "account": f"{account.owner}.{account.purpose}",
        "agreement": account.agreement,
        "currency": account.currency,
        "amount_minor": new.amount_minor,
        "reason": new.reason,
        "clause": new.clause,
        "placed_by": by,
        "expires_at": occurred_text(new.expires_at) if new.expires_at else None,
        "case": new.case,
    }
    return entry_of(
        Group(HOLD_GROUP, new.readers, content),
        source=SOURCE, id=f"{new.id}/placed", kind=PLACED_KIND, at=at, by=by, agreement=new.agreement,
    )  # fmt: skip


def release_hold(  # noqa: PLR0913 -- which hold, how much of it, which release, when, on whose word, why
    log: Log, hold: str, amount_minor: int | None, *, release: str, at: datetime, by: str, reason: str
) -> int:
    """Release part of a hold, or with None all that is left; return the seq of the entry.

    `release` names the release within the hold: the same again adds nothing. Raises HoldUnknown, HoldRefused
    for more than is held at `at` or where nothing is, EntryConflict for another release under the name.
    """
    _require_name(release, "release")
    standing = log.find(SOURCE, f"{hold}/released/{release}")
    if standing is not None and amount_minor is None:
        return standing.seq
    if amount_minor is None:
        amount_minor = left_of(log, hold, at)
        if not amount_minor:
            raise HoldRefused(f"nothing of it is held at {occurred_text(at)}", where=hold)
    entry = releasing(log, hold, amount_minor, release=release, at=at, by=by, reason=reason)
    amount = amount_minor

    def require(session: Session) -> None:
        require_releasable(session, hold, amount, at)

    return append_once(log, entry, require)


def left_of(log: Log, hold: str, at: datetime) -> int:
    """Return how much of a hold is held at a time, in minor units. Raises HoldUnknown."""
    with reading(log.engine) as session:
        return _one(session, hold, at).held_minor


def releasing(  # noqa: PLR0913 -- as release_hold
    log: Log, hold: str, amount_minor: int, *, release: str, at: datetime, by: str, reason: str
) -> NewEntry:
    """Return the entry that releases part of a hold, not yet appended: for who appends it with others.

    Who does asks `require_releasable` within that transaction. Raises HoldUnknown.
    """
    with reading(log.engine) as session:
        return _releasing(session, hold, amount_minor, release=release, at=at, by=by, reason=reason)


def releasing_left(  # noqa: PLR0913 -- as release_hold
    session: Session, hold: str, *, release: str, at: datetime, by: str, reason: str
) -> NewEntry | None:
    """Return the entry that releases what is left of a hold, as a transaction sees it; None of nothing.

    It is of `at`, or of the hold's last event where that is later, and under another name where `release` is
    taken. Raises HoldUnknown.
    """
    at = max(at, instant_of(_last_us(session, hold)))
    left = _one(session, hold, at).held_minor
    if not left:
        return None
    name, number = release, 1
    while find_entry(session, SOURCE, f"{hold}/released/{name}") is not None:
        number += 1
        name = f"{release}-{number}"
    return _releasing(session, hold, left, release=name, at=at, by=by, reason=reason)


def placed_within(session: Session, hold: str) -> Account | None:
    """Return the account on which a hold was placed, as a transaction sees it; None where it was not."""
    sql = "SELECT owner, agreement, purpose, currency FROM hold_event WHERE hold = ? AND event = 'placed'"
    rows = session.rows(sql, (hold,))
    return Account(*rows[0]) if rows else None


def _releasing(  # noqa: PLR0913 -- as release_hold
    session: Session, hold: str, amount_minor: int, *, release: str, at: datetime, by: str, reason: str
) -> NewEntry:
    placed, content, readers = _placed(session, hold)
    kept = {name: content[name] for name in ("hold", "account", "agreement", "currency")}
    told = {**kept, "amount_minor": amount_minor, "reason": reason, "released_by": by}
    name = f"{hold}/released/{release}"
    return entry_of(
        Group(HOLD_GROUP, readers, told),
        source=SOURCE, id=name, kind=RELEASED_KIND, at=at, by=by, agreement=placed.agreement,
    )  # fmt: skip


def require_releasable(session: Session, hold: str, amount_minor: int, at: datetime) -> None:
    """Refuse to release more than is held, or before what the hold tells already. Raises HoldRefused."""
    held, last_us = _one(session, hold, at).held_minor, _last_us(session, hold)
    if not 0 < amount_minor <= held:
        raise HoldRefused(f"{held} minor units are held, and {amount_minor} were to be released", where=hold)
    if microseconds(at) < last_us:
        raise HoldRefused(f"its last event is of {instant_of(last_us).isoformat()}, later", where=hold)


def _require_name(name: str, where: str) -> None:
    if not _NAME.fullmatch(name):
        raise EntryInvalid(f"{name!r:.80} must be letters, digits and . _ -, at most 64", where=where)


def record_expired(log: Log, now: datetime, by: str) -> list[int]:
    """Write down every hold that expired by `now` with something left, once each; return the seqs.

    What is held does not depend on it.
    """
    seqs = []
    for one in unrecorded_expiries(log, now):
        with reading(log.engine) as session:
            placed, content, readers = _placed(session, one.id)
        kept = {name: content[name] for name in ("hold", "account", "agreement", "currency")}
        told = {**kept, "amount_minor": one.held_minor}
        at = instant_of(one.expires_us)
        entry = entry_of(
            Group(HOLD_GROUP, readers, told),
            source=SOURCE, id=f"{one.id}/expired", kind=EXPIRED_KIND, at=at, by=by,
            agreement=placed.agreement,
        )  # fmt: skip
        seqs.append(append_once(log, entry))
    return seqs


def unrecorded_expiries(log: Log, now: datetime) -> list[Hold]:
    """Return holds that expired with something left and no entry about it, as they stood until then."""
    just_before = timedelta(microseconds=1)
    with reading(log.engine) as session:
        recorded = {row[0] for row in session.rows("SELECT hold FROM hold_event WHERE event = 'expired'")}
        over = [
            _one(session, one.id, instant_of(one.expires_us) - just_before)
            for one in held_at(session, now, Until())
            if one.expires_us <= microseconds(now) and one.id not in recorded
        ]
    return [one for one in over if one.held_minor]


def _one(session: Session, hold: str, at: datetime) -> Hold:
    found = held_at(session, at, Until(), hold=hold)
    if not found:
        raise HoldUnknown(f"there is no such hold at {occurred_text(at)}", where=hold)
    return found[0]


def _last_us(session: Session, hold: str) -> int:
    return int(session.rows("SELECT max(occurred_us) FROM hold_event WHERE hold = ?", (hold,))[0][0])


def _placed(session: Session, hold: str) -> tuple[Entry, dict[str, Any], tuple[str, ...]]:
    """Return the entry that placed a hold, its content and who may read it. Raises HoldUnknown."""
    entry = find_entry(session, SOURCE, f"{hold}/placed")
    if entry is None:
        raise HoldUnknown("there is no such hold", where=hold)
    (group,) = [one for one in read_groups(session, entry.seq, None) if one.name == HOLD_GROUP]
    return entry, group.content, group.readers
