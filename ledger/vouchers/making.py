"""The vouchers of a closed month: sums by day and kind of entry, accruals, expected returns, their reversals.

A voucher is balanced, and numbered from 1 in order of days. What came late for an earlier month stands on the
first day, by itself. What is accrued at a month's end stands on its last day and is taken back on the first
of the next month, as is what returns are expected. The same closed month and mapping give the same vouchers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ledger.database import reading
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.month_end.accruals import Accrued
from ledger.periods import Calendar, Period
from ledger.vouchers.accounts import AccountMap, AccountRule, Of
from ledger.vouchers.errors import AccountsUnmapped, VoucherRefused

About = Literal["posted", "late", "accrual", "accrual_back", "returns", "returns_back"]
"""What a voucher states; `_back` takes back what one of the month before stated."""

_OF: dict[About, Of] = {
    "posted": "posted", "late": "posted", "accrual": "accrual", "accrual_back": "accrual",
    "returns": "expected_returns", "returns_back": "expected_returns",
}  # fmt: skip
_ORDER: tuple[About, ...] = ("accrual_back", "returns_back", "late", "posted", "accrual", "returns")


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line: an account of the log under its code, what it is for, and one amount in minor units.

    Exactly one of `debit_minor` and `credit_minor` is above zero.
    """

    rule: AccountRule
    owner: str
    purpose: str
    clause: str
    kind: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher: its number, day, what it states, of which kind of entry and which month, and its lines."""

    number: int
    day: date
    about: About
    kind: str
    period: Period
    lines: tuple[VoucherLine, ...]

    @property
    def debit_minor(self) -> int:
        """The sum of its debits, which is that of its credits."""
        return sum(one.debit_minor for one in self.lines)


@dataclass(frozen=True, slots=True)
class Stated:
    """What month ends state beside what was posted: of this month, and of the one before to take back."""

    accruals: Sequence[Accrued] = ()
    returns: Sequence[Accrued] = ()
    accruals_before: Sequence[Accrued] = ()
    returns_before: Sequence[Accrued] = ()


_Heading = tuple[date, int, str]
_Amount = tuple[str, str, str, str, int]
"""Owner, purpose, clause, kind of posting, minor units; above zero credits."""


def vouchers_of(  # noqa: PLR0913, PLR0917 -- which month of which books, in what, by which mapping, with what beside
    log: Log, calendar: Calendar, period: Period, currency: str, accounts: AccountMap, stated: Stated
) -> list[Voucher]:
    """Return the vouchers of a closed month in the agreement's currency, numbered in order.

    Raises VoucherRefused for a month that is not closed, postings in another currency, or entries that move
    money between agreements; AccountsUnmapped, naming all.
    """
    if calendar.close_of(period) is None:
        raise VoucherRefused(
            "this month is not closed; vouchers are those of closed months", where=str(period)
        )
    found: dict[_Heading, list[_Amount]] = defaultdict(list)
    first = date(period.year, period.month, 1)
    last = date(period.next.year, period.next.month, 1) - timedelta(days=1)
    for day, about, kind, amount in _posted(log, calendar, period, currency):
        on = first if about == "late" else (last if accounts.per == "month" else day)
        found[on, _ORDER.index(about), kind].append(amount)
    _add_stated(found, "accrual", last, stated.accruals)
    _add_stated(found, "returns", last, stated.returns)
    _add_stated(found, "accrual_back", first, stated.accruals_before, -1)
    _add_stated(found, "returns_back", first, stated.returns_before, -1)
    _require_mapped(accounts, found)
    return [
        _voucher(number, heading, found[heading], accounts, period)
        for number, heading in enumerate(sorted(found), 1)
    ]


def _add_stated(
    found: dict[_Heading, list[_Amount]], about: About, day: date, rows: Iterable[Accrued], sign: int = 1
) -> None:
    for one in rows:
        amount = one.owner, one.purpose, one.clause, about, sign * one.amount_minor
        found[day, _ORDER.index(about), ""].append(amount)


def _posted(
    log: Log, calendar: Calendar, period: Period, currency: str
) -> Iterator[tuple[date, About, str, _Amount]]:
    """Yield what belongs to a closed month, summed by day, kind of entry, account, clause and kind."""
    close, before = calendar.close_of(period), calendar.before(period)
    assert close is not None, "a closed month"
    since = before.as_of_seq if before and before.period.next == period else 2**62
    starts = _day_starts(calendar, period)
    days = " ".join("WHEN e.occurred_us < ? THEN ?" for _ in starts[1:])
    sql = (
        "SELECT CASE WHEN e.occurred_us < ? THEN -1 "  # noqa: S608 -- placeholders alone
        f"{days} END AS day, e.kind, a.owner, a.purpose, a.currency, p.clause, p.kind, sum(p.amount_minor)"
        " FROM posting p JOIN account a ON a.id = p.account JOIN entry e ON e.seq = p.seq"
        " WHERE a.agreement = ? AND e.seq < ? AND e.occurred_us < ? AND (e.occurred_us >= ? OR e.seq >= ?)"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7"
    )
    marks = [mark for place, (_, start) in enumerate(starts[1:]) for mark in (start, place)]
    first, stop = starts[0][1], starts[-1][1]
    limits = calendar.agreement, close.as_of_seq, stop, first, since
    with reading(log.engine) as session:
        rows = session.rows(sql, [first, *marks, *limits])
    foreign = sorted({row[4] for row in rows} - {currency})
    if foreign:
        raise VoucherRefused(
            f"the month has postings in {', '.join(foreign)} too, and a file of vouchers is in one currency;"
            " convert them, or book them by hand",
            where=str(period),
        )
    for place, kind, owner, purpose, _, clause, posting_kind, total in rows:
        if total:
            about: About = "late" if place < 0 else "posted"
            yield starts[max(place, 0)][0], about, kind, (owner, purpose, clause, posting_kind, int(total))


def _day_starts(calendar: Calendar, period: Period) -> list[tuple[date, int]]:
    """Return every day of a month with its first moment in microseconds, and the day after the last."""
    first, stop = date(period.year, period.month, 1), date(period.next.year, period.next.month, 1)
    days = [first + timedelta(days=one) for one in range((stop - first).days + 1)]
    return [(day, microseconds(datetime(day.year, day.month, day.day, tzinfo=calendar.zone))) for day in days]


def _require_mapped(accounts: AccountMap, found: dict[_Heading, list[_Amount]]) -> None:
    lacking = {
        _named(_OF[_ORDER[order]], owner, purpose)
        for (_, order, _), amounts in found.items()
        for owner, purpose, *_ in amounts
        if accounts.rule(_OF[_ORDER[order]], owner, purpose) is None
    }
    if lacking:
        raise AccountsUnmapped("the account mapping", sorted(lacking))


def _named(of: Of, owner: str, purpose: str) -> str:
    return f"{owner}.{purpose}" if of == "posted" else f"{owner}.{purpose} (for: {of})"


def _voucher(
    number: int, heading: _Heading, amounts: list[_Amount], accounts: AccountMap, period: Period
) -> Voucher:
    day, order, kind = heading
    about = _ORDER[order]
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for owner, purpose, clause, posting_kind, minor in amounts:
        sums[owner, purpose, clause, posting_kind] += minor
    if sum(sums.values()):
        raise VoucherRefused(
            f"the entries of the kind {kind} on {day} move money between agreements, so those of one alone do"
            " not balance; book them by hand",
            where=str(period),
        )
    lines = [_line(accounts, _OF[about], key, minor) for key, minor in sums.items() if minor]
    lines.sort(
        key=lambda one: (one.credit_minor > 0, one.rule.code, one.owner, one.purpose, one.clause, one.kind)
    )
    stated_for = Period(period.year - 1, 12) if period.month == 1 else Period(period.year, period.month - 1)
    of = stated_for if about in {"accrual_back", "returns_back"} else period
    return Voucher(number, day, about, kind, of, tuple(lines))


def _line(accounts: AccountMap, of: Of, key: tuple[str, str, str, str], minor: int) -> VoucherLine:
    owner, purpose, clause, kind = key
    rule = accounts.rule(of, owner, purpose)
    assert rule is not None, "every account was looked up before"
    return VoucherLine(rule, owner, purpose, clause, kind, max(-minor, 0), max(minor, 0))
