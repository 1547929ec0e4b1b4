"""Journals as one viewer may hold them: the postings open to them, and one account for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from api.access import AUDITOR, Viewer, demand_read, sight_of
from api.errors import RequestUnusable
from api.office.agreements import held_versions
from api.office.journals import journal_of
from api.office.opening import Office
from ledger.journals.writing import Program


class JournalService:
    """Writes journals for who asks. Raises AccessDenied, RequestUnusable."""

    def __init__(self, office: Office) -> None:
        """Read the accounts of an office."""
        self.office = office

    def journal(
        self, viewer: Viewer, program: Program, agreement: str | None, days: tuple[str | None, str | None]
    ) -> Iterator[str]:
        """Return a journal as text in pieces; `days` are the first and the last, None being open."""
        if agreement is not None:
            held = [one.agreement for one in held_versions(self.office).values()]
            parties = [one.party_id(key) for one in held if one.id == agreement for key in one.parties]
            demand_read(viewer, parties, "agreement")
        sight = None if AUDITOR in viewer.roles else sight_of(viewer)
        return journal_of(
            self.office,
            program,
            sight=sight,
            agreement=agreement,
            first=_day(days[0], "from"),
            last=_day(days[1], "to"),
        )


def _day(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1900 < day.year < 9000:
        raise RequestUnusable("is no day such as 2026-03-31", where=where)
    return day
