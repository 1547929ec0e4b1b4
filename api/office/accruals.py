"""What is earned at a month's end and not settled, and what returns are expected, as the office holds it.

Of a closed month, as of what its close counted, under the versions signed by then: the same for ever. Of an
open one, as the log stands now.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.periods import calendar
from api.office.settling import deal_documents
from ledger.errors import PeriodRefused
from ledger.month_end.accruals import Accruals, Earned, accruals_of, earned_by, month_point
from ledger.month_end.returns import ExpectedReturns, expected_returns
from ledger.periods import Calendar, Period
from ledger.settlement.deal import deal_terms
from ledger.settlement.terms import Terms


@dataclass(frozen=True)
class MonthEnd:
    """A month's end of an agreement: its terms as of then, and what is earned by it."""

    period: Period
    terms: Terms
    earned: Earned


def month_end(office: Office, agreement_id: str, text: str) -> MonthEnd:
    """Return what is earned at the end of a month such as 2026-03.

    Raises AgreementUnknown, PeriodRefused, and SettlementRefused for a document whose lines no run settles.
    """
    return month_end_of(office, calendar(office, agreement_id), Period.parse(text))


def month_end_of(office: Office, known: Calendar, period: Period) -> MonthEnd:
    """Return what is earned at the end of a month of a calendar; see month_end."""
    close = known.close_of(period)
    end = close.as_of_seq if close else office.log.size()
    by_then = {
        one.agreement.ref
        for one in held_versions(office).values()
        if one.signed_seq is not None and one.signed_seq < end
    }
    signed = [one for one in deal_documents(office, known.agreement) if one.ref in by_then]
    if not signed or signed[-1].id != known.agreement:
        raise PeriodRefused("nothing of the agreement was signed by then", where=str(period))
    terms = deal_terms(office.log, signed, end)
    return MonthEnd(period, terms, earned_by(office.log, terms, month_point(known, period, end)))


def accrued(office: Office, found: MonthEnd) -> Accruals:
    """Return the accruals of a month."""
    return accruals_of(office.log, found.terms, found.period, found.earned)


def returns_of(found: MonthEnd, months: int) -> ExpectedReturns:
    """Return what returns are expected at a month's end, by the history of so many months."""
    return expected_returns(found.earned, months)
