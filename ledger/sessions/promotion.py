"""The report of a promotion: what was spent, who bears which share of it, and what its sessions brought.

Shares are rounded half up, for platform, MCN, streamer and merchant in this order; the last of those that
bear something bears the rest, so that the parts come to the whole. Nothing is posted here: who owes whom is
shown, and settled under the parties' agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ledger.log import Log
from ledger.registers.items import Item, item, items
from ledger.sessions.sales import REGISTER as SESSIONS
from ledger.sessions.sales import Sold, sold_in
from ledger.settlement.terms import Terms
from policies.money import read_rate, round_minor, to_minor

REGISTER = "promotion"
BEARERS = ("platform", "mcn", "streamer", "merchant")
"""The roles that bear shares; the last that has one takes what rounding leaves."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one role bears, what it paid in advance, and what it has to receive (negative: to pay)."""

    role: str
    rate: Fraction
    bears_minor: int
    paid_minor: int

    @property
    def due_minor(self) -> int:
        """What it paid beyond its share."""
        return self.paid_minor - self.bears_minor


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel cost and what came of it."""

    channel: str
    cost_minor: int
    results: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """A promotion in figures. `sessions` are those that name it, each with what was sold in it."""

    promotion: Item
    cost_minor: int
    budget_minor: int | None
    shares: tuple[Share, ...]
    channels: tuple[Channel, ...]
    sessions: Mapping[str, Sold]

    @property
    def net_minor(self) -> int:
        """What its sessions sold, net of refunds."""
        return sum(one.net_minor for one in self.sessions.values())

    @property
    def gross_minor(self) -> int:
        """What its sessions sold."""
        return sum(one.gross_minor for one in self.sessions.values())

    @property
    def roi(self) -> Fraction | None:
        """Net sales for each unit spent; None where nothing was."""
        return Fraction(self.net_minor, self.cost_minor) if self.cost_minor else None


def promotion_report(log: Log, terms: Terms, promotion: str, end: int) -> PromotionReport:
    """Return the report of a promotion under its agreement's terms, by entries before seq `end`.

    Raises ItemUnknown.
    """
    one = item(log, REGISTER, promotion, end)
    currency = terms.newest.currency
    costs, paid = Counter[str](), Counter[str]()
    for told in (event.fields for event in one.happened if event.event == "cost_spent"):
        amount = to_minor(told.get("amount") or "0", currency)
        costs[told.get("channel") or ""] += amount
        paid[told.get("paid_by") or ""] += amount
    budget = one.text("budget")
    return PromotionReport(
        promotion=one,
        cost_minor=costs.total(),
        budget_minor=to_minor(budget, currency) if budget else None,
        shares=tuple(_shares(one, costs.total(), paid)),
        channels=tuple(_channels(one, costs)),
        sessions=_sold(log, terms, one, end),
    )


def _sold(log: Log, terms: Terms, one: Item, end: int) -> dict[str, Sold]:
    mine = [other.id for other in items(log, SESSIONS, terms.id, end) if other.text(REGISTER) == one.id]
    sold = sold_in(log, terms, end) if mine else {}
    return {name: sold[name] for name in mine}


def _shares(one: Item, cost_minor: int, paid: Mapping[str, int]) -> Iterator[Share]:
    left = cost_minor
    rates = {role: read_rate(one.text(f"{role}_share", "0")) for role in BEARERS}
    bearing = [role for role, rate in rates.items() if rate] or [*BEARERS]
    for role, rate in rates.items():
        part = min(left, round_minor(cost_minor * rate, "half_up"))
        bears = left if role == bearing[-1] else part
        left -= bears
        yield Share(role, rate, bears, paid.get(role, 0))


def _channels(one: Item, costs: Mapping[str, int]) -> Iterator[Channel]:
    results: dict[str, Counter[str]] = {}
    for event in one.happened:
        if event.event == "result_counted" and not event.erased:
            told = results.setdefault(event.fields["channel"] or "", Counter())
            for name in ("impressions", "clicks", "bookings"):
                told[name] += int(event.fields.get(name) or 0)
    for channel in sorted({*costs, *results}):
        yield Channel(channel, costs.get(channel, 0), dict(results.get(channel, {})))
