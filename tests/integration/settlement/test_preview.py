"""A run looked at before it is made: the same figures and digest, and nothing written."""

from __future__ import annotations

from ledger.settlement.issue import preview
from tests.due_world import orders, records, season_dues
from tests.settlement_world import World, instant, receipt, refund, sale


def test_a_preview_is_the_run_that_follows_and_writes_nothing(world: World) -> None:
    world.agreements = [season_dues()]
    world.tell(*orders(world.agreement), *records(world.agreement))
    for cutoff in ("2026-04-01", "2026-05-20"):
        before = world.log.size()
        seen = preview(world.log, world.agreements, instant(cutoff), data=world.data)
        assert (world.log.size(), seen.settled) == (before, False)
        made = world.settle(cutoff)
        assert (seen.digest, seen.number, seen.content) == (made.digest, made.number, made.content)
        assert seen.statements == made.statements


def test_a_preview_of_what_is_settled_is_the_run_that_stands(world: World) -> None:
    world.tell(sale(world.agreement, "A", paid="100.00"), receipt(world.agreement, "A", "2026-03-02"))
    made = world.settle("2026-04-01")
    world.tell(refund(world.agreement, "A", "50.00", "2026-03-05"))
    seen = preview(world.log, world.agreements, instant("2026-04-01"), data=world.data)
    assert (seen.settled, seen.digest, seen.statements) == (True, made.digest, made.statements)
