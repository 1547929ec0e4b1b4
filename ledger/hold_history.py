"""What happened to holds, for people: why each was placed, and every release and expiry on record.

What is held at a time is in holds.py and depends on none of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Engine

from ledger.database import reading
from ledger.hold_events import HOLD_GROUP
from ledger.leaves import read_opened


@dataclass(frozen=True, slots=True)
class HoldEvent:
    """One event of a hold: `event` is placed, released or expired; `by` whose word it was, None for expiry.

    Of a hold placed, `clause` asks for it and `case` is the dispute it is about, None for most.
    """

    hold: str
    seq: int
    event: str
    occurred_us: int
    amount_minor: int
    reason: str | None
    by: str | None
    clause: str | None
    case: str | None


def hold_history(engine: Engine, holds: Sequence[str]) -> dict[str, list[HoldEvent]]:
    """Return what happened to each of some holds, by id, oldest first."""
    found: dict[str, list[HoldEvent]] = {hold: [] for hold in holds}
    with reading(engine) as session:
        sql = (
            "SELECT h.hold, h.seq, h.event, h.occurred_us, h.amount_minor, d.opened"  # noqa: S608
            " FROM hold_event h JOIN disclosure d ON d.seq = h.seq AND d.name = ?"
            f" WHERE {session.members('h.hold')} ORDER BY h.seq"
        )
        for hold, seq, name, occurred_us, amount, opened in session.rows(
            sql, (HOLD_GROUP, session.listed(list(found)))
        ):
            told: dict[str, Any] = msgspec.json.decode(read_opened(bytes(opened)).content)
            by = told.get("placed_by") or told.get("released_by")
            found[hold].append(
                HoldEvent(
                    hold, seq, name, occurred_us, amount, told.get("reason"), by, told.get("clause"),
                    told.get("case"),
                )
            )  # fmt: skip
    return found
