"""Legal holds: what a court, an authority or a dispute needs may not be erased while the hold stands.

A hold is two entries of the log, `legal_hold.placed` and later `legal_hold.lifted`, and nothing else: who may
place one is said in api/, what it stops in erasing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.appending import append_once
from ledger.database import Session, reading
from ledger.entries import AUDITOR, Group, NewEntry, require_plain
from ledger.errors import EntryUnknown
from ledger.reading import content_of, read_told

if TYPE_CHECKING:
    from ledger.log import Log

SOURCE = "tallystick.legal_hold"
PLACED_KIND = "legal_hold.placed"
LIFTED_KIND = "legal_hold.lifted"
GROUP = "legal_hold"
NAME_LIMIT = 128
REASON_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold: its name, what it covers, why, on whose word, and the entries that placed and lifted it.

    It covers one order of an agreement, an agreement (id with no version), or the whole log.
    """

    name: str
    agreement: str | None
    order: str | None
    reason: str
    asserter: str
    placed_seq: int
    placed_at: str
    lifted_seq: int | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it was not lifted yet."""
        return self.lifted_seq is None

    def covers(self, agreement: str | None, order: str | None) -> bool:
        """Tell whether an entry under an agreement id, about an order if any, falls under it."""
        return (self.agreement is None or self.agreement == agreement) and (
            self.order is None or self.order == order
        )


def place_hold(  # noqa: PLR0913 -- its name, what it covers, why, who, who may know, when
    log: Log,
    name: str,
    *,
    agreement: str | None,
    order: str | None,
    reason: str,
    asserter: str,
    readers: Iterable[str],
    now: datetime,
) -> LegalHold:
    """Place a hold; the same again returns the first.

    `readers` and auditors may read that it stands. Raises EntryInvalid for an unusable name or an order with
    no agreement, and EntryConflict where a hold of that name covers something else.
    """
    require_plain(name, NAME_LIMIT, "legal hold, name")
    require_plain(reason, REASON_LIMIT, "legal hold, reason")
    content = {"hold": name, "reason": reason}
    if agreement is not None:
        content["agreement"] = agreement
    if order is not None:
        require_plain(order, NAME_LIMIT, "legal hold, order")
        assert agreement is not None, "an order belongs to an agreement"
        content["order"] = order
    _say(log, PLACED_KIND, name, content, asserter, tuple(readers), now)
    return legal_hold(log, name)


def lift_hold(log: Log, name: str, *, reason: str, asserter: str, now: datetime) -> LegalHold:
    """Lift a hold; the same again returns the first. Raises EntryUnknown where none has that name."""
    require_plain(reason, REASON_LIMIT, "legal hold, reason")
    placed = legal_hold(log, name)
    group = next(one for one in log.groups(placed.placed_seq) if one.name == GROUP)
    readers = tuple(reader for reader in group.readers if reader != AUDITOR)
    _say(log, LIFTED_KIND, name, {"hold": name, "reason": reason}, asserter, readers, now)
    return legal_hold(log, name)


def _say(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    log: Log,
    kind: str,
    name: str,
    content: dict[str, str],
    asserter: str,
    readers: tuple[str, ...],
    now: datetime,
) -> None:
    entry = NewEntry(
        source=SOURCE,
        id=f"{name}/{kind.rpartition('.')[2]}",
        kind=kind,
        occurred_at=now,
        asserter=asserter,
        concerns=readers,
        groups=(Group(GROUP, (AUDITOR, *readers), content),),
    )
    append_once(log, entry)


def legal_holds(log: Log) -> list[LegalHold]:
    """Return every hold, lifted ones too, in the order in which they were placed."""
    with reading(log.engine) as session:
        return list(_holds(session).values())


def legal_hold(log: Log, name: str) -> LegalHold:
    """Return one hold. Raises EntryUnknown."""
    with reading(log.engine) as session:
        found = _holds(session)
    if name not in found:
        known = f"; there are {', '.join(sorted(found))}" if found else ""
        raise EntryUnknown(f"no legal hold has that name{known}", where=name)
    return found[name]


def standing_holds(session: Session) -> list[LegalHold]:
    """Return the holds that stand, as a transaction sees them."""
    return [hold for hold in _holds(session).values() if hold.stands]


def _holds(session: Session) -> dict[str, LegalHold]:
    found: dict[str, LegalHold] = {}
    for entry, opened in read_told(session, (PLACED_KIND, LIFTED_KIND), GROUP):
        content = content_of(opened)
        name = content["hold"]
        if entry.kind == PLACED_KIND:
            found[name] = LegalHold(
                name,
                content.get("agreement"),
                content.get("order"),
                content["reason"],
                entry.asserter,
                entry.seq,
                entry.occurred_at,
            )
        else:
            found[name] = replace(found[name], lifted_seq=entry.seq)
    return found
