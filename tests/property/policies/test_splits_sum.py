"""Random deals written as documents: parts always sum, and partial refunds in any order end at zero."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import FactError
from policies.formulas.exact import Value
from policies.loading import load_agreement
from policies.splits.columns import LEG, column_bounds, split_columns
from policies.splits.line import SplitPlan, split_plan
from policies.splits.reversal import reverse

HEAD = """\
language: 1
agreement: random-deal
version: 1
title: {{zh: 随机, en: Random}}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {{role: platform, name: {{zh: 平台, en: Platform}}}}
  brand: {{role: merchant, name: {{zh: 品牌, en: Brand}}}}
  mcn: {{role: mcn, name: {{zh: 机构, en: Agency}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
  coupon: {{type: money, of: order, default: "0.00", text: {{zh: 券, en: coupon}}}}
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 分佣, en: Shares}}
    whole: paid + coupon
    funding:
      - {{from: brand.payment, kind: payment, amount: paid}}
      - {{from: platform.subsidy, kind: coupon, amount: coupon}}
    base: paid
    rounding: {{mode: {mode}, at: line}}
    waterfall:
{steps}
"""

rates = st.integers(0, 3_333).map(lambda ppm: f"{ppm // 100}.{ppm % 100:02d}%")
bases = st.sampled_from(["whole", "base", "(paid - 0.05)", "max(base, 1.00)", "round(base * 33.3%)"])
refunds = st.sampled_from(["reverse", "reverse", "keep"])


@st.composite
def plans(draw: Any) -> SplitPlan:
    steps: list[str] = []
    for pool in range(draw(st.integers(0, 3))):
        steps.append(f'      - {{pool: p{pool}, amount: "{draw(rates)} * {draw(bases)}"}}')
        for leg in range(draw(st.integers(0, 3))):
            keep = draw(refunds)
            steps.append(
                f"      - {{leg: p{pool}l{leg}, from: p{pool}, to: mcn, amount: {draw(rates)} * p{pool},"
                f" on_refund: {keep}}}"
            )
        steps.append(f"      - {{leg: p{pool}rest, from: p{pool}, to: platform.fee, rest: true}}")
    for leg in range(draw(st.integers(0, 3))):
        keep = draw(refunds)
        amount = f'"{draw(rates)} * {draw(bases)}"'
        steps.append(f"      - {{leg: top{leg}, to: platform, amount: {amount}, on_refund: {keep}}}")
    steps.append("      - {leg: last, to: brand, rest: true}")
    mode = draw(st.sampled_from(["half_up", "half_even", "floor"]))
    text = HEAD.format(mode=mode, steps="\n".join(steps))
    return split_plan(load_agreement(text, name="random.yaml"))


amounts = st.integers(0, 10**9) | st.integers(0, 300)


def order(paid: int, coupon: int) -> dict[str, Value]:
    return {"paid": Fraction(paid, 100), "coupon": Fraction(coupon, 100)}


@given(plans(), amounts, amounts)
def test_parts_always_sum_to_the_whole_and_so_does_the_funding(
    plan: SplitPlan, paid: int, coupon: int
) -> None:
    split = plan.split(order(paid, coupon))
    assert split.whole.posted == paid + coupon
    assert sum(leg.amount_minor for leg in split.legs.values()) == paid + coupon
    assert split.funding == (paid, coupon)
    for name, pool in split.pools.items():
        drawn = sum(split.legs[step.name].amount_minor for step in plan.siblings(name))
        assert drawn == pool.posted


@given(
    plans(), st.integers(1, 10**8) | st.integers(1, 300), amounts, st.lists(st.integers(1, 100), max_size=5)
)
def test_partial_refunds_in_any_order_end_at_zero(
    plan: SplitPlan, paid: int, coupon: int, shares: list[int]
) -> None:
    split = plan.split(order(paid, coupon))
    total = sum(shares) + 1
    steps = sorted({paid * sum(shares[: i + 1]) // total for i in range(len(shares))} | {paid})
    paid_back = dict.fromkeys(split.legs, 0)
    whole = 0
    before = reverse(plan, split, 0, paid)
    assert not any(before.legs.values())
    for refunded in steps:
        now = reverse(plan, split, refunded, paid)
        for leg in paid_back:
            paid_back[leg] += now.legs[leg] - before.legs[leg]
        whole += now.whole - before.whole
        assert sum(now.legs.values()) == now.whole == sum(now.funding)
        before = now
    assert whole == split.whole.posted
    assert before.funding == split.funding
    kept = {step.name for step in plan.steps if step.keeps}
    bearers = {
        next(one.name for one in plan.siblings(step.parent) if one.formula is None)
        for step in plan.steps
        if step.keeps
    }
    for leg, amount in paid_back.items():
        if leg in kept:
            assert amount == 0
        elif leg not in bearers:
            assert amount == split.legs[leg].amount_minor


@pytest.mark.parametrize(("refunded", "refundable"), [(-1, 10), (11, 10), (0, 0)])
def test_a_refund_beyond_the_line_is_refused(refunded: int, refundable: int) -> None:
    text = HEAD.format(mode="half_up", steps="      - {leg: last, to: brand, rest: true}")
    plan = split_plan(load_agreement(text, name="x"))
    with pytest.raises(FactError):
        reverse(plan, plan.split(order(10, 0)), refunded, refundable)


def test_a_flat_fee_is_the_same_money_in_columns_as_in_the_exact_split() -> None:
    steps = (
        "      - {leg: flat, to: platform, amount: 3.00}\n"
        '      - {leg: capped, to: mcn, amount: "min(2.50, 5% * base)"}\n'
        "      - {leg: last, to: brand, rest: true}"
    )
    plan = split_plan(load_agreement(HEAD.format(mode="half_up", steps=steps), name="flat.yaml"))
    frame = pl.LazyFrame({"paid": [10_000, 1_001], "coupon": [0, 500]})
    columns = split_columns(plan, frame, column_bounds(plan, frame)).collect().to_dicts()
    for row in columns:
        legs = plan.split(order(row["paid"], row["coupon"])).legs
        assert {name: row[f"{LEG}{name}"] for name in legs} == {
            n: leg.amount_minor for n, leg in legs.items()
        }
        assert legs["flat"].amount_minor == 300
