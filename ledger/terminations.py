"""The end of an agreement by the word of all its parties, as entries of the log.

    agreement.terminated              all parties of the newest signed version end the agreement with a day
    agreement.termination_registered  a registry on a chain holds the same

An agreement is ended once, for a day to come: what was sold before that day stays as it was. Verifying the
signatures is not ledger's: who records an end has verified them (api/office/terminating.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ledger.database import Session
from ledger.entries import Group, NewEntry
from ledger.reading import Entry, read_contents

SOURCE = "tallystick.agreements"
TERMINATED, REGISTERED = "agreement.terminated", "agreement.termination_registered"
KINDS = (TERMINATED, REGISTERED)
TERMINATION_GROUP = "termination"


@dataclass(frozen=True, slots=True)
class Termination:
    """That an agreement ends with the beginning of a day, in its own time zone, after its newest version.

    `ref` is that version, `content` what the entry `seq` of time `at` says, `registered` what its
    registration says.
    """

    agreement: str
    ref: str
    ends_on: date
    seq: int
    at: datetime
    content: dict[str, Any] = field(repr=False)
    registered: dict[str, Any] | None = field(default=None, repr=False)


def termination_entry(  # noqa: PLR0913 (which agreement, what it says, to whom, by whom, when)
    kind: str,
    agreement: str,
    ref: str,
    content: dict[str, Any],
    *,
    readers: tuple[str, ...],
    asserter: str,
    occurred_at: datetime,
) -> NewEntry:
    """Return an entry of one of KINDS about an agreement, not yet appended; every party reads it."""
    return NewEntry(
        source=SOURCE,
        id=f"{agreement}/{kind.removeprefix('agreement.')}",
        kind=kind,
        occurred_at=occurred_at,
        asserter=asserter,
        agreement=ref,
        concerns=readers,
        groups=(Group(TERMINATION_GROUP, readers, content),),
    )


def termination_within(session: Session, agreement: str, end: int | None = None) -> Termination | None:
    """Return how an agreement was ended, None where it was not; with `end`, as entries before it tell."""
    return _folded(read_contents(session, KINDS, agreement), end).get(agreement)


def all_terminations(session: Session) -> dict[str, Termination]:
    """Return every end on record, by agreement id."""
    return _folded(read_contents(session, KINDS))


def _folded(told: Iterable[tuple[Entry, dict[str, Any]]], end: int | None = None) -> dict[str, Termination]:
    found: dict[str, Termination] = {}
    for entry, contents in told:
        if end is not None and entry.seq >= end:
            continue
        content = contents[TERMINATION_GROUP]
        agreement = content["agreement"]
        if entry.kind == TERMINATED:
            day = date.fromisoformat(content["ends_on"])
            at = datetime.fromisoformat(entry.occurred_at)
            found[agreement] = Termination(agreement, entry.agreement or "", day, entry.seq, at, content)
        else:
            found[agreement] = replace(found[agreement], registered=content)
    return found
