"""Registers that are only declared: each is told a story of its own, and refuses what must not be in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.log import Log
from ledger.registers.errors import ItemState, TellingRefused
from ledger.registers.items import Item, item
from ledger.registers.telling import tell
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreements" / "head-streamer.yaml"
START = datetime.fromisoformat("2026-05-04T10:00:00+08:00")
DIGEST = "ab" * 32

Tell = Callable[..., Item]


@pytest.fixture
def told(engine: Engine) -> Tell:
    """Tell an event of the item X of a register a minute after the one before, and return the item."""
    agreement = load_agreement(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)
    clock = FixedClock(START)
    log = Log(engine, clock=clock)

    def one(by: str, register: str, event: str, of: str | None = None, **fields: str) -> Item:
        clock.forward(minutes=1)
        role = agreement.parties[by].role
        tell(
            log, None if of else agreement, register, "X", event, fields, by=agreement.party_id(by),
            at=clock(), party=agreement.party_id(of) if of else None, roles=[role],
        )  # fmt: skip
        return item(log, register, "X")

    return one


def test_goods_are_taken_for_a_show_only_when_verified_and_tried(told: Tell) -> None:
    told("brand", "selection", "offered", sku="serum", offered_price="80.00")
    told("mcn", "selection", "verified", sales_rights=DIGEST, sample="false", compared_price="100.00")
    with pytest.raises(TellingRefused, match="a sample was tried"):
        told("streamer", "selection", "taken")
    declined = told("streamer", "selection", "declined", reason="nobody had tried it")
    assert (declined.state, declined.text("reason")) == ("declined", "nobody had tried it")
    told("brand", "selection", "offered_again", offered_price="75.00")
    told("mcn", "selection", "verified", sales_rights=DIGEST, sample="true")
    taken = told("streamer", "selection", "taken")
    assert taken.state == "taken"
    assert taken.clocks[0].ended_at is not None


def test_promised_traffic_counts_as_it_is_verified(told: Tell) -> None:
    told("platform", "traffic", "promised", promised="100000", until_day="2026-05-20")
    told("platform", "traffic", "delivered", delivered="90000")
    with pytest.raises(TellingRefused, match="no more is verified than was delivered"):
        told("brand", "traffic", "verified", verified="90001", report=DIGEST)
    told("brand", "traffic", "verified", verified="84000", report=DIGEST)
    with pytest.raises(TellingRefused, match="no less than promised"):
        told("platform", "traffic", "completed")
    assert told("brand", "traffic", "fell_short").state == "short"
    told("platform", "traffic", "delivered", delivered="101000")
    told("brand", "traffic", "verified", verified="100500", report=DIGEST)
    assert told("platform", "traffic", "completed").state == "complete"


def test_a_ticket_is_answered_in_time_and_goes_on_as_a_case_that_exists(told: Tell) -> None:
    told("platform", "ticket", "opened", topic="quality", order="O-1", words="it leaked")
    with pytest.raises(TellingRefused, match="no after_sale 'X'"):
        told("brand", "ticket", "escalated", after_sale="X")
    told("platform", "after_sale", "asked", order="O-1", wish="refund", responsible="merchant")
    escalated = told("brand", "ticket", "escalated", after_sale="X")
    assert (escalated.state, escalated.text("after_sale")) == ("escalated", "X")
    (response,) = escalated.clocks
    assert response.ended_at is not None
    told("brand", "ticket", "disputed", dispute="D-0123456789")
    assert told("platform", "ticket", "closed", solved="true").state == "closed"


def test_an_honour_is_given_by_others_than_who_holds_it(told: Tell) -> None:
    given = {"title": "star streamer", "grounds": "season score 92", "valid_until": "2026-12-31"}
    with pytest.raises(TellingRefused, match="'given' is told by"):
        told("streamer", "honour", "given", of="streamer", **given)
    assert told("mcn", "honour", "given", of="streamer", **given).state == "held"
    revoked = told("platform", "honour", "revoked", of="streamer", reason="a confirmed false claim")
    assert (revoked.state, revoked.text("title")) == ("revoked", "star streamer")


def test_a_work_is_published_once_it_was_delivered_and_accepted(told: Tell) -> None:
    until = {"owner": "shared", "licensed_until": "2027-05-31"}
    told("brand", "content_work", "agreed", name="Autumn", form="short_video", **until)
    with pytest.raises(ItemState, match="'published' is for accepted; it is 'agreed'"):
        told("brand", "content_work", "published", address="https://example.com/autumn")
    told("streamer", "content_work", "delivered", file=DIGEST)
    told("brand", "content_work", "returned", reason="the price is not the one agreed")
    told("streamer", "content_work", "delivered", file="cd" * 32)
    told("brand", "content_work", "accepted")
    work = told("brand", "content_work", "published", address="https://example.com/autumn")
    assert (work.state, work.text("file"), work.text("owner")) == ("accepted", "cd" * 32, "shared")


def test_stock_is_forecast_reserved_made_ready_and_what_ran_out_is_told(told: Tell) -> None:
    told("mcn", "stock", "forecast", sku="serum", forecast="4000", ready_by="2026-05-12")
    with pytest.raises(TellingRefused, match="'reserved' is told by merchant"):
        told("mcn", "stock", "reserved", reserved="4000")
    told("brand", "stock", "reserved", reserved="3800", warehouse="Hangzhou")
    told("brand", "stock", "ready", in_warehouse="3800")
    short = told("platform", "stock", "ran_out", short="120", reason="more were sold than were there")
    assert (short.state, short.text("short"), short.text("in_warehouse")) == ("ready", "120", "3800")
    assert told("brand", "stock", "released").state == "released"
