"""Closing a month of an agreement the office keeps: its checklist, overrides, and the close itself.

What the log alone tells of an item is derived in ledger/month_end; here are those that the office adds, and
who has to be asked. What a balance is and what a close says: ledger/periods.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from api.office.agreements import signed_versions
from api.office.batches import batches_of, terms_of_orders
from api.office.fx import revalue_month, unrated
from api.office.invoices import matched
from api.office.opening import Office
from api.office.periods import calendar
from ledger.fx.books import terms_in_use
from ledger.holds import record_expired, unrecorded_expiries
from ledger.month_end.checklist import (
    Checklist,
    Item,
    Override,
    override_item,
    overrides_of,
    recorded_checklist,
)
from ledger.month_end.items import Month, items_of, none, ok, opened, reconciled
from ledger.periods import Close, Closing, Period, close_period, require_next
from policies.agreement import Agreement


def checklist(office: Office, agreement_id: str, text: str) -> Checklist:
    """Return the checklist of a month such as 2026-03: as its close records it, else as the log stands now.

    Raises AgreementUnknown, PeriodRefused.
    """
    known, period = calendar(office, agreement_id), Period.parse(text)
    closed = known.close_of(period)
    if closed is not None and closed.period == period:
        recorded = recorded_checklist(office.log, agreement_id, period, closed.seq)
        if recorded is not None:
            return recorded
    month = Month(office.log, known, period, terms_of_orders(office, agreement_id), office.clock())
    items = (*items_of(month), *_items_of_house(office, month))
    return Checklist(agreement_id, period, items, overrides_of(office.log, known, period))


def _items_of_house(office: Office, month: Month) -> Iterator[Item]:
    """Yield what the house adds: voids that wait, holds that expired, rates at the month's end."""
    agreement_id = month.calendar.agreement
    yield _invoices(office, month)
    yield reconciled(month, _closing(office, agreement_id).keepers)
    proposed = [
        batch.place
        for batch, proposal in batches_of(office, agreement_id)
        if proposal and batch.voided_by is None
    ]
    yield opened("voids", count=len(proposed), batches=", ".join(proposed)) if proposed else ok("voids")
    unrecorded = unrecorded_expiries(office.log, month.now)
    expired = [one for one in unrecorded if one.account.agreement == agreement_id]
    yield Item("expired", "ok", {"count": len(expired)}, "due" if expired else "")
    newest = _versions(office, agreement_id)[-1]
    missing = unrated(office, newest, month.calendar, month.period)
    if missing:
        yield opened("rates", must=True, pairs=", ".join(missing))
    else:
        in_use = terms_in_use(office.log, newest.id, newest.currency)
        yield ok("rates") if in_use else none("rates")


def _invoices(office: Office, month: Month) -> Item:
    """Ask whether each statement issued since the last close has the invoices that its document asks for."""
    matches = [matched(office, one) for one in month.statements]
    asked = [one for one in matches if one.clauses]
    if not asked:
        return none("invoices")
    odd = [one.statement for one in asked if one.standing in {"missing", "under", "over"}]
    if odd:
        return opened("invoices", count=len(odd), names=", ".join(odd))
    return ok("invoices", count=len(asked))


def override(  # noqa: PLR0913 -- which item of which month, who, for whom, why
    office: Office, agreement_id: str, text: str, item: str, *, by: str, asserter: str, reason: str
) -> Override:
    """Let an open item of a month stand as it is found, on a member's word; see `override_item`.

    Raises AgreementUnknown, PeriodRefused, OverrideRefused, EntryInvalid.
    """
    return override_item(
        office.log,
        calendar(office, agreement_id),
        checklist(office, agreement_id, text),
        item,
        _closing(office, agreement_id),
        by=by,
        asserter=asserter,
        reason=" ".join(reason.split()),
        now=office.clock(),
    )


def close(office: Office, agreement_id: str, month: str, by: str, member: str | None = None) -> Close:
    """Close a month such as 2026-03 on the word of `by`; one that is closed is returned as it stands.

    `member` is the person, `by` where nobody else is named. Holds that have expired are written down first,
    and open positions in foreign currencies are revalued. Raises AgreementUnknown, PeriodRefused, and
    ChecklistOpen where something is open that no other member has overridden.
    """
    period, known = Period.parse(month), calendar(office, agreement_id)
    closer = member or by
    closing = _closing(office, agreement_id)
    if all(one.period != period for one in known.closes):
        require_next(known, period, office.clock())
        listed = checklist(office, agreement_id, month)
        listed.require_closable(closer)
        closing = replace(closing, checklist=listed.content(closer))
        record_expired(office.log, office.clock(), by)
        revalue_month(office, _versions(office, agreement_id)[-1], known, period, by)
    return close_period(office.log, known, period, closing, now=office.clock(), by=by)


def _closing(office: Office, agreement_id: str) -> Closing:
    versions = _versions(office, agreement_id)
    parties = {one.party_id(key) for one in versions for key in one.parties}
    platforms = {
        one.party_id(key)
        for one in versions
        for key, party in one.parties.items()
        if party.role == "platform"
    }
    return Closing(
        agreement=versions[-1].ref,
        parties=tuple(sorted(parties)),
        keepers=tuple(sorted(platforms or parties)),
    )


def _versions(office: Office, agreement_id: str) -> list[Agreement]:
    return [one.agreement for one in signed_versions(office, agreement_id)]
