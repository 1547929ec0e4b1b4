"""What the benchmark of appending appends: sales to four payees, as plain values and as entries.

Each is what an order file's row becomes under an agreement of five parties: the group `order` of nine facts
for the parties, the group `buyer` for the platform alone, the log's own group `concerns`, and five postings:
the buyer's money in, and its split to brand, streamer, MCN and platform. That makes ten rows: an entry, three
disclosures, five postings and a line event; and a tile for every 256 entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ledger.entries import Group, NewEntry, Posting
from ledger.reports import Report

AGREEMENT = "autumn-beauty"
PARTIES = ("brand", "mcn", "platform", "streamer")
PAYEES = (("brand", 7_000), ("streamer", 1_500), ("mcn", 900))
"""Who gets how many ten-thousandths of a sale; the platform takes the rest."""

ROWS_PER_SALE = 10
_BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
_SHUFFLE = 7_919
_WITHIN = 65_536


class Sale(NamedTuple):
    """A sale as an order file's row would give it, times and amounts read: amounts in fen."""

    order: str
    product: str
    buyer: str
    paid_minor: int
    freight_minor: int
    paid_at: datetime


def sales(first: int, count: int) -> list[Sale]:
    """Return sales number `first` and on. Order numbers rise with time, shuffled within some 65,000."""
    return [_sale(number) for number in range(first, first + count)]


def _sale(number: int) -> Sale:
    block, within = divmod(number, _WITHIN)
    drawn = number * 2_654_435_761 % 2**32
    return Sale(
        order=f"69{block:06}{within * _SHUFFLE % _WITHIN:011}",
        product=f"p{drawn % 500}",
        buyer=f"b{drawn:010}",
        paid_minor=1_000 + drawn % 90_000,
        freight_minor=drawn % 7 * 100,
        paid_at=_BEGIN + timedelta(seconds=number // 100),
    )


def entry_of(sale: Sale) -> NewEntry:
    """Return the entry of a sale; this is part of what is measured."""
    text = sale.paid_at.isoformat()
    content = {
        "order": sale.order,
        "line": "1",
        "currency": "CNY",
        "paid_at": text,
        "paid": _yuan(sale.paid_minor),
        "freight": _yuan(sale.freight_minor),
        "product": sale.product,
        "quantity": "1",
        "product_name": "秋季新品 修护精华",
    }
    return NewEntry(
        source="shop",
        id=f"{sale.order}/1/sale/1",
        kind="sale.recorded",
        occurred_at=sale.paid_at,
        asserter="platform",
        agreement=f"{AGREEMENT}@1",
        concerns=PARTIES,
        groups=(
            Group("order", PARTIES, content, tuple(_postings(sale.paid_minor))),
            Group("buyer", ("platform",), {"buyer": sale.buyer}),
        ),
    )


def attest(report: Report, earlier: Sequence[Report]) -> tuple[Posting, ...]:
    """Refuse to be asked: each sale is told of once, though whether it was before is looked up."""
    raise AssertionError(f"{report.content['order']} was told of by {earlier}")


def shares(paid_minor: int) -> list[tuple[str, int]]:
    """Return what each payee gets, in fen; together what was paid."""
    given = [(party, paid_minor * share // 10_000) for party, share in PAYEES]
    return [*given, ("platform", paid_minor - sum(amount for _, amount in given))]


def _postings(paid_minor: int) -> Iterator[Posting]:
    yield _posting("buyers", "payment", -paid_minor, "sale")
    for party, amount in shares(paid_minor):
        yield _posting(party, "payable", amount, "leg")


def _posting(owner: str, purpose: str, amount_minor: int, kind: str) -> Posting:
    return Posting(
        owner=owner,
        purpose=purpose,
        agreement=AGREEMENT,
        currency="CNY",
        amount_minor=amount_minor,
        clause="6.1",
        kind=kind,
    )


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
