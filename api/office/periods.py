"""Months of the agreements the office keeps: listed and shown. Closing them is in closing.py."""

from __future__ import annotations

from api.office.agreements import held_versions, signed_versions
from api.office.opening import Office
from ledger.periods import Calendar, Line, Period, calendar_of, lines


def calendar(office: Office, agreement_id: str) -> Calendar:
    """Return the months of an agreement. Raises AgreementUnknown."""
    newest = signed_versions(office, agreement_id)[-1].agreement
    return calendar_of(office.log, newest.id, newest.zone)


def months_of(office: Office, agreement_id: str) -> Calendar | None:
    """Return the months of an agreement, None of one that is not held here and so has none."""
    newest = [one.agreement for one in held_versions(office).values() if one.agreement.id == agreement_id][
        -1:
    ]
    return calendar_of(office.log, newest[0].id, newest[0].zone) if newest else None


def month(office: Office, agreement_id: str, text: str | None) -> tuple[Calendar, Period, list[Line]]:
    """Return a month and its accounts: the one named, else the first that is open."""
    known = calendar(office, agreement_id)
    if text is not None:
        period = Period.parse(text)
    elif known.closes:
        period = known.closes[-1].period.next
    else:
        period = Period.of(office.clock(), known.zone)
    return known, period, lines(office.engine, known, period)
