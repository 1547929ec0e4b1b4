"""The edges of a split: which rounding a reversal uses, who is refunded first, what a window counts up."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policies.errors import FactError
from policies.formulas.exact import Value
from policies.loading import load_agreement
from policies.splits.line import SplitPlan, split_plan
from policies.splits.reversal import reverse
from policies.splits.series import period_of
from policies.splits.statements import RunningStatement, StatedLine, cumulative

DOCUMENT = """\
language: 1
agreement: edges
version: 1
title: {zh: 例, en: Edges}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: Platform}}
  brand: {role: merchant, name: {zh: 品牌方, en: Brand}}
  streamer: {role: streamer, name: {zh: 主播, en: Streamer}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
  coupon: {type: money, of: order, text: {zh: 券, en: coupon}}
  credit: {type: money, of: order, text: {zh: 抵扣, en: credit}}
tables:
  ladder: {by: money, gives: rate, steps: [{upto: 100.00, value: 10%}, {value: 20%}]}
clauses:
  - id: "1"
    kind: commission
    text: {zh: 如下, en: as follows}
    whole: paid + coupon + credit
    base: paid + coupon
    funding:
      - {from: brand.payment, kind: payment, amount: paid, at: sale}
      - {from: platform.subsidy, kind: coupon, amount: coupon}
      - {from: platform.credit, kind: credit, amount: credit}
    windows: {monthly: {by: month, measure: MEASURE}}
    waterfall:
      - {leg: share, to: streamer.balance, amount: 50% * base}
      - {leg: bonus, over: monthly, to: streamer.bonus, amount: "marginal(ladder, volume)"}
      - {leg: net, to: brand.balance, rest: true}
    rounding: {mode: MODE, at: line}
"""
ORDER: dict[str, Value] = {"paid": Fraction(3), "coupon": Fraction(1), "credit": Fraction(2)}


def plan(mode: str = "half_up", measure: str = "base") -> SplitPlan:
    text = DOCUMENT.replace("MODE", mode).replace("MEASURE", measure)
    return split_plan(load_agreement(text, name="edges"))


@pytest.mark.parametrize(
    ("mode", "share", "whole"), [("half_up", 1, 3), ("half_even", 0, 2), ("floor", 0, 2)]
)
def test_a_reversal_rounds_as_its_clause_says(mode: str, share: int, whole: int) -> None:
    order = {"paid": Fraction(1, 100), "coupon": Fraction(1, 100), "credit": Fraction(3, 100)}
    rounded = plan(mode)
    split = rounded.split(order)
    assert split.legs["share"].amount_minor == 1
    back = reverse(rounded, split, 1, 2)  # half of a share of one unit, and of a whole of five
    assert (back.legs["share"], back.whole) == (share, whole)


def test_each_funder_gets_back_its_share_and_the_last_the_rest() -> None:
    split = plan().split(ORDER)
    assert split.funding == (300, 100, 200)
    assert reverse(plan(), split, 1, 3).funding == (100, 33, 67)
    assert reverse(plan(), split, 3, 3).funding == (300, 100, 200)


def test_a_refund_that_is_no_share_of_a_line_names_both_figures() -> None:
    with pytest.raises(FactError, match="refunded 4 of refundable 3 is no share of a line"):
        reverse(plan(), plan().split(ORDER), 4, 3)


@pytest.mark.parametrize(
    ("measure", "volume"), [("whole", 6), ("base", 4), ("paid", 3), ("whole - base + credit", 4)]
)
def test_a_window_counts_up_what_its_document_names(measure: str, volume: int) -> None:
    assert plan(measure=measure).measure("monthly", ORDER) == volume


def test_a_line_adds_to_its_window_what_is_due_with_it_less_what_was_due_before() -> None:
    first = plan().split(ORDER).legs["bonus"]
    assert (first.amount_minor, first.figure.exact) == (40, Fraction(40))
    later = plan().split({**ORDER, "volume.monthly": Fraction(98)}).legs["bonus"]
    # 2.00 of the line at a tenth, 2.00 of it at a fifth
    assert (later.amount_minor, later.figure.exact) == (60, Fraction(60))


@pytest.mark.parametrize(
    ("lacking", "words"),
    [("credit", "'whole' needs credit, which is missing"), ("coupon", "'whole' needs coupon")],
)
def test_a_split_that_lacks_a_fact_says_which_figure_needs_it(lacking: str, words: str) -> None:
    order = {name: value for name, value in ORDER.items() if name != lacking}
    with pytest.raises(FactError, match=words):
        plan().split(order)
    with pytest.raises(FactError, match=words):
        plan().measure("monthly", order)


def test_funding_that_is_not_the_whole_is_refused_with_both_figures_at_its_clause() -> None:
    text = DOCUMENT.replace("amount: credit}", "amount: 2 * credit}").replace("MODE", "half_up")
    unfunded = split_plan(load_agreement(text.replace("MEASURE", "base"), name="edges"))
    with pytest.raises(FactError) as refused:
        unfunded.split(ORDER)
    assert refused.value.message == "funding gives 8.00 but the whole is 6.00"
    assert refused.value.where == "1"


def test_a_leg_says_whom_it_pays_where_under_which_kind_and_clause() -> None:
    legs = plan().split(ORDER).legs
    assert [(name, one.name, one.party, one.account, one.kind, one.clause) for name, one in legs.items()] == [
        ("share", "share", "streamer", "streamer.balance", "share", "1"),
        ("bonus", "bonus", "streamer", "streamer.bonus", "bonus", "1"),
        ("net", "net", "brand", "brand.balance", "net", "1"),
    ]


def test_a_split_may_be_given_the_facts_of_an_order_and_what_windows_hold() -> None:
    assert plan().given_types() == dict.fromkeys(("paid", "coupon", "credit", "volume.monthly"), "money")


def test_a_split_without_a_base_has_none_and_needs_none() -> None:
    text = DOCUMENT.replace("    base: paid + coupon\n", "").replace("50% * base", "50% * whole")
    text = text.replace("MODE", "half_up").replace("MEASURE", "whole")
    split = split_plan(load_agreement(text, name="edges")).split(ORDER)
    assert (split.base, split.legs["share"].amount_minor) == (None, 300)
    assert plan().split(ORDER).base == 400


@pytest.mark.parametrize(
    ("month", "quarter"), [(1, 1), (2, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)]
)
def test_a_quarter_has_three_months(month: int, quarter: int) -> None:
    day = date(2026, month, 28)
    assert period_of("quarter", day) == f"2026-Q{quarter}"
    assert [period_of(by, day) for by in ("month", "year", "term")] == [f"2026-{month:02d}", "2026", "term"]


def stated(agency: str = "") -> SplitPlan:
    head, tail = DOCUMENT[: DOCUMENT.index("    windows:")], DOCUMENT[DOCUMENT.index("    rounding:") :]
    waterfall = """\
    waterfall:
      - {pool: commission, amount: 12.5% * base}
      - {leg: agency, from: commission, to: platform.balance, amount: 30% * commission}
      - {leg: share, from: commission, to: streamer.balance, rest: true}
      - {leg: net, to: brand.balance, rest: true}
"""
    waterfall = waterfall.replace("{leg: agency, ", "{leg: agency, " + agency)
    text = (head + waterfall + tail).replace("MODE", "half_up").replace("at: line", "at: statement")
    return split_plan(load_agreement(text, name="stated"))


def test_a_statement_rounds_the_sums_of_its_lines_and_gives_rests_what_remains() -> None:
    order: dict[str, Value] = {"paid": Fraction(33, 100), "coupon": Fraction(0), "credit": Fraction(0)}
    line = stated().split(order)  # 4.125 of commission in fen, of which 1.2375 to the agency
    rests = (line.legs["share"].figure.exact, line.legs["net"].figure.exact)
    assert rests == (Fraction(231, 80), Fraction(231, 8))
    state = cumulative(stated(), [StatedLine(line), StatedLine(line)])
    assert state.posted == {"commission": 8, "agency": 2, "share": 6, "net": 58}
    assert state.exact == {
        "commission": Fraction(33, 4),
        "agency": Fraction(99, 40),
        "share": Fraction(231, 40),
        "net": Fraction(231, 4),
    }


def test_each_line_of_a_statement_is_given_what_it_adds_to_the_posted_sums() -> None:
    order: dict[str, Value] = {"paid": Fraction(33, 100), "coupon": Fraction(0), "credit": Fraction(0)}
    running, line = RunningStatement(stated()), stated().split(order)
    added = [running.add(line) for _ in range(4)]
    assert [one.pools["commission"].posted for one in added] == [4, 4, 4, 5]
    assert [one.legs["agency"].amount_minor for one in added] == [1, 1, 2, 1]
    assert [one.legs["share"].amount_minor for one in added] == [3, 3, 2, 4]
    assert {one.whole.posted for one in added} == {33}
    assert {one.pools["commission"].exact for one in added} == {Fraction(33, 8)}


def test_a_leg_kept_on_refund_stands_in_a_statement_whatever_went_back() -> None:
    order: dict[str, Value] = {"paid": Fraction(1), "coupon": Fraction(0), "credit": Fraction(0)}
    keeping = stated("on_refund: keep, ")
    state = cumulative(keeping, [StatedLine(keeping.split(order), Fraction(1))])
    assert state.posted == {"commission": 0, "agency": 4, "share": -4, "net": 0}
