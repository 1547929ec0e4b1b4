"""Shows what comes in under an agreement to its parties, and measures how late they see it.

Each party sees the same events of orders; of feedback what names them among its readers, never a buyer's
words. What is measured is kept in memory, for as long as the server runs.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime, time

from api.access import AUDITOR, Viewer, demand_read, sight_of
from api.language import catalogue
from api.live.schemas import Lag, LagName, LiveDay, LiveEvent, LiveView
from api.office.agreements import held_versions
from api.office.opening import Office
from api.reading import Money, Text
from api.worded import local_time
from ledger.derive import LINE_EVENTS, ORDER_GROUP
from ledger.disclosed import Disclosed, disclosed_entries
from ledger.leaves import microseconds, recorded_text
from ledger.live import arrivals, day_so_far, percentile
from ledger.registers.declaration import Register, registers
from ledger.registers.items import SOURCE as REGISTERS
from ledger.registers.items import event_of
from policies.agreement import Agreement

SHOWN_MAX, ANSWERED_MAX = 30, 500
"""The most events on the page, and of one answer to who asks with a cursor."""

MEASURED_MAX = 1_000
"""How many of the newest events that were shown are measured."""

FEEDBACK = ("feedback", "survey")
"""The registers that are feedback."""

_ESCROW, _BALANCE = "escrow", "balance"


class LiveService:
    """Answers who watches an agreement. Raises AccessDenied for who is no party to it."""

    def __init__(self, office: Office) -> None:
        """Watch the log of an office."""
        self.office = office
        self._shown: dict[str, deque[tuple[int, int]]] = defaultdict(lambda: deque(maxlen=MEASURED_MAX))
        self._lock = threading.Lock()

    def view(
        self, viewer: Viewer, agreement: str, *, after: int | None = None, seen: int | None = None
    ) -> LiveView:
        """Return the newest events beyond entry `after`, what the day has brought, and how late it is seen.

        `seen` is the newest entry that who asks was shown before; without it or `after` nothing is measured.
        """
        versions = [
            one.agreement
            for one in held_versions(self.office).values()
            if one.is_signed and one.agreement.id == agreement
        ]
        demand_read(viewer, {one.party_id(key) for one in versions for key in one.parties}, "agreement")
        document = max(versions, key=lambda one: one.version)
        feedback = [registers()[name] for name in FEEDBACK]
        kinds = [*LINE_EVENTS, *(kind for one in feedback for kind in one.kinds)]
        log, refs = self.office.log, [one.ref for one in versions]
        sight = None if AUDITOR in viewer.roles else sight_of(viewer)
        limit = SHOWN_MAX if after is None else ANSWERED_MAX
        found = disclosed_entries(log, sight, after=after, limit=limit, kinds=kinds, agreement=agreement)
        now = self.office.clock()
        day = _day(self.office, document, refs, kinds, now)
        arrived = arrivals(log, refs, kinds)
        cursor = seen if after is None else after
        if cursor is not None:
            self._measure(agreement, [one for one in found if one.entry.seq > cursor], now)
        return LiveView(
            agreement=agreement,
            now=local_time(document, now.isoformat()),
            events=tuple(_event(document, one) for one in found),
            next_after=found[0].entry.seq if found else max(cursor or 0, 0),
            day=day,
            lags=(_lag("arrival", arrived), *self._measured(agreement)),
        )

    def _measure(self, agreement: str, found: Sequence[Disclosed], now: datetime) -> None:
        now_us = microseconds(now)
        with self._lock:
            self._shown[agreement] += [
                (max(0, now_us - one.entry.recorded_us), max(0, now_us - one.entry.occurred_us))
                for one in reversed(found)
            ]

    def _measured(self, agreement: str) -> tuple[Lag, Lag]:
        with self._lock:
            measured = list(self._shown[agreement])
        return _lag("shown", [one for one, _ in measured]), _lag("whole", [one for _, one in measured])


def _day(
    office: Office, document: Agreement, refs: Sequence[str], kinds: Sequence[str], now: datetime
) -> LiveDay:
    begun = datetime.combine(now.astimezone(document.zone).date(), time(), tzinfo=document.zone)
    escrow = (_ESCROW, _BALANCE, document.currency)
    found = day_so_far(office.log, refs, kinds, since=begun, escrow=escrow)

    def counted(prefix: str) -> int:
        return sum(count for kind, count in found.counts.items() if kind.startswith(prefix))

    return LiveDay(
        since=begun.isoformat(),
        sales=counted("sale."),
        paid=Money(found.paid_minor, document.currency),
        receipts=counted("receipt."),
        refunds=counted("refund."),
        after_sale=counted("after_sale."),
        feedback=sum(counted(f"{name}.") for name in FEEDBACK),
    )


def _event(document: Agreement, one: Disclosed) -> LiveEvent:
    entry = one.entry
    return LiveEvent(
        entry_seq=entry.seq,
        kind=entry.kind,
        what=_what(entry.kind),
        about=_about(one),
        occurred_at=local_time(document, entry.occurred_at),
        recorded_at=local_time(document, recorded_text(entry.recorded_us)),
        amount=_paid(document, one),
    )


def _what(kind: str) -> Text:
    of, _, event = kind.partition(".")
    declared: Register | None = registers().get(of)
    if declared is not None and event in declared.all_events:
        words = declared.all_events[event].text
        return Text(words.zh, words.en)
    return Text(*(catalogue(one).term("entry-kind", kind) for one in ("zh", "en")))


def _about(one: Disclosed) -> str:
    """Return the order and line, or the matter of a register, that an event is about."""
    if one.entry.source == REGISTERS:
        return event_of(one.entry.id)[1]
    content = next((group.content for group in one.groups if group.name == ORDER_GROUP), {})
    return " ".join(content[name] for name in ("order", "line") if name in content)


def _paid(document: Agreement, one: Disclosed) -> Money | None:
    found = sum(
        posting["amount_minor"]
        for group in one.groups
        if group.name == ORDER_GROUP
        for posting in group.postings
        if posting["account"] == f"{_ESCROW}.{_BALANCE}"
    )
    return Money(found, document.currency) if found else None


def _lag(name: LagName, lags: Sequence[int]) -> Lag:
    half, most = percentile(lags, 50), percentile(lags, 95)
    return Lag(name, len(lags), _ms(half), _ms(most))


def _ms(lag_us: int | None) -> int | None:
    return None if lag_us is None else lag_us // 1000
