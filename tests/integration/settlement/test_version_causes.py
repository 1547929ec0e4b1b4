"""What a version changes of the same orders: one cause for each changed term, and together the difference."""

from __future__ import annotations

from ledger.settlement.counted import counted
from ledger.settlement.facts import read_lines
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, version_terms
from ledger.settlement.version_causes import VersionChange, version_change
from policies.agreement import Agreement
from tests.settlement_world import World, instant, plain, receipt, refund, sale

SECOND = {
    "was1": "version: 1\n", "now1": "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n",
    "was2": "effective_from: 2026-02-01", "now2": "effective_from: 2026-06-01",
}  # fmt: skip
START = instant("2026-02-01")


def change(world: World, new: Agreement) -> VersionChange:
    agreement = world.agreement
    for number in range(3):
        world.tell(
            sale(agreement, f"O{number}", paid="1000.00"), receipt(agreement, f"O{number}", "2026-03-02")
        )
    world.tell(refund(agreement, "O0", "500.00", "2026-03-05"))
    terms = Terms((version_terms(agreement, START),))
    both = Terms((*terms.versions, version_terms(new, START)))
    point = Point(instant("2026-04-01"), world.log.size())
    found = version_change(counted(read_lines(world.log, both, point.end), point.end), terms, new, point)
    for party in {*found.before, *found.after}:
        moved = sum(one.by_party.get(party, 0) for one in found.causes)
        assert moved == found.after.get(party, 0) - found.before.get(party, 0)
    return found


def test_each_changed_step_is_a_cause_and_they_come_to_the_difference(world: World) -> None:
    found = change(
        world,
        plain(
            was1="amount: 5% * paid}", now1="amount: 4% * paid}",
            was2="amount: 20% * paid}", now2="amount: 25% * paid}",
            was3="amount: 30% * (commission", now3="amount: 40% * (commission",
            was4="version: 1\n", now4=SECOND["now1"], was5=SECOND["was2"], now5=SECOND["now2"],
        ),
    )  # fmt: skip
    named = [[one.part for one in cause.changes] for cause in found.causes]
    assert named == [["tech_fee"], ["commission"], ["mcn_share"]]
    tech, pool, share = found.causes
    assert tech.by_party == {"brand": 2_500, "platform": -2_500}
    assert pool.by_party["brand"] == -12_500
    assert share.by_party["mcn"] == -share.by_party["streamer"] > 0
    assert (found.lines, found.left_out) == (3, 0)


def test_a_change_that_changes_nothing_is_no_cause(world: World) -> None:
    found = change(world, plain(**SECOND))
    assert found.causes == ()
    assert found.before == found.after


def test_another_returns_clause_is_a_cause(world: World) -> None:
    found = change(world, plain(**SECOND, was3="window_days: 30", now3="window_days: 1"))
    assert [one.changes[0].clause for one in found.causes] == ["7.4"]
    assert found.causes[0].by_party["mcn"] == 2_700
