"""Sales with everything that was said of them, personal facts included, as sharing needs them.

Of several reports of one line only the one that counts is given (intake/attesting.py), and none that was
voided. Whoever calls this has asked a grant first; nothing here knows who is asking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ledger.database import Row, Session
from ledger.intake.attesting import Attesting
from ledger.intake.events import BUYER_GROUP
from ledger.intake.terms import IntakeTerms
from ledger.reading import content_of
from ledger.reports import Report
from ledger.voids import read_voids

_SALES = (
    "SELECT l.seq, l.order_id, l.line_id, l.occurred_us, e.agreement, e.source, d.opened, b.opened, x.by_seq,"
    " (SELECT max(r.occurred_us) FROM line_event r WHERE r.agreement = l.agreement"
    " AND r.order_id = l.order_id AND r.line_id = l.line_id AND r.event = 'receipt')"
    " FROM line_event l JOIN entry e ON e.seq = l.seq"
    " JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
    " LEFT JOIN disclosure b ON b.seq = l.seq AND b.name = ?"
    " LEFT JOIN erasure x ON x.seq = l.seq AND x.name = ?"
    " WHERE l.agreement = ? AND l.event = 'sale'"
)


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale: its entry, the line, the version it bears, times in microseconds, and its facts as text.

    `erased` says that its personal facts are gone for good.
    """

    seq: int
    order: str
    line: str
    version: str
    source: str
    sold_us: int
    received_us: int | None
    facts: Mapping[str, str]
    erased: bool

    def kept_until_us(self, days: int) -> int | None:
        """Return when so many days after its receipt are over, None while it is not received."""
        return None if self.received_us is None else self.received_us + days * 86_400_000_000


def sales_of_orders(session: Session, terms: IntakeTerms, orders: Sequence[str]) -> list[Sale]:
    """Return the sales of some orders, by order and line."""
    rows = session.rows(*session.of_each(_SALES, _of(terms.agreement), "l.order_id", sorted(set(orders))))
    return _counting(session, terms, rows)


def sales_between(session: Session, terms: IntakeTerms, from_us: int, until_us: int) -> list[Sale]:
    """Return the sales of a time, its start included and its end not, by order and line."""
    sql = f"{_SALES} AND l.occurred_us >= ? AND l.occurred_us < ?"
    return _counting(session, terms, session.rows(sql, (*_of(terms.agreement), from_us, until_us)))


def sales_at(session: Session, agreement: str, seqs: Iterable[int]) -> list[Sale]:
    """Return the sales under an agreement that some entries tell of, counting or not, in order of seq."""
    sql = f"{_SALES} AND {session.members('l.seq')}"
    found = map(_sale, session.rows(sql, (*_of(agreement), session.listed(sorted(seqs)))))
    return sorted(found, key=attrgetter("seq"))


def _of(agreement: str) -> tuple[str, str, str]:
    return BUYER_GROUP, BUYER_GROUP, agreement


def _counting(session: Session, terms: IntakeTerms, rows: Iterable[Row]) -> list[Sale]:
    voids, attesting = read_voids(session, terms.agreement), Attesting(terms)
    lines: dict[tuple[str, str], dict[int, Sale]] = defaultdict(dict)
    for row in rows:
        if voids.voided_by(row[0]) is None:
            sale = _sale(row)
            lines[sale.order, sale.line][sale.seq] = sale
    counting = []
    for told in lines.values():
        best = attesting.counting(
            [Report(one.seq, one.source, one.version, one.facts) for one in told.values()]
        )
        assert best is not None, "a line is here since a report of it is"
        counting.append(told[best.seq])
    return sorted(counting, key=attrgetter("order", "line"))


def _sale(row: Row) -> Sale:
    seq, order, line, sold_us, version, source, told, personal, erased_by, received_us = row
    facts: dict[str, str] = content_of(bytes(told))
    if personal is not None:
        facts |= content_of(bytes(personal))
    return Sale(seq, order, line, version, source, sold_us, received_us, facts, erased_by is not None)
