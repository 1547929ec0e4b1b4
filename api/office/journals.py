"""Journals over the agreements the office holds: in whose time zone their days are, and from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from api.office.agreements import held_versions
from api.office.errors import AgreementUnknown
from api.office.opening import Office
from api.office.periods import calendar
from ledger.disclosed import Sight
from ledger.journals.transactions import Scope
from ledger.journals.writing import Program, journal
from ledger.periods import Period


def journal_of(  # noqa: PLR0913 -- one limit each
    office: Office,
    program: Program,
    *,
    sight: Sight | None = None,
    agreement: str | None = None,
    first: date | None = None,
    last: date | None = None,
    period: str | None = None,
) -> Iterator[str]:
    """Return the journal of an agreement (by id) or of all, of the days from `first` to `last`, as text.

    A `period` of one agreement, such as 2026-03, is what belongs to that month: with what came late for
    earlier months once they were closed, without what came late for this one.

    Days are those of the agreement's time zone; of all agreements, those of their time zone where they share
    one, else UTC. Raises AgreementUnknown, PeriodRefused, and while it is read MoneyError.
    """
    if period is not None:
        assert agreement is not None, "a month is closed by agreement"
        return journal(office.engine, _month(office, sight, agreement, period), program)
    zone = zone_of_days(office, agreement)
    scope = Scope(
        sight,
        agreement,
        datetime.combine(first, time(), tzinfo=zone) if first else None,
        datetime.combine(last + timedelta(days=1), time(), tzinfo=zone) if last else None,
        zone,
    )
    return journal(office.engine, scope, program)


def _month(office: Office, sight: Sight | None, agreement: str, text: str) -> Scope:
    known, period = calendar(office, agreement), Period.parse(text)
    close, before = known.close_of(period), known.before(period)
    return Scope(
        sight,
        agreement,
        period.start(known.zone),
        period.end(known.zone),
        known.zone,
        since=before.as_of_seq if before and before.period.next == period else None,
        end=close.as_of_seq if close else None,
    )


def zone_of_days(office: Office, agreement: str | None) -> tzinfo:
    """Return in whose time zone days of an agreement, or of all, are. Raises AgreementUnknown."""
    held = [one.agreement for one in held_versions(office).values()]
    named = [one for one in held if agreement in {None, one.id}]
    if not named and agreement is not None:
        raise AgreementUnknown("no such agreement is proposed or signed here", where=agreement)
    zones = {one.zone.key: one.zone for one in named}
    if agreement is not None:
        return named[-1].zone
    return next(iter(zones.values())) if len(zones) == 1 else UTC
