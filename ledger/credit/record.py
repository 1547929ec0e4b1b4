"""Writing points: given under a rule, appealed by their party, upheld, removed and restored by somebody else.

Whether a step fits is asked within the transaction that writes it, so that two who act at once, or a retry,
never do a thing twice. Not here: which entries of the log give points by themselves (following.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ledger.appending import append_once
from ledger.credit.errors import CreditRefused, CreditUnknown
from ledger.credit.points import (
    APPEALED,
    GIVEN,
    GROUP,
    REMOVED,
    RESTORED,
    SOURCE,
    UPHELD,
    Points,
    State,
    points_within,
)
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry, entry_of, require_plain
from ledger.leaves import instant_of, occurred_text
from ledger.log import Log
from policies.credit.model import CreditModel

REASON_LIMIT = 2_000
ID_LIMIT = 128

_FROM: dict[str, tuple[State, ...]] = {
    APPEALED: ("standing",),
    UPHELD: ("appealed",),
    REMOVED: ("standing", "appealed", "upheld"),
    RESTORED: ("removed",),
}
"""How points must stand before each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPoints:
    """Points to be given: their id for ever, to whom (global id), by which rule, and why.

    `keeper` is the platform that keeps this credit, `agreement` (id@version) and `clause` what it rests on,
    `cites` the seqs of the entries that show it.
    """

    id: str
    party: str
    keeper: str
    rule: str
    clause: str
    agreement: str
    reason: str
    severity: int = 1
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of points: why, on whose word (a party's id or a member), and when."""

    reason: str
    by: str
    at: datetime


def giving(model: CreditModel, new: NewPoints, *, at: datetime, by: str) -> NewEntry:
    """Return the entry that gives points, not yet appended. Raises CreditRefused."""
    require_plain(new.id, ID_LIMIT, "points.id")
    require_plain(new.reason, REASON_LIMIT, "points.reason")
    require_plain(new.clause, ID_LIMIT, "points.clause")
    try:
        rule = model.rule(new.rule)
    except KeyError as fault:
        raise CreditRefused(str(fault.args[0]), where=new.id) from None
    if not 1 <= new.severity <= rule.severity_max:
        raise CreditRefused(
            f"the severity of '{rule.id}' is from 1 to {rule.severity_max}, not {new.severity}", where=new.id
        )
    content: dict[str, Any] = {
        "id": new.id,
        "party": new.party,
        "keeper": new.keeper,
        "rule": rule.id,
        "points": rule.points * new.severity,
        "severity": new.severity,
        "clause": new.clause,
        "reason": new.reason,
        "cites": sorted(set(new.cites)),
        "model": model.digest,
        "by": by,
    }
    return entry_of(
        Group(GROUP, (new.party, new.keeper), content),
        source=SOURCE, id=f"{new.id}/given", kind=GIVEN, at=at, by=by, agreement=new.agreement,
    )  # fmt: skip


def give(log: Log, model: CreditModel, new: NewPoints, *, at: datetime, by: str) -> Points:
    """Give points on the word of `by`; the same again adds nothing.

    Raises CreditRefused, EntryConflict where other points stand under the id.
    """
    entry = giving(model, new, at=at, by=by)

    def require(session: Session) -> None:
        ahead = [seq for seq in new.cites if not session.rows("SELECT 1 FROM entry WHERE seq = ?", (seq,))]
        if ahead:
            raise CreditRefused(f"the log has no entry {ahead[0]} to cite", where=new.id)

    append_once(log, entry, require)
    return points_of(log, new.id)


def points_of(log: Log, points_id: str) -> Points:
    """Return some points as they stand. Raises CreditUnknown."""
    with reading(log.engine) as session:
        return _found(session, points_id)


def appeal(log: Log, model: CreditModel, points_id: str, said: Said) -> Points:
    """Record a party's appeal against its points: once, within the model's days from when the log took them.

    Raises CreditUnknown, CreditRefused.
    """
    return _take(log, APPEALED, points_id, said, model)


def uphold(log: Log, points_id: str, said: Said) -> Points:
    """Dismiss an appeal: the points go on counting. Raises CreditUnknown, CreditRefused."""
    return _take(log, UPHELD, points_id, said)


def remove(log: Log, points_id: str, said: Said) -> Points:
    """Have points count no more from now on: an appeal was right, or they were given by mistake.

    Raises CreditUnknown, CreditRefused.
    """
    return _take(log, REMOVED, points_id, said)


def restore(log: Log, points_id: str, said: Said) -> Points:
    """Have removed points count again. Raises CreditUnknown, CreditRefused."""
    return _take(log, RESTORED, points_id, said)


def _take(log: Log, kind: str, points_id: str, said: Said, model: CreditModel | None = None) -> Points:
    """Append a step, if it fits how the points stand; the same as the last one adds nothing."""
    require_plain(said.reason, REASON_LIMIT, "points.reason")
    found = points_of(log, points_id)
    last = found.steps[-1]
    if (last.kind, last.by, last.reason) == (kind, said.by, said.reason):
        return found
    name = f"{points_id}/{kind.rpartition('_')[2]}/{len(found.steps)}"
    content = {"id": points_id, "reason": said.reason, "by": said.by}
    entry = entry_of(
        Group(GROUP, found.readers, content),
        source=SOURCE, id=name, kind=kind, at=said.at, by=said.by, agreement=found.agreement,
    )  # fmt: skip

    def require(session: Session) -> None:
        now = _found(session, points_id)
        if len(now.steps) != len(found.steps):
            raise CreditRefused("somebody else acted on it meanwhile; look at it again", where=points_id)
        _require_fitting(now, kind, said, model)

    log.append([entry], require=require)
    return points_of(log, points_id)


def _require_fitting(found: Points, kind: str, said: Said, model: CreditModel | None) -> None:
    if found.state not in _FROM[kind]:
        raise CreditRefused(f"it is {found.state}, and cannot be {kind.rpartition('_')[2]}", where=found.id)
    if kind == APPEALED and found.was_appealed:
        raise CreditRefused("it was appealed before; an appeal is made once", where=found.id)
    if kind in {UPHELD, REMOVED} and found.state == "appealed" and said.by in {found.given.by, found.party}:
        raise CreditRefused("who gave the points, or has them, does not decide the appeal", where=found.id)
    if model is not None:
        until = instant_of(found.given.recorded_us) + timedelta(days=model.appeal_days)
        if said.at > until:
            raise CreditRefused(f"the time to appeal was over at {occurred_text(until)}", where=found.id)


def _found(session: Session, points_id: str) -> Points:
    found = points_within(session).get(points_id)
    if found is None:
        raise CreditUnknown("there are no such points", where=points_id[:80])
    return found
