"""Documents, random order lines with refunds, and other EVMs, for what is shown of CommissionSplitter."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from contracts.splitter import splitter_code
from policies.agreement import Agreement
from policies.formulas.exact import Known
from policies.loading import load_agreement
from policies.splits.line import split_plan
from policies.splits.opinion import AnsweredLine, AskedLine, RefundState

EXAMPLES = Path(__file__).parents[1] / "examples" / "agreements"

EVERYTHING = """\
language: 1
agreement: everything
version: 1
title: {{zh: 全部写法, en: Every construct}}
effective_from: 2026-01-01
currency: {currency}
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {{role: platform, name: {{zh: 平台, en: Platform}}}}
  brand: {{role: merchant, name: {{zh: 品牌, en: Brand}}}}
  mcn: {{role: mcn, name: {{zh: 机构, en: Agency}}}}
  streamer: {{role: streamer, name: {{zh: 主播, en: Streamer}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
  coupon: {{type: money, of: order, text: {{zh: 券, en: coupon}}}}
  freight: {{type: money, of: order, text: {{zh: 运费, en: freight}}}}
  grade: {{type: rate, of: order, text: {{zh: 等级系数, en: grade}}}}
  quantity: {{type: count, of: order, text: {{zh: 件数, en: quantity}}}}
  gift: {{type: bool, of: order, text: {{zh: 赠品, en: is a gift}}}}
  category: {{type: enum, options: [beauty, food, other], of: order, text: {{zh: 类目, en: category}}}}
  tag: {{type: text, of: order, text: {{zh: 标记, en: tag}}}}
  sold_on: {{type: date, of: order, text: {{zh: 成交日, en: day sold}}}}
tables:
  tech_rate: {{by: text, gives: rate, rows: {{beauty: 5%, food: 2.5%}}, otherwise: 4%}}
  fixed: {{by: text, gives: money, rows: {{beauty: 1.00, food: 2.00, other: 0.00}}}}
  fee:
    by: count
    gives: money
    steps: [{{upto: 1, value: 0.00}}, {{upto: 3, value: 1.00}}, {{value: 3.00}}]
  ladder:
    by: money
    gives: rate
    steps: [{{upto: 100.00, value: 10%}}, {{upto: 1_000.00, value: 12.5%}}, {{value: 20%}}]
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 分佣, en: Shares}}
    whole: paid + coupon
    funding:
      - {{from: brand.payment, kind: payment, amount: paid, at: sale}}
      - {{from: platform.subsidy, kind: coupon, amount: 1/3 * coupon}}
      - {{from: mcn.subsidy, kind: coupon_share, amount: 2/3 * coupon}}
    base: max(paid - freight, 0.00)
    waterfall:
      - {{leg: tech_fee, to: platform.fee, amount: "lookup(tech_rate, category) * whole"}}
      - pool: commission
        amount: "min(marginal(ladder, base), 500.00) * if(gift or tag in ('vip', 'old'), 1.1, 0.9)"
      - {{leg: agency, from: commission, to: mcn, amount: "grade * round(commission)", on_refund: keep}}
      - leg: handling
        from: commission
        to: platform.handling
        amount: "if(quantity > 3 and not gift, commission / quantity, 10% * commission)"
      - {{leg: streamer_share, from: commission, to: streamer, rest: true}}
      - leg: early
        to: brand.early
        amount: >-
          if(sold_on <= 2026-06-18 and days(2026-06-01, sold_on) >= 3, 1.01% * (whole - tech_fee), -0.05)
      - leg: flat
        to: platform.flat
        amount: >-
          if(tag != 'free' and coupon < 100 and coupon >= 0.5,
          bracket(fee, quantity) + lookup(fixed, category), 0)
      - {{leg: merchant_net, to: brand, rest: true}}
    rounding: {{mode: {mode}, at: line}}
  - id: "2"
    kind: returns
    text: {{zh: 退货, en: Returns}}
    window_days: 15
    refundable: max(paid - 50% * freight, 0.00)
    recovery: [balance]
"""

WORDS = ("vip", "old", "free", "", "new")


def everything(mode: str = "half_up", currency: str = "CNY") -> Agreement:
    """Return a document whose split uses every construct that the splitter has an instruction for."""
    text = EVERYTHING.format(mode=mode, currency=currency)
    if currency == "JPY":
        text = text.replace(".00", "").replace("-0.05", "-5")
    return load_agreement(text, name="everything.yaml")


def example(name: str) -> Agreement:
    """Return a document of the examples."""
    return load_agreement((EXAMPLES / name).read_text("utf-8"), name=name)


DOCUMENTS: dict[str, Callable[[], Agreement]] = {
    "head-streamer": lambda: example("head-streamer.yaml"),
    "season-dues": lambda: example("season-dues.yaml"),
    "mcn-streamer, which is fed": lambda: example("linked/mcn-streamer.yaml"),
    "every construct, half up": everything,
    "every construct, half even": lambda: everything("half_even"),
    "every construct, floor": lambda: everything("floor"),
    "every construct, in yen": lambda: everything(currency="JPY"),
}
"""Documents whose lines are asked about, by what they show."""


def random_lines(agreement: Agreement, seed: int, count: int, states: int = 2) -> Iterator[AskedLine]:
    """Yield order lines of a document that can be split, in no particular order, with refunds that grow."""
    plan, dice = split_plan(agreement), random.Random(f"{agreement.ref}/{seed}")
    names = sorted(agreement.fact_types("order"))
    for _ in range(count):
        facts = {name: _fact(agreement, name, dice) for name in names}
        if plan.fed:
            facts["whole"] = Fraction(dice.choice((dice.randint(0, 9), dice.randint(0, 10**8))), plan.scale)
        elif "freight" in facts:
            facts["freight"] = min(facts["freight"], facts["paid"])
        most = dice.randint(1, 10**6)
        refunds = sorted(dice.choice((0, dice.randint(0, most), 10**9)) for _ in range(states))
        yield AskedLine(
            facts,
            tuple(RefundState(one, dice.randint(0, one) if plan.fed else 0) for one in refunds),
            most if plan.fed else 0,
        )


def _fact(agreement: Agreement, name: str, dice: random.Random) -> Known:
    fact = agreement.document.facts[name]
    if fact.type == "money":
        small, large = dice.randint(0, 400), dice.randint(0, 10 ** dice.randint(3, 9))
        return Fraction(dice.choice((small, large)), agreement.scale)
    if fact.type == "rate":
        return Fraction(dice.randint(0, 99_999), 10 ** dice.randint(5, 14))
    if fact.type == "count":
        return Fraction(dice.randint(1, 12))
    if fact.type == "bool":
        return dice.random() < 0.5
    if fact.type == "date":
        return date(2026, 6, 1) + timedelta(days=dice.randint(0, 30))
    return dice.choice(fact.options or WORDS)


def differing(
    asked: Sequence[AskedLine], one: Sequence[AnsweredLine], two: Sequence[AnsweredLine]
) -> list[str]:
    """Return a line about each of the first lines of which two answers differ."""
    pairs = zip(asked, one, two, strict=True)
    return [f"{line}\n  {left}\n  {right}" for line, left, right in pairs if left != right][:3]


def on_revm(code: bytes | None = None) -> Callable[[bytes], bytes]:
    """Return a call of the splitter on another EVM, revm, which is some hundred times quicker than py-evm."""
    import pyrevm  # noqa: PLC0415  (few tests need it)

    here, caller = f"0x{0xAA:040x}", f"0x{0xBB:040x}"
    machine = pyrevm.EVM(gas_limit=1 << 50, spec_id="CANCUN")
    runtime = splitter_code() if code is None else code
    machine.insert_account_info(here, pyrevm.AccountInfo(code=runtime))

    def call(data: bytes) -> bytes:
        return bytes(machine.message_call(caller=caller, to=here, calldata=data, gas=1 << 40, is_static=True))

    return call
