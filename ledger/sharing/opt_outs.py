"""Which sales are left out of answers since their buyer opted out: read from the register `opt_out`.

An opt-out names the buyer by what a fact of orders says of them, or by one of their orders. It is heeded
while it stands; once who it is of was erased, it can be heeded no more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ledger.log import Log
from ledger.registers.items import items
from ledger.sharing.sales import Sale

REGISTER = "opt_out"
_WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OptedOut:
    """Buyers by (fact, what it says), and orders by id, whose sales are left out."""

    buyers: frozenset[tuple[str, str]]
    orders: frozenset[str]

    def covers(self, sale: Sale) -> bool:
        """Tell whether a sale is one of them."""
        return sale.order in self.orders or not self.buyers.isdisjoint(sale.facts.items())


def opted_out(log: Log, party: str, scopes: Collection[str], end: int) -> OptedOut:
    """Return who opted out with a party of one of some scopes, by entries before seq `end`."""
    buyers, orders = set[tuple[str, str]](), set[str]()
    for one in items(log, REGISTER, end=end):
        if one.party != party or one.state == _WITHDRAWN or one.text("scope") not in scopes:
            continue
        if one.text("buyer"):
            buyers.add((one.text("fact", "buyer"), one.text("buyer")))
        if one.text("order"):
            orders.add(one.text("order"))
    return OptedOut(frozenset(buyers), frozenset(orders))
