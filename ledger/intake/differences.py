"""Sales that several sources tell otherwise: a finding for each, as the log stands now.

What is found follows from the reports that stand and not from the order in which they came, but for which of
them counts where none prevails. Nothing is kept: a void or a further report changes what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.database import Session, reading
from ledger.intake.attesting import Attesting
from ledger.intake.terms import IntakeTerms
from ledger.intake.together import Line
from ledger.log import Log
from ledger.reports import Report, differing, read_reports
from ledger.voids import read_voids

LOOKED_AT = 20_000
"""How many lines with several reports one page looks at, at most: most reports say the same."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A report of a sale that differs from the one that counts, and in which facts, sorted by name."""

    counts: Report
    other: Report
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Findings in order of order, line and entry, and the line to go on after; None at the end.

    A page may have fewer findings than asked for, or none, and not be the last.
    """

    findings: list[Finding]
    next_after: Line | None


def differences(log: Log, terms: IntakeTerms, after: Line | None = None, limit: int = 100) -> Page:
    """Return findings under an agreement on about so many lines beyond the line `after`."""
    attesting = Attesting(terms)
    found: list[Finding] = []
    last = after or ("", "")
    with reading(log.engine) as session:
        voids = read_voids(session, terms.agreement)
        for _ in range(LOOKED_AT // _AT_ONCE):
            lines = _told_again(session, terms.agreement, last)
            reports = read_reports(session, terms.agreement, sorted({order for order, _ in lines}))
            for line in lines:
                told = reports.get((terms.agreement, *line), ())
                found += _findings(attesting, [one for one in told if voids.voided_by(one.seq) is None])
                last = line
                if len(found) >= limit:
                    return Page(found, last)
            if len(lines) < _AT_ONCE:
                return Page(found, None)
    return Page(found, last)


def every_difference(log: Log, terms: IntakeTerms) -> Iterator[Finding]:
    """Yield every finding under an agreement; each page of them sees one state of the log."""
    after: Line | None = None
    while True:
        page = differences(log, terms, after)
        yield from page.findings
        after = page.next_after
        if after is None:
            return


def _told_again(session: Session, agreement: str, after: Line) -> list[Line]:
    """Return the next lines whose sale was told more than once, voided reports counted too."""
    sql = (
        "SELECT order_id, line_id FROM line_event WHERE agreement = ? AND (order_id, line_id) > (?, ?)"
        " AND event = 'sale' GROUP BY order_id, line_id HAVING count(*) > 1"
        " ORDER BY order_id, line_id LIMIT ?"
    )
    return [(order, line) for order, line in session.rows(sql, (agreement, *after, _AT_ONCE))]


def _findings(attesting: Attesting, standing: Sequence[Report]) -> Iterator[Finding]:
    counts = attesting.counting(standing)
    for other in standing:
        if counts is not None and other.source != counts.source and (fields := differing(counts, other)):
            yield Finding(counts, other, fields)
