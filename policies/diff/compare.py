"""Two versions side by side: terms, start, money. What `tallystick diff` shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies.agreement import Agreement
from policies.checks.witness import reason_of
from policies.diff.less import PaidLess, paid_less
from policies.diff.money import Extreme, MoneyDifference, NotComparable, OrderDifference, money_difference
from policies.diff.terms import Change, changed_terms
from policies.diff.words import says
from policies.errors import Finding
from policies.versions.amendment import amendment_findings
from policies.versions.timeline import Start, start_of


@dataclass(frozen=True)
class Difference:
    """What `new` changes against `old`. `money` is None where `no_money` says why it cannot be compared.

    `starts` is when the new version takes effect, None while it waits for an event. `findings` are what
    its parties should know of it as an amendment.
    """

    old: Agreement
    new: Agreement
    terms: tuple[Change, ...]
    starts: Start | None
    money: MoneyDifference | None
    less: tuple[PaidLess, ...] = ()
    findings: tuple[Finding, ...] = ()
    no_money: str | None = None
    no_money_zh: str | None = None

    @property
    def same(self) -> bool:
        """Tell whether nothing that is signed differs but the version itself."""
        return not self.terms

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain JSON, amounts in minor units."""
        return {
            "old": self.old.ref,
            "new": self.new.ref,
            "same": self.same,
            "starts": _start_json(self.starts),
            "findings": [one.as_json() for one in self.findings],
            "terms": [self._change(one) for one in self.terms],
            "money": _money_json(self.money, self.less) if self.money else None,
            "no_money": self.no_money,
        }

    def _change(self, change: Change) -> dict[str, Any]:
        return {
            "what": change.what,
            "part": change.part,
            "item": change.item,
            "path": list(change.path),
            "old": change.old,
            "new": change.new,
            "says": {
                "zh": says(change, self.old, self.new, "zh"),
                "en": says(change, self.old, self.new, "en"),
            },
        }


def compare(old: Agreement, new: Agreement) -> Difference:
    """Compare two documents, as a rule two versions of one agreement. Runs the proofs of `less` too."""
    terms, starts = changed_terms(old, new), start_of(new, old)
    findings = tuple(amendment_findings(old, new)) if old.id == new.id else ()
    try:
        money = money_difference(old, new)
        less = paid_less(old, new)
    except NotComparable as fault:
        return Difference(old, new, terms, starts, None, (), findings, *reason_of(fault))
    return Difference(old, new, terms, starts, money, less, findings)


def _start_json(start: Start | None) -> dict[str, Any] | None:
    if start is None:
        return None
    return {
        "day": start.day.isoformat(),
        "because": start.because,
        "stated": start.lawful.stated.isoformat(),
        "reason": {"zh": start.lawful.reason("zh"), "en": start.lawful.reason("en")},
    }


def _money_json(money: MoneyDifference, less: tuple[PaidLess, ...]) -> dict[str, Any]:
    return {
        "currency": money.currency,
        "orders_compared": len(money.orders),
        "orders_changed": len(money.changed),
        "orders": [order_json(one) for one in money.orders if one.order.name],
        "greatest": {
            "gain": {party: _extreme(one) for party, one in money.gains.items()},
            "loss": {party: _extreme(one) for party, one in money.losses.items()},
        },
        "paid_less": [
            {
                "party": one.party,
                "verdict": one.verdict,
                "reason": one.reason,
                "order": order_json(one.order) if one.order else None,
            }
            for one in less
        ],
    }


def _extreme(one: Extreme) -> dict[str, Any]:
    return {"difference_minor": one.difference, "given": dict(one.order.given)}


def order_json(one: OrderDifference) -> dict[str, Any]:
    """Return an order under both versions as plain JSON, amounts in minor units."""
    return {
        "name": one.order.name,
        "given": dict(one.order.given),
        "refused": one.refused,
        "shares": [
            {
                "share": share.name,
                "party": share.party,
                "clause": share.clause,
                "before_minor": share.before,
                "after_minor": share.after,
                "difference_minor": share.difference,
            }
            for share in one.shares
        ],
        "by_party_minor": one.by_party(),
    }
