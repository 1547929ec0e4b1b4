"""Requests for data of orders, held against the agreement that they are made under: what can be looked up.

Whether a grant permits it is not said here (policies/grants.py), nor who may ask (api/access.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.orders import intake_terms
from ledger.entries import ID_LIMIT, require_plain
from ledger.intake.terms import IntakeTerms
from ledger.leaves import microseconds
from ledger.settlement.events import recorded_events
from ledger.sharing.errors import SharingUnusable
from ledger.sharing.record import TEXT_LIMIT
from policies.agreement import Agreement
from policies.errors import did_you_mean
from policies.grants import Level

SALES_MAX = 1_000
"""The most sales that one answer gives order by order."""

_FIELDS_MAX, _BY_MAX, _DAYS_MAX = 40, 2, 366
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)
"""Days whose beginning and end every time zone can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAsked:
    """A request for data: of which agreement (an id), for what purpose, which facts of orders, and how.

    Either `orders` by their ids, or those paid from `from_day` to `to_day`, both included, in the agreement's
    time zone. An `aggregate` counts orders and buyers and sums the fields that are not `by`, which group it;
    it takes days, and those that are over. `party` is who asks, where one may speak for several.
    """

    agreement: str
    purpose: str
    fields: tuple[str, ...]
    level: Level = "order"
    orders: tuple[str, ...] = ()
    from_day: str | None = None
    to_day: str | None = None
    by: tuple[str, ...] = ()
    party: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A request held against its agreement: who asks, under which version, of which days."""

    asked: DataAsked
    agreement: Agreement
    terms: IntakeTerms
    recipient: str
    member: str
    now: datetime
    days: tuple[date, date] | None

    @property
    def span_us(self) -> tuple[int, int]:
        """The days as microseconds, the first included and the end not."""
        assert self.days is not None, "asked by days"
        first, last = self.days
        zone = self.agreement.zone
        start = datetime.combine(first, time(), tzinfo=zone)
        return microseconds(start), microseconds(datetime.combine(last + timedelta(1), time(), tzinfo=zone))

    @property
    def today(self) -> date:
        """The day that it is where the agreement counts its days."""
        return self.now.astimezone(self.agreement.zone).date()

    @property
    def sums(self) -> tuple[str, ...]:
        """The fields that an aggregate sums: those that it is not grouped by."""
        return tuple(name for name in self.asked.fields if name not in self.asked.by)


def question_of(office: Office, asked: DataAsked, recipient: str, member: str) -> Question:
    """Return a request as its agreement has it now. Raises SharingUnusable, EntryInvalid."""
    versions = signed_versions(office, asked.agreement)
    terms = intake_terms(versions, recorded_events(office.log, versions[0].agreement))
    now = office.clock()
    in_force = terms.version_at(now)
    if in_force is None:
        raise SharingUnusable("no version of it is in force yet", where=asked.agreement)
    agreement = next(one.agreement for one in versions if one.agreement.ref == in_force.reference)
    _demand_fields(asked, agreement)
    question = Question(asked, agreement, terms, recipient, member, now, _days(asked))
    if asked.level == "aggregate":
        _demand_grouping(question)
    return question


def _demand_fields(asked: DataAsked, agreement: Agreement) -> None:
    facts = {name: fact for name, fact in agreement.document.facts.items() if fact.of == "order"}
    if not 0 < len(asked.fields) <= _FIELDS_MAX or len(set(asked.fields)) < len(asked.fields):
        raise SharingUnusable(f"name 1 to {_FIELDS_MAX} different fields", where="fields")
    for name in asked.fields:
        if name not in facts:
            wanted = f"{agreement.ref} declares no fact '{name}' of an order{did_you_mean(name, facts)}"
            raise SharingUnusable(wanted, where="fields")
    if bool(asked.orders) == (asked.from_day is not None or asked.to_day is not None):
        raise SharingUnusable("name orders, or a first and a last day", where="orders")
    require_plain(asked.purpose, TEXT_LIMIT, "purpose")
    for order in asked.orders:
        require_plain(order, ID_LIMIT, "orders")
    if len(asked.orders) > SALES_MAX:
        raise SharingUnusable(f"at most {SALES_MAX} orders at once; ask in several requests", where="orders")
    if asked.by and asked.level == "order":
        raise SharingUnusable("only aggregates are grouped", where="by")


def _demand_grouping(question: Question) -> None:
    """Refuse an aggregate over orders somebody chose, a day that goes on, or what cannot be summed."""
    asked, facts = question.asked, question.agreement.document.facts
    if question.days is None:
        raise SharingUnusable("an aggregate is of whole days, not of orders by name", where="orders")
    if question.days[1] >= question.today:
        raise SharingUnusable("an aggregate is of days that are over", where="to_day")
    if len(asked.by) > _BY_MAX or not set(asked.by) <= set(asked.fields):
        raise SharingUnusable(f"group by at most {_BY_MAX} of the fields", where="by")
    for name in question.sums:
        if facts[name].type not in {"money", "count"}:
            raise SharingUnusable(f"'{name}' cannot be summed; group by it or leave it out", where="fields")


def _days(asked: DataAsked) -> tuple[date, date] | None:
    if asked.orders:
        return None
    first, last = _day(asked.from_day, "from_day"), _day(asked.to_day, "to_day")
    if not _FIRST <= first <= last <= _LAST:
        raise SharingUnusable(
            f"name days from {_FIRST} to {_LAST}, the first before the last", where="to_day"
        )
    if not timedelta(0) <= last - first < timedelta(days=_DAYS_MAX):
        raise SharingUnusable(f"name 1 to {_DAYS_MAX} days, the first before the last", where="to_day")
    return first, last


def _day(text: str | None, where: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise SharingUnusable("is no day such as 2026-05-01", where=where) from None
