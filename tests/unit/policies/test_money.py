"""Amounts and rates are read exactly, and `round()` in a split rounds as its clause says."""

from __future__ import annotations

from fractions import Fraction

import pytest

from policies.errors import MoneyError
from policies.loading import load_agreement
from policies.money import read_rate
from policies.splits.line import split_plan

DOCUMENT = """\
language: 1
agreement: rounded
version: 1
title: {{zh: 例, en: Rounded}}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  brand: {{role: merchant, name: {{zh: 品牌方, en: Brand}}}}
  streamer: {{role: streamer, name: {{zh: 主播, en: Streamer}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 如下, en: as follows}}
    whole: paid
    funding: [{{from: brand.payment, kind: order_payment, amount: paid, at: sale}}]
    waterfall:
      - {{leg: share, to: streamer.balance, amount: "round(33% * paid) * 10"}}
      - {{leg: net, to: brand.balance, rest: true}}
    rounding: {{mode: {mode}, at: line}}
"""


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5%", Fraction(1, 20)), ("12.5%", Fraction(1, 8)), ("0.05", Fraction(1, 20)), ("100%", Fraction(1))],
)
def test_a_rate_is_read_exactly_with_or_without_its_sign(text: str, rate: Fraction) -> None:
    assert read_rate(text) == rate


def test_what_is_no_rate_is_refused_with_an_example_and_cut_short() -> None:
    with pytest.raises(MoneyError) as refused:
        read_rate("x" * 60)
    assert refused.value.message == f"'{'x' * 40}' is not a rate such as 5% or 0.05"


@pytest.mark.parametrize(("mode", "share"), [("half_up", 170), ("floor", 160), ("half_even", 160)])
def test_round_in_a_split_rounds_to_the_unit_as_the_clause_says(mode: str, share: int) -> None:
    plan = split_plan(load_agreement(DOCUMENT.format(mode=mode), name="rounded"))
    split = plan.split({"paid": Fraction(1, 2)})  # 33% of 0.50 is 0.165, a tie
    assert split.legs["share"].amount_minor == share
