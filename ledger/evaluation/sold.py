"""Orders, buyers and sales of an agreement by day, as the log tells them; voided imports count nothing.

An order line that two sources report counts once, by the report that came first. What an order is worth is
the whole that its split shares out, at the version's terms; without a split there is no such figure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import msgspec

from ledger.database import reading
from ledger.evaluation.windows import Window
from ledger.intake.events import BUYER_GROUP
from ledger.leaves import instant_of, read_content
from ledger.log import Log
from ledger.voids import read_voids
from policies.agreement import Agreement
from policies.errors import PolicyError
from policies.facts import order_facts
from policies.formulas.exact import Facts, evaluate
from policies.formulas.tree import names
from policies.money import round_minor

_SALES = (
    "SELECT l.seq, l.order_id, l.line_id, l.occurred_us, d.opened, b.opened FROM line_event l"
    " JOIN disclosure d ON d.seq = l.seq AND d.position = l.position"
    " LEFT JOIN disclosure b ON b.seq = l.seq AND b.name = ?"
    " WHERE l.agreement = ? AND l.event = 'sale' AND l.occurred_us >= ? AND l.occurred_us < ? AND l.seq < ?"
    " ORDER BY l.order_id, l.line_id, l.seq"
)
"""In the order of lines, so that neither lines nor orders need be remembered to be counted once."""
_ANY = (
    "SELECT l.seq FROM line_event l WHERE l.agreement = ? AND l.event = 'sale' AND l.occurred_us >= ?"
    " AND l.occurred_us < ? AND l.seq < ?"
)
_FIRST = "SELECT min(occurred_us) FROM line_event WHERE agreement = ? AND event = 'sale' AND seq < ?"


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold in a window: orders, lines whose buyer is known and how many buyers they are, by day.

    `buyers` is None where no line names one. `sales_minor` is None where the agreement has no split;
    `unread` lines could not be read at its terms. Days are those of the window, in order.
    """

    orders: int
    lines: int
    buyers: int | None
    sales_minor: int | None
    unread: int
    daily_orders: tuple[int, ...]
    daily_buyers: tuple[int, ...]
    daily_minor: tuple[int, ...]
    voided: int
    nameless: int
    """Lines that name no buyer, erased ones among them."""


def first_sold(log: Log, agreement: str, end: int) -> datetime | None:
    """Return when the first sale was told to have been made under an agreement id, None before any."""
    with reading(log.engine) as session:
        ((at,),) = session.rows(_FIRST, (agreement, end))
    return None if at is None else instant_of(at)


def sells(log: Log, agreement: str, window: Window, end: int) -> bool:
    """Tell whether anything that was not voided was sold under an agreement id in a window."""
    first, stop = window.range_us
    with reading(log.engine) as session:
        voids = read_voids(session, agreement).before(end)
        for rows in session.stream(_ANY, (agreement, first, stop, end)):
            if any(voids.voided_by(seq) is None for (seq,) in rows):
                return True
    return False


def sold(log: Log, agreement: Agreement, window: Window, end: int) -> Sold:
    """Return what was sold under an agreement in a window, as the log stood before seq `end`."""
    return _Counting(agreement, window).of(_lines(log, agreement.id, window, end))


_Line = tuple[str, str, int, bytes, str | None, bool]
"""Order, line, when, content, buyer, and whether it was voided."""


def _lines(log: Log, agreement: str, window: Window, end: int) -> Iterator[_Line]:
    first, stop = window.range_us
    with reading(log.engine) as session:
        voids = read_voids(session, agreement).before(end)
        parameters = (BUYER_GROUP, agreement, first, stop, end)
        for rows in session.stream(_SALES, parameters):
            for seq, order, line, at, opened, told in rows:
                buyer = None if told is None else msgspec.json.decode(read_content(told)).get("buyer")
                yield order, line, at, read_content(opened), buyer, voids.voided_by(seq) is not None


class _Counting:
    def __init__(self, agreement: Agreement, window: Window) -> None:
        self.agreement, self.window = agreement, window
        clause = agreement.commission
        whole = clause.whole if clause is not None else None
        self.whole = agreement.formula(whole) if isinstance(whole, str) else None
        self.facts = sorted(names(self.whole) & agreement.fact_types("order").keys()) if self.whole else []
        self.starts = window.day_starts_us()
        self.known: dict[tuple[tuple[str, str], ...], int | None] = {}

    def of(self, lines: Iterator[_Line]) -> Sold:
        last: tuple[str, str] | None = None
        on: set[int] = set()  # the days on which lines of the last order were sold
        orders: dict[int, int] = defaultdict(int)
        buyers: dict[int, set[str]] = defaultdict(set)
        minor: dict[int, int] = defaultdict(int)
        every = counted = voided = unread = nameless = 0
        for order, line, at, content, buyer, is_voided in lines:
            if is_voided:
                voided += 1
                continue
            if (order, line) == last:
                continue
            if last is None or order != last[0]:
                every += 1
                on.clear()
            last, day = (order, line), self.day(at)
            counted += 1
            orders[day] += day not in on
            on.add(day)
            nameless += buyer is None
            if buyer is not None:
                buyers[day].add(buyer)
            worth = self.worth(content)
            unread += worth is None
            minor[day] += worth or 0
        days = range(self.window.days)
        known = {buyer for each in buyers.values() for buyer in each}
        return Sold(
            orders=every,
            lines=counted,
            buyers=len(known) if known else None,
            sales_minor=sum(minor.values()) if self.whole is not None else None,
            unread=unread if self.whole is not None else 0,
            daily_orders=tuple(orders[day] for day in days),
            daily_buyers=tuple(len(buyers[day]) for day in days),
            daily_minor=tuple(minor[day] for day in days),
            voided=voided,
            nameless=nameless,
        )

    def day(self, at_us: int) -> int:
        """Return which day of the window a microsecond lies on, from 0."""
        return bisect_right(self.starts, at_us) - 1

    def worth(self, content: bytes) -> int | None:
        """Return what a line's split shares out, in minor units; None where it cannot be read."""
        if self.whole is None:
            return None
        told = msgspec.json.decode(content)
        key = tuple([(name, str(told[name])) for name in self.facts if told.get(name) is not None])
        if key not in self.known:
            self.known[key] = self._worth(dict(key))
        return self.known[key]

    def _worth(self, row: dict[str, str]) -> int | None:
        assert self.whole is not None
        try:
            value = evaluate(self.whole, Facts(order_facts(self.agreement, row, where="sale")))
        except PolicyError:
            return None
        if not isinstance(value, Fraction):
            return None
        return round_minor(value * self.agreement.scale, "half_up")


def growth(before: Sequence[int], after: Sequence[int]) -> Fraction | None:
    """Return by what share a sum of daily figures grew; None from nothing."""
    first = sum(before)
    return Fraction(sum(after), first) - 1 if first else None
