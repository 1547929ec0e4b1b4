"""Every time at which something falls due by a point, each under the version of the agreement it goes by.

A period goes by the version in force at its end, a case by that of the day on which it was first told of, a
day by that of the day itself. What falls due at every settlement goes by the newest version in force that
has the clause, over everything so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ledger.leaves import microseconds
from ledger.settlement.recorded_facts import RecordedFacts
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, VersionTerms
from policies.clauses.core import Clause
from policies.dues.facts import read_told
from policies.dues.occasions import Occasion, on_a_day, period_occasions, running
from policies.dues.working import Told, due_day
from policies.formulas.exact import Unknown

Placed = tuple[VersionTerms, Occasion]
"""An occasion and the version it goes by."""


@dataclass
class DueOccasions:
    """The occasions up to a point. `contested` are those whose day is a contested fact, with its name."""

    terms: Terms
    point: Point
    recorded: RecordedFacts
    contested: list[tuple[VersionTerms, Occasion, tuple[str, ...]]] = field(default_factory=list)

    def ordered(self) -> list[Placed]:
        """Return them by day, then in the order of the document, then by period or case."""
        found = [
            ((one.day, one.running, place, one.about), version, one)
            for version in self.terms.versions
            for place, clause in enumerate(version.due_clauses)
            for one in self._of(version, clause)
        ]
        return [(version, one) for _, version, one in sorted(found, key=lambda each: each[0])]

    @property
    def _today(self) -> date:
        return self.point.day(self.terms)

    def _of(self, version: VersionTerms, clause: Clause) -> Iterator[Occasion]:
        due = clause.falls_due
        assert due is not None, "a clause that falls due"
        if due.by == "case":
            for about, first in self.recorded.cases(clause.id).items():
                day = first.astimezone(self.terms.zone).date()
                if day <= self._today and self._in_force(day) is version:
                    yield from self._case(version, clause, about, day)
        elif due.by == "settlement":
            having = [one for one in self.terms.versions if self._at_settlement(one, clause.id)]
            if having and having[-1] is version:
                today = self._today
                yield running(clause.id, "", min(today, clause.valid_until or today), today)
        else:
            start = version.effective_from.date()
            found = (
                self._on(version, clause, "")
                if due.on is not None
                else period_occasions(clause.id, due, start, self._today)
            )
            yield from (one for one in found if self._in_force(one.at) is version)

    def _case(self, version: VersionTerms, clause: Clause, about: str, day: date) -> Iterator[Occasion]:
        assert clause.falls_due is not None
        if clause.falls_due.on is not None:
            yield from self._on(version, clause, about)
        else:
            yield running(clause.id, about, day, self._today)

    def _on(self, version: VersionTerms, clause: Clause, about: str) -> Iterator[Occasion]:
        """Yield the occasion of a clause that gives its day, once that is known and has come."""
        assert clause.falls_due is not None
        told = self.recorded.of(version.agreement, clause.id, about)
        values, standing = read_told(version.agreement, told)
        day = due_day(version.agreement, clause, Told(values, standing, {}))
        if isinstance(day, Unknown):
            if day.disputed:
                today = self._today
                one = Occasion(clause.id, about, today, None, today, today)
                self.contested.append((version, one, tuple(sorted(day.names))))
            return
        assert isinstance(day, date), "'on' gives a day"
        one = on_a_day(clause.id, about, clause.falls_due, day)
        if one.day <= self._today:
            yield one

    def _at_settlement(self, version: VersionTerms, clause: str) -> bool:
        """Tell whether a version in force by now has a clause that is due at every settlement."""
        return version.effective_us <= self.point.us and any(
            one.id == clause and one.falls_due is not None and one.falls_due.by == "settlement"
            for one in version.due_clauses
        )

    def _in_force(self, day: date) -> VersionTerms | None:
        """Return the version in force at the end of a day."""
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=self.terms.zone)
        having = [one for one in self.terms.versions if one.effective_us < microseconds(end)]
        return having[-1] if having else None
