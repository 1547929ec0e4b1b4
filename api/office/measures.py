"""Measures of the agreements that the office keeps: reports over their registers, by period and field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from api.office.agreements import signed_versions
from api.office.credit import keeper_of
from api.office.facts import declared_facts, facts_shown, record_facts
from api.office.opening import Office
from ledger.measures.declaration import Report, report
from ledger.measures.errors import ScoreRefused
from ledger.measures.periods import stretch
from ledger.measures.shown import fact_text
from ledger.measures.working import Row, measured
from ledger.registers.items import items, seen_by
from ledger.settlement.recorded_facts import FactsGiven
from policies.agreement import Agreement
from policies.errors import did_you_mean

SOURCE = "tallystick.measures"
"""Source of facts that measures are recorded as."""

_EVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReportMade:
    """A report over an agreement's items: of which period (empty: all of them), told apart by which field."""

    report: Report
    agreement: Agreement
    period: str
    by: str
    rows: tuple[Row, ...]


def make_report(  # noqa: PLR0913 -- which report, of what, when, how, for whose eyes
    office: Office,
    name: str,
    agreement_id: str,
    period: str = "",
    by: str = "",
    *,
    readers: Collection[str] | None = None,
) -> ReportMade:
    """Work a report out over items opened in a period, or all. Raises AgreementUnknown, ReportUnknown.

    Items are as `readers` (global ids) see them, those that none of these read left out; whole where None.
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
    if readers is not None:
        found = [seen_by(one, readers) for one in found if not set(readers).isdisjoint(one.readers)]
    rows = measured(wanted, found, now, between=between, by=by)
    return ReportMade(wanted, agreement, period, by, tuple(rows))


def record_measures(office: Office, name: str, agreement_id: str, period: str) -> dict[str, str]:
    """Record what a report's measures come to in a period that is over as facts that the document declares.

    It is said on the platform's word; the same again adds nothing. Returns the facts. Raises ScoreRefused
    where there are none, or the period is not over.
    """
    made = make_report(office, name, agreement_id, period)
    agreement, (row,) = made.agreement, made.rows
    keeper = keeper_of(agreement)
    if not period or stretch(period).between(agreement.zone)[1] > office.clock():
        raise ScoreRefused("name a period that is over; before that a figure may change", where="period")
    told = {
        one.terms.fact: fact_text(one, agreement.currency, made.report.register_)
        for one in row.measured
        if one.terms.fact is not None and one.value is not None
    }
    found = declared_facts(agreement, told)
    if not found or keeper is None:
        names = ", ".join(one.fact for one in made.report.measures if one.fact) or "none"
        message = f"of {name} can be recorded: {names}; the document declares none of them that is told"
        raise ScoreRefused(message, where=agreement.ref)
    known = {(one.about, one.fact): one.value for one in facts_shown(office, agreement.id)}
    if any(known.get((period, fact)) != text for fact, text in found.items()):
        key = next(key for key in agreement.parties if agreement.party_id(key) == keeper)
        record_facts(office, agreement.id, key, FactsGiven(found, about=period), source=SOURCE)
    return found
