"""Sales that several sources tell of: one sale, whose money is posted once, by the report that counts.

Of several reports the prevailing source's counts, whenever it came, else the first: for what was settled the
same is said in settlement/counted.py. What is posted for a line is at all times what that report funds, so a
later report that counts instead posts the difference, and one that does not, nothing. Every writer of events
goes by this, within the transaction that takes them (ledger/reports.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger.entries import Posting
from ledger.errors import LogMoved
from ledger.intake.funding import funding_postings
from ledger.intake.terms import Funding, IntakeTerms, VersionTerms
from ledger.reports import Report, differing
from policies.money import to_minor


class Difference(NamedTuple):
    """Facts in which a report of a sale differs from another source's, and the source that counts."""

    seq: int
    source: str
    fields: tuple[str, ...]
    counts: str


class Attesting:
    """Puts reports of sales side by side, under the agreements whose terms are given. Holds no state."""

    def __init__(self, *terms: IntakeTerms) -> None:
        """Prepare the versions by reference."""
        self._versions = {
            version.reference: (version, one) for one in terms for version in (*one.overtaken, *one.versions)
        }

    def postings(self, report: Report, earlier: Sequence[Report]) -> tuple[Posting, ...]:
        """Return what a report posts beside earlier ones of its line that stand. Raises LogMoved."""
        _, terms = self._of(report)
        return funding_postings(self.funded([*earlier, report]), self.funded(earlier), terms)

    def funded(self, reports: Iterable[Report]) -> dict[Funding, int]:
        """Return what is posted for a line of which these reports stand: what the one that counts funds."""
        best = self.counting(list(reports))
        if best is None:
            return {}
        version, terms = self._of(best)
        return {
            funding: to_minor(best.content[funding.fact], terms.currency)
            for funding in version.funding
            if funding.fact in best.content
        }

    def counting(self, reports: Sequence[Report]) -> Report | None:
        """Return the report that counts: the first of the prevailing source, else the first; None of none."""
        return min(reports, key=lambda one: (self._is_aside(one), one.seq), default=None)

    def difference(self, report: Report, others: Sequence[Report]) -> Difference | None:
        """Return in what a report differs from the one that counts of other sources', None in nothing."""
        other = self.counting(others)
        if other is None:
            return None
        fields = differing(report, other)
        counts = self.counting([*others, report])
        assert counts is not None, "there is a report"
        return Difference(other.seq, other.source, fields, counts.source) if fields else None

    def _is_aside(self, report: Report) -> bool:
        prevailing = self._of(report)[0].prevailing
        return prevailing is not None and report.source != prevailing

    def _of(self, report: Report) -> tuple[VersionTerms, IntakeTerms]:
        found = self._versions.get(report.version)
        if found is None:
            wanted = f"entry {report.seq} tells of the same sale under a version signed a moment ago"
            raise LogMoved(f"{wanted}; send it again", where=report.version)
        return found
