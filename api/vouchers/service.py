"""Accruals and vouchers as one viewer may have them.

Accruals: a party those of its own accounts, who keeps the books (the platform) and auditors all. Vouchers
hold every account, so who keeps the books and auditors alone have them.
"""

from __future__ import annotations

from collections.abc import Iterable

from api.access import Viewer, demand_read
from api.accounts.service import account_words
from api.books import demand_party, platforms, sees_all, signed
from api.office.accruals import accrued, month_end, returns_of
from api.office.opening import Office
from api.office.periods import calendar
from api.reading import Money, Text
from api.vouchers.files import VoucherFile, voucher_file
from api.vouchers.schemas import AccrualsShown, AccruedRow, LayoutShown, PopulationShown, ReturnsShown
from ledger.month_end.accruals import Accrued
from ledger.month_end.returns import ExpectedReturns, Population
from ledger.periods import Period
from ledger.vouchers.accounts import read_account_map
from ledger.vouchers.layout import layout_names, layout_of
from policies.agreement import Agreement


class VoucherService:
    """Shows accruals and writes vouchers. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def accruals(self, viewer: Viewer, agreement: str, period: str, months: int) -> AccrualsShown:
        """Return the accruals of a month. Raises PeriodRefused, SettlementRefused."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        owners = None if sees_all(viewer, versions) else viewer.parties
        return shown_accruals(self.office, agreement, period, months, owners)

    def vouchers(
        self, viewer: Viewer, agreement: str, period: str, layout: str, accounts: str
    ) -> VoucherFile:
        """Return the vouchers of a closed month as a file in a layout, by an account mapping as text.

        Raises VoucherRefused, MappingRejected, AccountsUnmapped, PeriodRefused.
        """
        demand_read(viewer, platforms(signed(self.office, agreement)), "agreement")
        read = read_account_map(accounts, name="accounts")
        return voucher_file(self.office, agreement, period, layout, read)


def shown_accruals(
    office: Office, agreement: str, period: str, months: int, owners: Iterable[str] | None = None
) -> AccrualsShown:
    """Return the accruals of a month of some owners' accounts, of all with what returns are expected."""
    found = month_end(office, agreement, period)
    rows = accrued(office, found)
    newest, known = found.terms.newest, Period.parse(period)
    mine = None if owners is None else frozenset(owners)
    return AccrualsShown(
        agreement=agreement,
        period=str(known),
        closed=calendar(office, agreement).close_of(known) is not None,
        as_of_seq=rows.end,
        held_dues=rows.held,
        rows=_rows(newest, [one for one in rows.rows if mine is None or one.owner in mine]),
        returns=_returns(newest, returns_of(found, months)) if mine is None else None,
    )


def layouts() -> tuple[LayoutShown, ...]:
    """Return every layout there is."""
    found = ((name, layout_of(name)) for name in layout_names())
    return tuple(
        LayoutShown(name, Text(one.title["zh"], one.title["en"]), one.suffix, " ".join(one.rests_on.split()))
        for name, one in found
    )


def _rows(agreement: Agreement, rows: Iterable[Accrued]) -> tuple[AccruedRow, ...]:
    return tuple(
        AccruedRow(
            one.owner,
            one.purpose,
            account_words(agreement, one.owner, one.purpose),
            one.clause,
            Money(one.amount_minor, agreement.currency),
        )
        for one in rows
    )


def _returns(agreement: Agreement, one: ExpectedReturns) -> ReturnsShown:
    return ReturnsShown(
        one.months,
        str(one.rate),
        _population(agreement, one.history),
        str(one.share),
        _population(agreement, one.open),
        _rows(agreement, one.rows),
    )


def _population(agreement: Agreement, one: Population) -> PopulationShown:
    return PopulationShown(
        one.lines,
        one.first.isoformat() if one.first else None,
        one.last.isoformat() if one.last else None,
        Money(one.refundable_minor, agreement.currency),
        Money(one.refunded_minor, agreement.currency),
    )
