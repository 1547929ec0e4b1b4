"""Months of accounts as one viewer may see them, and closing for those who may.

A party sees its own accounts, who keeps the books (the platform) and auditors all. The platform's role `pay`
closes, or the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from api.access import Viewer
from api.accounts.service import account_words
from api.books import demand_party, keeper, may_keep, sees_all, signed
from api.office.accounts import movement_cursor
from api.office.closing import checklist, close, override
from api.office.opening import OPERATOR, Office
from api.office.periods import calendar, month
from api.periods.checks import checks_of, shown_override
from api.periods.schemas import (
    AccountMonth,
    AccountMonthRow,
    CloseCheck,
    ItemOverridden,
    LateMonthRow,
    LatePage,
    LateRow,
    LateShown,
    MonthPage,
    MonthRow,
    PeriodShown,
)
from api.reading import Money
from api.worded import who
from ledger.late import LatePosting, Way, late_by_month, late_postings
from ledger.periods import Calendar, Close, Line, Period
from policies.agreement import Agreement

ROWS_PER_PAGE = 50
_ROWS_AT_ONCE = 1_000
_OPEN_MONTHS_MAX = 24


class PeriodService:
    """Shows and closes months. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def months(self, viewer: Viewer, agreement: str) -> tuple[MonthRow, ...]:
        """Return the months of an agreement, newest first: those that are open, then the closed ones."""
        versions = signed(self.office, agreement)
        if not versions or not may_keep(viewer, versions):
            demand_party(viewer, versions)
        known = calendar(self.office, agreement)
        closed = [_closed(one, versions[-1]) for one in reversed(known.closes)]
        return (*reversed(self._open(known)), *closed)

    def month_page(self, viewer: Viewer, agreement: str, before: str | None, limit: int) -> MonthPage:
        """Return the months of an agreement before a month, at most so many. Raises PeriodRefused."""
        rows = self.months(viewer, agreement)
        if before is not None:
            beyond = Period.parse(before)
            rows = tuple(one for one in rows if Period.parse(one.period) < beyond)
        return MonthPage(rows[:limit], rows[limit - 1].period if len(rows) > limit else None)

    def _open(self, known: Calendar) -> list[MonthRow]:
        """Return the months after the last close, up to the running one; with no close, the last two."""
        now = Period.of(self.office.clock(), known.zone)
        one = known.closes[-1].period.next if known.closes else _before(now)
        found: list[MonthRow] = []
        while one <= now and len(found) < _OPEN_MONTHS_MAX:
            found.append(MonthRow(str(one), "running" if one == now else "due", None, None, None, None, None))
            one = one.next
        return found

    def show(self, viewer: Viewer, agreement: str, period: str) -> PeriodShown:
        """Return a month with the accounts that the viewer may read."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        known, shown, lines = month(self.office, agreement, period)
        everything = sees_all(viewer, versions)
        mine = [one for one in lines if everything or one.account.owner in viewer.parties]
        closed = known.close_of(shown)
        return PeriodShown(
            agreement=agreement,
            period=str(shown),
            entry_seq=closed.seq if closed else None,
            as_of_seq=closed.as_of_seq if closed else None,
            accounts=tuple(_account(one, versions[-1]) for one in mine),
        )

    def late(  # noqa: PLR0913, PLR0917 -- who asks, of which month, which way, and where to continue
        self, viewer: Viewer, agreement: str, period: str, way: Way, after: str | None, limit: int
    ) -> LatePage:
        """Return what came late into a month, or late for it and went into later ones."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        found = late_postings(
            self.office.engine,
            calendar(self.office, agreement),
            Period.parse(period),
            way,
            owners=None if sees_all(viewer, versions) else viewer.parties,
            after=movement_cursor(after),
            limit=limit + 1,
        )
        rows = tuple(_late(one, versions[-1]) for one in found[:limit])
        return LatePage(rows, f"{rows[-1].entry_seq}.{rows[-1].n}" if len(found) > limit else None)

    def every_late(self, viewer: Viewer, agreement: str, period: str, way: Way) -> Iterator[LateRow]:
        """Yield all of it, for a file."""
        after: str | None = None
        while True:
            page = self.late(viewer, agreement, period, way, after, _ROWS_AT_ONCE)
            yield from page.postings
            after = page.next_after
            if after is None:
                return

    def late_months(self, viewer: Viewer, agreement: str) -> tuple[LateMonthRow, ...]:
        """Return everything that came late under an agreement, by month, of the accounts they may read."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        owners = None if sees_all(viewer, versions) else viewer.parties
        return late_months(self.office, agreement, owners)

    def checks(self, viewer: Viewer, agreement: str, period: str) -> tuple[CloseCheck, ...]:
        """Return the checklist of a month as the viewer would close it, for those who may close it."""
        keeper(viewer, signed(self.office, agreement))
        return checks_of(checklist(self.office, agreement, period), viewer.member)

    def override(self, viewer: Viewer, agreement: str, period: str, item: str, reason: str) -> ItemOverridden:
        """Let an open item of a month stand for another member to close. Raises OverrideRefused."""
        by = keeper(viewer, signed(self.office, agreement))
        made = override(self.office, agreement, period, item, by=viewer.member, asserter=by, reason=reason)
        return shown_override(made)

    def close(self, viewer: Viewer, agreement: str, period: str) -> PeriodShown:
        """Close a month; one that is closed is shown as it stands. Raises PeriodRefused, ChecklistOpen."""
        by = keeper(viewer, signed(self.office, agreement))
        done = close(self.office, agreement, period, by, viewer.member)
        if by != OPERATOR:
            return self.show(viewer, agreement, period)
        return PeriodShown(agreement, str(done.period), done.seq, done.as_of_seq, ())

    def may_close(self, viewer: Viewer, agreement: str) -> bool:
        """Say whether the viewer may close months of an agreement."""
        return may_keep(viewer, signed(self.office, agreement))


def late_months(
    office: Office, agreement: str, owners: Collection[str] | None = None
) -> tuple[LateMonthRow, ...]:
    """Return everything that came late under an agreement, by month, of some owners' accounts or of all."""
    versions, known = signed(office, agreement), calendar(office, agreement)
    return tuple(
        LateMonthRow(
            str(one.origin),
            str(one.into),
            one.account.owner,
            one.account.purpose,
            account_words(versions[-1], one.account.owner, one.account.purpose),
            one.postings,
            Money(one.amount_minor, one.account.currency),
        )
        for one in late_by_month(office.engine, known, owners=owners)
    )


def month_row(one: AccountMonth) -> AccountMonthRow:
    """Return an account's month as a row of a table."""
    late = Money(sum(part.amount.amount_minor for part in one.late), one.closing.currency)
    origins = tuple(part.period for part in one.late)
    return AccountMonthRow(
        one.owner, one.purpose, one.label, one.opening, one.moved, late, origins, one.closing
    )


def _before(period: Period) -> Period:
    return Period(period.year - 1, 12) if period.month == 1 else Period(period.year, period.month - 1)


def _closed(one: Close, agreement: Agreement) -> MonthRow:
    name = who(agreement, one.by)
    return MonthRow(str(one.period), "closed", one.seq, one.as_of_seq, one.closed_at, one.by, name)


def _account(one: Line, agreement: Agreement) -> AccountMonth:
    account = one.account
    code = account.currency
    return AccountMonth(
        owner=account.owner,
        purpose=account.purpose,
        label=account_words(agreement, account.owner, account.purpose),
        opening=Money(one.opening_minor, code),
        moved=Money(one.moved_minor, code),
        late=tuple(LateShown(str(origin), Money(amount, code)) for origin, amount in one.late_minor.items()),
        closing=Money(one.closing_minor, code),
    )


def _late(one: LatePosting, agreement: Agreement) -> LateRow:
    account = one.account
    return LateRow(
        entry_seq=one.seq,
        n=one.n,
        kind=one.entry_kind,
        occurred_at=one.occurred_at,
        owner=account.owner,
        purpose=account.purpose,
        label=account_words(agreement, account.owner, account.purpose),
        amount=Money(one.amount_minor, account.currency),
        period=str(one.origin),
        into=str(one.into),
    )
