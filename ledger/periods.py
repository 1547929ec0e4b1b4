"""Periods of an agreement's accounts: closed month by month, and what comes late lands in the open one.

A close says every balance at the end of a month, as far as the log was known up to `as_of_seq`. An entry
belongs to the month in which it occurred, in the agreement's time zone, unless that month was closed before
the entry was recorded; then it belongs to the first month that was open, and names the one it is late from.
So what a close says never changes, and nothing is left out.

Closes are entries (`period.closed`), one a month and in order; there is no opening again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Self

from sqlalchemy import Engine

from ledger.accounts import Account, Until, balances
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.errors import PeriodRefused
from ledger.leaves import instant_of, microseconds, occurred_text
from ledger.log import Log
from ledger.reading import read_entries
from policies.canonical import canonical_bytes

CLOSED_KIND = "period.closed"
SOURCE = "tallystick.periods"
PERIOD_GROUP, BOOKS_GROUP, CHECKLIST_GROUP = "period", "books", "checklist"
_TICK, _SECOND = timedelta(microseconds=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month. As text it reads 2026-03."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-03". Raises PeriodRefused."""
        year, dash, month = text.partition("-")
        plain = text.isascii() and len(text) == len("2026-03") and dash and f"{year}{month}".isdecimal()
        if not plain or not 1 <= int(month) <= 12 or not 1970 <= int(year) < 9000:
            raise PeriodRefused("is no month such as 2026-03", where=text[:40])
        return cls(int(year), int(month))

    @classmethod
    def of(cls, instant: datetime, zone: tzinfo) -> Self:
        """Return the month of an instant in a time zone."""
        local = instant.astimezone(zone)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def next(self) -> Period:
        """The month after."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def start(self, zone: tzinfo) -> datetime:
        """Return the instant at which the month begins in a time zone."""
        return datetime(self.year, self.month, 1, tzinfo=zone)

    def end(self, zone: tzinfo) -> datetime:
        """Return the instant at which it is over."""
        return self.next.start(zone)

    def last_second(self, zone: tzinfo) -> datetime:
        """Return the cut-off by which a run settles all of it and still counts in it."""
        return self.end(zone) - _SECOND


@dataclass(frozen=True, slots=True)
class Close:
    """A closed month: by which entry, when, on whose word, and below which seq entries counted."""

    period: Period
    seq: int
    as_of_seq: int
    digest: str
    closed_at: str
    by: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of one agreement: its time zone and its closes, oldest first."""

    agreement: str
    zone: tzinfo
    closes: tuple[Close, ...] = ()

    def close_of(self, period: Period) -> Close | None:
        """Return the close of a month, None while it is open; months before the first are closed with it."""
        return next((one for one in self.closes if one.period >= period), None)

    def before(self, period: Period) -> Close | None:
        """Return the last close of a month before this one."""
        return next((one for one in reversed(self.closes) if one.period < period), None)

    def belongs(self, seq: int, occurred_us: int) -> tuple[Period, Period | None]:
        """Return the month an entry belongs to, and the month it is late from, None for most."""
        own = Period.of(instant_of(occurred_us), self.zone)
        closed = [one.period for one in self.closes if one.as_of_seq <= seq]
        if not closed or own > closed[-1]:
            return own, None
        return closed[-1].next, own


@dataclass(frozen=True, slots=True)
class Line:
    """One account in one month, in minor units: opening + moved + late = closing; late by month of origin."""

    account: Account
    opening_minor: int
    moved_minor: int
    late_minor: dict[Period, int]
    closing_minor: int


def calendar_of(log: Log, agreement: str, zone: tzinfo) -> Calendar:
    """Read the closes of an agreement (by id)."""
    found: list[Close] = []
    after = -1
    while entries := log.entries(after, kinds=[CLOSED_KIND], agreement=agreement):
        for entry in entries:
            (content,) = (one.content for one in log.groups(entry.seq) if one.name == PERIOD_GROUP)
            (books,) = (one.content for one in log.groups(entry.seq) if one.name == BOOKS_GROUP)
            period = Period.parse(content["period"])
            said = entry.occurred_at, content["closed_by"]
            found.append(Close(period, entry.seq, content["as_of_seq"], books["digest"], *said))
        after = entries[-1].seq
    return Calendar(agreement, zone, tuple(found))


def closing_balances(
    engine: Engine, calendar: Calendar, period: Period, end: int | None = None
) -> dict[Account, int]:
    """Return every balance not of zero at the end of a month: as closed, or while it is open as of now.

    `end` cuts an open month's log at a seq.
    """
    close = calendar.close_of(period)
    cut = close.as_of_seq if close else end
    until = Until(occurred=period.end(calendar.zone) - _TICK, end=cut)
    found = balances(engine, agreement=calendar.agreement, until=until)
    return {account: amount for account, amount in found.items() if amount}


def balances_digest(engine: Engine, calendar: Calendar, period: Period) -> str:
    """Return the digest of a month's closing balances as the log gives them; its close says the same."""
    rows = [_row(account, amount) for account, amount in closing_balances(engine, calendar, period).items()]
    header = {"agreement": calendar.agreement, "period": str(period)}
    return str(_books(header, rows)["digest"])


def lines(engine: Engine, calendar: Calendar, period: Period) -> list[Line]:
    """Return what each account was, moved and became in a month, sorted by account.

    An open month that does not follow the last close directly counts what belongs to the months between as
    opening.
    """
    before = calendar.before(period)
    closing = closing_balances(engine, calendar, period)
    late: dict[Account, dict[Period, int]] = defaultdict(lambda: defaultdict(int))
    if before is not None and before.period.next == period:
        opening = closing_balances(engine, calendar, before.period)
        for account, origin, amount in _late(engine, calendar, period, before.as_of_seq):
            late[account][origin] += amount
    else:
        close = calendar.close_of(period)
        until = Until(occurred=period.start(calendar.zone) - _TICK, end=close.as_of_seq if close else None)
        opening = balances(engine, agreement=calendar.agreement, until=until)
    found = []
    for account in sorted({*opening, *closing, *late}):
        was, becomes = opening.get(account, 0), closing.get(account, 0)
        came = {origin: amount for origin, amount in sorted(late[account].items()) if amount}
        moved = becomes - was - sum(came.values())
        if was or becomes or moved or came:
            found.append(Line(account, was, moved, came, becomes))
    return found


def _late(
    engine: Engine, calendar: Calendar, period: Period, since: int
) -> Iterator[tuple[Account, Period, int]]:
    close = calendar.close_of(period)
    sql = (
        "SELECT a.owner, a.agreement, a.purpose, a.currency, e.occurred_us, sum(p.amount_minor)"
        " FROM account a JOIN posting p ON p.account = a.id JOIN entry e ON e.seq = p.seq"
        " WHERE a.agreement = ? AND p.seq >= ? AND p.seq < ? AND e.occurred_us < ?"
        " GROUP BY a.owner, a.agreement, a.purpose, a.currency, e.occurred_us ORDER BY 1, 2, 3, 4, 5"
    )
    limits = (since, close.as_of_seq if close else 2**62, microseconds(period.start(calendar.zone)))
    with reading(engine) as session:
        rows = session.rows(sql, (calendar.agreement, *limits))
    for *key, occurred_us, amount in rows:
        yield Account(*key), Period.of(instant_of(occurred_us), calendar.zone), int(amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closing needs to know of an agreement: its version, its parties, and who keep the books.

    `checklist` is how everything looked at stood, for who keep the books to read; empty where nobody looked.
    """

    agreement: str
    parties: tuple[str, ...]
    keepers: tuple[str, ...]
    checklist: Mapping[str, Any] = field(default_factory=dict)


def close_period(  # noqa: PLR0913 -- which month of which agreement, when, on whose word
    log: Log, calendar: Calendar, period: Period, closing: Closing, *, now: datetime, by: str
) -> Close:
    """Close a month on the word of `by`; return the close. A month closed already is returned as it stands.

    The first close may be of any month that is over and takes all before it; from then on they follow each
    other. Each party reads its own accounts, keepers read all. Raises PeriodRefused, also where a month was
    closed since the calendar was read.
    """
    standing = next((one for one in calendar.closes if one.period == period), None)
    if standing is not None:
        return standing
    require_next(calendar, period, now)
    as_of = log.size()
    found = closing_balances(log.engine, calendar, period, as_of)
    previous = calendar.closes[-1] if calendar.closes else None
    header = {
        "agreement": calendar.agreement,
        "period": str(period),
        "from": occurred_text(period.start(calendar.zone)),
        "to": occurred_text(period.end(calendar.zone)),
        "as_of_seq": as_of,
        "previous": str(previous.period) if previous else None,
        "closed_by": by,
    }
    rows = [_row(account, amount) for account, amount in found.items()]
    groups = [Group(PERIOD_GROUP, closing.parties, header)]
    for place, party in enumerate(closing.parties, 1):
        own = [_row(account, amount) for account, amount in found.items() if account.owner == party]
        if own:
            groups.append(Group(f"party.{place}", (party,), _books(header, own)))
    books = _books(header, rows)
    groups.append(Group(BOOKS_GROUP, closing.keepers, books))
    if closing.checklist:
        groups.append(Group(CHECKLIST_GROUP, closing.keepers, dict(closing.checklist)))
    entry = NewEntry(
        source=SOURCE,
        id=f"{calendar.agreement}/{period}",
        kind=CLOSED_KIND,
        occurred_at=now,
        asserter=by,
        agreement=closing.agreement,
        concerns=closing.parties,
        groups=tuple(groups),
    )
    report = log.append([entry], require=partial(_require_unchanged, calendar))
    seq = (*report.accepted, *report.repeated)[0]
    return Close(period, seq, as_of, books["digest"], occurred_text(now), by)


def _require_unchanged(calendar: Calendar, session: Session) -> None:
    after = calendar.closes[-1].seq if calendar.closes else -1
    if read_entries(
        session, after=after, limit=1, kinds=(CLOSED_KIND,), agreement=calendar.agreement, newest_first=False
    ):
        message = "a month was closed meanwhile; look at the months again, then ask again"
        raise PeriodRefused(message, where=calendar.agreement)


def require_next(calendar: Calendar, period: Period, now: datetime) -> None:
    """Refuse a month that is not over or not the next to be closed. Raises PeriodRefused."""
    if period.end(calendar.zone) > now:
        raise PeriodRefused("this month is not over yet", where=str(period))
    last = calendar.closes[-1].period if calendar.closes else None
    if last is not None and period <= last:
        raise PeriodRefused(f"closed with {last}, the first month that was closed", where=str(period))
    if last is not None and period != last.next:
        raise PeriodRefused(f"months are closed in order; close {last.next} first", where=str(period))


def _row(account: Account, amount_minor: int) -> dict[str, Any]:
    return {
        "account": f"{account.owner}.{account.purpose}",
        "currency": account.currency,
        "balance_minor": amount_minor,
    }


def _books(header: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return accounts with the digest over them: of the canonical JSON of agreement, month and accounts."""
    told = {"agreement": header["agreement"], "period": header["period"], "accounts": list(rows)}
    return {"accounts": list(rows), "digest": hashlib.sha256(canonical_bytes(told)).hexdigest()}
