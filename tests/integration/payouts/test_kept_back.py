"""What is taken from a payee between statements is taken off once: not paid out, and not kept back twice."""

from __future__ import annotations

from ledger.holds import NewHold, place_hold, release_hold
from tests.decided import post_decision
from tests.payout_world import Payday
from tests.settlement_world import instant, receipt, sale


def _decide(payday: Payday, at: str) -> None:
    world = payday.world
    taken = {"from": "mcn", "to": "brand", "amount_minor": 2_000, "currency": "CNY", "kind": "award"}
    post_decision(
        world.log, world.agreement, case="c1", decision={"postings": [taken]}, decided_at=instant(at),
        asserter="panel", parties=("brand", "mcn"), clause="13.1",
    )  # fmt: skip


def _march(payday: Payday) -> None:
    """Settle a second month, in which the agency earns 54.00, and accept its statement."""
    world = payday.world
    world.tell(
        sale(world.agreement, "D", at="2026-03-02", paid="1000.00"),
        receipt(world.agreement, "D", "2026-03-10"),
    )
    world.settle("2026-04-01T12:00:00")
    payday.accept("mcn")


def test_what_was_decided_between_cut_off_and_run_is_kept_back_by_the_statement_alone(payday: Payday) -> None:
    _decide(payday, "2026-04-02")
    _march(payday)
    content = payday.world.statement("mcn").content
    assert (content["payable_minor"], content["carried_forward_minor"]) == (3_400, 2_000)
    row = payday.payables()["mcn"]
    assert (row.decided_minor, row.payable_minor) == (0, 3_400)


def test_a_decision_that_takes_what_a_hold_kept_back_takes_it_from_there(sheet: Payday) -> None:
    world = sheet.world
    held = NewHold(
        id="H1", account=world.account("mcn"), amount_minor=3_000, reason="claim", clause="13.1",
        agreement=world.agreement.ref, readers=("mcn", "platform"),
    )  # fmt: skip
    place_hold(world.log, held, at=sheet.act().at, by="operator")
    _march(sheet)
    assert world.statement("mcn").content["carried_forward_minor"] == 3_000
    _decide(sheet, "2026-04-02")
    row = sheet.payables()["mcn"]
    assert (row.held_minor, row.decided_minor, row.payable_minor) == (0, 2_000, 400), (
        "3,000 held and 2,000 taken"
    )
    release_hold(world.log, "H1", 3_000, release="r1", at=sheet.act().at, by="operator", reason="done")
    row = sheet.payables()["mcn"]
    assert (row.decided_minor, row.payable_minor) == (0, 2_400)
