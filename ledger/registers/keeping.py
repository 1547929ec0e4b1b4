"""How long what registers were told is kept: nothing of an item is erased before its declared time is over.

Of a register that declares no retention personal fields can be erased at any time, and the rest at none,
since the state of its items rests on it. What stops an erasure besides is in ledger/erasing.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ledger.database import Session
from ledger.errors import ErasureRefused
from ledger.reading import Entry
from ledger.registers.declaration import Register, registers
from ledger.registers.items import GROUP, SOURCE, Happened, event_of, fold
from ledger.registers.terms import OPENED


def require_kept_no_longer(session: Session, entry: Entry, group: str, now: datetime) -> None:
    """Refuse to erase a group that a register keeps for now. Raises ErasureRefused."""
    if entry.source != SOURCE:
        return
    where = f"entry {entry.seq}, group {group}"
    name, item_id, _, _ = event_of(entry.id)
    declared = registers().get(name)
    retention = declared.retention if declared is not None else None
    if retention is None:
        if group == GROUP:
            raise ErasureRefused(f"the state of {name} {item_id} is what later entries rest on", where=where)
        return
    assert declared is not None
    until = kept_until(declared, fold(session, [(name, item_id)])[name, item_id].happened)
    if until is None:
        message = (
            f"a {name} is kept until {retention.days} days after '{retention.from_}', which has not happened"
        )
        raise ErasureRefused(message, where=where)
    if now.date() <= until:
        raise ErasureRefused(f"a {name} is kept until {until} ({retention.days} days)", where=where)


def kept_until(of: Register, happened: Sequence[Happened]) -> date | None:
    """Return the last day on which an item is kept; None where its time has not begun, or has no end."""
    retention = of.retention
    if retention is None:
        return None
    begun = [one for one in happened if one.event == retention.from_]
    if retention.from_ == OPENED:
        begun = list(happened[:1])
    return begun[-1].occurred.date() + timedelta(days=retention.days) if begun else None
