"""Seals: entries that name the head of the embedded chain, so that the log says which chain it was.

Whoever keeps that chain's file could write its blocks anew, and nothing in the file would show it. What an
entry says is under the log's checkpoints: a chain rewritten or cut since then contradicts it. Heads are bytes
here: what a chain is, and whether its file still holds what was sealed, is asked in api/office/sealing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.appending import append_once
from ledger.database import reading
from ledger.entries import AUDITOR, Group, NewEntry
from ledger.reading import content_of, read_told

if TYPE_CHECKING:
    from ledger.log import Log

SOURCE = "tallystick.chain"
KIND = "chain.sealed"
BEGUN_ANEW = "chain.begun_anew"
"""Kind of the entry which says that the chain was lost and begins from nothing; seals before it are its."""

GROUP = "seal"
OPERATOR = "operator"
"""Who asserts a seal: nobody else sees the chain's file."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A head of a chain as an entry names it: number and hash of its newest block then."""

    seq: int
    chain_id: int
    number: int
    block_hash: bytes


def record_seal(log: Log, chain_id: int, number: int, block_hash: bytes, *, now: datetime) -> int:
    """Append the entry that a chain's head is this block; return its seq. The same again adds nothing."""
    name = f"0x{block_hash.hex()}"
    content = {"block": number, "chain_id": chain_id, "hash": name, "kind": "embedded"}
    entry = NewEntry(
        source=SOURCE,
        id=f"{chain_id}/{number}/{name}",
        kind=KIND,
        occurred_at=now,
        asserter=OPERATOR,
        groups=(Group(GROUP, (AUDITOR,), content),),
    )
    return append_once(log, entry)


def record_anew(log: Log, lost: Seal, reason: str, *, now: datetime) -> int:
    """Append the entry that the chain of a seal was lost and begins anew; return its seq."""
    name = f"0x{lost.block_hash.hex()}"
    content = {"block": lost.number, "chain_id": lost.chain_id, "hash": name, "reason": reason}
    entry = NewEntry(
        source=SOURCE,
        id=f"{lost.chain_id}/anew/{lost.number}/{name}",
        kind=BEGUN_ANEW,
        occurred_at=now,
        asserter=OPERATOR,
        groups=(Group(GROUP, (AUDITOR,), content),),
    )
    return append_once(log, entry)


def begun_anew(log: Log, before: int | None = None) -> Seal | None:
    """Return what was sealed last of a chain that was lost, by the entry that says so; None if none was."""
    return _newest(log, BEGUN_ANEW, before)


def seals(log: Log) -> list[Seal]:
    """Return every seal of the chain that there is now, in the order in which it was made."""
    lost = begun_anew(log)
    first = -1 if lost is None else lost.seq
    with reading(log.engine) as session:
        told = read_told(session, (KIND,), GROUP)
        return [_seal(entry.seq, opened) for entry, opened in told if entry.seq > first]


def last_seal(log: Log, before: int | None = None) -> Seal | None:
    """Return the newest seal of the chain there is, or was at `before` entries; None if there is none."""
    found, lost = _newest(log, KIND, before), begun_anew(log, before)
    return None if found is None or (lost is not None and found.seq < lost.seq) else found


def _newest(log: Log, kind: str, before: int | None) -> Seal | None:
    found = log.entries(before, 1, kinds=(kind,), newest_first=True)
    if not found:
        return None
    (group,) = [one for one in log.groups(found[0].seq) if one.name == GROUP]
    assert group.opened is not None, "no seal is erased: it holds nobody's data"
    return _seal(found[0].seq, group.opened)


def _seal(seq: int, opened: bytes) -> Seal:
    content = content_of(opened)
    return Seal(seq, content["chain_id"], content["block"], bytes.fromhex(content["hash"][2:]))
