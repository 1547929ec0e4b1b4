"""What days alone bring about: a term that comes to its end, and what was to be paid by a day and was not.

Of what is payable the answer is that of payouts: nothing is late that is contested, held, on its way, waits
for its payee's account or invoice, or is less than is paid at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ledger.database import Session
from ledger.monitors.plan import Plan
from ledger.payouts.payable import Moment, Payable, life_before, payables_within
from ledger.payouts.terms import payable_from
from ledger.reading import find_entry, tip
from ledger.settlement.runs import SOURCE
from ledger.statements.life import life_within
from policies.agreement import Agreement
from policies.monitors.compiled import Compiled


@dataclass(frozen=True, slots=True)
class ComesNear:
    """A clause's day comes near: said from `at` on."""

    monitor: Compiled
    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something was to be paid to a payee for a statement (entry `seq`) by a day; late since `at`."""

    monitor: Compiled
    payable: Payable
    statement: str
    seq: int
    due_on: date
    at: datetime


def today_of(plan: Plan, now: datetime) -> dict[str, date]:
    """Return the day that it is under each agreement."""
    return {name: now.astimezone(ones[-1].zone).date() for name, ones in plan.versions.items()}


def coming_near(plan: Plan, now: datetime) -> Iterator[ComesNear]:
    """Yield what comes near at a time, of the versions in force."""
    today = today_of(plan, now)
    for one in plan.of_days(today):
        ends = one.monitor.ends
        if ends is None:
            continue
        begins = ends.day - timedelta(days=ends.days_before)
        if begins <= today[one.agreement.id] <= ends.day:
            yield ComesNear(one, ends.day, datetime.combine(begins, time(), tzinfo=one.agreement.zone))


def overdue(session: Session, plan: Plan, now: datetime, looked_on: dict[str, str]) -> Iterator[Overdue]:
    """Yield what is late, each agreement looked at once a day; `looked_on` remembers which day that was."""
    today = today_of(plan, now)
    end = tip(session)[0]
    for one in plan.of_days(today):
        agreement = one.agreement
        day = today[agreement.id]
        if one.monitor.payable and looked_on.get(agreement.id) != day.isoformat():
            yield from _overdue(session, plan, one, Moment(now, end), day)
            looked_on[agreement.id] = day.isoformat()


def _overdue(session: Session, plan: Plan, one: Compiled, moment: Moment, day: date) -> Iterator[Overdue]:
    versions = list(plan.versions[one.agreement.id])
    for payable in payables_within(session, versions, moment):
        if not payable.ready:
            continue
        for part in payable.parts:
            due_on = _due_on(session, one.agreement, part.statement, moment)
            entry = find_entry(session, SOURCE, part.statement.replace(".", "/"))
            if due_on is not None and due_on < day and entry is not None:
                at = datetime.combine(due_on + timedelta(days=1), time(), tzinfo=one.agreement.zone)
                yield Overdue(one, payable, part.statement, entry.seq, due_on, at)


def _due_on(session: Session, agreement: Agreement, statement: str, moment: Moment) -> date | None:
    return payable_from(agreement, life_before(life_within(session, statement), moment.end), moment.at)
