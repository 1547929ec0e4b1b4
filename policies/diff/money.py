"""What example orders pay under two versions: each share before and after, and each party's greatest change.

Over a window an order counts with what it adds to what is due, whatever is paid meanwhile. A party's
position in an order is what it is paid less what it brings to the whole, such as a platform's
coupon. Amounts are minor units of the one currency that both versions have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from policies.agreement import Agreement
from policies.checks.funding import is_real_order
from policies.diff.orders import ExampleOrder, example_orders
from policies.errors import FactError, PolicyError
from policies.facts import order_facts
from policies.formulas.exact import Known, Unknown
from policies.splits.line import LineSplit, SplitPlan, split_plan


class NotComparable(PolicyError):
    """Two documents whose money cannot be compared: another currency, or nothing is split in one."""

    code = "diff.not-comparable"


@dataclass(frozen=True, slots=True)
class Share:
    """One share of an order before and after, in minor units: what a leg pays, below zero what is brought."""

    name: str
    party: str
    clause: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """How much more is paid now."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class OrderDifference:
    """One example order under both versions. `refused` says why one of them cannot split it."""

    order: ExampleOrder
    shares: tuple[Share, ...] = ()
    refused: str | None = None

    def by_party(self) -> dict[str, int]:
        """Return each party's change in minor units."""
        found: dict[str, int] = defaultdict(int)
        for share in self.shares:
            found[share.party] += share.difference
        return dict(found)


@dataclass(frozen=True, slots=True)
class Extreme:
    """The example order that changes most for a party: its `gain` (above zero) or `loss` (below zero)."""

    party: str
    difference: int
    order: ExampleOrder


@dataclass(frozen=True)
class MoneyDifference:
    """All example orders under both versions, and per party where it gains most and where it loses most."""

    currency: str
    orders: tuple[OrderDifference, ...]
    gains: Mapping[str, Extreme] = field(default_factory=dict)
    losses: Mapping[str, Extreme] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[OrderDifference, ...]:
        """The orders that some share of changes."""
        return tuple(one for one in self.orders if any(share.difference for share in one.shares))


def money_difference(old: Agreement, new: Agreement) -> MoneyDifference:
    """Return what the example orders of two versions pay under each. Raises NotComparable."""
    before, after = plans(old, new)
    read = before.fact_names() | after.fact_names() | _brought(before) | _brought(after)
    found = [
        compare_order(before, after, order)
        for order in example_orders(old, new, read)
        if all(_is_real(agreement, order) for agreement in (old, new))
    ]
    return MoneyDifference(old.currency, tuple(found), _extremes(found, 1), _extremes(found, -1))


def plans(old: Agreement, new: Agreement) -> tuple[SplitPlan, SplitPlan]:
    """Return the splits of two documents that can be compared. Raises NotComparable."""
    if old.currency != new.currency:
        message = f"{old.ref} is in {old.currency} and {new.ref} in {new.currency}"
        zh = f"{old.ref} 的币种为 {old.currency}，{new.ref} 的为 {new.currency}"
        raise NotComparable(message, zh=zh)
    for agreement in (old, new):
        if agreement.commission is None:
            message = "there is no commission clause, so no order is split"
            raise NotComparable(message, where=agreement.ref, zh=f"{agreement.ref} 没有分佣条款，不分配订单")
    return _due(split_plan(old)), _due(split_plan(new))


def _due(plan: SplitPlan) -> SplitPlan:
    """Return a split whose windows give what an order adds to what is due, whatever is paid meanwhile."""
    return replace(plan, steps=tuple(replace(step, provisional=None) for step in plan.steps))


def _brought(plan: SplitPlan) -> frozenset[str]:
    """Return what a split is given beside declared facts: volumes before the line, a whole that is fed."""
    return frozenset(plan.given_types().keys() - plan.agreement.fact_types("order").keys())


def compare_order(before: SplitPlan, after: SplitPlan, order: ExampleOrder) -> OrderDifference:
    """Split one order under both versions and set its shares side by side."""
    sides: list[dict[tuple[str, str], tuple[int, str]]] = []
    for plan in (before, after):
        try:
            split = plan.split(
                order_facts(plan.agreement, order.given, where=order.name, only=plan.fact_names())
            )
        except FactError as fault:
            return OrderDifference(order, refused=f"{plan.agreement.ref}: {fault}")
        sides.append(positions(plan, split))
    was, now = sides
    keys = [*was, *(key for key in now if key not in was)]
    shares = []
    for name, party in keys:
        old_amount, clause = was.get((name, party), (0, ""))
        new_amount, new_clause = now.get((name, party), (0, clause))
        shares.append(Share(name, party, new_clause, old_amount, new_amount))
    return OrderDifference(order, tuple(shares))


def positions(plan: SplitPlan, split: LineSplit) -> dict[tuple[str, str], tuple[int, str]]:
    """Return what each share of a line moves, by name and party: minor units and the clause.

    What a party brings to the whole counts below zero; what buyers bring is nobody's share.
    """
    found = {(leg.name, leg.party): (leg.amount_minor, leg.clause) for leg in split.legs.values()}
    for source, posted in zip(plan.clause.funding, split.funding, strict=not plan.fed):
        owner = source.from_.partition(".")[0]
        if owner in plan.agreement.parties:
            found[source.kind, owner] = (-posted, plan.clause.id)
    return found


def _is_real(agreement: Agreement, order: ExampleOrder) -> bool:
    """Tell whether a document holds an order to be one that can happen; one it cannot read may."""
    facts = order_facts(agreement, order.given, where=order.name)
    known: dict[str, Known] = {name: one for name, one in facts.items() if not isinstance(one, Unknown)}
    return is_real_order(agreement, known)


def _extremes(orders: Iterable[OrderDifference], sign: int) -> dict[str, Extreme]:
    found: dict[str, Extreme] = {}
    for one in orders:
        for party, difference in one.by_party().items():
            best = found.get(party)
            if difference * sign > 0 and (best is None or difference * sign > best.difference * sign):
                found[party] = Extreme(party, difference, one.order)
    return found
