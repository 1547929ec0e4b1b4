"""What is done to a statement, written into the log: served, accepted, contested, and contests ended.

Each act may be asked for again and adds nothing then; each is one transaction, a contest with the holds of
what it contests. What may follow what is asked within that transaction, so that of two acts at once the
second sees the first. Who may act is asked before (api/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.holds import placing, releasing, require_releasable
from ledger.leaves import occurred_text
from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.errors import (
    ContestEnded,
    ContestRefused,
    ContestUnknown,
    ServiceRefused,
    StatementClosed,
)
from ledger.statements.contest_holds import Standing, holds_placed, left_by_hold, room, to_hold, to_release
from ledger.statements.contested import (
    ContestAsked,
    Contested,
    contested,
    of_items,
    of_whole,
    require_uncontested,
)
from ledger.statements.life import (
    ACCEPTANCE_GROUP,
    ACCEPTANCES,
    ACCEPTED,
    CONTEST_GROUP,
    CONTESTED,
    MEANS,
    SERVED,
    SERVICE_GROUP,
    SOURCE,
    Contest,
    Life,
    Means,
    acceptance_id,
    content_within,
    contents_of,
    contest_end_id,
    contest_id,
    life_of,
    life_within,
    service_id,
)
from ledger.statements.lines import LineStore
from ledger.statements.placed import Placed
from ledger.statements.reading import Statement
from policies.agreement import Agreement

End = Literal["withdrawn", "answered", "dismissed"]
"""How a contest ends: by its party, by a statement that corrects, by an arbiter."""


@dataclass(frozen=True, slots=True)
class Act:
    """When something is done, and by whom: a member, or the office."""

    at: datetime
    by: str


def serve(  # noqa: PLR0913 -- which statement, how, when it arrived, and what shows that it did
    log: Log,
    statement: Statement,
    agreement: Agreement,
    means: Means,
    act: Act,
    *,
    delivered_at: datetime | None = None,
    reference: str | None = None,
) -> Entry:
    """Record that a statement reached its party by some means; the same means again returns the first record.

    At the address it is `delivered_at` some time by now, `reference` says what shows it (a waybill number).
    Raises ServiceRefused where the document gives no address, or for a time that has not come.
    """
    assert means in MEANS, means
    standing = log.find(SOURCE, service_id(statement.id, means))
    if standing is not None:
        return standing
    address = _address(agreement, statement.party) if means == "address" else None
    if means == "address" and address is None:
        raise ServiceRefused(
            f"{agreement.ref} gives no address for service of {statement.party}; serve it in the inbox",
            where=statement.id,
        )
    when = delivered_at or act.at
    if when > act.at:
        raise ServiceRefused("it cannot have been delivered at a time to come", where=statement.id)
    content = {
        **_named(statement),
        "means": means,
        "address": address,
        "delivered_at": occurred_text(when.astimezone(agreement.zone)),
        "reference": reference,
        "served_by": act.by,
    }
    return _appended(
        log,
        _entry(statement, agreement, SERVED, service_id(statement.id, means), act, SERVICE_GROUP, content),
    )


def accept(log: Log, statement: Statement, agreement: Agreement, act: Act) -> Entry:
    """Accept a statement in its party's name; accepting again returns the first acceptance.

    What is contested stays contested. No figure is in the entry: those stand in the statement.
    """
    standing = log.find(ACCEPTANCES, acceptance_id(statement.id))
    if standing is not None:
        return standing
    content = {**_named(statement), "accepted_by": act.by}
    entry = _entry(
        statement,
        agreement,
        ACCEPTED,
        acceptance_id(statement.id),
        act,
        ACCEPTANCE_GROUP,
        content,
        ACCEPTANCES,
    )
    return _appended(log, entry)


def contest(  # noqa: PLR0913, PLR0917 -- the log and its line files, the statement and its terms, what, and who
    log: Log,
    store: LineStore,
    statement: Statement,
    agreement: Agreement,
    asked: ContestAsked,
    act: Act,
) -> Contest:
    """Contest lines, figures or the whole in the party's name, and hold what of it is above zero at once.

    The same contest again, while it stands, returns it. Raises ContestRefused, StatementClosed where it is
    accepted or its window over, StatementUnknown for a line that it does not have, EntryConflict where
    another contest of it came in between.
    """
    placed = Placed(log, statement, agreement)
    found = contested(store, placed, asked)
    repeated = _repeated(log, statement, asked, found)
    if repeated is not None:
        return repeated
    seen = life_of(log, statement.id)
    number = len(seen.contests) + 1
    amounts = to_hold(_room(placed), found.by_purpose, _standing(log, placed, seen, act.at))
    holds = holds_placed(statement, agreement, number, amounts, _readers(statement, agreement))
    content = {
        **_named(statement),
        "contest": number,
        "reason": asked.reason,
        "contested_by": act.by,
        "whole": found.whole,
        "lines": list(found.lines),
        "figures": list(found.figures),
        "amount_minor": found.amount_minor,
        "currency": agreement.currency,
        "holds": [
            {
                "hold": one.id,
                "account": f"{one.account.owner}.{one.account.purpose}",
                "amount_minor": one.amount_minor,
            }
            for one in holds
        ],
    }
    entry_id = contest_id(statement.id, number)

    def require(session: Session) -> None:
        life = life_within(session, statement.id)
        require_open(session, life, statement, agreement, act.at)
        standing = [content_within(session, one.entry) for one in life.open_contests]
        require_uncontested(statement, found, standing)
        _require_unmoved(session, statement, seen)

    entry = _entry(statement, agreement, CONTESTED, entry_id, act, CONTEST_GROUP, content)
    _appended(log, entry, [placing(one, at=act.at, by=act.by) for one in holds], require)
    return life_of(log, statement.id).contests[number - 1]


def end_contest(  # noqa: PLR0913, PLR0917 -- which contest, how, why, by whom, and what answers it
    log: Log,
    statement: Statement,
    agreement: Agreement,
    number: int,
    how: End,
    act: Act,
    *,
    reason: str,
    correction: str | None = None,
) -> Entry:
    """End a contest and release what it held; ending it again in the same way returns the first end.

    Raises ContestUnknown, ContestEnded where it ended otherwise.
    """
    seen = life_of(log, statement.id)
    if not 1 <= number <= len(seen.contests):
        raise ContestUnknown(f"there is no contest {number} of it", where=statement.id)
    ended = seen.contests[number - 1].ended
    kind = f"contest.{how}"
    if ended is not None:
        if ended.kind != kind:
            raise ContestEnded(f"contest {number} of it ended as {ended.kind} before", where=statement.id)
        return ended
    placed = Placed(log, statement, agreement)
    free = to_release(_room(placed), number, _standing(log, placed, seen, act.at))
    name = f"{how}-{number}"
    releases = [
        releasing(log, hold, amount, release=name, at=act.at, by=act.by, reason=kind)
        for hold, amount in free.items()
    ]
    told = {**_named(statement), "contest": number, "reason": reason, "ended_by": act.by}

    def require(session: Session) -> None:
        _require_unmoved(session, statement, seen)
        for hold, amount in free.items():
            require_releasable(session, hold, amount, act.at)

    entry = _entry(
        statement,
        agreement,
        kind,
        contest_end_id(statement.id, number),
        act,
        CONTEST_GROUP,
        told | ({"correction": correction} if correction else {}),
    )
    return _appended(log, entry, releases, require)


def require_open(
    session: Session, life: Life, statement: Statement, agreement: Agreement, now: datetime
) -> None:
    """Refuse what comes after it was accepted or corrected, or its window ended. Raises StatementClosed."""
    if life.corrected is not None:
        new = content_within(session, life.corrected)["correction"]
        raise StatementClosed(f"{new} corrects it; contest that one instead", where=statement.id)
    if life.accepted is not None:
        raise StatementClosed("it is accepted; file a dispute instead", where=statement.id)
    if life.expired(agreement, now):
        until = life.deadline(agreement)
        assert until is not None
        raise StatementClosed(
            f"it could be contested until {until.last_day}; file a dispute instead", where=statement.id
        )


def _repeated(log: Log, statement: Statement, asked: ContestAsked, found: Contested) -> Contest | None:
    """Return the open contest that says just what is asked."""
    wanted = (asked.reason, found.whole, list(found.lines), list(found.figures))
    with reading(log.engine) as session:
        for one in life_within(session, statement.id).open_contests:
            content = content_within(session, one.entry)
            if (content["reason"], content["whole"], content["lines"], content["figures"]) == wanted:
                return one
    return None


def _standing(log: Log, placed: Placed, life: Life, at: datetime) -> list[Standing]:
    """Return the contests of a statement with what each contests and holds."""
    found = []
    contents = contents_of(log, [one.entry for one in life.contests])
    for one in life.contests:
        content = contents[one.entry.seq]
        items = content["lines"], content["figures"]
        contests = of_whole(placed) if content["whole"] else of_items(placed, *items)
        left = left_by_hold(log, content["holds"], at)
        found.append(Standing(one.number, one.ended is None, contests, left))
    return found


def _room(placed: Placed) -> dict[str, int]:
    return room(of_whole(placed), placed.statement.content["payable_minor"])


def _require_unmoved(session: Session, statement: Statement, seen: Life) -> None:
    """Refuse where another contest came or ended since it was looked at. Raises ContestRefused."""
    if life_within(session, statement.id).contests != seen.contests:
        raise ContestRefused("it was contested meanwhile; look at it and ask again", where=statement.id)


def _address(agreement: Agreement, party_id: str) -> str | None:
    """Return the address for service that the document gives for a party."""
    found = (one for key, one in agreement.parties.items() if agreement.party_id(key) == party_id)
    return next((one.service_address for one in found), None)


def _readers(statement: Statement, agreement: Agreement) -> tuple[str, ...]:
    """Return who reads what is done to a statement: its party, and the platform that pays."""
    platforms = [agreement.party_id(key) for key, one in agreement.parties.items() if one.role == "platform"]
    return tuple(sorted({statement.party, *platforms}))


def _named(statement: Statement) -> dict[str, Any]:
    return {"statement": statement.id, "statement_seq": statement.seq, "party": statement.party}


def _entry(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    statement: Statement,
    agreement: Agreement,
    kind: str,
    entry_id: str,
    act: Act,
    group: str,
    content: dict[str, Any],
    source: str = SOURCE,
) -> NewEntry:
    readers = _readers(statement, agreement)
    of_party = kind in {ACCEPTED, CONTESTED, "contest.withdrawn"}
    return NewEntry(
        source=source,
        id=entry_id,
        kind=kind,
        occurred_at=act.at,
        asserter=statement.party if of_party else act.by,
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(group, readers, content),),
    )


def _appended(
    log: Log,
    entry: NewEntry,
    more: Sequence[NewEntry] = (),
    require: Callable[[Session], None] | None = None,
) -> Entry:
    """Append an entry, others with it, and return it as it stands."""
    report = log.append([entry, *more], require=require)
    seq = report.seqs[0]
    assert seq is not None, "what conflicts is refused"
    return log.entry(seq)
