"""What runs settle beyond lines, on both databases: each due to the cent, once, and held where it must be."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.accounts import balance, balances
from ledger.holds import NewHold, place_hold, release_hold
from ledger.log import Log
from ledger.settlement.errors import StatementUnknown
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.classes import class_sums
from ledger.statements.explained_dues import explain_due
from policies.loading import load_agreement
from tests.decided import post_decision
from tests.due_world import EXAMPLE, orders, records, said, season_dues
from tests.settlement_world import World, instant, plain, receipt, refund, sale

FINE = {
    "from": "streamer", "to": "platform", "amount_minor": 100_000, "currency": "CNY", "kind": "conduct_fine",
}  # fmt: skip
"""A posting of a decision about the fine V-1."""


@pytest.fixture
def season(engine: Engine, tmp_path: Path) -> World:
    """A log with the season of dues, its orders and records, on each database in turn."""
    world = World(Log(engine), tmp_path / "data", [season_dues()])
    world.tell(*orders(world.agreement), *records(world.agreement))
    return world


def _dues(world: World, party: str) -> dict[str, int]:
    rows = world.statement(party).content.get("dues", [])
    return {row["leg"]: row["amount_minor"] for row in rows}


def _held(world: World, party: str) -> list[tuple[str, str, str, list[str]]]:
    rows = world.statement(party).content.get("held_dues", [])
    return [(row["clause"], row["about"], row["because"], row["facts"]) for row in rows]


def _paid_late(world: World) -> None:
    world.tell(said(world.agreement, "brand", "2026-04-20", "INV-1", "7.6", paid_on="2026-04-14"))
    world.tell(
        said(
            world.agreement, "platform", "2026-04-30", "2026-04", source="platform-records", period_score="90"
        )
    )


def test_a_run_posts_what_fell_due_by_its_day_and_nothing_that_is_not_due_yet(season: World) -> None:
    season.settle("2026-04-01")
    assert _dues(season, "brand") == {
        "slot_fee": -8_000_000,
        "late_interest": 288_000,
        "reserve_retained": -750_000,
    }
    assert _dues(season, "mcn") == {"slot_fee": 8_000_000}
    assert _dues(season, "streamer") == {"conduct_fine": -500_000}
    assert _dues(season, "platform") == {"conduct_fine": 500_000, "late_interest": -288_000}
    assert balance(season.log.engine, season.account("brand", "reserve")) == 750_000


def test_the_next_run_posts_what_is_due_by_then_less_what_was(season: World) -> None:
    season.settle("2026-04-01")
    _paid_late(season)
    season.settle("2026-05-01")
    assert _dues(season, "brand") == {
        "slot_fee_refund": 400_000,
        "late_interest": 312_000,
        "reserve_retained": -675_000,
        "reserve_release": 750_000,
        "shared_loss": 5_000_000,
    }
    assert _dues(season, "mcn") == {"slot_fee_refund": -400_000}
    assert _dues(season, "streamer") == {"bonus": 200_000, "tax_withheld": -646_720}
    classes = class_sums(season.statement("streamer").content, season.agreement)
    assert {one.name: one.amount_minor for one in classes}.items() >= {
        "other": 200_000,
        "tax": -646_720,
    }.items()
    assert balance(season.log.engine, season.account("mcn", "tax")) == 646_720
    assert balance(season.log.engine, season.account("brand", "reserve")) == 675_000
    season.settle("2026-06-01")
    assert _dues(season, "brand") == {"reserve_release": 675_000}


def test_statements_add_up_with_their_dues_and_come_back_the_same_from_the_log(season: World) -> None:
    season.settle("2026-04-01")
    _paid_late(season)
    season.settle("2026-05-01")
    for party in ("platform", "brand", "mcn", "streamer"):
        content = season.statement(party).content
        parts = [*content["totals"], *content["adjustments"], *content.get("dues", [])]
        assert (
            content["opening_minor"] + sum(one["amount_minor"] for one in parts) == content["closing_minor"]
        )
    assert rebuild_statements(season.log, season.agreements, data=season.data).runs == 2
    assert sum(balances(season.log.engine, agreement=season.agreement.id).values()) == 0


def test_months_one_by_one_come_to_what_all_at_once_come_to(
    engine_pair: tuple[World, World], tmp_path: Path
) -> None:
    one, two = engine_pair
    for world in engine_pair:
        world.agreements = [season_dues()]
        world.tell(*orders(world.agreement), *records(world.agreement))
        _paid_late(world)
    for cutoff in ("2026-03-15", "2026-04-01", "2026-04-12", "2026-05-01", "2026-06-01"):
        one.settle(cutoff)
    two.settle("2026-06-01", engine="exact")
    assert balances(one.log.engine) == balances(two.log.engine)


def test_a_due_whose_fact_nobody_recorded_is_held_by_name_and_the_rest_goes_on(season: World) -> None:
    season.settle("2026-05-20")
    assert _held(season, "streamer") == [("22.1", "2026-04", "missing", ["period_score"])]
    assert _dues(season, "streamer")["bonus"] == 200_000
    _paid_late(season)
    season.settle("2026-06-01")
    assert _held(season, "streamer") == []


def test_a_contested_fact_holds_its_due_and_takes_nothing_back(season: World) -> None:
    agreement = season.agreement
    season.tell(said(agreement, "platform", "2026-04-05", "2026-Q1", contested=("advertising_spend",)))
    season.settle("2026-04-12")
    assert _held(season, "brand") == [("21.1", "2026-Q1", "contested", ["advertising_spend"])]
    assert "shared_loss" not in _dues(season, "brand")
    season.tell(said(agreement, "platform", "2026-04-14", "2026-Q1", advertising_spend="100000.00"))
    season.settle("2026-04-15T12:00:00")
    assert _dues(season, "brand")["shared_loss"] == 5_000_000
    season.tell(said(agreement, "platform", "2026-04-18", "2026-Q1", contested=("advertising_spend",)))
    season.settle("2026-04-20")
    assert "shared_loss" not in _dues(season, "brand")
    season.tell(said(agreement, "platform", "2026-04-22", "2026-Q1", advertising_spend="100000.00"))
    season.tell(said(agreement, "brand", "2026-04-22", "2026-Q1", advertising_spend="60000.00"))
    season.settle("2026-04-25")
    assert _held(season, "brand")[0][0] == "21.1"
    season.tell(said(agreement, "platform", "2026-04-26", "2026-Q1", advertising_spend="60000.00"))
    season.settle("2026-04-27")
    assert _dues(season, "brand")["shared_loss"] == -2_000_000


def test_a_debt_is_recovered_in_the_order_of_the_document(engine: Engine, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "recovery: [balance, next_settlement]", "recovery: [balance, reserve, next_settlement, receivable]"
    )
    world = World(Log(engine), tmp_path / "data", [load_agreement(text, name="recovering.yaml")])
    agreement = world.agreement
    world.tell(*orders(agreement), *records(agreement))
    world.settle("2026-04-01")
    world.tell(refund(agreement, "O1", "200000.00", "2026-04-05"))
    world.settle("2026-04-12")
    owing = world.statement("brand").content
    recovered = {row["leg"]: row["amount_minor"] for row in owing["dues"] if row["kind"] == "recovery"}
    assert recovered == {"reserve": 300_000}, "what is new waits for the next settlement"
    assert (owing["payable_minor"], owing["carried_forward_minor"]) == (0, -2_986_000)
    assert balance(world.log.engine, world.account("brand", "reserve")) == 0
    world.settle("2026-04-14")
    owing = world.statement("brand").content
    recovered = {row["leg"]: row["amount_minor"] for row in owing["dues"] if row["kind"] == "recovery"}
    assert recovered == {"receivable": 2_986_000 - 48_000}
    assert (owing["closing_minor"], owing["carried_forward_minor"]) == (0, 0)
    assert balance(world.log.engine, world.account("brand", "receivable")) == -2_938_000
    world.settle("2026-06-01")
    assert balance(world.log.engine, world.account("brand", "reserve")) == 0, (
        "what was recovered is not released"
    )
    later = world.statement("brand").content
    assert _dues(world, "brand")["reserve_release"] == 375_000
    (repaid,) = (row for row in later["dues"] if row["kind"] == "recovery")
    assert (repaid["leg"], repaid["causes"], repaid["before_minor"]) == ("receivable", ["repaid"], 2_938_000)
    assert repaid["amount_minor"] == -2_938_000, "what was owed goes before what is paid out"
    assert balance(world.log.engine, world.account("brand", "receivable")) == 0
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == 4


def test_what_is_held_of_a_balance_is_not_payable_until_it_is_released(season: World) -> None:
    hold = NewHold(
        id="H1", account=season.account("streamer"), amount_minor=500_000, reason="claimed", clause="15.1",
        agreement=season.agreement.ref, readers=("platform", "streamer"),
    )  # fmt: skip
    place_hold(season.log, hold, at=instant("2026-03-20"), by="panel", beyond_balance=True)
    season.settle("2026-04-01")
    first = season.statement("streamer").content
    assert first["closing_minor"] == 2_520_000 - 500_000
    assert (first["payable_minor"], first["held_minor"]) == (1_520_000, 500_000)
    release_hold(
        season.log, "H1", None, release="all", at=instant("2026-04-02"), by="panel", reason="dismissed"
    )
    season.settle("2026-04-10")
    second = season.statement("streamer").content
    assert (second["opening_minor"], second["payable_minor"]) == (500_000, 500_000 + 1_008_000)
    assert "held_minor" not in second
    assert rebuild_statements(season.log, season.agreements, data=season.data).runs == 2


def test_a_decision_under_the_clause_takes_the_place_of_its_due(season: World) -> None:
    season.settle("2026-04-01")
    agreement = season.agreement
    decision = {
        "clause": "15.1", "outcome": "rejected", "amount_minor": 0,
        "postings": [FINE],
    }  # fmt: skip
    post_decision(
        season.log, agreement, case="V-1", decision=decision, decided_at=instant("2026-04-03"),
        asserter="panel", parties=("platform", "streamer"), clause="15.1",
    )  # fmt: skip
    season.settle("2026-04-10")
    content = season.statement("streamer").content
    assert [one["amount_minor"] for one in content["adjustments"]] == [-100_000]
    assert _dues(season, "streamer") == {"conduct_fine": 500_000}, "what the run had posted goes back"


def test_a_decision_after_the_cut_off_takes_no_due_back_before_a_statement_shows_what_it_moved(
    season: World,
) -> None:
    season.settle("2026-04-01")
    post_decision(
        season.log, season.agreement, case="V-1",
        decision={"clause": "15.1", "outcome": "rejected", "amount_minor": 0, "postings": [FINE]},
        decided_at=instant("2026-04-12"), asserter="panel", parties=("platform", "streamer"), clause="15.1",
    )  # fmt: skip
    season.settle("2026-04-10")
    assert "conduct_fine" not in _dues(season, "streamer")
    season.settle("2026-04-14")
    assert _dues(season, "streamer")["conduct_fine"] == 500_000
    assert [one["amount_minor"] for one in season.statement("streamer").content["adjustments"]] == [-100_000]


def test_what_a_decision_leaves_owed_is_repaid_from_the_next_settlement_and_no_sooner(season: World) -> None:
    agreement = season.agreement
    taken = {
        "from": "streamer.receivable", "to": "brand", "amount_minor": 1_000_000, "currency": "CNY",
        "kind": "commission_clawback",
    }  # fmt: skip
    post_decision(
        season.log, agreement, case="C-1",
        decision={"clause": "7.4", "outcome": "granted", "amount_minor": 1_000_000, "postings": [taken]},
        decided_at=instant("2026-03-18"), asserter="panel", parties=("brand", "streamer"), clause="7.4",
    )  # fmt: skip
    season.settle("2026-03-16")
    assert season.statement("streamer").content["payable_minor"] == 0
    assert balance(season.log.engine, season.account("streamer", "receivable")) == -1_000_000
    season.settle("2026-04-01")
    stated = season.statement("streamer").content
    assert _dues(season, "streamer")["receivable"] == -1_000_000
    assert stated["payable_minor"] == 2_520_000 - 500_000 - 1_000_000
    assert balance(season.log.engine, season.account("streamer", "receivable")) == 0
    season.settle("2026-04-05")
    assert "receivable" not in _dues(season, "streamer"), "repaid once"
    assert rebuild_statements(season.log, season.agreements, data=season.data).runs == 3


def test_another_agreement_in_the_log_changes_nothing(engine_pair: tuple[World, World]) -> None:
    alone, beside = engine_pair
    other = plain()
    beside.tell(
        sale(other, "X1", at="2026-03-02", paid="900.00"), receipt(other, "X1", "2026-03-03"),
    )  # fmt: skip
    for world in engine_pair:
        world.agreements = [season_dues()]
        world.tell(*orders(world.agreement), *records(world.agreement))
        world.settle("2026-05-01")
    theirs = [
        {
            key: value
            for key, value in world.statement("brand").content.items()
            if key not in {"as_of_seq", "dues"}
        }
        for world in engine_pair
    ]
    assert {**theirs[0], "lines": None} == {**theirs[1], "lines": None}, "but for places in the log"
    assert _dues(alone, "brand") == _dues(beside, "brand")


def test_a_due_explains_itself_with_its_facts_and_arithmetic_in_words(season: World) -> None:
    season.settle("2026-05-20")
    refunded = explain_due(season.log, season.agreements, season.statement("brand"), "4.3", "")
    assert refunded.figures["valid_sales"] == "380000.00"
    words = {step["step"]: step for step in refunded.steps}
    assert words["remedy"]["amount_minor"] == 400_000
    assert "380,000.00" in words["remedy"]["formula"]["zh"]
    held = explain_due(season.log, season.agreements, season.statement("streamer"), "22.1", "2026-04")
    assert held.held == "missing"
    with pytest.raises(StatementUnknown, match="it has no due"):
        explain_due(season.log, season.agreements, season.statement("brand"), "4.3", "2026-05")
