"""Files of vouchers: a closed month of an agreement by an account mapping, written in a layout."""

from __future__ import annotations

from dataclasses import dataclass

from api.language import catalogue
from api.office.accruals import accrued, month_end_of, returns_of
from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.periods import calendar
from api.vouchers.workbook import workbook
from ledger.month_end.accruals import Accrued
from ledger.periods import Calendar, Period
from ledger.vouchers.accounts import AccountMap
from ledger.vouchers.layout import layout_of, rows_of
from ledger.vouchers.making import Stated, Voucher, VoucherLine, vouchers_of
from ledger.vouchers.text import text_file


@dataclass(frozen=True)
class VoucherFile:
    """A file of vouchers: its name and bytes, how many vouchers and lines it has, and what they come to."""

    name: str
    data: bytes
    vouchers: int
    lines: int
    total_minor: int
    currency: str


def voucher_file(
    office: Office, agreement_id: str, month: str, layout_name: str, accounts: AccountMap
) -> VoucherFile:
    """Return the vouchers of a closed month as a file in a layout; the same each time.

    Raises AgreementUnknown, PeriodRefused, VoucherRefused, AccountsUnmapped, and SettlementRefused where the
    mapping asks for accruals of a document whose lines no run settles.
    """
    layout = layout_of(layout_name)
    known, period = calendar(office, agreement_id), Period.parse(month)
    currency = signed_versions(office, agreement_id)[-1].agreement.currency
    stated = _stated(office, known, period, accounts)
    made = vouchers_of(office.log, known, period, currency, accounts, stated)
    rows = list(rows_of(layout, made, accounts, currency, _summary))
    data = text_file(layout, rows) if layout.form == "text" else workbook(layout, rows)
    name = f"{agreement_id}-{period}-{layout_name}.{layout.suffix}"
    return VoucherFile(name, data, len(made), len(rows), sum(one.debit_minor for one in made), currency)


def _stated(office: Office, known: Calendar, period: Period, accounts: AccountMap) -> Stated:
    """Return what a closed month states, and what the month before did where it was closed by itself."""
    if known.close_of(period) is None:
        return Stated()
    now = _month_stated(office, known, period, accounts)
    before = known.before(period)
    if before is None or before.period.next != period:
        return Stated(*now)
    return Stated(*now, *_month_stated(office, known, before.period, accounts))


def _month_stated(
    office: Office, known: Calendar, period: Period, accounts: AccountMap
) -> tuple[tuple[Accrued, ...], tuple[Accrued, ...]]:
    rule = accounts.expected_returns
    if not accounts.accruals and rule is None:
        return (), ()
    found = month_end_of(office, known, period)
    rows = accrued(office, found).rows if accounts.accruals else ()
    return rows, returns_of(found, rule.history_months).rows if rule else ()


def _summary(voucher: Voucher, line: VoucherLine) -> str:
    """Word what a line is for, in Chinese, as the programs that import vouchers do."""
    words = catalogue("zh")
    what = words.term("entry-kind", voucher.kind) if voucher.kind else ""
    kind = words.term("posting-kind", line.kind)
    return words.text(
        f"voucher.{voucher.about}", what=what, kind=kind, clause=line.clause, period=str(voucher.period)
    )
