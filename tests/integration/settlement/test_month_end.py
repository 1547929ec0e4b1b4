"""Accruals and expected returns at a month's end: earned and not settled, to the unit, on both databases."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from ledger.month_end.accruals import (
    Accruals,
    Earned,
    accruals_of,
    earned_by,
    month_point,
    settled_by,
)
from ledger.month_end.returns import expected_returns
from ledger.periods import Calendar, Period
from ledger.settlement.deal import deal_terms
from ledger.settlement.terms import read_terms
from tests.due_world import orders, records, season_dues
from tests.linked_world import agency_streamer
from tests.settlement_world import World, plain, receipt, refund, sale

MARCH, JUNE = Period(2026, 3), Period(2026, 6)


def earned(world: World, period: Period = MARCH) -> Earned:
    agreement = world.agreement
    point = month_point(Calendar(agreement.id, agreement.zone), period, world.log.size())
    return earned_by(world.log, read_terms(world.agreements), point)


def accrued(world: World, period: Period = MARCH) -> Accruals:
    return accruals_of(world.log, read_terms(world.agreements), period, earned(world, period))


def sums(found: Accruals) -> dict[str, int]:
    return {f"{one.owner}.{one.purpose}": one.amount_minor for one in found.rows}


@pytest.fixture
def sold(world: World) -> World:
    """1,000.00 received on 2 March, and 200.00 on the 20th: the clearing days of the second are not over."""
    world.tell(
        sale(world.agreement, "A1", paid="1000.00"),
        receipt(world.agreement, "A1", "2026-03-02T10:00:00"),
        sale(world.agreement, "A2", paid="200.00"),
        receipt(world.agreement, "A2", "2026-03-20T10:00:00"),
    )
    return world


def test_what_is_received_and_not_cleared_is_accrued_to_the_unit(sold: World) -> None:
    sold.settle("2026-03-31T23:59:59")
    found = accrued(sold)
    assert sums(found) == {
        "brand.balance": 15_000, "escrow.balance": -20_000, "mcn.balance": 1_080,
        "platform.alliance_fee": 400, "platform.tech_fee": 1_000, "streamer.balance": 2_520,
    }  # fmt: skip
    assert {one.clause for one in found.rows} == {"6.1"}


def test_what_is_never_settled_by_then_is_accrued_whole_and_what_is_settled_not_at_all(sold: World) -> None:
    assert sums(accrued(sold))["escrow.balance"] == -120_000
    sold.settle("2026-03-31T23:59:59")
    sold.settle("2026-04-20")
    assert sums(accrued(sold))["escrow.balance"] == -20_000, "a run of April changes nothing of March"
    assert accrued(sold, MARCH.next).rows == ()


def test_a_receipt_in_the_next_month_or_a_line_told_later_is_no_accrual_of_this_one(sold: World) -> None:
    before = accrued(sold)
    point = earned(sold).point
    sold.tell(
        sale(sold.agreement, "A3", paid="77.00"),
        receipt(sold.agreement, "A3", "2026-04-01T00:00:00"),
        sale(sold.agreement, "A4", paid="55.00"),
        receipt(sold.agreement, "A4", "2026-03-25T00:00:00"),
    )
    terms = read_terms(sold.agreements)
    assert accruals_of(sold.log, terms, MARCH, earned_by(sold.log, terms, point)) == before
    assert sums(accrued(sold))["escrow.balance"] == -125_500


def test_a_due_over_a_period_that_is_over_is_accrued_before_it_falls_due(world: World) -> None:
    world.agreements = [season_dues()]
    world.tell(*orders(world.agreement), *records(world.agreement))
    world.settle("2026-03-31T23:59:59")
    march = {(one.clause, f"{one.owner}.{one.purpose}"): one.amount_minor for one in accrued(world).rows}
    world.settle("2026-05-31T23:59:59")
    for clause in {clause for clause, _ in march}:
        assert sum(amount for (of, _), amount in march.items() if of == clause) == 0
    assert len({clause for clause, _ in march}) > 1, "lines, and dues of periods that are over"


@pytest.mark.parametrize("ladder", [False, True])
def test_what_is_accrued_under_a_fed_agreement_is_what_its_next_run_posts(
    sold: World, *, ladder: bool
) -> None:
    agreements = [plain(), agency_streamer(ladder=ladder)]
    below = World(sold.log, sold.data, agreements)
    below.settle("2026-03-31T23:59:59")
    terms = deal_terms(sold.log, agreements)
    point = month_point(Calendar(terms.id, terms.zone), MARCH, sold.log.size())
    found = accruals_of(sold.log, terms, MARCH, earned_by(sold.log, terms, point))
    assert {one.owner for one in found.rows} >= {"mcn", "streamer"}
    before = settled_by(sold.log, terms, point)
    below.settle("2026-06-30T23:59:59")
    after = settled_by(sold.log, terms, month_point(Calendar(terms.id, terms.zone), JUNE, sold.log.size()))
    posted = {place: after[place] - before.get(place, 0) for place in after}
    rows = {(one.owner, one.purpose, one.clause): one.amount_minor for one in found.rows}
    assert rows == {place: minor for place, minor in posted.items() if minor}


def test_what_is_accrued_is_what_the_next_run_posts_where_nothing_more_comes(season: World) -> None:
    for number, (paid, day) in enumerate([("299.00", 2), ("99.90", 18), ("1234.56", 25), ("50.00", 31)]):
        order = f"S{number}"
        facts = {"paid": paid, "freight": "10.00", "platform_coupon": "20.00"}
        season.tell(
            sale(season.agreement, order, **facts),
            receipt(season.agreement, order, f"2026-03-{day:02}T10:00:00"),
        )
    season.tell(refund(season.agreement, "S1", "33.30", "2026-03-20"))
    season.settle("2026-03-31T23:59:59")
    rows = {(one.owner, one.purpose, one.clause): one.amount_minor for one in accrued(season).rows}
    before = settled_by(season.log, read_terms(season.agreements), earned(season).point)
    season.settle("2026-06-30T23:59:59")
    after = settled_by(season.log, read_terms(season.agreements), earned(season, JUNE).point)
    posted = {place: minor - before.get(place, 0) for place, minor in after.items()}
    assert rows == {place: minor for place, minor in posted.items() if minor}


def history(world: World) -> None:
    """Ten lines of 100.00 received in January, one refunded whole and one in half, in time."""
    for number in range(10):
        order = f"H{number}"
        world.tell(
            sale(world.agreement, order, at="2026-02-01", paid="100.00"),
            receipt(world.agreement, order, "2026-02-02T10:00:00"),
        )
    world.tell(
        refund(world.agreement, "H0", "100.00", "2026-02-20"),
        refund(world.agreement, "H1", "50.00", "2026-03-01"),
        refund(world.agreement, "H2", "100.00", "2026-03-25"),
    )


def test_expected_returns_are_history_as_an_exact_rate_over_what_can_still_come_back(sold: World) -> None:
    history(sold)
    sold.tell(refund(sold.agreement, "A2", "20.00", "2026-03-25"))
    found = expected_returns(earned(sold))
    assert found.rate == Fraction(3, 20), "the refund of H2 came after its window"
    assert (found.history.lines, found.history.first, found.history.last) == (
        10, date(2026, 2, 2), date(2026, 2, 2),
    )  # fmt: skip
    assert (found.open.lines, found.open.refundable_minor, found.open.refunded_minor) == (2, 120_000, 2_000)
    assert found.share == Fraction(16_000, 118_000)
    rows = {f"{one.owner}.{one.purpose}": one.amount_minor for one in found.rows}
    assert sum(rows.values()) == 0
    assert rows["platform.tech_fee"] == -800, "5% of 160.00"
    assert rows["escrow.balance"] == 16_000


def test_with_no_history_and_with_more_refunded_than_history_says_nothing_is_expected(sold: World) -> None:
    nothing = expected_returns(earned(sold))
    assert (nothing.rate, nothing.rows) == (Fraction(0), ())
    history(sold)
    sold.tell(refund(sold.agreement, "A1", "500.00", "2026-03-25"))
    found = expected_returns(earned(sold))
    assert (found.rate, found.share, found.rows) == (Fraction(3, 20), Fraction(0), ())
    assert expected_returns(earned(sold), 1).history.lines == 0, "received before the one month"
