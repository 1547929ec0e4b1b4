"""Lines with an open after-sale case wait where the document says so, and only there; on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.accounts import balances
from ledger.log import Log
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.explain import explain, why
from ledger.statements.reading import read_lines_page
from tests.settlement_world import World, after_sale, instant, plain, receipt, refund, sale

WAITS = {"was1": "    days: 15\n", "now1": "    days: 15\n    open_after_sale: waits\n"}


@pytest.fixture
def waiting(engine: Engine, tmp_path: Path) -> World:
    """A log whose agreement has lines with an open case wait; A and B are earned from 17 March."""
    world = World(Log(engine), tmp_path / "data", [plain(**WAITS)])
    for order in ("A", "B"):
        world.tell(
            sale(world.agreement, order, paid="1000.00"),
            receipt(world.agreement, order, "2026-03-02T10:00:00"),
        )
    return world


def _paid(world: World) -> int:
    return int(world.statement("brand").content["payable_minor"])


def test_a_line_waits_while_its_case_is_open_and_the_others_go_on(waiting: World) -> None:
    waiting.tell(after_sale(waiting.agreement, "A", "opened", "2026-03-10T09:00:00"))
    waiting.settle("2026-03-20")
    assert _paid(waiting) == 75_000
    waiting.tell(after_sale(waiting.agreement, "A", "closed", "2026-04-05T12:00:00"))
    waiting.settle("2026-04-05")
    assert _paid(waiting) == 0
    waiting.settle("2026-04-05T12:00:00")
    assert _paid(waiting) == 75_000
    assert rebuild_statements(waiting.log, waiting.agreements, data=waiting.data).runs == 3


def test_where_the_document_does_not_say_so_an_open_case_changes_nothing(world: World) -> None:
    world.tell(
        sale(world.agreement, "A", paid="1000.00"), receipt(world.agreement, "A", "2026-03-02T10:00:00"),
        after_sale(world.agreement, "A", "opened", "2026-03-10T09:00:00"),
    )  # fmt: skip
    world.settle("2026-03-20")
    assert _paid(world) == 75_000


def test_a_line_with_several_cases_waits_for_the_last_of_them(waiting: World) -> None:
    agreement = waiting.agreement
    waiting.tell(
        after_sale(agreement, "A", "opened", "2026-03-10T09:00:00", case="1"),
        after_sale(agreement, "A", "opened", "2026-03-18T09:00:00", case="2"),
        after_sale(agreement, "A", "closed", "2026-03-19T09:00:00", case="1"),
        after_sale(agreement, "A", "closed", "2026-03-25T09:00:00", case="2"),
        after_sale(agreement, "A", "opened", "2026-03-26T09:00:00", case="3"),
    )
    waiting.settle("2026-03-20")
    assert _paid(waiting) == 75_000
    waiting.settle("2026-04-01")
    assert _paid(waiting) == 75_000, "what was opened once it was earned is for a refund to take back"


def test_what_a_run_settled_waits_for_no_case_told_of_later(waiting: World) -> None:
    waiting.settle("2026-03-20")
    assert _paid(waiting) == 150_000
    waiting.tell(after_sale(waiting.agreement, "A", "opened", "2026-03-10T09:00:00"))
    waiting.settle("2026-04-01")
    assert waiting.statement("brand").content["closing_minor"] == 0
    waiting.tell(
        refund(waiting.agreement, "A", "1000.00", "2026-03-28"),
        after_sale(waiting.agreement, "A", "closed", "2026-03-28T12:00:00"),
    )
    waiting.settle("2026-04-20")
    assert waiting.statement("brand").content["closing_minor"] == -75_000
    assert rebuild_statements(waiting.log, waiting.agreements, data=waiting.data).runs == 3


def test_months_come_to_what_all_at_once_come_to_once_the_cases_are_closed(
    engine_pair: tuple[World, World],
) -> None:
    one, two = engine_pair
    for world in engine_pair:
        world.agreements = [plain(**WAITS)]
        agreement = world.agreement
        for place, order in enumerate("ABCD"):
            world.tell(
                sale(agreement, order, paid="333.33"),
                receipt(agreement, order, f"2026-03-0{place + 1}T10:00:00"),
                after_sale(agreement, order, "opened", f"2026-03-1{place * 2}T09:00:00"),
                after_sale(agreement, order, "closed", f"2026-04-0{place * 2 + 1}T09:00:00"),
            )
        world.tell(refund(agreement, "B", "100.00", "2026-03-25"))
    for cutoff in ("2026-03-16", "2026-03-18", "2026-04-02", "2026-04-05", "2026-05-01"):
        one.settle(cutoff)
    two.settle("2026-05-01", engine="exact")
    assert balances(one.log.engine) == balances(two.log.engine)


def test_a_line_says_that_it_waits_and_from_when_it_was_earned(waiting: World) -> None:
    waiting.tell(after_sale(waiting.agreement, "A", "opened", "2026-03-10T09:00:00"))
    (held,) = why(waiting.log, waiting.agreements, "A", "streamer", at=instant("2026-03-20"))
    assert (held.standing, held.earned_from) == ("after_sale_open", None)
    waiting.tell(after_sale(waiting.agreement, "A", "closed", "2026-04-05T12:00:00"))
    (earned,) = why(waiting.log, waiting.agreements, "A", "streamer", at=instant("2026-04-06"))
    assert (earned.standing, str(earned.earned_from)) == ("earned", "2026-04-05")
    waiting.settle("2026-04-10")
    statement = waiting.statement("streamer")
    (line, *_) = read_lines_page(waiting.store, statement, order="A").lines
    assert explain(waiting.log, waiting.agreements, statement, line).amount_minor == 12_600
