"""The change between two statements as causes: each has its name, and together they are the difference."""

from __future__ import annotations

import pytest

from ledger.settlement.errors import ChangeRefused
from ledger.statements.change import StatementChange, change_between
from ledger.statements.reading import list_statements
from tests.linked_world import agency_streamer
from tests.settlement_world import World, plain, receipt, refund, sale

SECOND = {
    "was1": "version: 1\n", "now1": "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n",
    "was2": "effective_from: 2026-02-01", "now2": "effective_from: 2026-03-20",
    "was3": "amount: 30% * (commission - alliance_fee)", "now3": "amount: 40% * (commission - alliance_fee)",
}  # fmt: skip


def change(world: World, party: str) -> StatementChange:
    """Return the change between a party's last two statements."""
    after, before, *_ = list_statements(world.log, party=party)
    return change_between(world.log, world.store, world.agreements, before, after)


def causes(found: StatementChange) -> dict[str, int]:
    assert sum(one.change_minor for one in found.causes) == found.change_minor
    return {one.kind: one.change_minor for one in found.causes}


def test_new_lines_late_ones_and_refunds_are_causes_apart(world: World) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="1000.00"), receipt(agreement, "A", "2026-03-02"))
    world.settle("2026-03-18")
    world.tell(
        sale(agreement, "LATE", paid="500.00"),
        receipt(agreement, "LATE", "2026-03-01"),
        sale(agreement, "B", at="2026-03-10", paid="2000.00"),
        receipt(agreement, "B", "2026-03-12"),
        refund(agreement, "B", "500.00", "2026-03-13"),
        refund(agreement, "A", "100.00", "2026-03-25"),
        refund(agreement, "A", "50.00", "2026-03-17"),
    )
    world.settle("2026-04-01")
    found = change(world, "streamer")
    assert (found.before_minor, found.after_minor) == (12_600, 23_940)
    assert causes(found) == {
        "new_lines": 25_200 - 12_600,
        "told_late": 6_300,
        "refunds_at_once": -6_300,
        "refunds_of_earlier": -1_260,
    }
    lines = {one.kind: (one.lines_before, one.lines_after) for one in found.causes}
    assert lines == {
        "new_lines": (1, 1), "told_late": (0, 1), "refunds_at_once": (0, 1), "refunds_of_earlier": (0, 1),
    }  # fmt: skip


def test_what_a_version_changed_is_a_cause_of_its_own(world: World) -> None:
    first, second = plain(), plain(**SECOND)
    world.agreements = [first, second]
    world.tell(sale(first, "A", paid="1000.00"), receipt(first, "A", "2026-03-02"))
    world.agreements = [first]
    world.settle("2026-03-18")
    world.agreements = [first, second]
    world.tell(sale(second, "B", at="2026-03-21", paid="3000.00"), receipt(second, "B", "2026-03-22"))
    world.settle("2026-04-08")
    mcn, streamer = change(world, "mcn"), change(world, "streamer")
    assert causes(mcn) == {"new_lines": 16_200 - 5_400, "version": 5_400}
    assert causes(streamer) == {"new_lines": 37_800 - 12_600, "version": -5_400}
    assert mcn.separated
    assert change(world, "brand").change_minor == causes(change(world, "brand"))["new_lines"]


def test_a_debt_and_what_is_carried_are_causes(world: World) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="1000.00"), receipt(agreement, "A", "2026-03-02"))
    world.settle("2026-03-18")
    world.tell(refund(agreement, "A", "1000.00", "2026-03-20"))
    world.settle("2026-04-01")
    assert causes(change(world, "mcn")) == {
        "new_lines": -5_400, "refunds_of_earlier": -5_400, "debt": 5_400,
    }  # fmt: skip
    world.settle("2026-04-02")
    assert causes(change(world, "mcn")) == {"opening": -5_400, "refunds_of_earlier": 5_400}


def test_statements_of_several_parties_have_no_change(world: World) -> None:
    world.tell(sale(world.agreement, "A", paid="1000.00"), receipt(world.agreement, "A", "2026-03-02"))
    world.settle("2026-03-18")
    one, two, *_ = list_statements(world.log)
    with pytest.raises(ChangeRefused, match="different parties"):
        change_between(world.log, world.store, world.agreements, one, two)
    with pytest.raises(ChangeRefused, match="earlier statement first"):
        change_between(world.log, world.store, world.agreements, one, one)


def test_lines_that_another_agreement_feeds_are_new_when_it_clears_them(world: World) -> None:
    world.agreements = [plain(), agency_streamer()]
    world.tell(sale(plain(), "A", paid="1000.00"), receipt(plain(), "A", "2026-03-02"))
    world.settle("2026-03-18")
    world.tell(sale(plain(), "B", paid="3000.00"), receipt(plain(), "B", "2026-03-10"))
    world.settle("2026-04-01")
    assert list(causes(change(world, "streamer"))) == ["new_lines"]
