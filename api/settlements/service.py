"""Runs settlements for the platform of an agreement, or for the operator that keeps its books."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from api.access import Viewer, demand_any_role, may_read
from api.errors import AccessDenied, RequestUnusable
from api.office.agreements import Held, held_versions
from api.office.opening import Office
from api.office.orders import intake_terms
from api.office.settling import correct_statements, preview_until, settle_until
from api.reading import Money
from api.settlements.schemas import SecondOpinionShown, SettlementPreview, SettlementRun, StatementPreview
from ledger.periods import Period
from ledger.settlement.issued import SettlementReport

_DAY_LENGTH = len("2026-03-17")
_MONTH_LENGTH = len("2026-03")
_YEAR_MIN = 1970
"""The log counts time from 1970: no earlier cut-off can have lines."""


class SettlementService:
    """Settles agreements. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Settle over an office."""
        self.office = office

    def settle(self, viewer: Viewer, agreement: str, until: str) -> SettlementRun:
        """Settle an agreement up to a cut-off; the same cut-off again adds nothing."""
        versions = self._settled_by(viewer, agreement)
        cutoff = self._cutoff(until, versions)
        return self._shown(viewer, settle_until(self.office, agreement, cutoff))

    def preview(self, viewer: Viewer, agreement: str, until: str) -> SettlementPreview:
        """Say what settling up to a cut-off would issue; nothing is written."""
        versions = self._settled_by(viewer, agreement)
        newest = versions[-1].agreement
        report = preview_until(self.office, agreement, self._cutoff(until, versions))
        return SettlementPreview(
            agreement=report.agreement,
            run=report.number,
            settled=report.settled,
            cutoff=report.content["cutoff"],
            lines=report.content["lines"],
            held_lines=report.content["held"]["lines"],
            held_dues=report.content.get("held_dues", 0),
            digest=report.digest,
            second_opinion=SecondOpinionShown.of(report.content),
            statements=tuple(
                StatementPreview(
                    one.party,
                    Money(one.payable_minor, newest.currency),
                    Money(one.carried_forward_minor, newest.currency),
                    one.lines,
                )
                for one in report.statements
                if may_read(viewer, (one.party,))
            ),
        )

    def correct(self, viewer: Viewer, agreement: str, reason: str) -> SettlementRun:
        """Correct the statements of the last run; with nothing new the correction that stands."""
        self._settled_by(viewer, agreement)
        return self._shown(viewer, correct_statements(self.office, agreement, reason))

    def _cutoff(self, until: str, versions: tuple[Held, ...]) -> datetime:
        """Read a cut-off that has come. Raises RequestUnusable."""
        cutoff = cutoff_of(until, versions[-1].agreement.zone)
        if cutoff > self.office.clock():
            raise RequestUnusable("the cut-off lies in the future; settle once it is over", where="until")
        return cutoff

    def _settled_by(self, viewer: Viewer, agreement: str) -> tuple[Held, ...]:
        """Return the signed versions of an agreement that the viewer may settle. Raises AccessDenied."""
        versions = tuple(
            one
            for one in held_versions(self.office).values()
            if one.is_signed and one.agreement.id == agreement
        )
        platform = (intake_terms(versions).asserter,) if versions else ()
        demand_any_role(viewer, ("pay", "operator"), platform)
        if not versions:
            raise AccessDenied("there is no such agreement among those you may settle")
        return versions

    @staticmethod
    def _shown(viewer: Viewer, report: SettlementReport) -> SettlementRun:
        return SettlementRun(
            agreement=report.agreement,
            run=report.number,
            entry_seq=report.seq,
            repeated=report.repeated,
            cutoff=report.content["cutoff"],
            lines=report.content["lines"],
            held_lines=report.content["held"]["lines"],
            second_opinion=SecondOpinionShown.of(report.content),
            statements=tuple(one.id for one in report.statements if may_read(viewer, (one.party,))),
        )


def cutoff_of(text: str, zone: ZoneInfo) -> datetime:
    """Read a cut-off: a time with its offset, the start of a day in a zone, or the last second of a month.

    Raises RequestUnusable, and PeriodRefused for what is nearly a month.
    """
    if len(text) == _MONTH_LENGTH:
        return Period.parse(text).last_second(zone)
    instant: datetime | None
    try:
        if len(text) == _DAY_LENGTH:
            instant = datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
        else:
            instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or instant.year < _YEAR_MIN:
        message = "is no day such as 2026-03-17 and no time such as 2026-03-17T00:00:00+08:00"
        raise RequestUnusable(message, where="until")
    return instant
