"""What is to be expected by day is what runs later pay, if nothing more happens."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.holds import NewHold, place_hold
from ledger.log import Log
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.forecast import Forecast, forecast
from tests.ledger_samples import FixedClock
from tests.linked_world import agency_streamer
from tests.settlement_world import World, instant, plain, receipt, refund, sale


def ahead(world: World, at: str, days: int = 45) -> Forecast:
    return forecast(world.log, world.agreements, instant(at), data=world.data, days=days)


def of(found: Forecast, party: str) -> dict[date, int]:
    return {one.day: one.payable_minor for one in found.days if one.party == party}


def test_each_day_is_what_the_run_of_that_day_pays(world: World) -> None:
    agreement = world.agreement
    for number, received in enumerate(("2026-03-02", "2026-03-05", "2026-03-05", "2026-03-09")):
        world.tell(sale(agreement, f"O{number}", paid="1000.00"), receipt(agreement, f"O{number}", received))
    world.tell(
        refund(agreement, "O3", "400.00", "2026-03-09T12:00:00"), sale(agreement, "OPEN", paid="50.00")
    )
    found = ahead(world, "2026-03-10T09:30:00")
    expected = of(found, "streamer")
    assert expected == {
        date(2026, 3, 17): 12_600, date(2026, 3, 20): 37_800, date(2026, 3, 24): 37_800 + 7_560,
    }  # fmt: skip
    assert [(one.because, one.lines) for one in found.undated] == [("receipt", 1)]
    assert found.undated[0].amounts is not None
    assert found.undated[0].amounts["streamer"] == 630
    assert (found.refundable_days, found.rate) == (15, None)
    paid = 0
    for day, payable in expected.items():
        world.settle(day.isoformat())
        paid += world.statement("streamer").content["payable_minor"]
        assert paid == payable
    assert of(ahead(world, "2026-03-25"), "streamer") == {}


def test_a_hold_that_expires_is_expected_on_its_day(engine: Engine, tmp_path: Path) -> None:
    world = World(Log(engine, clock=FixedClock(instant("2026-03-04"))), tmp_path)
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="1000.00"), receipt(agreement, "A", "2026-03-02"))
    hold = NewHold(
        id="H1", account=world.account("streamer"), amount_minor=5_000, reason="quality", clause="7.1",
        agreement=agreement.ref, readers=("streamer",), expires_at=instant("2026-03-25T10:00:00"),
    )  # fmt: skip
    place_hold(world.log, hold, at=instant("2026-03-03"), by="operator", beyond_balance=True)
    assert of(ahead(world, "2026-03-10"), "streamer") == {date(2026, 3, 17): 7_600, date(2026, 3, 26): 12_600}


def test_the_recorded_rate_of_returns_is_an_exact_fraction_of_closed_lines(world: World) -> None:
    agreement = world.agreement
    for number in range(3):
        world.tell(
            sale(agreement, f"OLD{number}", at="2026-02-02", paid="100.00"),
            receipt(agreement, f"OLD{number}", "2026-02-03"),
        )
    world.tell(refund(agreement, "OLD0", "100.00", "2026-02-10"))
    world.settle("2026-03-15")
    world.tell(sale(agreement, "A", at="2026-03-12", paid="1000.00"), receipt(agreement, "A", "2026-03-14"))
    found = ahead(world, "2026-03-16")
    assert found.rate == Fraction(1, 3)
    assert found.history is not None
    assert found.history.lines == 3
    (streamer,) = [one for one in found.days if one.party == "streamer"]
    assert (streamer.adds_minor, streamer.kept) == (12_600, Fraction(8_400))


def test_no_day_beyond_a_year_is_looked_at(world: World) -> None:
    with pytest.raises(SettlementRefused, match="days ahead"):
        ahead(world, "2026-03-16", days=367)
    assert ahead(world, "2026-03-16", days=0).days == ()


def test_what_another_agreement_feeds_comes_in_when_that_one_is_cleared(world: World) -> None:
    world.agreements = [plain(), agency_streamer()]
    for order, received in (("A", "2026-03-02"), ("B", "2026-03-05")):
        world.tell(sale(plain(), order, paid="299.00"), receipt(plain(), order, received))
    found = ahead(world, "2026-03-10")
    assert found.undated == ()
    expected = of(found, "streamer")
    assert list(expected) == [date(2026, 3, 17), date(2026, 3, 20)]
    world.settle("2026-03-20")
    assert world.statement("streamer").content["payable_minor"] == expected[date(2026, 3, 20)] > 0
