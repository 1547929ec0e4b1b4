"""Lines returned, by item and month of sale: found in sets, and counted in the order of the log.

A line counts once, by the first report of its sale and its first refund, however many there are; what was
voided does not count. So what is found does not depend on how the log was cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from ledger.database import Session
from ledger.leaves import instant_of
from ledger.monitors.memory import Memory
from ledger.monitors.plan import Plan
from ledger.voids import read_voids
from policies.money import read_rate
from policies.monitors.compiled import Compiled

_QUARTER_US = 900_000_000
"""A quarter of an hour, in which every time zone stays on one day."""

_SALES = (
    "SELECT l.seq, l.seq, e.agreement, l.occurred_us, d.opened FROM line_event l"
    " JOIN entry e ON e.seq = l.seq JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
    " WHERE l.seq >= ? AND l.seq < ? AND l.event = 'sale' AND {agreement} AND NOT EXISTS (SELECT 1"
    " FROM line_event p WHERE p.agreement = l.agreement AND p.order_id = l.order_id"
    " AND p.line_id = l.line_id AND p.event = 'sale' AND p.seq < l.seq)"
)
_REFUNDS = (
    "SELECT l.seq, s.seq, e.agreement, s.occurred_us, d.opened FROM line_event l"
    " JOIN line_event s ON s.agreement = l.agreement AND s.order_id = l.order_id"
    " AND s.line_id = l.line_id AND s.event = 'sale' AND s.seq < l.seq"
    " JOIN entry e ON e.seq = s.seq JOIN disclosure d ON d.seq = s.seq AND d.position = s.position"
    " WHERE l.seq >= ? AND l.seq < ? AND l.event = 'refund' AND {agreement}"
    " AND l.revision NOT IN ('0', '0.00')"
    " AND NOT EXISTS (SELECT 1 FROM line_event p WHERE p.agreement = l.agreement"
    " AND p.order_id = l.order_id AND p.line_id = l.line_id AND p.event = 'refund' AND p.seq < l.seq"
    " AND p.revision NOT IN ('0', '0.00'))"
    " AND NOT EXISTS (SELECT 1 FROM line_event q WHERE q.agreement = l.agreement"
    " AND q.order_id = l.order_id AND q.line_id = l.line_id AND q.event = 'sale' AND q.seq < s.seq)"
)


class _Line(msgspec.Struct):
    content: dict[str, str]
    readers: list[str]


_decoder = msgspec.json.Decoder(_Line)


class Beyond(msgspec.Struct, frozen=True):
    """More of an item came back than may: by which refund of which sale, of how many lines of a month."""

    monitor: Compiled
    item: str
    month: str
    seq: int
    sale_seq: int
    sold: int
    returned: int
    readers: tuple[str, ...]


def count_lines(session: Session, plan: Plan, memory: Memory, first: int, stop: int) -> Iterator[Beyond]:
    """Count lines sold and returned in entries with first <= seq < stop; yield what is beyond a rate."""
    agreements = sorted({ref.partition("@")[0] for ref in plan.rates})
    if not agreements:
        return
    voids = {one: read_voids(session, one) for one in agreements}
    among = session.members("l.agreement")
    rows = [
        (row, event == _REFUNDS)
        for event in (_SALES, _REFUNDS)
        for row in session.rows(event.format(agreement=among), [first, stop, session.listed(agreements)])
    ]
    for (seq, sale_seq, ref, sold_us, opened), returned in sorted(rows, key=lambda row: row[0][0]):
        if any(voids[ref.partition("@")[0]].voided_by(one) is not None for one in {seq, sale_seq}):
            continue
        line = _decoder.decode(opened)
        for one in plan.rates.get(ref, ()):
            yield from _counted(one, memory, seq, sale_seq, sold_us, line, returned=returned)


def _counted(  # noqa: PLR0913, PLR0917 -- what is counted for which monitor
    one: Compiled, memory: Memory, seq: int, sale_seq: int, sold_us: int, line: _Line,
    *, returned: bool,
) -> Iterator[Beyond]:  # fmt: skip
    rate = one.monitor.rate
    assert rate is not None, "planned as one that counts"
    item = line.content.get(rate.by)
    if item is None:
        return
    month = _month(sold_us // _QUARTER_US, one.agreement.zone)
    count = memory.count(f"{one.agreement.ref} {one.clause}", month, item)
    if not returned:
        count.sold += 1
        return
    count.returned += 1
    if count.sold >= rate.at_least and Fraction(count.returned, count.sold) > read_rate(rate.above):
        readers = tuple(line.readers)
        yield Beyond(one, item, month, seq, sale_seq, count.sold, count.returned, readers)


@lru_cache(maxsize=65_536)
def _month(quarter: int, zone: ZoneInfo) -> str:
    """Return the month, as 2026-03, in which a quarter of an hour since 1970 lies in a time zone."""
    return instant_of(quarter * _QUARTER_US).astimezone(zone).strftime("%Y-%m")
