"""Months of the agreements the office keeps: closed, listed and shown."""

from __future__ import annotations

from api.office.agreements import held_versions, signed_versions
from api.office.fx import revalue_month
from api.office.opening import Office
from ledger.holds import record_expired
from ledger.periods import (
    Calendar,
    Close,
    Closing,
    Line,
    Period,
    calendar_of,
    close_period,
    lines,
    require_next,
)
from policies.agreement import Agreement


def calendar(office: Office, agreement_id: str) -> Calendar:
    """Return the months of an agreement. Raises AgreementUnknown."""
    newest = _versions(office, agreement_id)[-1]
    return calendar_of(office.log, newest.id, newest.zone)


def months_of(office: Office, agreement_id: str) -> Calendar | None:
    """Return the months of an agreement, None of one that is not held here and so has none."""
    newest = [one.agreement for one in held_versions(office).values() if one.agreement.id == agreement_id][
        -1:
    ]
    return calendar_of(office.log, newest[0].id, newest[0].zone) if newest else None


def close(office: Office, agreement_id: str, month: str, by: str) -> Close:
    """Close a month such as 2026-03 on the word of `by`; one that is closed is returned as it stands.

    Holds that have expired are written down first, and open positions in foreign currencies are revalued.
    Raises AgreementUnknown, PeriodRefused.
    """
    period, known = Period.parse(month), calendar(office, agreement_id)
    versions = _versions(office, agreement_id)
    parties = {one.party_id(key) for one in versions for key in one.parties}
    platforms = {
        one.party_id(key)
        for one in versions
        for key, party in one.parties.items()
        if party.role == "platform"
    }
    closing = Closing(
        agreement=versions[-1].ref,
        parties=tuple(sorted(parties)),
        keepers=tuple(sorted(platforms or parties)),
    )
    if all(one.period != period for one in known.closes):
        require_next(known, period, office.clock())
        record_expired(office.log, office.clock(), by)
        revalue_month(office, versions[-1], known, period, by)
    return close_period(office.log, known, period, closing, now=office.clock(), by=by)


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


def _versions(office: Office, agreement_id: str) -> list[Agreement]:
    return [one.agreement for one in signed_versions(office, agreement_id)]
