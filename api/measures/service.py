"""Figures of quality and service for the parties of an agreement, who all read what they are taken from."""

from __future__ import annotations

from api.access import AUDITOR, Viewer
from api.books import demand_party, signed
from api.measures.schemas import Figure, FigureLine, FigureRow, ReportName, ReportShown
from api.office.measures import ReportMade, make_report
from api.office.opening import Office
from api.worded import of_words
from ledger.measures.declaration import reports
from ledger.measures.shown import shown
from ledger.measures.working import Measured


class MeasureService:
    """Works reports out. Raises AccessDenied for agreements that the viewer may not read."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def names(self) -> tuple[ReportName, ...]:
        """Return the reports there are."""
        return tuple(
            ReportName(
                report=one.report,
                title=of_words(one.title.model_dump()),
                lead=of_words(one.lead.model_dump()),
                register=one.register_,
                fields=one.by,
            )
            for one in reports().values()
        )

    def report(
        self, viewer: Viewer, name: str, agreement: str, period: str = "", by: str = ""
    ) -> ReportShown:
        """Return a report of an agreement. Raises ReportUnknown, ScoreRefused."""
        demand_party(viewer, signed(self.office, agreement))
        readers = None if AUDITOR in viewer.roles else viewer.parties
        return _shown(make_report(self.office, name, agreement, period, by, readers=readers))

    def lines(self, made: ReportShown) -> tuple[FigureLine, ...]:
        """Return a report's figures, one a row."""
        return tuple(
            FigureLine(
                report=made.report,
                agreement=made.agreement,
                period=made.period,
                key=row.key,
                measure=one.id,
                text=one.text,
                value=one.value or "",
                shown=one.shown,
                items=one.items,
            )
            for row in made.rows
            for one in row.figures
        )


def _shown(made: ReportMade) -> ReportShown:
    return ReportShown(
        report=made.report.report,
        title=of_words(made.report.title.model_dump()),
        lead=of_words(made.report.lead.model_dump()),
        register=made.report.register_,
        agreement=made.agreement.id,
        period=made.period,
        by=made.by,
        fields=made.report.by,
        rows=tuple(
            FigureRow(row.key, row.items, tuple(_figure(made, one) for one in row.measured))
            for row in made.rows
        ),
    )


def _figure(made: ReportMade, one: Measured) -> Figure:
    return Figure(
        id=one.terms.id,
        text=of_words(one.terms.text.model_dump()),
        value=None if one.value is None else str(one.value),
        shown=shown(one, made.agreement.currency, made.report.register_),
        items=one.items,
    )
