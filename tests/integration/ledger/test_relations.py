"""What parties do beside orders: told event by event, and counted into what their clause gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.registers.errors import ItemState, TellingRefused
from ledger.registers.items import Item, item
from ledger.registers.telling import tell
from ledger.relations.counting import Borne, Count, count
from ledger.relations.figures import relation_figures
from ledger.voids import GROUP, VOIDED_KIND
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock
from tests.settlement_world import plain, receipt, refund, sale

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreements" / "head-streamer.yaml"
START = datetime.fromisoformat("2026-05-04T10:00:00+08:00")
DAY = date(2026, 6, 1)
DIGEST = "ab" * 32
CLAUSES = """
  - {id: "21.1", kind: resource_exchange, holder: platform, toward: brand, first: {zh: 曝光位, en: placements}, first_value: 2_000.00, first_units: "50", second: {zh: 陈列位, en: displays}, second_value: 500.00, second_units: "200", tolerance: 5_000.00}
  - {id: "21.2", kind: trial_sale, holder: brand, toward: platform, pieces: "1000", unit_cost: 80.00, sold_share: 60%, rating: "4.5", cost_share: 50%, option_days: "30"}
  - {id: "21.3", kind: custom_product, holder: platform, toward: brand, minimum: "5000", unit_price: 60.00, shortfall_rate: 40%, channels: [brand_live], channel_penalty: 100.00, buy_back: 70%, owner: brand}
  - {id: "21.4", kind: risk_sharing, holder: platform, toward: brand, returns_share: 30%, stock_share: 50%, advertising_share: 50%, cap: 200_000.00}
"""  # noqa: E501

Tell = Callable[..., Item]


@cache
def alliance() -> Agreement:
    """The example with a clause of each kind that registers are counted by."""
    document = yaml.load(EXAMPLE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    document["clauses"] += yaml.load(CLAUSES, Loader=yaml.BaseLoader)
    document["stage"] = "strategic_alliance"
    return load_agreement(yaml.safe_dump(document, allow_unicode=True), name="alliance.yaml")


@pytest.fixture
def told(engine: Engine) -> Tell:
    """Tell an event of the item X of a register a minute after the one before, and return the item."""
    clock = FixedClock(START)
    log = Log(engine, clock=clock)

    def one(by: str, register: str, event: str, **fields: str) -> Item:
        clock.forward(minutes=1)
        tell(log, alliance(), register, "X", event, fields, by=by, at=clock())
        return item(log, register, "X")

    return one


def counted(one: Item) -> Count:
    return count(alliance(), one, DAY)


def test_an_exchange_is_balanced_by_units_given_less_those_not_accepted(told: Tell) -> None:
    told("platform", "exchange", "opened", ends_on="2026-05-31")
    told("platform", "exchange", "given", side="first", units="45")
    told("brand", "exchange", "given", side="second", units="200", evidence=DIGEST)
    told("brand", "exchange", "not_accepted", side="first", units="5", reason="never shown")
    owed = counted(told("platform", "exchange", "ended"))
    assert dict(owed.facts) == {"first_given": "40", "second_given": "200"}
    (due,) = owed.dues
    assert (due.source, due.target, due.amount_minor) == ("platform.balance", "brand.balance", 1_500_000)
    assert (owed.clause, owed.effects, len(owed.cites)) == ("21.1", ("first_short",), 3)
    good = counted(told("platform", "exchange", "made_good", side="first", units="10"))
    assert (good.dues, good.effects) == ((), ())
    with pytest.raises(ItemState):
        told("platform", "exchange", "given", side="first", units="1")


def test_no_more_is_taken_off_than_was_told(told: Tell) -> None:
    told("platform", "exchange", "opened", ends_on="2026-05-31")
    told("platform", "exchange", "given", side="first", units="45")
    told("brand", "exchange", "given", side="second", units="200", evidence=DIGEST)
    none = counted(told("brand", "exchange", "not_accepted", side="first", units="5000", reason="all of it"))
    assert dict(none.facts) == {"first_given": "0", "second_given": "200"}
    (due,) = none.dues
    assert due.amount_minor == 9_500_000, "the value of what the other side gave, less the tolerance"


def test_a_trial_succeeds_by_what_was_sold_net_and_how_it_was_rated(told: Tell) -> None:
    told("brand", "trial_sale", "started", sku="serum")
    told("platform", "trial_sale", "sold", pieces="650")
    told("platform", "trial_sale", "rated", rating="5", said="gentle")
    told("platform", "trial_sale", "rated", rating="4.5")
    told("platform", "trial_sale", "rated", rating="4.2", said="the pump sticks")
    with pytest.raises(TellingRefused, match="from one to five"):
        told("platform", "trial_sale", "rated", rating="6")
    before = counted(told("brand", "trial_sale", "adjusted", changed="another pump"))
    assert (before.effects, before.missing) == ((), ("trial_ended_on",))
    won = counted(told("brand", "trial_sale", "ended", ended_on="2026-05-20"))
    assert won.facts["average_rating"] == "4.5667"
    assert (won.effects, won.dues) == (("option_open",), ())
    lost = counted(told("platform", "trial_sale", "returned", pieces="150"))
    assert (lost.facts["pieces_sold"], lost.effects) == ("500", ("returned",))
    assert [one.amount_minor for one in lost.dues] == [2_000_000]
    assert told("platform", "trial_sale", "converted", custom="P-1").state == "converted"


def test_a_custom_product_comes_to_its_shortfall_less_what_is_set_off(told: Tell) -> None:
    told("platform", "custom_product", "called_for", sku="mask-x")
    told("brand", "custom_product", "design_agreed", design=DIGEST)
    told("platform", "custom_product", "taken", pieces="2000")
    told("platform", "custom_product", "taken", pieces="1000")
    told("platform", "custom_product", "sold_elsewhere", pieces="50", channel="elsewhere", evidence=DIGEST)
    told("platform", "custom_product", "ended")
    owed = counted(told("platform", "custom_product", "stock_counted", pieces="100"))
    assert dict(owed.facts) == {"pieces_taken": "3000", "sold_elsewhere": "50", "stock_left": "100"}
    assert owed.outcome == "granted_with_set_off"


def test_costs_are_borne_in_the_agreed_parts_and_losses_as_the_clause_shares_them(told: Tell) -> None:
    shares = {"platform_share": "30%", "merchant_share": "40%", "mcn_share": "0%", "streamer_share": "30%"}
    with pytest.raises(TellingRefused, match="come to 100%"):
        told(
            "brand",
            "joint_campaign",
            "planned",
            name="x",
            starts_on="2026-05-05",
            **{**shares, "mcn_share": "1%"},
        )
    told("brand", "joint_campaign", "planned", name="June", starts_on="2026-05-05", **shares)
    told("brand", "joint_campaign", "started")
    told("brand", "joint_campaign", "cost_paid", amount="100.01", paid_by="merchant", what="posters")
    told("platform", "joint_campaign", "cost_paid", amount="50.00", paid_by="platform", what="feed ads")
    one = counted(
        told("brand", "joint_campaign", "loss_told", loss="returns", amount="1000.00", evidence=DIGEST)
    )
    assert one.borne == (
        Borne("platform", 4_500, 5_000), Borne("merchant", 6_000, 10_001), Borne("streamer", 4_501, 0),
    )  # fmt: skip
    assert sum(each.owes_minor for each in one.borne) == 0
    assert [(each.source, each.amount_minor) for each in one.dues] == [("platform.balance", 30_000)]


def test_parts_of_a_small_cost_come_to_it_and_none_is_below_zero(told: Tell) -> None:
    shares = {f"{role}_share": "25%" for role in ("platform", "merchant", "mcn", "streamer")}
    told("brand", "joint_campaign", "planned", name="618", starts_on="2026-05-20", **shares)
    paid = {"paid_by": "platform", "what": "boosts"}
    borne = counted(told("platform", "joint_campaign", "cost_paid", amount="0.02", **paid)).borne
    assert [one.bears_minor for one in borne] == [1, 1]


def test_without_the_clause_the_facts_are_counted_and_nothing_is_due(told: Tell) -> None:
    told("platform", "exchange", "opened", clause="99")
    found = counted(told("platform", "exchange", "given", side="first", units="3"))
    assert (found.clause, found.outcome, found.dues, found.facts["first_given"]) == (None, None, (), "3")


def test_lines_are_counted_once_however_often_they_are_told_and_voided_ones_not(engine: Engine) -> None:
    clock = FixedClock(START)
    log, agreement = Log(engine, clock=clock), plain()
    for order, back in (("A", "10.00"), ("B", None), ("C", "5.00")):
        told = [
            sale(agreement, order, paid="100.00", at="2026-03-01"),
            receipt(agreement, order, "2026-03-05"),
        ]
        log.append([*told, *([refund(agreement, order, back, "2026-03-06")] if back else [])])
    log.append(
        [refund(agreement, "A", "20.00", "2026-03-07"), sale(agreement, "D", paid="1.00", at="2026-03-02")]
    )

    def counted(end: int | None = None) -> tuple[int, int]:
        found = relation_figures(log, agreement.id, stage_began=START, began=START, now=START, end=end)
        return int(found["received_lines"]), int(found["refunded_lines"])

    assert (counted(), counted(3), counted(5)) == ((3, 2), (1, 1), (2, 1))
    log.append([voided(agreement, first=0, stop=3)])
    assert (counted(), counted(9)) == ((2, 1), (3, 2))


def voided(agreement: Agreement, *, first: int, stop: int) -> NewEntry:
    return NewEntry(
        source="test", id="void", kind=VOIDED_KIND, occurred_at=START, asserter="platform",
        agreement=agreement.ref,
        groups=(Group(GROUP, ("platform",), {"ranges": [[first, stop]]}),),
    )  # fmt: skip
