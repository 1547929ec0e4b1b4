"""Events told one by one: the version under which they stand follows from when the line was sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.errors import EntryInvalid
from ledger.intake.terms import Funding, IntakeTerms, VersionTerms
from ledger.intake.told import Teller, Told

FIRST = VersionTerms(
    "deal@1",
    datetime(2026, 1, 1, tzinfo=UTC),
    ("brand", "platform"),
    ("platform",),
    (Funding("buyers.payment", "escrow.balance", "paid", "6.1", "sale"),),
    {"paid": "money", "sku": "text"},
)
SECOND = replace(FIRST, reference="deal@2", effective_from=datetime(2026, 3, 1, tzinfo=UTC))
ONE = Teller(IntakeTerms("deal", "CNY", "Asia/Shanghai", "platform", (FIRST,)))
TWO = Teller(IntakeTerms("deal", "CNY", "Asia/Shanghai", "platform", (FIRST, SECOND)))
FEBRUARY, MARCH = (datetime(2026, month, 15, tzinfo=UTC) for month in (2, 3))


def told(kind: str, at: datetime, sold_at: datetime | None = None) -> Told:
    given = {"sale.recorded": {"paid": "9.90"}, "refund.recorded": {"refunded_total": "1.00"}}
    facts = {"case": "R-17"} if kind.startswith("after_sale.") else given.get(kind, {})
    return Told("till", kind, "deal", "platform", at, "O1", "1", sold_at=sold_at, facts=facts)


def test_a_sale_stands_under_the_version_of_its_own_time() -> None:
    assert TWO.entry(told("sale.recorded", FEBRUARY)).agreement == "deal@1"
    assert TWO.entry(told("sale.recorded", MARCH)).agreement == "deal@2"


@pytest.mark.parametrize(
    "kind", ["receipt.confirmed", "refund.recorded", "after_sale.opened", "after_sale.closed"]
)
def test_what_follows_a_sale_stands_under_the_version_of_the_sale(kind: str) -> None:
    assert TWO.entry(told(kind, MARCH, sold_at=FEBRUARY)).agreement == "deal@1"
    assert ONE.entry(told(kind, MARCH)).agreement == "deal@1"
    with pytest.raises(EntryInvalid, match="sold_at: deal has several versions"):
        TWO.entry(told(kind, MARCH))


def test_an_after_sale_case_is_told_by_its_id_and_nothing_else() -> None:
    entry = ONE.entry(told("after_sale.opened", MARCH))
    assert entry.id == "O1/1/case_opened/R-17"
    assert entry.groups[0].content["opened_at"] == "2026-03-15T00:00:00Z"
    for facts in ({}, {"case": ""}, {"case": 7}, {"case": "R-17", "paid": "1.00"}):
        with pytest.raises(EntryInvalid, match="facts"):
            ONE.entry(Told("till", "after_sale.closed", "deal", "platform", MARCH, "O1", "1", facts=facts))


def test_when_the_line_was_sold_is_no_part_of_what_is_recorded() -> None:
    assert ONE.entry(told("receipt.confirmed", MARCH, FEBRUARY)) == ONE.entry(
        told("receipt.confirmed", MARCH)
    )


def test_a_fact_that_the_version_does_not_declare_is_named_with_its_neighbour() -> None:
    with pytest.raises(EntryInvalid, match=r"deal@1 declares no such fact of an order; did you mean 'paid'"):
        ONE.entry(Told("till", "sale.recorded", "deal", "platform", MARCH, "O1", "1", facts={"payed": "1"}))


def test_the_source_that_prevails_tells_of_sales_like_any_other() -> None:
    terms = IntakeTerms("deal", "CNY", "Asia/Shanghai", "platform", (replace(FIRST, prevailing="till"),))
    entry = Teller(terms).entry(told("sale.recorded", FEBRUARY))
    assert [posting.amount_minor for posting in entry.groups[0].postings] == [-990, 990]
