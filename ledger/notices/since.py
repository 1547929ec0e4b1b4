"""What became since of what a notice rests on: an observation that was disputed or withdrawn after it.

Worked out from the log whenever somebody asks. The notice stays as it was given, and so do its entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.database import reading
from ledger.log import Log
from ledger.registers.items import SOURCE, Folding, Happened, Key, event_of, fold

DOUBTFUL = frozenset({"disputed", "withdrawn", "voided"})
"""States of an item in which what was told of it is not to be leant on."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An item that a notice cites, disputed, withdrawn or voided now, and the event that made it so.

    `cited` is the seq of the entry that the notice rests on. Whoever may read `happened` may read all of it.
    """

    register: str
    item: str
    state: str
    cited: int
    happened: Happened

    @property
    def reason(self) -> str:
        """Why, in the words of who told it; empty where none are given, or they were erased."""
        return self.happened.fields.get("reason") or ""


def doubts(log: Log, cites: Iterable[int]) -> tuple[Doubt, ...]:
    """Return what of the entries cited (by seq) is doubtful as the log stands, in order, each item once."""
    with reading(log.engine) as session:
        cited: dict[Key, int] = {}
        for seq in cites:
            sql = "SELECT source_id FROM entry WHERE seq = ? AND source = ?"
            for (entry_id,) in session.rows(sql, (seq, SOURCE)):
                name, item, _, _ = event_of(entry_id)
                cited.setdefault((name, item), seq)
        items = fold(session, cited)
    found = (_doubt(items[key], seq) for key, seq in cited.items() if key in items)
    return tuple(one for one in found if one is not None)


def _doubt(one: Folding, cited: int) -> Doubt | None:
    if one.state not in DOUBTFUL:
        return None
    leads = {name for name, event in one.register.all_events.items() if one.state in {event.to, event.opens}}
    made_so = next(each for each in reversed(one.happened) if each.event in leads)
    return Doubt(one.register.name, one.id, one.state, cited, made_so)
