"""Where the registry on a chain holds a change of a signer's keys, as entries of the log.

    key.registered   a registry on a chain holds a change of a signer's keys, in a block that is final

The changes themselves are keys.py's. What is not registered here is for the chain worker to bring there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.database import Session
from ledger.entries import Group, NewEntry
from ledger.reading import content_of, read_told
from ledger.signing.keys import SOURCE, KeyEvent, event_id

KIND = "key.registered"
REGISTRATION_GROUP = "registration"


def registration_entry(  # noqa: PLR0913 (which change, where, to whom, by whom, when)
    event: KeyEvent,
    number: int,
    where: Mapping[str, Any],
    readers: tuple[str, ...],
    *,
    asserter: str,
    at: datetime,
) -> NewEntry:
    """Return the entry of a change's registration, not yet appended, for those who read of the change.

    `number` is the change's in the registry, `where` names chain, registry, block and transaction.
    """
    content = {"signer": event.signer, "number": number, **where}
    return NewEntry(
        source=SOURCE,
        id=f"{event_id(event.signer, event.place)}/registered/{where['chain_id']}/{where['transaction']}",
        kind=KIND,
        occurred_at=at,
        asserter=asserter,
        concerns=readers,
        groups=(Group(REGISTRATION_GROUP, readers, content),),
    )


def registered_changes(session: Session, chain_id: int) -> dict[tuple[str, int], int]:
    """Return in which block a registry on a chain holds a change, as told last, by signer and number."""
    told = (content_of(opened) for _, opened in read_told(session, (KIND,), REGISTRATION_GROUP))
    return {(one["signer"], one["number"]): one["block"] for one in told if one["chain_id"] == chain_id}
