"""A chain of agreements in one log: settled in any order, explained to each party by its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts import balance
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import read_lines
from ledger.settlement.moved import moved_by
from ledger.settlement.partitions import read_frame, settle_stretch, write_stretches
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.run import lines_with_states
from ledger.settlement.runs import FED_GROUP
from ledger.settlement.state import Point
from ledger.statements.explain import explain, why
from ledger.statements.reading import every_line, list_statements
from policies.agreement import Agreement
from tests.linked_world import agency_streamer, streamer_assistant
from tests.settlement_world import World, instant, plain, receipt, refund, sale

UP, DOWN, LAST = "plain-split", "agency-streamer", "streamer-assistant"


def _below(world: World, *, deep: bool = False) -> World:
    own = [plain(), agency_streamer(), *([streamer_assistant()] if deep else [])]
    return replace(world, agreements=own)


def _tell(world: World) -> None:
    one = plain()
    world.tell(
        sale(one, "A", paid="299.00"),
        receipt(one, "A", "2026-03-02"),
        sale(one, "B", paid="100.01"),
        receipt(one, "B", "2026-03-02"),
        refund(one, "B", "33.33", "2026-03-20T10:00:00"),
    )


def _second(start: str) -> Agreement:
    follows = "supersedes: {version: 1, transition: by_order_time}\ntitle:"
    return plain(was_1="version: 1", now_1="version: 2", was_2="2026-02-01", now_2=start,
                 was_3="title:", now_3=follows)  # fmt: skip


def _accounts(world: World) -> dict[str, int]:
    places = [("mcn", "balance"), ("mcn", "clearing"), ("streamer", "balance"), ("streamer", "clearing"),
              ("assistant", "balance"), ("escrow", "balance")]  # fmt: skip
    return {
        f"{owner}.{purpose}@{one.id}": balance(
            world.log.engine, replace(world.account(owner, purpose), agreement=one.id)
        )
        for one in (plain(), agency_streamer(), streamer_assistant())
        for owner, purpose in places
    }


@pytest.mark.parametrize("first", [[UP, DOWN, LAST], [LAST, DOWN, UP]])
def test_runs_of_a_chain_come_to_the_same_sums_in_any_order_and_months(
    world: World, first: list[str]
) -> None:
    worlds = {UP: world, DOWN: _below(world), LAST: _below(world, deep=True)}
    _tell(world)
    for cutoff in ("2026-03-18", "2026-04-01"):
        for one in first:
            worlds[one].settle(cutoff)
    found = _accounts(world)
    assert found["mcn.balance@plain-split"] == 1_615 + 540 - 180
    assert found["mcn.clearing@agency-streamer"] == -found["mcn.balance@plain-split"]
    assert found["streamer.clearing@streamer-assistant"] == -found["streamer.balance@agency-streamer"]
    assert found["streamer.balance@agency-streamer"] == 1_131 + 378 - 126
    assert found["mcn.balance@agency-streamer"] == 484 + 162 - 54
    assert found["escrow.balance@agency-streamer"] == found["escrow.balance@streamer-assistant"] == 0
    for each in worlds.values():
        assert rebuild_statements(each.log, each.agreements, data=each.data).runs == 2


def test_a_full_refund_reverses_all_the_way_down(world: World) -> None:
    chain = world, _below(world), _below(world, deep=True)
    world.tell(sale(plain(), "A", paid="299.00"), receipt(plain(), "A", "2026-03-02"))
    for one in chain:
        one.settle("2026-03-18")
    assert any(_accounts(world).values())
    world.tell(refund(plain(), "A", "299.00", "2026-03-20"))
    for one in chain:
        one.settle("2026-04-01")
    assert not any(_accounts(world).values())


def test_a_party_below_reads_what_is_brought_and_nothing_else_of_the_agreement_above(world: World) -> None:
    below = _below(world, deep=True)
    _tell(world)
    report = below.settle("2026-04-01")
    (fed,) = [group for group in world.log.groups(report.seq) if group.name == FED_GROUP]
    assert fed.readers == ("streamer",)
    assert fed.content == {
        "agreement": DOWN,
        "versions": [{"version": 1, "sha256": agency_streamer().sha256}],
    }
    statement = next(iter(list_statements(world.log, party="assistant", agreement=LAST)))
    assert statement.content["closing_minor"] == 126 + 42 - 14
    found = explain(world.log, below.agreements, statement, _line(below, statement, "reversed"))
    assert [step.en for step in found.steps] == [
        "assistant_part 0.42 × refunded 3333/10001 = 0.139972… → 0.14 (rounded half up to 0.01)",
        "0.14 in all − 0.00 before = 0.14 this time",
    ]
    assert not found.facts
    (answer,) = why(world.log, below.agreements, "A", "assistant", at=instant("2026-04-01"))
    assert [step.en for step in answer.explanations[0].steps] == [
        "'streamer_part' of agency-streamer brings 11.31",
        "11.1% × the whole 11.31 = 1.25541 → 1.26 (rounded half up to 0.01)",
    ]


def _line(world: World, statement: Any, kind: str) -> Any:
    return next(one for one in every_line(world.store, statement) if one.kind == kind)


def test_lines_sold_under_another_version_than_the_one_named_are_held_by_name(world: World) -> None:
    later = _second("2026-02-15")
    below = replace(world, agreements=[plain(), later, agency_streamer()])
    world.tell(
        sale(plain(), "A", paid="299.00", at="2026-02-10"), receipt(plain(), "A", "2026-03-02"),
        sale(later, "B", paid="100.00", at="2026-02-20"), receipt(later, "B", "2026-03-02"),
    )  # fmt: skip
    report = below.settle("2026-04-01")
    assert report.content["lines"] == 1
    (kept,) = [group.content for group in world.log.groups(report.seq) if group.name == "escrow"]
    assert kept["held"] == [{"order": "B", "line": "1", "reason": "not-fed"}]


def test_a_version_above_that_came_in_between_is_refused_where_it_reaches_back(world: World) -> None:
    below = _below(world)
    _tell(world)
    below.settle("2026-03-18")
    later = _second("2026-03-10")
    with pytest.raises(SettlementRefused, match="settled up to"):
        replace(below, agreements=[plain(), later, agency_streamer()]).settle("2026-04-01")


def test_what_feeds_must_be_given(world: World) -> None:
    _tell(world)
    with pytest.raises(SettlementRefused, match="plain-split@1 brings what it shares out"):
        replace(world, agreements=[agency_streamer()]).settle("2026-04-01")


def test_stretches_of_fed_lines_settled_elsewhere_move_the_same(world: World, tmp_path: Path) -> None:
    _tell(world)
    terms = deal_terms(world.log, _below(world).agreements)
    version, point = terms.versions[0], Point(instant("2026-04-01"), world.log.size())
    lines = read_lines(world.log, terms, point.end)
    frame = lines_with_states(lines, terms, version, point, None).sort("order", "line").collect()
    work = write_stretches(str(tmp_path), version, frame)
    done = [settle_stretch(one, kernel) for one in work for kernel in ("columns", "exact")]
    here = moved_by("columns", version, frame).frame
    assert [one.sums["funded:0"] for one in done] == [here["funded:0"].sum()] * 2
    assert read_frame(work[0].target).equals(here)
