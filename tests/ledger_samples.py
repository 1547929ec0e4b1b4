"""Entries that the ledger's tests append: sales, receipts and refunds of one agreement."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ledger.entries import Group, NewEntry, Posting

AGREEMENT = "autumn-beauty@1"
PARTIES = ("brand", "mcn", "platform", "streamer")
START = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)


class FixedClock:
    """A clock that a test sets by hand."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: int) -> None:
        self.now += timedelta(**parts)


def counted_entropy(seed: bytes = b"salts") -> Callable[[int], bytes]:
    """Return a source of bytes that is the same in every run: for golden vectors and digests."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(seed + count.to_bytes(8, "big")).digest(size)

    return draw


def pair(amount_minor: int, *, kind: str = "sale", currency: str = "CNY") -> tuple[Posting, Posting]:
    """Two postings of one amount from the buyers to escrow."""

    def posting(owner: str, purpose: str, amount: int) -> Posting:
        return Posting(
            owner=owner,
            purpose=purpose,
            agreement="autumn-beauty",
            currency=currency,
            amount_minor=amount,
            clause="6.1",
            kind=kind,
        )

    return posting("buyers", "payment", -amount_minor), posting("escrow", "balance", amount_minor)


def sale(order: str = "O1", line: str = "1", paid_minor: int = 29_900, **changed: Any) -> NewEntry:
    """A sale with postings, the order's facts to its parties and the buyer to the platform alone."""
    content = {
        "order": order,
        "line": line,
        "currency": "CNY",
        "paid_at": "2026-09-01T18:00:00+08:00",
        "paid": f"{paid_minor // 100}.{paid_minor % 100:02}",
    }
    fields: dict[str, Any] = {
        "source": "shop",
        "id": f"{order}/{line}/sale/",
        "kind": "sale.recorded",
        "occurred_at": datetime.fromisoformat("2026-09-01T18:00:00+08:00"),
        "asserter": "platform",
        "agreement": AGREEMENT,
        "concerns": PARTIES,
        "groups": (
            Group("order", PARTIES, content, pair(paid_minor)),
            Group("buyer", ("platform",), {"buyer": f"buyer of {order}"}),
        ),
    }
    return NewEntry(**{**fields, **changed})


def receipt(order: str = "O1", line: str = "1", **changed: Any) -> NewEntry:
    """A confirmed receipt of the line, with no postings."""
    content = {"order": order, "line": line, "confirmed_at": "2026-09-05T09:00:00+08:00"}
    fields: dict[str, Any] = {
        "source": "shop",
        "id": f"{order}/{line}/receipt/",
        "kind": "receipt.confirmed",
        "occurred_at": datetime.fromisoformat("2026-09-05T09:00:00+08:00"),
        "asserter": "platform",
        "agreement": AGREEMENT,
        "concerns": PARTIES,
        "groups": (Group("order", PARTIES, content),),
    }
    return NewEntry(**{**fields, **changed})


def refund(order: str = "O1", line: str = "1", total: str = "100.00", **changed: Any) -> NewEntry:
    """A refund of the line, by its cumulative total."""
    content = {
        "order": order,
        "line": line,
        "refunded_total": total,
        "refunded_at": "2026-09-08T09:00:00+08:00",
    }
    fields: dict[str, Any] = {
        "source": "shop",
        "id": f"{order}/{line}/refund/{total}",
        "kind": "refund.recorded",
        "occurred_at": datetime.fromisoformat("2026-09-08T09:00:00+08:00"),
        "asserter": "platform",
        "agreement": AGREEMENT,
        "concerns": PARTIES,
        "groups": (Group("order", PARTIES, content),),
    }
    return NewEntry(**{**fields, **changed})


def reversal_of_sale(seq: int, amount_minor: int = 29_900, **changed: Any) -> NewEntry:
    """An entry that takes back what the sale at a seq posted, or a part of it."""
    buyers, escrow = pair(-amount_minor, kind="sale.reversed")
    postings = tuple(
        msgspec.structs.replace(posting, reverses=(seq, n)) for n, posting in enumerate((buyers, escrow))
    )
    fields: dict[str, Any] = {
        "source": "ops",
        "id": f"reversal of {seq}: {amount_minor}",
        "kind": "sale.reversed",
        "occurred_at": START,
        "asserter": "platform",
        "agreement": AGREEMENT,
        "concerns": PARTIES,
        "groups": (Group("reversal", PARTIES, {}, postings),),
    }
    return NewEntry(**{**fields, **changed})
