"""Witnesses: which keys countersign the log's checkpoints, and in whose name.

A witness is two entries of the log, `witness.registered` and perhaps `witness.withdrawn`, and nothing else,
so that nobody quietly takes one off the list. What they countersigned is kept in cosignatures.py; who may
register one is said in api/.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from ledger.appending import append_once
from ledger.database import Session, reading
from ledger.entries import AUDITOR, Group, NewEntry
from ledger.errors import EntryUnknown, NoteInvalid
from ledger.notes import COSIGNATURE, VerifierKey
from ledger.reading import content_of, read_told

if TYPE_CHECKING:
    from ledger.log import Log

SOURCE = "tallystick.witness"
REGISTERED_KIND = "witness.registered"
WITHDRAWN_KIND = "witness.withdrawn"
GROUP = "witness"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its party, its key, and the entries that registered and withdrew it."""

    party: str
    key: VerifierKey
    registered_seq: int
    withdrawn_seq: int | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it was not withdrawn."""
        return self.withdrawn_seq is None


def register_witness(log: Log, party: str, vkey: str, *, by: str, now: datetime) -> Witness:
    """Register a party's witness; the same again returns the first.

    Raises NoteInvalid for a key that is no witness's (C2SP vkey of type 0x04), and EntryConflict where the
    key is another party's.
    """
    key = VerifierKey.parse(vkey)
    if key.algorithm != COSIGNATURE:
        raise NoteInvalid(
            "not a witness's key; make one with `tallystick witness key`", where=f"vkey {key.name}"
        )
    _say(log, REGISTERED_KIND, key, party, by, now)
    return witness(log, key.label)


def withdraw_witness(log: Log, label: str, *, by: str, now: datetime) -> Witness:
    """Take no more countersignatures of a key, by its `NAME+HASH`; those taken stay. Raises EntryUnknown."""
    standing = witness(log, label)
    _say(log, WITHDRAWN_KIND, standing.key, standing.party, by, now)
    return witness(log, label)


def _say(log: Log, kind: str, key: VerifierKey, party: str, by: str, now: datetime) -> None:  # noqa: PLR0913, PLR0917
    entry_id = f"{key.label}/{kind.rpartition('.')[2]}"
    earlier = log.find(SOURCE, entry_id)
    content = {"by": by, "party": party, "vkey": str(key)}
    if earlier is not None:
        group = next(one for one in log.groups(earlier.seq) if one.name == GROUP)
        content["by"] = group.content["by"]
    entry = NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=now,
        asserter=party,
        concerns=(party,),
        groups=(Group(GROUP, (AUDITOR, party), content),),
    )
    append_once(log, entry)


def witnesses(log: Log) -> list[Witness]:
    """Return every witness, withdrawn ones too, in the order in which they were registered."""
    with reading(log.engine) as session:
        return list(read_witnesses(session).values())


def witness(log: Log, label: str) -> Witness:
    """Return one witness by its `NAME+HASH`. Raises EntryUnknown."""
    with reading(log.engine) as session:
        found = read_witnesses(session)
    if label not in found:
        known = f"; there are {', '.join(sorted(found))}" if found else ""
        raise EntryUnknown(f"no witness is registered under that key{known}", where=label)
    return found[label]


def read_witnesses(session: Session) -> dict[str, Witness]:
    """Return the witnesses by `NAME+HASH`, as a transaction sees them, but for those erased or unreadable."""
    found: dict[str, Witness] = {}
    for entry, opened in read_told(session, (REGISTERED_KIND, WITHDRAWN_KIND), GROUP):
        told = _told(entry.seq, opened)
        if told is None:
            continue
        if entry.kind == REGISTERED_KIND:
            found[told.key.label] = told
        elif told.key.label in found:
            found[told.key.label] = replace(found[told.key.label], withdrawn_seq=entry.seq)
    return found


def _told(seq: int, opened: bytes) -> Witness | None:
    try:
        content = content_of(opened)
        return Witness(content["party"], VerifierKey.parse(content["vkey"]), seq)
    except (msgspec.DecodeError, NoteInvalid, KeyError, TypeError, AttributeError):
        return None  # what the doctor finds anyway, as a group that is not the one committed to
