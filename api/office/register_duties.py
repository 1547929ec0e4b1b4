"""What follows from items of registers as they stand: amounts held, clocks that ran out, what expires.

All of it is declared by the register. A hold is placed or released in the transaction that tells what asks
for it; every round of tending looks again, at what was told without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from api.office.agreements import held_versions, signed_versions
from api.office.credit import party_meant
from api.office.errors import AgreementUnknown
from api.office.holds import account_named, account_readers
from api.office.opening import OPERATOR, Office
from ledger.accounts import Account
from ledger.database import Session, reading
from ledger.entries import NewEntry
from ledger.holds import NewHold, placed_within, placing, releasing_left
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice
from ledger.registers.asking import Standing, Telling
from ledger.registers.declaration import Register, registers
from ledger.registers.items import Item, items
from ledger.registers.telling import Follow, append_following, tell_all
from ledger.registers.terms import HoldTerms
from policies.agreement import Agreement
from policies.errors import TallystickError
from policies.money import to_minor

MONITOR = "monitor"
AHEAD = timedelta(days=30)
"""How long before something expires its readers are told."""

OVERDUE, CLOCK, CLAUSE = "overdue", "clock", "clause"
_ID_LIMIT = 64


def keep_holds(office: Office) -> int:
    """Place and release what items of registers ask to be held; return how many changes that made. A duty.

    What is told through the office has its hold with it; this is for what was told otherwise.
    """
    follow, done = holding(office), 0
    for of in registers().values():
        for one in items(office.log, of.name) if of.holds else ():
            with reading(office.engine) as session:
                asked = follow(session, one, None)
            if asked:
                done += append_following(office.log, one, follow)
    return done


def holding(office: Office) -> Follow:
    """Return what gives the entries that place and release what an item asks to be held, as it stands.

    An item of no amount, or whose party is not one of its agreement, asks for nothing. Where another party
    answers for it than before, the hold moves to that one's account.
    """
    versions = {ref: one.agreement for ref, one in held_versions(office).items()}
    now = office.clock()

    def follow(session: Session, one: Item, told: Telling | None) -> list[NewEntry]:
        at = now if told is None else told.at
        under = told.standing.agreement if told is not None else None
        terms = registers()[one.register].holds
        if terms is None or one.agreement is None or not one.text(terms.amount):
            return []
        agreement = _version(session, one, terms, versions, under)
        if agreement is None:
            return []  # nothing can be said of it here: what is held stays until the next round
        wanted = _wanted(agreement, one, terms) if one.state in terms.while_ else None
        placed = _placed(session, one)
        left = [
            releasing_left(session, hold, release=one.state, at=at, by=OPERATOR, reason=one.state)
            for hold, account in placed
            if wanted is None or account != wanted.account
        ]
        found = [entry for entry in left if entry is not None]
        if wanted is not None and not (placed and placed[-1][1] == wanted.account):
            found.append(placing(replace(wanted, id=hold_id(one, len(placed) + 1)), at=at, by=OPERATOR))
        return found

    return follow


def hold_id(one: Item, number: int = 1) -> str:
    """Return the id of a hold that an item asks for; they are counted from 1 as they move between parties."""
    name = f"{one.register}.{one.id}"
    if number == 1 and len(name) <= _ID_LIMIT:
        return name
    said = name if number == 1 else f"{name}/{number}"  # no item's name has a stroke
    return f"{one.register}.{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _placed(session: Session, one: Item) -> list[tuple[str, Account]]:
    """Return the holds that were placed for an item and on which account, in order."""
    found = list[tuple[str, Account]]()
    while (account := placed_within(session, name := hold_id(one, len(found) + 1))) is not None:
        found.append((name, account))
    return found


def _version(
    session: Session, one: Item, terms: HoldTerms, versions: Mapping[str, Agreement], under: Agreement | None
) -> Agreement | None:
    """Return the version under which it was told who answers for an item; else `under`, of what is fresh."""
    told = one.fields.get(terms.of)
    if told is None:
        return None
    rows = session.rows("SELECT agreement FROM entry WHERE seq = ?", (told.seq,))
    return versions.get(rows[0][0] or "") if rows else under


def _wanted(agreement: Agreement, one: Item, terms: HoldTerms) -> NewHold | None:
    """Return the hold that an item asks for, of whom the version means under which that was told."""
    party = party_meant(agreement, one.text(terms.of))
    key = next((key for key in agreement.parties if agreement.party_id(key) == party), None)
    minor = to_minor(one.text(terms.amount), agreement.currency)
    if key is None or minor <= 0:
        return None
    return NewHold(
        id=hold_id(one),
        account=account_named(agreement, key),
        amount_minor=minor,
        reason=one.register,
        clause=_clause(agreement, one, terms),
        agreement=agreement.ref,
        readers=account_readers(agreement, key),
    )


def _clause(agreement: Agreement, one: Item, terms: HoldTerms) -> str:
    named = (clause.id for clause in agreement.document.clauses if clause.kind in terms.kinds)
    return one.text(CLAUSE) or next(named, one.register)


def tell_overdue(office: Office) -> int:
    """Tell of each clock that has run out, in registers with an event for it; return how many. A duty."""
    told = [
        telling
        for of in registers().values()
        if OVERDUE in of.events
        for one in items(office.log, of.name)
        for telling in _overdue(office, of, one)
    ]
    return _told(office, told)


def _told(office: Office, tellings: Sequence[Telling]) -> int:
    """Tell what nobody has told meanwhile, each by itself; return how many were told."""
    done = (tell_all(office.log, [one], partial=True) for one in tellings)
    return sum(not isinstance(answer, TallystickError) for one in done for answer in one.answers)


def _overdue(office: Office, of: Register, one: Item) -> Iterator[Telling]:
    """Yield what is to be told of an item's clocks: that one is late, as of when it was due."""
    now = office.clock()
    before = {(event.fields.get(CLOCK), event.occurred) for event in one.happened if event.event == OVERDUE}
    known = {name: one.text(name) for name in of.events[OVERDUE].fields if one.text(name)}
    for clock in one.clocks:
        due = datetime.fromisoformat(clock.due) if clock.due is not None and clock.is_late(now) else None
        if due is None or (clock.id, due) in before:
            continue
        try:
            agreement = signed_versions(office, one.agreement or "")[-1].agreement
        except AgreementUnknown:
            return
        fields, standing = {**known, CLOCK: clock.id}, Standing(agreement)
        yield Telling(of.name, one.id, OVERDUE, fields, MONITOR, now, due, standing)


def watch_expiry(office: Office) -> int:
    """Tell items whose day is over so, and give notice of those whose day comes near. A duty.

    Days are those of the agreement's time zone, of UTC in a register of parties.
    """
    now = office.clock()
    over, ahead = list[Telling](), list[tuple[NewNotice, datetime]]()
    for of in registers().values():
        for one in items(office.log, of.name) if of.expires else ():
            day = _last_day(of, one)
            if day is None:
                continue
            standing = _standing(office, of, one)
            today = (now if standing.agreement is None else now.astimezone(standing.agreement.zone)).date()
            if today > day:
                over.append(_over(of, one, now, standing))
            elif today + AHEAD >= day:
                ahead.append((_expiring(one, day), now))
    return _told(office, over) + give_notices(office.log, ahead, by=MONITOR)


def _last_day(of: Register, one: Item) -> date | None:
    """Return the last day of an item that may expire as it stands."""
    assert of.expires is not None, "the caller has asked"
    text = one.text(of.expires.field)
    return date.fromisoformat(text) if text and one.state in of.expires.while_ else None


def _standing(office: Office, of: Register, one: Item) -> Standing:
    if of.of == "agreement":
        return Standing(signed_versions(office, one.agreement or "")[-1].agreement)
    return Standing(party=one.party, readers=one.readers)


def _over(of: Register, one: Item, now: datetime, standing: Standing) -> Telling:
    assert of.expires is not None, "the caller has asked"
    return Telling(of.name, one.id, of.expires.event, {}, MONITOR, now, None, standing)


def _expiring(one: Item, day: date) -> NewNotice:
    return NewNotice(
        id=f"{one.register}-expiring-{one.id}-{day.isoformat()}",
        code=f"{one.register}-expiring",
        agreement=None,
        clause=None,
        about={"party": one.party or one.id, "item": one.id},
        cites=(one.happened[-1].seq,),
        figures={"day": day.isoformat()},
        readers=one.readers,
        severity="warning",
    )
