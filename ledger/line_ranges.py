"""Events of an agreement's order lines by ranges of their orders' keys, in sets, as settlement reads them.

Lines are settled each by itself, so a log of any length can be read a range at a time, and ranges in order
give lines in order. What came after a sale says all that settlement asks in the table of line events itself;
only a sale's facts are read from its opened group. Rows come as the database finds them: sorting some hundred
thousand with their groups takes it longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.database import Row, Session

_INSIDE = "l.agreement = ? AND l.order_id >= ? AND l.order_id <= ? AND +l.seq < ?"
"""Of which lines and before which seq. The plus sign keeps a planner to the index by line."""


_BEYOND = "\x01"
"""Put behind a key, it is greater and less than any other that follows: keys hold no control character."""


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The orders of an agreement (by id) from one key to another, both included, before seq `end`."""

    agreement: str
    first: str
    last: str
    end: int

    @property
    def parameters(self) -> tuple[str, str, str, int]:
        """What the condition of a range takes."""
        return self.agreement, self.first, self.last, self.end


def key_ranges(session: Session, agreement: str, end: int, events: int) -> Iterator[KeyRange]:
    """Yield ranges, in order, that hold all orders of an agreement, of about so many events each.

    An order is in one range, so one that alone has more events makes its range longer.
    """
    sql = (
        "SELECT order_id FROM line_event WHERE agreement = ? AND order_id >= ?"
        " ORDER BY order_id LIMIT 1 OFFSET ?"
    )
    first, greatest = "", "SELECT max(order_id) FROM line_event WHERE agreement = ?"
    final = session.rows(greatest, (agreement,))[0][0]
    while final is not None and first <= final:
        found = session.rows(sql, (agreement, first, events - 1))
        last = found[0][0] if found else final
        yield KeyRange(agreement, first, last, end)
        first = f"{last}{_BEYOND}"


def read_sales(session: Session, wanted: KeyRange) -> list[Row]:
    """Return seq, order, line, occurred microseconds and the opened group of each sale, in any order."""
    sql = (
        "SELECT l.seq, l.order_id, l.line_id, l.occurred_us, d.opened FROM line_event l"  # noqa: S608
        " JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
        f" WHERE {_INSIDE} AND l.event = 'sale'"
    )
    return session.rows(sql, wanted.parameters)


def read_later(session: Session, wanted: KeyRange) -> list[Row]:
    """Return seq, order, line, occurred microseconds, event and revision of all but sales, in any order."""
    sql = (
        "SELECT l.seq, l.order_id, l.line_id, l.occurred_us, l.event, l.revision FROM line_event l"  # noqa: S608
        f" WHERE {_INSIDE} AND l.event <> 'sale'"
    )
    return session.rows(sql, wanted.parameters)


def read_yielding(session: Session, wanted: KeyRange, version: str, prevailing: str) -> list[int]:
    """Return the seqs of events under an id@version that another source than the prevailing one told."""
    sql = (
        "SELECT l.seq FROM line_event l JOIN entry e ON e.seq = l.seq"  # noqa: S608
        f" WHERE {_INSIDE} AND e.agreement = ? AND e.source <> ?"
    )
    return [row[0] for row in session.rows(sql, (*wanted.parameters, version, prevailing))]
