"""Accruals: what is earned by a month's end and not yet settled, by account and clause.

An order line is earned, economically, once its receipt is confirmed: the clearing days put off when it is
paid, not what was done for it. So what is earned at a month's end is what a run would post there if there
were no clearing days, with every period of a due that is over counted although it falls due later. Less what
runs posted by then, that is the accrual: a state, like a run's, and a pure function of the versions, the log
up to a place, and the month's end. It moves nothing in these accounts: a voucher states it on the last day of
the month and takes it back on the first of the next (vouchers/).

Not accrued: a period of a due that is not over, a due or line that lacks a fact, and a line that waits for an
after-sale case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ledger.database import reading
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.periods import Calendar, Period
from ledger.settlement.accounts import owner_and_purpose
from ledger.settlement.books import run_postings
from ledger.settlement.clause_dues import ClauseDue, dues_at
from ledger.settlement.due_occasions import DueOccasions, Placed
from ledger.settlement.dues import RECOVERY
from ledger.settlement.facts import LineBook, read_lines
from ledger.settlement.recorded_facts import read_recorded_facts
from ledger.settlement.run import RunResult, result_of
from ledger.settlement.runs import RUN_KIND
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, VersionTerms
from policies.clauses.core import Clause
from policies.clauses.family import family
from policies.dues.occasions import period_occasions

_TICK = timedelta(microseconds=1)

Place = tuple[str, str, str]
"""Whose account, for what, and under which clause."""


@dataclass(frozen=True, slots=True, order=True)
class Accrued:
    """What of an account's is earned under a clause and not settled, in minor units; above zero credits."""

    owner: str
    purpose: str
    clause: str
    amount_minor: int


@dataclass(frozen=True)
class Earned:
    """What is earned by a month's end by the economic rule: the lines behind it, and the sums by place.

    `terms` are the agreement's without clearing days; `held` counts dues that could not be told, and `untold`
    are their clauses: what was posted under these stands, and nothing is accrued.
    """

    terms: Terms
    book: LineBook
    point: Point
    lines: RunResult
    sums: Mapping[Place, int]
    held: int
    untold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accruals:
    """The accruals of a month, sorted, summing to zero. `held` dues could not be told and are not in them."""

    agreement: str
    currency: str
    period: Period
    end: int
    rows: tuple[Accrued, ...]
    held: int


def month_point(calendar: Calendar, period: Period, end: int) -> Point:
    """Return the last moment of a month, with the log before seq `end`."""
    return Point(period.end(calendar.zone) - _TICK, end)


def earned_by(log: Log, terms: Terms, point: Point) -> Earned:
    """Return what is earned at a point, whether it is cleared and due or not. Raises SettlementRefused."""
    economic = _uncleared(terms)
    book = read_lines(log, economic, point.end)
    lines = result_of(book, economic, point, None)
    sums: dict[Place, int] = defaultdict(int)
    for one in run_postings(lines):
        sums[one.owner, one.purpose, one.clause] += one.amount_minor
    recorded = read_recorded_facts(log, economic.id, point.end)
    dues = dues_at(log, book, economic, point, occasions=_Over(economic, point, recorded))
    held = [one for one in dues.values() if one.worked.held is not None]
    for due in dues.values():
        if due.worked.held is None:
            _add(sums, due)
    untold = {
        clause.id
        for one in held
        for clause in family(one.version.agreement.clauses, one.worked.occasion.clause)
    }
    return Earned(economic, book, point, lines, dict(sums), len(held), frozenset(untold))


def _uncleared(terms: Terms) -> Terms:
    """Return terms without clearing days, those of what feeds the agreement too."""
    versions = tuple(replace(one, clearing_days=0) for one in terms.versions)
    above = _uncleared(terms.feeding) if terms.feeding is not None else None
    return replace(terms, versions=versions, feeding=above)


def _add(sums: dict[Place, int], due: ClauseDue) -> None:
    for one in due.between_accounts():
        for side, amount in ((one.payee, one.amount_minor), (one.funder, -one.amount_minor)):
            owner, purpose = owner_and_purpose(one.version.agreement, side.account)
            sums[owner, purpose, side.clause] += amount


class _Over(DueOccasions):
    """The occasions of every period that is over by the point, those that fall due later as of the point."""

    def ordered(self) -> list[Placed]:
        found = super().ordered()
        known = {occasion.key for _, occasion in found}
        later = [
            placed
            for version in self.terms.versions
            for clause in version.due_clauses
            for placed in self._over(version, clause)
            if placed[1].key not in known
        ]
        return [*found, *later]

    def _over(self, version: VersionTerms, clause: Clause) -> Iterator[Placed]:
        due, today = clause.falls_due, self.point.day(self.terms)
        if due is None or due.by not in {"month", "quarter", "year"} or due.on is not None:
            return
        plain = due.model_copy(update={"after_days": None})
        start: date = version.effective_from.date()
        for one in period_occasions(clause.id, plain, start, today + timedelta(days=1)):
            if self._in_force(one.at) is version:
                yield version, replace(one, day=today, running=True)


def settled_by(log: Log, terms: Terms, point: Point) -> dict[Place, int]:
    """Return what runs by a point posted, by place, without what they recovered within a party's accounts."""
    sql = (
        "SELECT a.owner, a.purpose, p.clause, sum(p.amount_minor) FROM posting p"
        " JOIN entry e ON e.seq = p.seq JOIN account a ON a.id = p.account"
        " WHERE e.kind = ? AND a.agreement = ? AND a.currency = ? AND e.seq < ? AND e.occurred_us <= ?"
        " AND p.kind <> ? GROUP BY a.owner, a.purpose, p.clause"
    )
    limits = (
        RUN_KIND, terms.id, terms.newest.currency, point.end, microseconds(point.cutoff), RECOVERY,
    )  # fmt: skip
    with reading(log.engine) as session:
        return {
            (owner, purpose, clause): int(sum_) for owner, purpose, clause, sum_ in session.rows(sql, limits)
        }


def accruals_of(log: Log, terms: Terms, period: Period, earned: Earned) -> Accruals:
    """Return the accruals of a month: what is earned at its end less what runs posted by then."""
    settled = settled_by(log, terms, earned.point)
    rows = [
        Accrued(*place, earned.sums.get(place, 0) - settled.get(place, 0))
        for place in sorted({*earned.sums, *settled})
    ]
    rows = [one for one in rows if one.amount_minor and one.clause not in earned.untold]
    assert sum(one.amount_minor for one in rows) == 0, "what one account is to get another gives"
    newest = terms.newest
    return Accruals(newest.id, newest.currency, period, earned.point.end, tuple(rows), earned.held)
