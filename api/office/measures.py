"""Measures of the agreements that the office keeps: reports over their registers, by period and field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from api.office.agreements import signed_versions
from api.office.opening import Office
from ledger.measures.declaration import Report, report
from ledger.measures.errors import ScoreRefused
from ledger.measures.periods import stretch
from ledger.measures.working import Row, measured
from ledger.registers.items import items
from policies.agreement import Agreement
from policies.errors import did_you_mean

_EVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReportMade:
    """A report over an agreement's items: of which period (empty: all of them), told apart by which field."""

    report: Report
    agreement: Agreement
    period: str
    by: str
    rows: tuple[Row, ...]


def make_report(office: Office, name: str, agreement_id: str, period: str = "", by: str = "") -> ReportMade:
    """Work a report out over items opened in a period, or all. Raises AgreementUnknown, ReportUnknown.

    ScoreRefused for what is no period, or a field that the report cannot be told apart by.
    """
    wanted, agreement = report(name), signed_versions(office, agreement_id)[-1].agreement
    if by and by not in wanted.by:
        hint = did_you_mean(by, wanted.by)
        known = f"{hint}; it has {', '.join(wanted.by)}"
        raise ScoreRefused(f"the report {name} is not told apart by '{by[:40]}'{known}", where="by")
    now = office.clock()
    between = stretch(period).between(agreement.zone) if period else _EVER
    found = items(office.log, wanted.register_, agreement.id)
    rows = measured(wanted, found, now, between=between, by=by)
    return ReportMade(wanted, agreement, period, by, tuple(rows))
