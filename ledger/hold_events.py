"""What entries say of holds, as rows: placed, released, expired. Appending and rebuilding share it.

Not here: what is held at a time, and what may be placed or released (holds.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from ledger.database import Row
from ledger.derive import AccountKey
from ledger.entries import AMOUNT_LIMIT_MINOR, ID_LIMIT, Posting, require_instant, require_plain
from ledger.errors import EntryInvalid
from ledger.leaves import microseconds, read_opened
from ledger.replay import Chunk

PLACED_KIND, RELEASED_KIND, EXPIRED_KIND = "hold.placed", "hold.released", "hold.expired"

HOLD_EVENTS = {PLACED_KIND: "placed", RELEASED_KIND: "released", EXPIRED_KIND: "expired"}
"""The event that each of these kinds tells, in the group `hold`."""

HOLD_GROUP = "hold"

NEVER_US = 2**63 - 1
"""When a hold expires that says no time."""


def hold_event_of(kind: str, entry_id: str, groups: Iterable[tuple[str, dict[str, Any]]]) -> Row | None:
    """Return (hold, event, owner, agreement, purpose, currency, amount, expires_us) if the kind tells of one.

    `groups` are name and content of each. Raises EntryInvalid for one that lacks a usable group `hold`.
    """
    event = HOLD_EVENTS.get(kind)
    if event is None:
        return None
    content = next((content for name, content in groups if name == HOLD_GROUP), None)
    if content is None:
        raise EntryInvalid(f"a {kind} needs a group '{HOLD_GROUP}'", where=entry_id)
    hold, amount, expires_at = (content.get(name) for name in ("hold", "amount_minor", "expires_at"))
    require_plain(hold, ID_LIMIT, f"{entry_id}, hold.hold")
    if type(amount) is not int or not 0 < amount < AMOUNT_LIMIT_MINOR:
        raise EntryInvalid("must be minor units above 0, below 2^53", where=f"{entry_id}, hold.amount_minor")
    expires_us = NEVER_US if expires_at is None else _instant_us(expires_at, f"{entry_id}, hold.expires_at")
    return (hold, event, *_account(content, entry_id), amount, expires_us)


def _account(content: dict[str, Any], entry_id: str) -> AccountKey:
    account = content.get("account")
    if type(account) is not str:
        raise EntryInvalid("must be OWNER.PURPOSE", where=f"{entry_id}, hold.account")
    owner, _, purpose = account.rpartition(".")
    agreement, currency = content.get("agreement"), content.get("currency")
    posting = Posting(
        owner=owner,
        purpose=purpose,
        agreement=agreement or "",
        currency=currency or "",
        amount_minor=1,
        clause=HOLD_GROUP,
        kind=HOLD_GROUP,
    )  # fmt: skip -- a posting knows what an account may be called
    return posting.owner, posting.agreement, posting.purpose, posting.currency


def _instant_us(text: object, where: str) -> int:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    require_instant(moment, where)
    assert moment is not None
    return microseconds(moment)


def hold_rows(chunk: Chunk) -> list[Row]:
    """Return the rows that a chunk's entries and open groups give."""
    rows: list[Row] = []
    for entry in chunk.entries:
        if entry.kind in HOLD_EVENTS:
            opened = (read_opened(group.opened) for group in chunk.groups.get(entry.seq, []))
            told = [(one.name, msgspec.json.decode(one.content)) for one in opened]
            row = hold_event_of(entry.kind, entry.id, told)
            assert row is not None, "the kind is one of HOLD_EVENTS"
            rows.append((entry.seq, *row, entry.occurred_us, entry.recorded_us))
    return rows
