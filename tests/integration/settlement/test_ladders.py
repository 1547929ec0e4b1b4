"""A ladder settled over two months from order facts: lines, what its windows make up, and why."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from ledger.accounts import balances
from ledger.entries import NewEntry
from ledger.log import Log
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.explain import explain, why
from ledger.statements.reading import every_line, list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.settlement_world import EXAMPLES, World, instant, receipt, refund, sale

ORDERS = EXAMPLES.parent / "orders"


@lru_cache(maxsize=1)
def month_ladder() -> Agreement:
    path = EXAMPLES / "month-ladder.yaml"
    return load_agreement(path.read_text(encoding="utf-8"), name=path.name)


def told(name: str) -> list[NewEntry]:
    """Return the entries that a file of orders comes to."""
    agreement, found = month_ladder(), list[NewEntry]()
    with (ORDERS / name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            order = row["order"]
            sold, confirmed, returned = (
                row[name].replace(" ", "T") for name in ("paid_at", "confirmed_at", "refunded_at")
            )
            found.append(sale(agreement, order, at=sold, paid=row["paid"]))
            found.append(receipt(agreement, order, confirmed))
            if returned:
                found.append(refund(agreement, order, row["refunded"], returned))
    return found


@pytest.fixture
def ladder(engine: Engine, tmp_path: Path) -> World:
    """A log with the example of a monthly ladder, on each database in turn, May told."""
    world = World(Log(engine), tmp_path / "data", [month_ladder()])
    world.tell(*told("month-ladder-may.csv"))
    return world


def dues(world: World, party: str) -> list[tuple[str, str, int, list[str]]]:
    content = world.statement(party).content
    return [(one["leg"], one["key"], one["amount_minor"], one["causes"]) for one in content.get("dues", ())]


def posted(world: World) -> dict[str, int]:
    return {f"{one.owner}.{one.purpose}": amount for one, amount in balances(world.log.engine).items()}


MAY = "commission over monthly 2026-05"


def test_the_months_figures_of_the_dispute_come_out_of_order_facts(ladder: World) -> None:
    ladder.settle("2026-06-16")
    assert dues(ladder, "streamer") == [("streamer_share", MAY, 7_371_000, ["provisional", "refund"])]
    assert dues(ladder, "brand") == [("merchant_net", MAY, -11_700_000, ["provisional", "refund"])]
    ladder.tell(*told("month-ladder-june.csv"))
    ladder.settle("2026-07-16")
    late = [one for one in dues(ladder, "brand") if one[1] == MAY]
    assert late == [("merchant_net", MAY, 2_500_000, ["refund"])]
    (mcn,) = [one for one in ladder.statement("mcn").content["dues"] if one["key"] == MAY]
    assert mcn["figures"] == {
        "step": "commission",
        "window": "monthly",
        "period": "2026-05",
        "opening": "0.00",
        "volume": "3640000.00",
        "due": "638000.00",
        "posted": "546000.00",
        "share": "172260.00",
        "own": "147420.00",
    }
    assert mcn["before_minor"] + mcn["amount_minor"] == 2_484_000


def test_while_the_month_runs_orders_are_paid_provisionally_and_nothing_is_made_up(ladder: World) -> None:
    ladder.settle("2026-06-09")
    assert dues(ladder, "streamer") == []
    ladder.settle("2026-06-15")
    assert [one[2] for one in dues(ladder, "streamer")] == [7_371_000]


def test_months_settled_one_by_one_equal_all_at_once(engine_pair: tuple[World, World]) -> None:
    monthly, once = engine_pair
    for world in (monthly, once):
        world.agreements = [month_ladder()]
    for world in (monthly, once):
        world.tell(*told("month-ladder-may.csv"))
    for cutoff in ("2026-05-25", "2026-06-01", "2026-06-16"):
        monthly.settle(cutoff)
    for world in (monthly, once):
        world.tell(*told("month-ladder-june.csv"))
        world.settle("2026-08-01")
    assert posted(monthly) == posted(once)
    assert sum(posted(once).values()) == 0


def test_runs_are_rebuilt_to_the_same_statements_by_either_engine(ladder: World) -> None:
    ladder.settle("2026-05-25")
    ladder.settle("2026-06-16")
    ladder.tell(*told("month-ladder-june.csv"))
    ladder.settle("2026-08-01")
    for engine in ("columns", "exact"):
        assert rebuild_statements(ladder.log, ladder.agreements, data=ladder.data, engine=engine).runs == 3


def test_every_line_is_explained_to_its_own_amount(ladder: World) -> None:
    ladder.settle("2026-05-25")
    ladder.tell(*told("month-ladder-june.csv"))
    ladder.settle("2026-08-01")
    for statement in list_statements(ladder.log):
        for line in every_line(ladder.store, statement):
            found = explain(ladder.log, ladder.agreements, statement, line)
            assert found.amount_minor == line.amount_minor
    (answer,) = why(ladder.log, ladder.agreements, "ML-0010", "mcn", at=instant("2026-06-20"))
    assert answer.standing == "clearing"
    assert sum(one.amount_minor for one in answer.explanations) == 2_835_000


def marginal() -> Agreement:
    """Return the example without a provisional amount, the platform's bill prevailing."""
    text = (EXAMPLES / "month-ladder.yaml").read_text(encoding="utf-8")
    text = text[: text.index("tests:")].replace(", provisional: 15% * paid", "")
    text = text.replace("currency: CNY\n", "currency: CNY\nprevailing_source: bill\n")
    return load_agreement(text, name="marginal.yaml")


def test_another_report_takes_a_line_back_as_it_was_posted_and_the_window_makes_up_the_rest(
    engine: Engine, tmp_path: Path
) -> None:
    world = World(Log(engine), tmp_path / "data", [marginal()])
    agreement = world.agreement
    for number, (order, paid) in enumerate((("A", "900000.00"), ("B", "200000.00")), 3):
        world.tell(
            sale(agreement, order, at="2026-05-02", paid=paid),
            receipt(agreement, order, f"2026-05-0{number}"),
        )
    world.settle("2026-06-01")
    assert posted(world)["platform.alliance_fee"] == 1_680_000, "10% of 135,000.00 and of 33,000.00"
    bill = sale(agreement, "A", at="2026-05-02", paid="500000.00")
    groups = tuple(replace(one, postings=()) for one in bill.groups)
    world.tell(replace(bill, source="bill", groups=groups))
    world.settle("2026-07-01")
    assert posted(world)["platform.alliance_fee"] == 1_050_000, "15% of 700,000.00"
    (due,) = world.statement("mcn").content["dues"]
    assert (due["figures"]["due"], due["figures"]["posted"]) == ("105000.00", "108000.00")
    assert (due["causes"], due["amount_minor"]) == (["correction"], -81_000)
    (line,) = every_line(world.store, world.statement("mcn"))
    assert explain(world.log, world.agreements, world.statement("mcn"), line).amount_minor == -1_620_000
    assert rebuild_statements(world.log, world.agreements, data=world.data, engine="exact").runs == 2


def test_a_line_told_late_leaves_posted_lines_alone_and_its_window_names_it(
    engine: Engine, tmp_path: Path
) -> None:
    world = World(Log(engine), tmp_path / "data", [marginal()])
    agreement = world.agreement
    for order, paid, day in (("A", "900000.00", "03"), ("C", "200000.00", "05")):
        world.tell(sale(agreement, order, at="2026-05-02", paid=paid))
        world.tell(receipt(agreement, order, f"2026-05-{day}"))
    world.settle("2026-06-01")
    world.tell(sale(agreement, "B", at="2026-05-02", paid="200000.00"), receipt(agreement, "B", "2026-05-04"))
    world.settle("2026-07-01")
    (line,) = every_line(world.store, world.statement("mcn"))
    assert (line.order, line.amount_minor) == ("B", 891_000), "27% of 33,000.00, as though before C"
    (due,) = world.statement("mcn").content["dues"]
    assert (due["causes"], due["amount_minor"]) == (["late_line"], 81_000)
    found = explain(world.log, world.agreements, world.statement("mcn"), line)
    assert found.steps[0].zh == (
        "累计额 1100000.00 按阶梯费率分段累计 (不超过 1,000,000.00：15%；不超过 3,000,000.00：18%；以上：20%)"
        " = 168000.00; 累计额 900000.00 按阶梯费率分段累计"
        " (不超过 1,000,000.00：15%；不超过 3,000,000.00：18%；以上：20%) = 135000.00;"
        " 168000.00 − 135000.00 = 33000.00"
    )
