"""What was given to whom, and refused: `data.shared` and `data.refused`, written before an answer leaves.

The group `sharing` says who asked for what, under which clause, and how much was given; it stays. The group
`delivered` says which entries it was and the digest of what left; it is erased when the time is over, since a
digest of personal data could be tried against guesses. Values themselves are never copied here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry, require_plain
from ledger.errors import LogMoved
from ledger.intake.told import FACTS_GROUP
from ledger.leaves import read_opened
from ledger.log import Log
from ledger.reading import Entry, content_of, read_told
from ledger.sharing.seq_ranges import packed, unpacked

SOURCE = "tallystick.data"
SHARED_KIND, REFUSED_KIND = "data.shared", "data.refused"
ENDED_KIND, RETURNED_KIND, DELETED_KIND = "data.ended", "data.returned", "data.deleted"
SHARING_GROUP, DELIVERED_GROUP = "sharing", "delivered"
KINDS = (SHARED_KIND, REFUSED_KIND, ENDED_KIND, RETURNED_KIND, DELETED_KIND)
TOLD = "told"
"""The level of what a party says that it gave, past this log: nobody was asked and nothing was checked."""

TEXT_LIMIT = 500
_RESTED_ON = ("data.shared", "content.erased", "batch.voided", "opt_out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An answer to a request for data, as it is about to be recorded.

    `agreement` is the id@version whose grants were read, `recipient` and `readers` are global ids, `member`
    who asked. A refusal has a `reason`; `clause` is the grant that was read, None where there is none.
    `asked` says of which orders or days, `withheld` how many sales were left out and why.
    """

    id: str
    agreement: str
    recipient: str
    member: str
    readers: tuple[str, ...]
    purpose: str
    fields: tuple[str, ...]
    level: str
    asked: Mapping[str, Any]
    clause: str | None
    reason: str | None = None
    outside: tuple[str, ...] = ()
    days: int | None = None
    then: str | None = None
    until: datetime | None = None
    given: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    sets: tuple[frozenset[int], ...] = ()
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """An answer on record: see `Access`. `sets` is None once it was erased.

    `until` is when the time of all that was given ends, None while an order was not received; `ended_seq` and
    `settled_seq` are the entries that say that it has, and that the recipient gave back or deleted it.
    """

    id: str
    seq: int
    at: str
    agreement: str
    permitted: bool
    content: Mapping[str, Any]
    readers: tuple[str, ...]
    sets: tuple[frozenset[int], ...] | None
    ended_seq: int | None = None
    settled_seq: int | None = None
    settled: str | None = None

    @property
    def recipient(self) -> str:
        """The global id of the party that asked."""
        return str(self.content["recipient"])

    @property
    def level(self) -> str:
        """`order`, `aggregate`, or TOLD."""
        return str(self.content["level"])

    @property
    def awaits_return(self) -> bool:
        """Tell whether its time is over and the recipient has not said what became of it."""
        return self.ended_seq is not None and self.settled_seq is None and self.level == "order"


def record_access(log: Log, access: Access, *, at: datetime, end: int) -> int:
    """Write an answer down; return the seq of its entry.

    It was made from the log before seq `end`. Raises LogMoved where something that it rests on came since:
    another answer, an erasure, an opt-out, a void.
    """
    require_plain(access.purpose, TEXT_LIMIT, "purpose")
    groups = [Group(SHARING_GROUP, access.readers, _content(access))]
    if access.reason is None:
        delivered = {"sets": [packed(one) for one in access.sets], "sha256": access.sha256}
        groups.append(Group(DELIVERED_GROUP, _told_which(access), delivered))
    entry = NewEntry(
        source=SOURCE,
        id=access.id,
        kind=SHARED_KIND if access.reason is None else REFUSED_KIND,
        occurred_at=at,
        asserter="operator",
        agreement=access.agreement,
        concerns=access.readers,
        groups=tuple(groups),
    )
    report = log.append([entry], require=_nothing_since(end, access.agreement))
    return report.accepted[0]


def _told_which(access: Access) -> tuple[str, ...]:
    """Return who may read which entries an answer was of: of groups not who received them.

    A recipient who reads the orders, as a party to them, would know of each which group it is in.
    """
    if access.level != "aggregate":
        return access.readers
    return tuple(one for one in access.readers if one != access.recipient) or access.readers


def _content(access: Access) -> dict[str, Any]:
    found: dict[str, Any] = {
        "recipient": access.recipient,
        "member": access.member,
        "purpose": access.purpose,
        "fields": list(access.fields),
        "level": access.level,
        "asked": dict(access.asked),
    }
    if access.clause is not None:
        found["clause"] = access.clause
    if access.reason is not None:
        found |= {"reason": access.reason, "outside": list(access.outside)}
        return found
    found |= {
        "given": access.given,
        "withheld": dict(access.withheld),
        "days": access.days,
        "then": access.then,
    }
    if access.until is not None:
        found["until"] = access.until.isoformat()
    return found


def _nothing_since(end: int, agreement: str) -> Callable[[Session], None]:
    name = agreement.partition("@")[0]

    def require(session: Session) -> None:
        for kind, ref in session.rows("SELECT kind, agreement FROM entry WHERE seq >= ?", (end,)):
            if kind.startswith(_RESTED_ON) and (ref or name).partition("@")[0] == name:
                raise LogMoved("something that the answer rests on was recorded meanwhile", where="data")

    return require


def sharings(log: Log, agreement: str | None = None) -> list[Sharing]:
    """Return every answer on record and what parties say they gave, in order; of one agreement or all."""
    with reading(log.engine) as session:
        return read_sharings(session, agreement)


def sharings_of_order(log: Log, agreement: str, order: str) -> list[Sharing]:
    """Return the answers that an order of an agreement (an id) was in, while their records stand."""
    sql = "SELECT seq FROM line_event WHERE agreement = ? AND order_id = ? AND event = 'sale'"
    with reading(log.engine) as session:
        seqs = frozenset(row[0] for row in session.rows(sql, (agreement, order)))
        found = read_sharings(session, agreement)
    return [one for one in found if any(not seqs.isdisjoint(part) for part in one.sets or ())]


def read_sharings(session: Session, agreement: str | None) -> list[Sharing]:
    """Return every answer on record as a transaction sees it; see `sharings`."""
    delivered = {
        entry.seq: content_of(opened)["sets"]
        for entry, opened in read_told(session, (SHARED_KIND,), DELIVERED_GROUP, agreement)
    }
    later = {
        (entry.kind, content_of(opened)["sharing"]): entry.seq
        for entry, opened in read_told(session, KINDS[2:], SHARING_GROUP, agreement)
    }
    answers = read_told(session, KINDS[:2], SHARING_GROUP, agreement)
    found = [_sharing(entry, opened, delivered.get(entry.seq), later) for entry, opened in answers]
    told = [_told(entry, opened) for entry, opened in read_told(session, KINDS[:1], FACTS_GROUP, agreement)]
    return sorted([*found, *filter(None, told)], key=attrgetter("seq"))


def _told(entry: Entry, opened: bytes) -> Sharing | None:
    """Return what a party says that it gave elsewhere, None where it does not say to whom or what."""
    facts = content_of(opened)
    recipient, fields = facts.get("recipient"), facts.get("fields")
    if not isinstance(recipient, str) or not isinstance(fields, list):
        return None
    content = {
        "recipient": recipient,
        "member": entry.asserter,
        "purpose": str(facts.get("purpose", "")),
        "fields": [str(name) for name in fields],
        "level": TOLD,
        "asked": {"orders": facts.get("records", 0)},
        "given": facts["records"] if isinstance(facts.get("records"), int) else 0,
    }
    return Sharing(
        id=entry.id,
        seq=entry.seq,
        at=entry.occurred_at,
        agreement=entry.agreement or "",
        permitted=True,
        content=content,
        readers=tuple(read_opened(opened).readers),
        sets=None,
    )


def _sharing(
    entry: Entry, opened: bytes, sets: Sequence[str] | None, later: Mapping[tuple[str, str], int]
) -> Sharing:
    settled = next((kind for kind in (RETURNED_KIND, DELETED_KIND) if (kind, entry.id) in later), None)
    return Sharing(
        id=entry.id,
        seq=entry.seq,
        at=entry.occurred_at,
        agreement=entry.agreement or "",
        permitted=entry.kind == SHARED_KIND,
        content=content_of(opened),
        readers=tuple(read_opened(opened).readers),
        sets=None if sets is None else tuple(unpacked(one) for one in sets),
        ended_seq=later.get((ENDED_KIND, entry.id)),
        settled_seq=later[settled, entry.id] if settled else None,
        settled=settled.rpartition(".")[2] if settled else None,
    )
