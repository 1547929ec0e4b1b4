"""What rows mean beside what the log holds: keys of a second agreement, other reports, refunds that fall.

An order line may fall under several agreements (brand and agency, agency and streamer), and one file may be
imported under each. Asked a batch at a time, so that memory stays that of a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace as replace_fields

from ledger.database import reading
from ledger.derive import LINE_EVENTS
from ledger.entries import NewEntry
from ledger.intake.terms import IntakeTerms
from ledger.known import Known
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.prepare import Prepared
from ledger.reports import Report, read_reports
from ledger.sorting import Request
from ledger.voids import Voids, read_voids
from policies.money import to_minor

SALE = "sale.recorded"
REFUND = "refund.recorded"

Line = tuple[str, str]


def line_of(entry: NewEntry) -> Line:
    """Return the order and line that an entry of intake is about."""
    content = entry.groups[0].content
    return content["order"], content["line"]


def keyed_within(known: Known, requests: Sequence[Request]) -> Sequence[Request]:
    """Give events of a line that their source first told of under another agreement keys that name this one.

    The first agreement keeps ORDER/LINE/EVENT/REVISION, a further one adds @AGREEMENT. What the same commit
    tells of the line under another agreement is not looked at: it is then a conflict, and sent again it has
    its own key.
    """
    plain: dict[str, dict[str, str]] = defaultdict(dict)
    for request in requests:
        for one in request.prepared:
            if one.line_event is not None:
                plain[one.entry.source][one.entry.id] = _sale_id(one.entry.id)
    held = {source: known.agreements(source, set(sales.values())) for source, sales in plain.items()}

    def final(one: Prepared) -> Prepared:
        entry = one.entry
        if one.line_event is None or entry.agreement is None:
            return one
        of = held[entry.source].get(plain[entry.source][entry.id])
        agreement = _id(entry.agreement)
        return one if of is None or _id(of) == agreement else one.renamed(f"{entry.id}@{agreement}")

    if not any(held.values()):
        return requests
    return [
        replace_fields(request, prepared=[final(one) for one in request.prepared]) for request in requests
    ]


def falling(log: Log, entries: Iterable[NewEntry], terms: IntakeTerms) -> dict[str, str]:
    """Return, by entry id, the higher total that a line had reached before, for refunds that fall below it.

    An export of last week imported late tells a lower total of an earlier time, which is no fall.
    """
    told = [entry for entry in entries if entry.kind == REFUND]
    if not told:
        return {}
    reached: dict[Line, set[tuple[int, int, str]]] = {}
    for order, line, total, occurred_us in log.refunds(
        terms.agreement, sorted({line_of(e)[0] for e in told})
    ):
        reached.setdefault((order, line), set()).add((to_minor(total, terms.currency), occurred_us, total))
    found: dict[str, str] = {}
    for entry in told:
        total = entry.groups[0].content["refunded_total"]
        key = (to_minor(total, terms.currency), microseconds(entry.occurred_at), total)
        before = [
            other for other in reached.get(line_of(entry), ()) if other[0] > key[0] and other[1] <= key[1]
        ]
        reached.setdefault(line_of(entry), set()).add(key)
        if before:
            found[entry.id] = max(before)[2]
    return found


def other_reports(log: Log, agreement: str, source: str, orders: Sequence[str]) -> dict[Line, list[Report]]:
    """Return, by line, the reports of the sales of some orders that other sources told and that stand."""
    with reading(log.engine) as session:
        found = read_reports(session, agreement, orders, but_of=source)
        voids = read_voids(session, agreement) if found else Voids()
    standing = {
        line[1:]: [one for one in reports if voids.voided_by(one.seq) is None]
        for line, reports in found.items()
    }
    return {line: reports for line, reports in standing.items() if reports}


def _sale_id(entry_id: str) -> str:
    prefix, _, _ = entry_id.rsplit("/", 2)
    return f"{prefix}/{LINE_EVENTS[SALE]}/1"


def _id(reference: str) -> str:
    return reference.partition("@")[0]
