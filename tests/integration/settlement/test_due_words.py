"""Why a due is what it is, in both languages, and ladders under more than one version."""

from __future__ import annotations

import pytest

from ledger.settlement.errors import StatementUnknown
from ledger.statements.due_words import explain_due
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.integration.settlement.test_ladders import marginal
from tests.settlement_world import EXAMPLES, World, plain, receipt, refund, sale


def stated() -> Agreement:
    return plain(was_1="mode: half_up, at: line", now_1="mode: half_up, at: statement")


def test_rounding_per_statement_is_explained_to_its_payee_and_shown_as_a_sum_to_who_bears_it(
    world: World,
) -> None:
    world.agreements = [stated()]
    for order in ("A", "B", "C"):
        world.tell(sale(world.agreement, order, paid="10.03"), receipt(world.agreement, order, "2026-03-02"))
    world.settle("2026-03-31")
    rest = explain_due(world.agreements, world.statement("streamer"), 0)
    assert rest.about["zh"] == "历次结算单取整"
    assert [step.en for step in rest.steps] == [
        "what the rounded sums beside it leave, 3.80",
        "3.80 − 3.81 posted on lines = -0.01",
        "-0.01 in all − 0.00 before = -0.01 this time",
    ]
    for order in ("D", "E", "F", "G"):
        world.tell(sale(world.agreement, order, paid="10.03"), receipt(world.agreement, order, "2026-03-02"))
    world.settle("2026-04-30")
    agency = explain_due(world.agreements, world.statement("mcn"), 0)
    assert [step.zh for step in agency.steps] == [
        "各单精确合计 3.79134 → 3.79 (四舍五入到分)",
        "3.79 − 逐单已计 3.78 = 0.01",
        "累计 0.01 − 此前 0.00 = 本期 0.01",
    ]
    brand = explain_due(world.agreements, world.statement("brand"), 0)
    assert len(brand.steps) == 1
    with pytest.raises(StatementUnknown):
        explain_due(world.agreements, world.statement("brand"), 1)


def test_a_refund_of_a_third_leaves_a_volume_that_no_decimal_ends(world: World) -> None:
    text = (EXAMPLES / "month-ladder.yaml").read_text(encoding="utf-8")
    text = text[: text.index("tests:")].replace("measure: paid", "measure: paid - 100.00")
    world.agreements = [load_agreement(text, name="odd.yaml")]
    agreement = world.agreement
    world.tell(
        sale(agreement, "A", at="2026-05-02", paid="1200000.00"), receipt(agreement, "A", "2026-05-03")
    )
    world.tell(refund(agreement, "A", "7.00", "2026-05-04"))
    world.settle("2026-07-01")
    statement = world.statement("mcn")
    assert "/" in statement.content["dues"][0]["figures"]["volume"]
    found = explain_due(world.agreements, statement, 0)
    assert "…" in found.steps[0].zh
    assert found.steps[-1].result_minor == found.amount_minor


def test_each_version_counts_the_lines_sold_under_it(world: World) -> None:
    first = marginal()
    second = load_agreement(
        (EXAMPLES / "month-ladder.yaml")
        .read_text(encoding="utf-8")
        .partition("tests:")[0]
        .replace(", provisional: 15% * paid", "")
        .replace("currency: CNY\n", "currency: CNY\nprevailing_source: bill\n")
        .replace("version: 1\n", "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n")
        .replace("effective_from: 2026-05-01", "effective_from: 2026-05-16"),
        name="second.yaml",
    )
    world.agreements = [first, second]
    for order, sold, day in (("A", "2026-05-10", "20"), ("B", "2026-05-18", "21")):
        world.tell(sale(second, order, at=sold, paid="900000.00"), receipt(second, order, f"2026-05-{day}"))
    world.settle("2026-07-01")
    content = world.statement("mcn").content
    assert content["totals"][0]["amount_minor"] == 2 * 3_645_000, "27% of 15% of each, none above a threshold"
    assert "dues" not in content
