"""Sales that several sources tell of: one sale, whose money is posted once, by the report that counts.

Which report counts is said in ledger/settlement/counted.py; what is posted for a line is at all times what
that report funds. So a later report that counts instead posts the difference, and one that does not, nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from ledger.database import Session, reading
from ledger.derive import ORDER_GROUP
from ledger.entries import NewEntry
from ledger.intake.funding import funding_postings
from ledger.intake.terms import Funding, IntakeTerms
from ledger.leaves import read_content
from ledger.log import Log
from ledger.voids import Voids, read_voids
from policies.money import to_minor

Line = tuple[str, str]
"""Order and line."""

_KEYS = frozenset({"order", "line", "currency"})
_ORDERS_AT_ONCE = 20_000


class Told(NamedTuple):
    """One report of a sale in the log: its entry, source, id@version and facts."""

    seq: int
    source: str
    id: str
    version: str
    content: Mapping[str, str]


class Difference(NamedTuple):
    """Facts in which a report of a sale differs from another source's, and the source that counts."""

    id: str
    seq: int
    source: str
    fields: tuple[str, ...]
    counts: str


class Attestation(NamedTuple):
    """Entries with the postings they have beside other sources' reports, and in what those differ."""

    entries: list[NewEntry]
    attested: int
    differences: dict[str, Difference]


def told_sales(session: Session, agreement: str, orders: Sequence[str]) -> dict[Line, list[Told]]:
    """Return every report of the sales of some orders of an agreement, by line, in order of seq."""
    sql = (
        "SELECT l.order_id, l.line_id, l.seq, e.source, e.source_id, e.agreement, d.opened FROM line_event l"  # noqa: S608
        " JOIN entry e ON e.seq = l.seq JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
        f" WHERE l.agreement = ? AND l.event = 'sale' AND {session.members('l.order_id')} ORDER BY l.seq"
    )
    found: dict[Line, list[Told]] = defaultdict(list)
    for start in range(0, len(orders), _ORDERS_AT_ONCE):
        listed = session.listed(orders[start : start + _ORDERS_AT_ONCE])
        for order, line, seq, source, entry_id, version, opened in session.rows(sql, (agreement, listed)):
            content = msgspec.json.decode(read_content(bytes(opened)), type=dict[str, str])
            found[order, line].append(Told(seq, source, entry_id, version, content))
    return found


class Attesting:
    """Puts the reports of one agreement's sales side by side."""

    def __init__(self, log: Log, terms: IntakeTerms) -> None:
        """Read what was voided so far; make one anew for each batch."""
        self._log = log
        self._terms = terms
        self._versions = {version.reference: version for version in terms.versions}

    def beside(self, entries: list[NewEntry]) -> Attestation:
        """Return entries, of one source, as they are to be appended beside what the log holds.

        A report that the log holds already keeps the postings it had, so that the same again is a repeat.
        """
        sales = {_line_of(entry): entry for entry in entries if entry.kind == "sale.recorded"}
        with reading(self._log.engine) as session:
            told = told_sales(session, self._terms.agreement, sorted({order for order, _ in sales}))
            voids = read_voids(session, self._terms.agreement)
        changed: dict[str, NewEntry] = {}
        differences: dict[str, Difference] = {}
        for line, reports in told.items():
            entry = sales.get(line)
            if entry is None:
                continue
            earlier = _earlier(entry, reports, voids)
            if not earlier:
                continue
            changed[entry.id] = self._posted(entry, earlier)
            difference = self._difference(entry, earlier)
            if difference is not None:
                differences[entry.id] = difference
        if not changed:
            return Attestation(entries, 0, {})
        return Attestation([changed.get(one.id, one) for one in entries], len(changed), differences)

    def funded(self, reports: Iterable[Told]) -> dict[Funding, int]:
        """Return what is posted for a line of which these reports stand: what the one that counts funds."""
        best = self.counting(list(reports))
        return self._fundings(best) if best is not None else {}

    def counting(self, reports: Sequence[Told]) -> Told | None:
        """Return the report that counts: the first of the prevailing source, else the first; None of none."""
        return min(reports, key=lambda one: (self._is_aside(one), one.seq), default=None)

    def _is_aside(self, report: Told) -> bool:
        prevailing = self._versions[report.version].prevailing
        return prevailing is not None and report.source != prevailing

    def _fundings(self, report: Told) -> dict[Funding, int]:
        version, currency = self._versions[report.version], self._terms.currency
        return {
            funding: to_minor(report.content[funding.fact], currency)
            for funding in version.funding
            if funding.fact in report.content
        }

    def _posted(self, entry: NewEntry, earlier: Sequence[Told]) -> NewEntry:
        report = _as_told(entry)
        before, after = self.funded(earlier), self.funded([*earlier, report])
        order, *others = entry.groups
        postings = funding_postings(after, before, self._terms)
        return replace(entry, groups=(replace(order, postings=postings), *others))

    def _difference(self, entry: NewEntry, earlier: Sequence[Told]) -> Difference | None:
        others = [one for one in earlier if one.source != entry.source]
        other = self.counting(others)
        if other is None:
            return None
        report = _as_told(entry)
        fields = differing(report.content, other.content)
        counts = self.counting([*earlier, report])
        assert counts is not None, "there is a report"
        return Difference(entry.id, other.seq, other.source, fields, counts.source) if fields else None


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the facts, sorted, that two reports both tell and tell otherwise."""
    shared = (one.keys() & other.keys()) - _KEYS
    return tuple(sorted(name for name in shared if one[name] != other[name]))


def _line_of(entry: NewEntry) -> Line:
    content = entry.groups[0].content
    return content["order"], content["line"]


def _as_told(entry: NewEntry) -> Told:
    """Return an entry as a report that comes after all that the log holds."""
    order = entry.groups[0]
    assert order.name == ORDER_GROUP, "an order event begins with its order"
    assert entry.agreement is not None, "an order event names its agreement"
    return Told(1 << 62, entry.source, entry.id, entry.agreement, order.content)


def _earlier(entry: NewEntry, reports: Collection[Told], voids: Voids) -> list[Told]:
    """Return the reports that stood when the log took an entry, or all that stand if it does not hold it."""
    held = next((one.seq for one in reports if (one.source, one.id) == (entry.source, entry.id)), 1 << 62)
    return [one for one in reports if voids.counts(one.seq, held)]
