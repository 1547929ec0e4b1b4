"""The edges of a split: which rounding a reversal uses, who is refunded first, what a window counts up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from policies.errors import FactError
from policies.formulas.exact import Value
from policies.loading import load_agreement
from policies.splits.line import SplitPlan, split_plan
from policies.splits.reversal import reverse

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
