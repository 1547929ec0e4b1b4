"""What registers and notices tell in a window: scores of buyers, incidents confirmed, sessions, breaches.

What was voided, dismissed or withdrawn counts nothing. A register that no declaration brings tells nothing,
which is not the same as none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.evaluation.intervals import Sample
from ledger.evaluation.windows import Window
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.notices.notice import Notice
from ledger.notices.reading import notices
from ledger.registers.declaration import registers
from ledger.registers.items import Happened, Item, items

SURVEY, INCIDENT, SESSION = "survey", "incident", "session"
SATISFIED = 4
"""The score of 1 to 5 from which on a buyer counts as satisfied."""
PROMOTES, DETRACTS = 9, 6
"""The answers of 0 to 10 from which on a buyer promotes, and up to which one detracts."""


@dataclass(frozen=True)
class ToldItems:
    """The items of registers and the notices of one agreement, read once for both windows."""

    surveys: Sequence[Item] | None
    incidents: Sequence[Item] | None
    sessions: Sequence[Item] | None
    breaches: Sequence[Notice]

    def scores(self, window: Window) -> Sample | None:
        """Return the scores given in a window, voided ones left out; None where nobody keeps any."""
        if self.surveys is None:
            return None
        given = [int(text) for one in _given(self.surveys, window) if (text := one.text("score"))]
        return Sample(tuple(sorted(Counter(given).items())))

    def recommendations(self, window: Window) -> Sample | None:
        """Return who would recommend: 1 a promoter (9 or 10), -1 a detractor (0 to 6), 0 who is neither."""
        if self.surveys is None:
            return None
        told = [int(text) for one in _given(self.surveys, window) if (text := one.text("recommend"))]
        given = Counter((score >= PROMOTES) - (score <= DETRACTS) for score in told)
        return Sample(tuple(sorted(given.items())))

    def sessions_held(self, window: Window) -> tuple[int, int] | None:
        """Return in how many sessions something was violated, of how many that went on air in a window.

        It is of when it first went on air, also where it went on after an interruption. It counts where
        content was flagged as worse than a notice, or an incident of it was confirmed.
        """
        if self.sessions is None:
            return None
        confirmed = {one.text("session") for one in self.incidents or () if _stands(one)}
        held = [
            one
            for one in self.sessions
            if (started := _first(one, "started")) is not None and window.holds(started.occurred_us)
        ]
        return sum(one.id in confirmed or _is_flagged(one) for one in held), len(held)

    def violations(self, window: Window) -> Counter[str] | None:
        """Return how many incidents were confirmed in a window, by what they were; None if none are kept."""
        if self.incidents is None:
            return None
        found: Counter[str] = Counter()
        for one in self.incidents:
            confirmed = one.last("confirmed")
            if confirmed is not None and _stands(one) and window.holds(confirmed.occurred_us):
                found[one.text("what", "other")] += 1
        return found

    def breached(self, window: Window) -> Counter[str]:
        """Return how many notices of a breach that no reader dismissed fall in a window, by code."""
        held = [
            one for one in self.breaches if window.holds(microseconds(datetime.fromisoformat(one.given_at)))
        ]
        return Counter(one.new.code for one in held)


def told_items(log: Log, agreement: str, end: int, parties: Collection[str] | None = None) -> ToldItems:
    """Return what registers and notices tell of an agreement (id), as the log stood before seq `end`.

    Of notices those that are for some of `parties`, all where it is None.
    """
    given = notices(log, agreement=agreement, readers=parties, end=end)
    return ToldItems(
        _kept(log, SURVEY, agreement, end),
        _kept(log, INCIDENT, agreement, end),
        _kept(log, SESSION, agreement, end),
        [one for one in given if one.new.severity == "breach" and not one.dismissed],
    )


def _given(surveys: Sequence[Item], window: Window) -> Iterator[Item]:
    """Yield the answers given in a window, voided ones left out."""
    yield from (one for one in surveys if one.state != "voided" and window.holds(one.opened.occurred_us))


def _stands(incident: Item) -> bool:
    """Tell whether an incident was confirmed, and not dismissed since."""
    return incident.last("confirmed") is not None and incident.state not in {"dismissed", "reported"}


def _first(one: Item, event: str) -> Happened | None:
    return next((each for each in one.happened if each.event == event), None)


def _is_flagged(session: Item) -> bool:
    return any(
        one.event == "flagged" and one.fields.get("severity") in {"warning", "stop"}
        for one in session.happened
    )


def _kept(log: Log, register: str, agreement: str, end: int) -> Sequence[Item] | None:
    if register not in registers():
        return None
    found: Iterable[Item] = items(log, register, agreement, end)
    return list(found)
