"""What registers and notices tell in a window: scores of buyers, incidents that were confirmed, breaches.

What was voided, dismissed or withdrawn counts nothing. A register that no declaration brings tells nothing,
which is not the same as none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.evaluation.intervals import Sample
from ledger.evaluation.windows import Window
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.notices.notice import Notice
from ledger.notices.reading import notices
from ledger.registers.declaration import registers
from ledger.registers.items import Item, items

SURVEY, INCIDENT = "survey", "incident"
SATISFIED = 4
"""The score of 1 to 5 from which on a buyer counts as satisfied."""


@dataclass(frozen=True)
class ToldItems:
    """The items of registers and the notices of one agreement, read once for both windows."""

    surveys: Sequence[Item] | None
    incidents: Sequence[Item] | None
    breaches: Sequence[Notice]

    def scores(self, window: Window) -> Sample | None:
        """Return the scores given in a window, voided ones left out; None where nobody keeps any."""
        if self.surveys is None:
            return None
        given = [
            int(text)
            for one in self.surveys
            if one.state != "voided" and window.holds(one.opened.occurred_us) and (text := one.text("score"))
        ]
        return Sample(tuple(sorted(Counter(given).items())))

    def violations(self, window: Window) -> Counter[str] | None:
        """Return how many incidents were confirmed in a window, by what they were; None if none are kept."""
        if self.incidents is None:
            return None
        found: Counter[str] = Counter()
        for one in self.incidents:
            confirmed = one.last("confirmed")
            if confirmed is None or one.state in {"dismissed", "reported"}:
                continue
            if window.holds(confirmed.occurred_us):
                found[one.text("what", "other")] += 1
        return found

    def breached(self, window: Window) -> Counter[str]:
        """Return how many notices of a breach that no reader dismissed fall in a window, by code."""
        held = [
            one for one in self.breaches if window.holds(microseconds(datetime.fromisoformat(one.given_at)))
        ]
        return Counter(one.new.code for one in held)


def told_items(log: Log, agreement: str, end: int) -> ToldItems:
    """Return what registers and notices tell of an agreement (id), as the log stood before seq `end`."""
    given = notices(log, agreement=agreement, end=end)
    return ToldItems(
        _kept(log, SURVEY, agreement, end),
        _kept(log, INCIDENT, agreement, end),
        [one for one in given if one.new.severity == "breach" and not one.dismissed],
    )


def _kept(log: Log, register: str, agreement: str, end: int) -> Sequence[Item] | None:
    if register not in registers():
        return None
    found: Iterable[Item] = items(log, register, agreement, end)
    return list(found)
