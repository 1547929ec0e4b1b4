"""What was sold in live sessions, gross and net of refunds, from the order lines that count in the log.

A line belongs to a session by the fact that the document's attribution goes by, or a coupon issued in it;
where the document names none, by the time between start and end and, where a session lists items, by their
SKU. Gross is what buyers paid: the facts that fund a sale as it is made. Which report of a line counts is
settlement's to say (settlement/counted.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import polars as pl

from ledger.derive import LINE_EVENTS
from ledger.log import Log
from ledger.registers.items import Item, items
from ledger.settlement.counted import counted
from ledger.settlement.facts import KEY, read_lines
from ledger.settlement.terms import Terms
from policies.agreement import Agreement
from policies.clauses.attribution import Ground
from policies.errors import MoneyError
from policies.formulas.tree import Name, names
from policies.money import to_minor

Basis = Literal["fact", "window", "above"]
"""By what lines are told to be a session's: a fact of the order, or the time and the items listed.

`above`: the sales are those of another agreement, which feeds this one and whose parties alone see them.
"""

REGISTER = "session"
SKU = "sku"
_SESSION_FACTS = ("session", "session_id")
_SALE = LINE_EVENTS["sale.recorded"]


@dataclass(slots=True)
class Sold:
    """Lines sold, and what they came to in minor units: paid by buyers, refunded of it, by SKU where told."""

    lines: int = 0
    orders: set[str] = field(default_factory=set)
    gross_minor: int = 0
    refunded_minor: int = 0
    by_sku: dict[str, Sold] = field(default_factory=dict)

    @property
    def net_minor(self) -> int:
        """What is left of the gross once refunds are taken off."""
        return self.gross_minor - self.refunded_minor

    def add(self, order: str, sku: str | None, gross_minor: int, refunded_minor: int) -> None:
        """Add a line."""
        self.lines += 1
        self.orders.add(order)
        self.gross_minor += gross_minor
        self.refunded_minor += refunded_minor
        if sku:
            self.by_sku.setdefault(sku, Sold()).add(order, None, gross_minor, refunded_minor)


@dataclass(frozen=True, slots=True)
class _Line:
    order: str
    line: str
    sold_us: int
    facts: Mapping[str, str]


def basis_of(terms: Terms) -> Basis:
    """Return by what lines of an agreement are told to be a session's."""
    if terms.feeding is not None:
        return "above"
    return "fact" if any(_facts(terms.newest, "session")) else "window"


def _facts(agreement: Agreement, ground: Ground) -> list[str]:
    """Return the facts of an order that routes of a ground go by, sorted; those called session count too."""
    declared = agreement.document.facts
    routes = agreement.attribution.routes if agreement.attribution else ()
    found = {
        name
        for route in routes
        if route.by == ground
        for name in names(agreement.formula(route.when))
        if name in declared and declared[name].type in {"text", "enum"}
    }
    if ground == "session":
        found |= {name for name in _SESSION_FACTS if name in declared and declared[name].of == "order"}
    return sorted(found)


def _by_fact(agreement: Agreement, sessions: Sequence[Item]) -> dict[str, dict[str, str]]:
    """Return, by fact, which session its values name: its own name, or a coupon that was issued in it."""
    named = {name: one.id for one in sessions for name in (one.text("platform_session"), one.id) if name}
    issued = {
        code: one.id
        for one in sessions
        for event in one.happened
        if event.event == "coupon_issued" and (code := event.fields.get("coupon"))
    }
    found = dict.fromkeys(_facts(agreement, "session"), named)
    return found | {name: issued for name in _facts(agreement, "coupon") if name not in found}


def sold_in(log: Log, terms: Terms, end: int) -> dict[str, Sold]:
    """Return what was sold in each session of an agreement, by their ids, by entries before seq `end`.

    A line that two sessions could claim by time counts for the first that started.
    """
    sessions = items(log, REGISTER, terms.id, end)
    agreement = terms.newest
    basis = basis_of(terms)
    found = {one.id: Sold() for one in sessions}
    if basis == "above":
        return found
    paid = [
        node.name
        for source in (agreement.commission.funding if agreement.commission else ())
        if source.at == "sale" and isinstance(node := agreement.formula(source.amount), Name)
    ]
    spans = sorted(_span(one) for one in sessions)
    by_fact = _by_fact(agreement, sessions)
    book = counted(read_lines(log, terms, end), end)
    refunded = _refunded(book.refunds)
    for line in _lines(log, terms.id, set(book.sales["seq:sale"].to_list()), end):
        if basis == "fact":
            told = (of.get(line.facts.get(name, "")) for name, of in by_fact.items())
            session = next((one for one in told if one is not None), None)
        else:
            session = _by_window(line, spans)
        if session is not None:
            gross = sum(_minor(line.facts.get(one), agreement.currency) for one in paid)
            back = refunded.get((line.order, line.line), 0)
            found[session].add(line.order, line.facts.get(SKU), gross, back)
    return found


def _lines(log: Log, agreement: str, counting: set[int], end: int) -> Iterator[_Line]:
    for batch in log.line_event_batches(agreement, end):
        for seq, order, line, event, occurred_us, _, content in batch:
            if event == _SALE and seq in counting:
                yield _Line(order, line, occurred_us, msgspec.json.decode(content))


def _refunded(refunds: pl.DataFrame) -> dict[tuple[str, str], int]:
    totals = refunds.group_by(*KEY).agg(pl.col("total").max())
    return {(order, line): total for order, line, total in totals.iter_rows()}


def _span(one: Item) -> tuple[int, int, str, frozenset[str]]:
    started, ended = one.last("started"), one.last("ended")
    first = next((event.occurred_us for event in one.happened if event.event == "started"), 0)
    stop = ended.occurred_us if ended is not None else (1 << 62 if started is not None else first)
    listed = (event.fields.get(SKU) for event in one.happened if event.event == "item_listed")
    return first, stop, one.id, frozenset(sku for sku in listed if sku)


def _by_window(line: _Line, spans: Sequence[tuple[int, int, str, frozenset[str]]]) -> str | None:
    for first, stop, session, listed in spans:
        is_listed = not listed or SKU not in line.facts or line.facts[SKU] in listed
        if first <= line.sold_us < stop and is_listed:
            return session
    return None


def _minor(text: str | None, currency: str) -> int:
    if not text:
        return 0
    try:
        return to_minor(text, currency)
    except MoneyError:  # such a line is held by settlement, and counts for nothing until it is mended
        return 0
