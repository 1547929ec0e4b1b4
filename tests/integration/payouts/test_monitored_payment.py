"""A payment that is late is said on the first day that it is, and none that something holds back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.monitors.memory import Memory
from ledger.monitors.plan import plan_of
from ledger.monitors.running import run_monitors
from ledger.notices.notice import NewNotice
from ledger.notices.reading import notices
from tests.payout_world import Payday, settled, terms

TWO_DAYS = "    days: 2\n"


@pytest.fixture
def promised(engine: Engine, tmp_path: Path) -> Payday:
    """A settled month whose statements are paid two days after they are accepted; the brand accepted."""
    made = settled(engine, tmp_path / "data", terms(TWO_DAYS))
    made.accept("brand")
    return made


def looked_at(payday: Payday, **later: int) -> list[NewNotice]:
    plan = plan_of(payday.agreements)
    run_monitors(payday.world.log, plan, Memory(plan.digest), payday.clock() + timedelta(**later))
    return [one.new for one in notices(payday.world.log)]


def test_what_is_not_paid_on_its_day_is_late_from_the_next_day_on(promised: Payday) -> None:
    assert looked_at(promised, days=2) == []
    (found,) = looked_at(promised, days=3)
    assert (found.code, found.clause, found.readers) == ("settlement-late", "15.1", ("brand", "platform"))
    (declared,) = [one for one in plan_of(promised.agreements).monitors if one.monitor.payable]
    assert {"brand", "platform", "streamer"} <= set(declared.readers), "whichever of them is paid may be told"
    assert found.figures == {"payable": "2250.00 CNY", "due_on": "2026-04-03"}
    statement = promised.world.statement("brand")
    assert (found.about["statement"], found.cites) == (statement.id, (statement.seq,))
    assert len(looked_at(promised, days=9)) == 1, "it is said once"


def test_what_is_on_its_way_contested_or_has_nowhere_to_go_is_not_late(promised: Payday) -> None:
    promised.act(days=2)
    batch = promised.prepare()
    assert looked_at(promised, days=9) == []
    promised.release(batch)
    promised.tell(promised.say(batch, "brand"))
    promised.accept("mcn")
    promised.erase_account("mcn")
    assert looked_at(promised, days=9) == []


def test_without_a_clause_on_payment_there_is_no_day(engine: Engine, tmp_path: Path) -> None:
    made = settled(engine, tmp_path / "data", terms())
    made.accept("brand")
    assert looked_at(made, days=99) == []
