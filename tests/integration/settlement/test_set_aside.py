"""What is set aside or held is paid out once and not before its time, on both databases."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from ledger.accounts import balance
from ledger.holds import NewHold, place_hold, release_hold
from ledger.log import Log
from ledger.settlement.issue import correct
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.due_words import explain_due
from policies.loading import load_agreement
from tests.decided import post_decision
from tests.due_world import EXAMPLE, orders, records
from tests.settlement_world import World, instant, plain, receipt, refund, sale


def _decided(world: World, at: str, **posting: object) -> None:
    one = {"currency": "CNY", "kind": "penalty", **posting}
    post_decision(
        world.log, world.agreement, case="case-1", decision={"postings": [one]}, decided_at=instant(at),
        asserter="panel", parties=("brand", "platform"), clause="9.2",
    )  # fmt: skip


def _one_order(world: World) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="1000.00"), receipt(agreement, "A", "2026-03-01"))


def test_what_a_split_sets_aside_is_no_part_of_what_a_statement_pays(engine: Engine, tmp_path: Path) -> None:
    rest = "{leg: merchant_net, to: brand.balance, rest: true}"
    agreement = plain(
        was_1=rest, now_1=f"{{leg: kept, to: brand.reserve, amount: 3% * paid}}\n      - {rest}"
    )
    world = World(Log(engine), tmp_path / "data", [agreement])
    _one_order(world)
    world.settle("2026-04-01")
    content = world.statement("brand").content
    assert balance(engine, world.account("brand", "reserve")) == 3_000
    assert content["payable_minor"] == balance(engine, world.account("brand")) == 72_000
    assert [one["leg"] for one in content["totals"]] == ["merchant_net"]
    world.tell(refund(agreement, "A", "1000.00", "2026-03-20"))
    world.settle("2026-05-01")
    assert world.statement("brand").content["closing_minor"] == -72_000
    assert balance(engine, world.account("brand", "reserve")) == 0
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == 2


def test_a_penalty_taken_from_a_deposit_is_not_charged_on_a_statement_too(world: World) -> None:
    _one_order(world)
    posting = {"from": "brand.deposit", "to": "platform.balance", "amount_minor": 20_000}
    _decided(world, "2026-03-18", **posting)
    world.settle("2026-04-01")
    assert world.statement("brand").content["adjustments"] == []
    assert world.statement("brand").content["payable_minor"] == balance(
        world.log.engine, world.account("brand")
    )
    assert [one["amount_minor"] for one in world.statement("platform").content["adjustments"]] == [20_000]


def test_what_was_decided_after_the_cutoff_is_not_paid_out_though_its_hold_is_released(world: World) -> None:
    _one_order(world)
    hold = NewHold(
        id="H1", account=world.account("brand"), amount_minor=20_000, reason="claimed", clause="9.2",
        agreement=world.agreement.ref, readers=("platform", "brand"),
    )  # fmt: skip
    place_hold(world.log, hold, at=instant("2026-03-20"), by="panel", beyond_balance=True)
    _decided(world, "2026-04-02", **{"from": "brand", "to": "platform", "amount_minor": 20_000})
    release_hold(world.log, "H1", None, release="all", at=instant("2026-04-02"), by="panel", reason="decided")
    world.settle("2026-04-01")
    content = world.statement("brand").content
    assert (content["closing_minor"], content["payable_minor"], content["held_minor"]) == (
        75_000, 55_000, 20_000,
    )  # fmt: skip
    world.settle("2026-05-01")
    content = world.statement("brand").content
    assert [one["amount_minor"] for one in content["adjustments"]] == [-20_000]
    assert (content["payable_minor"], content["carried_forward_minor"]) == (0, 0)
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == 2


def test_a_debt_is_not_recovered_from_what_is_held_and_says_why_in_words(
    engine: Engine, tmp_path: Path
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "recovery: [balance, next_settlement]", "recovery: [balance, reserve, next_settlement]"
    )
    world = World(Log(engine), tmp_path / "data", [load_agreement(text, name="recovering.yaml")])
    agreement = world.agreement
    world.tell(*orders(agreement), *records(agreement))
    world.settle("2026-04-01")
    world.tell(refund(agreement, "O1", "200000.00", "2026-04-05"))
    hold = NewHold(
        id="H1", account=world.account("brand", "reserve"), amount_minor=100_000, reason="claimed",
        clause="8.2", agreement=agreement.ref, readers=("platform", "brand"),
    )  # fmt: skip
    place_hold(world.log, hold, at=instant("2026-04-06"), by="panel", beyond_balance=True)
    world.settle("2026-04-12")
    owing = world.statement("brand")
    (number,) = [place for place, one in enumerate(owing.content["dues"]) if one["kind"] == "recovery"]
    assert owing.content["dues"][number]["amount_minor"] == 300_000 - 100_000
    assert balance(engine, world.account("brand", "reserve")) == 100_000
    (cause,) = explain_due(world.agreements, owing, number).causes
    assert cause["zh"] == "欠款由自有账户抵偿"


def test_a_correction_is_not_the_next_settlement_of_what_its_period_left(
    engine: Engine, tmp_path: Path
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "recovery: [balance, next_settlement]", "recovery: [balance, next_settlement, receivable]"
    )
    world = World(Log(engine), tmp_path / "data", [load_agreement(text, name="recovering.yaml")])
    agreement = world.agreement
    world.tell(*orders(agreement), *records(agreement))
    world.settle("2026-04-01")
    world.tell(refund(agreement, "O1", "200000.00", "2026-04-05"))
    world.settle("2026-04-12")
    owed = world.statement("brand").content["carried_forward_minor"]
    world.tell(refund(agreement, "O2", "50000.00", "2026-04-06"))
    correct(world.log, world.agreements, reason="told late", data=world.data, asserter="operator")
    content = world.statement("brand").content
    assert content["opening_minor"] == owed < 0
    assert content["carried_forward_minor"] == content["closing_minor"] < owed
    assert balance(engine, world.account("brand", "receivable")) == 0
