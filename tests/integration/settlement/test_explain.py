"""Every line explains itself: facts, clause and arithmetic in both languages, ending in its amount."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.settlement.errors import StatementUnknown
from ledger.settlement.runs import all_runs
from ledger.statements.contested import parts_of
from ledger.statements.explain import explain, why
from ledger.statements.explanation import Explanation
from ledger.statements.figure import SUMS, explain_figure, place_of
from ledger.statements.reading import every_line, list_statements, read_line, read_lines_page
from tests.settlement_world import World, instant, receipt, refund, sale

FACTS = {"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"}


def _explained(world: World, party: str, leg: str, kind: str = "earned") -> Explanation:
    statement = world.statement(party)
    page = read_lines_page(world.store, statement, leg=leg, kind=kind)
    return explain(world.log, world.agreements, statement, page.lines[0])


@pytest.fixture
def settled(season: World) -> World:
    for order in ("A", "B"):
        season.tell(sale(season.agreement, order, **FACTS), receipt(season.agreement, order, "2026-03-02"))
    season.settle("2026-03-17")
    return season


def test_a_share_is_explained_by_its_formula_with_the_figures_filled_in(settled: World) -> None:
    found = _explained(settled, "mcn", "mcn_share")
    last = found.steps[-1]
    assert last.zh == "30% × (佣金 61.80 − 联盟服务费 6.18) = 16.686 → 16.69 (四舍五入到分)"
    assert last.en == (
        "30% × (commission 61.80 − alliance service fee 6.18) = 16.686 → 16.69 (rounded half up to 0.01)"
    )
    assert [step.label["zh"] for step in found.steps] == ["佣金基数", "佣金", "联盟服务费", "机构分成"]
    assert found.clause == "6.2"
    assert found.reverses is None
    assert "30%" in found.clause_text["zh"]
    assert {(fact.name, fact.value) for fact in found.facts} >= {("paid", "299.00"), ("freight", "10.00")}
    assert {fact.asserter for fact in found.facts} == {"platform"}


def test_a_rest_is_explained_by_what_is_left_over(settled: World) -> None:
    last = _explained(settled, "streamer", "streamer_share").steps[-1]
    assert last.zh == "佣金 61.80 − 联盟服务费 6.18 − 机构分成 16.69 = 38.93"
    last = _explained(settled, "brand", "merchant_net").steps[-1]
    assert last.zh == "分配总额 319.00 − 技术服务费 15.95 − 佣金 61.80 − 团长服务费 6.18 = 235.07"


def test_a_reversal_is_explained_by_the_share_refunded_so_far(settled: World) -> None:
    settled.tell(refund(settled.agreement, "A", "100.00", "2026-03-17T09:00:00"))
    settled.settle("2026-04-01")
    found = _explained(settled, "mcn", "mcn_share", "reversed")
    assert found.amount_minor == -558
    first = next(all_runs(settled.log, settled.agreement.id))
    assert found.reverses == first.seq
    assert found.steps[0].zh == "机构分成 16.69 × 已退 100.00 ÷ 299.00 = 5.581939… → 5.58 (四舍五入到分)"
    assert found.steps[-1].zh == "累计 5.58 − 此前 0.00 = 本期 5.58"
    assert ("refunded_total", "100.00") in {(fact.name, fact.value) for fact in found.facts}
    rest = _explained(settled, "streamer", "streamer_share", "reversed").steps[0]
    assert rest.zh.endswith("20.67 − 联盟服务费已冲正 2.07 − 机构分成已冲正 5.58 = 13.02")


def test_every_line_of_every_statement_is_explained_to_its_own_amount(settled: World) -> None:
    settled.tell(refund(settled.agreement, "A", "50.00", "2026-03-17T09:00:00"))
    settled.settle("2026-03-18")
    settled.tell(refund(settled.agreement, "A", "299.00", "2026-03-17T10:00:00"))
    settled.settle("2026-04-01")
    lines = 0
    for statement in list_statements(settled.log):
        for line in every_line(settled.store, statement):
            found = explain(settled.log, settled.agreements, statement, line)
            assert abs(found.steps[-1].result_minor) == abs(line.amount_minor) == abs(found.amount_minor)
            lines += 1
    assert lines == 8 * 4


def test_why_answers_for_orders_not_yet_settled_too(season: World) -> None:
    season.tell(
        sale(season.agreement, "A", **FACTS),
        receipt(season.agreement, "A", "2026-03-02"),
        sale(season.agreement, "A", line="2", **FACTS),
    )
    first, second = why(season.log, season.agreements, "A", "streamer", at=instant("2026-03-10"))
    assert (first.standing, first.earned_from) == ("clearing", date(2026, 3, 17))
    assert (second.standing, second.earned_from) == ("waiting_for_receipt", None)
    assert sum(one.amount_minor for one in first.explanations) == 3893
    (again, _) = why(season.log, season.agreements, "A", "streamer", at=instant("2026-03-17"))
    assert again.standing == "earned"
    with pytest.raises(StatementUnknown):
        why(season.log, season.agreements, "no such order", "streamer", at=instant("2026-03-17"))


def test_amounts_in_words_have_their_thousands_apart(world: World) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="100000.00"), receipt(agreement, "A", "2026-03-02"))
    world.settle("2026-04-01")
    statement = world.statement("streamer")
    payable = explain_figure(world.log, world.store, world.agreements, statement, "payable")
    assert payable.words[0]["en"] == "payable 12,600.00 CNY = closing 12,600.00 CNY"
    assert place_of(world.store, statement, "12,600.00") == "/totals/0"


def test_lines_are_read_by_page_and_by_filter(settled: World) -> None:
    statement = settled.statement("platform")
    first = read_lines_page(settled.store, statement, limit=3)
    assert (len(first.lines), first.total, first.next_after) == (3, 8, 2)
    rest = read_lines_page(settled.store, statement, after=first.next_after, limit=50)
    assert ([line.number for line in rest.lines], rest.next_after) == ([3, 4, 5, 6, 7], None)
    assert [
        line.leg for line in read_lines_page(settled.store, statement, order="B", kind="funded").lines
    ] == ["platform_coupon"]
    assert read_line(settled.store, statement, 7) == rest.lines[-1]
    with pytest.raises(StatementUnknown):
        read_line(settled.store, statement, 8)


def test_every_figure_of_a_statement_is_explained_by_its_name_place_leg_or_amount(settled: World) -> None:
    settled.tell(refund(settled.agreement, "A", "100.00", "2026-03-17T09:00:00"))
    settled.settle("2026-04-01")
    for statement in list_statements(settled.log):
        figures = [*SUMS, *(place for place, _ in parts_of(statement.content))]
        for figure in figures:
            found = explain_figure(settled.log, settled.store, settled.agreements, statement, figure)
            assert all(words.keys() == {"zh", "en"} for words in found.words)
            if found.parts:
                assert sum(one.amount_minor for one in found.parts) == found.amount_minor
    first = list_statements(settled.log, party="streamer")[-1]
    payable = explain_figure(settled.log, settled.store, settled.agreements, first, "payable")
    assert payable.words[0] == {
        "zh": "应付 77.86 CNY = 期末 77.86 CNY",
        "en": "payable 77.86 CNY = closing 77.86 CNY",
    }
    by_leg = explain_figure(settled.log, settled.store, settled.agreements, first, "streamer_share")
    assert (by_leg.place, by_leg.count, by_leg.clause) == ("/totals/0", 2, "6.2")
    assert by_leg.line is not None
    assert by_leg.line.steps[-1].en.endswith("= 38.93")
    assert place_of(settled.store, first, "77.86") == "/totals/0"
    line = explain_figure(settled.log, settled.store, settled.agreements, first, "line:0")
    assert "order A line 1" in line.words[0]["en"]
    with pytest.raises(StatementUnknown, match="several figures are so: line:0, line:1"):
        place_of(settled.store, first, "38.93")
    with pytest.raises(StatementUnknown, match="did you mean 'payable'"):
        place_of(settled.store, first, "payabel")
