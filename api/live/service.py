"""Shows what comes in under an agreement to its parties, and measures how late they see it.

Each party sees the same events of orders; of feedback what names them among its readers, never a buyer's
words. What is measured is kept in memory, for as long as the server runs.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from api.access import AUDITOR, Viewer, demand_read, sight_of
from api.language import LANGUAGES, catalogue
from api.live.schemas import Lag, LagName, LiveDay, LiveEvent, LiveView
from api.office.agreements import held_versions
from api.office.live import FEEDBACK, Watched, about, paid_minor, watch
from api.office.opening import Office
from api.reading import Money, Text
from api.worded import local_time
from ledger.disclosed import Disclosed
from ledger.leaves import microseconds, recorded_text
from ledger.live import Days, percentile
from ledger.registers.declaration import registers
from policies.agreement import Agreement

SHOWN_MAX, ANSWERED_MAX = 30, 500
"""The most events on the page, and of one answer to who asks with a cursor."""

MEASURED_MAX = 1_000
"""How many of the newest events that were shown are measured."""


class LiveService:
    """Answers who watches an agreement. Raises AccessDenied for who is no party to it."""

    def __init__(self, office: Office) -> None:
        """Watch the log of an office."""
        self.office = office
        self._shown: dict[str, deque[tuple[int, int]]] = defaultdict(lambda: deque(maxlen=MEASURED_MAX))
        self._days = Days()
        self._lock = threading.Lock()

    def view(
        self, viewer: Viewer, agreement: str, *, after: int | None = None, seen: int | None = None
    ) -> LiveView:
        """Return the newest events beyond entry `after`, what the day has brought, and how late it is seen.

        `seen` is the newest entry that who asks was shown before; without it or `after` nothing is measured.
        """
        demand_read(viewer, self._parties(agreement), "agreement")
        sight = None if AUDITOR in viewer.roles else sight_of(viewer)
        limit = SHOWN_MAX if after is None else ANSWERED_MAX
        found = watch(self.office, agreement, sight, self._days, after=after, limit=limit)
        cursor = seen if after is None else after
        if cursor is not None:
            self._measure(agreement, [one for one in found.events if one.entry.seq > cursor], found.now)
        return LiveView(
            agreement=agreement,
            now=local_time(found.agreement, found.now.isoformat()),
            events=tuple(_event(found.agreement, one) for one in found.events),
            next_after=found.events[0].entry.seq if found.events else cursor or 0,
            day=_day(found),
            lags=(_lag("arrival", found.arrived), *self._measured(agreement)),
        )

    def _parties(self, agreement: str) -> set[str]:
        signed = (one.agreement for one in held_versions(self.office).values() if one.is_signed)
        return {one.party_id(key) for one in signed if one.id == agreement for key in one.parties}

    def _measure(self, agreement: str, fresh: Iterable[Disclosed], now: datetime) -> None:
        now_us = microseconds(now)
        times = [(one.entry.recorded_us, one.entry.occurred_us) for one in fresh]
        with self._lock:
            self._shown[agreement] += [(max(0, now_us - one), max(0, now_us - two)) for one, two in times]

    def _measured(self, agreement: str) -> tuple[Lag, Lag]:
        with self._lock:
            measured = list(self._shown[agreement])
        return _lag("shown", [one for one, _ in measured]), _lag("whole", [one for _, one in measured])


def _day(found: Watched) -> LiveDay:
    def counted(prefix: str) -> int:
        return sum(count for kind, count in found.day.counts.items() if kind.startswith(prefix))

    return LiveDay(
        since=found.since.isoformat(),
        sales=counted("sale."),
        paid=Money(found.day.paid_minor, found.agreement.currency),
        receipts=counted("receipt."),
        refunds=counted("refund."),
        after_sale=counted("after_sale."),
        feedback=sum(counted(f"{name}.") for name in FEEDBACK),
    )


def _event(document: Agreement, one: Disclosed) -> LiveEvent:
    entry, paid = one.entry, paid_minor(one)
    return LiveEvent(
        entry_seq=entry.seq,
        kind=entry.kind,
        what=_what(entry.kind),
        about=about(one),
        occurred_at=local_time(document, entry.occurred_at),
        recorded_at=local_time(document, recorded_text(entry.recorded_us)),
        amount=Money(paid, document.currency) if paid else None,
    )


def _what(kind: str) -> Text:
    """Return an event in words: those of its register, else the house's."""
    of, _, event = kind.partition(".")
    if of in FEEDBACK:
        words = registers()[of].all_events[event].text
        return Text(words.zh, words.en)
    zh, en = (catalogue(one).term("entry-kind", kind) for one in LANGUAGES)
    return Text(zh, en)


def _lag(name: LagName, lags: Sequence[int]) -> Lag:
    half, most = (percentile(lags, one) for one in (50, 95))
    return Lag(name, len(lags), _ms(half), _ms(most))


def _ms(lag_us: int | None) -> int | None:
    return None if lag_us is None else lag_us // 1000
