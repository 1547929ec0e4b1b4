"""Ladders over windows: what a document may say, what a window posts and why, and what is refused."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from policies.check import check
from policies.errors import AgreementRejected
from policies.loading import agreement_from_canonical, load_agreement
from policies.render import contract, write_text
from policies.splits.line import split_plan
from policies.splits.series import SeriesLine, WindowEntry, split_series

LADDER = """\
language: 1
agreement: may-ladder
version: 1
title: {zh: 阶梯佣金, en: Ladder commission}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: deep_binding
model: alliance
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: Platform}}
  brand: {role: merchant, name: {zh: 品牌, en: Brand}}
  mcn: {role: mcn, name: {zh: 机构, en: Agency}}
  streamer: {role: streamer, name: {zh: 主播, en: Streamer}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
tables:
  ladder:
    by: money
    gives: rate
    steps: [{upto: 1_000_000.00, value: 15%}, {upto: 3_000_000.00, value: 18%}, {value: 20%}]
    text: {zh: 阶梯费率, en: ladder of rates}
order_facts_where: [paid >= 0]
clauses:
  - id: "6.1"
    kind: commission
    text:
      zh: 达到门槛后超过部分按升档计算，逐单先按 15% 暂付。
      en: The part above a threshold is at the raised rate; each order meanwhile at 15%.
    whole: paid
    funding: [{from: brand.payment, kind: payment, amount: paid}]
    windows: {monthly: {by: month, measure: paid}}
    waterfall:
      - {pool: commission, over: monthly, amount: "marginal(ladder, volume)", provisional: 15% * paid}
      - {leg: alliance_fee, from: commission, to: platform.fee, amount: 10% * commission}
      - {leg: mcn_share, from: commission, to: mcn.balance, amount: 30% * (commission - alliance_fee)}
      - {leg: streamer_share, from: commission, to: streamer.balance, rest: true}
      - {leg: merchant_net, to: brand.balance, rest: true}
    rounding: {mode: half_up, at: line}
"""


TAX = "      - {leg: tax, to: brand, amount: 1% * commission}"


def document(*changes: tuple[str, str]) -> Agreement:
    text = LADDER
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return load_agreement(text, name="ladder.yaml")


MARGINAL = (", provisional: 15% * paid", "")
RETROACTIVE = (
    'amount: "marginal(ladder, volume)", provisional: 15% * paid',
    'amount: "bracket(ladder, volume) * volume", provisional: "bracket(ladder, volume) * paid"',
)


def line(number: int, paid: int, day: int = 1, *, back: int = 0, run: int = 0) -> SeriesLine:
    at = datetime(2026, 5, day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    return SeriesLine(f"O{number}", "1", at, {"paid": Fraction(paid)}, back * 100, paid * 100, run)


def test_a_month_of_provisional_commission_is_topped_up_through_the_pool() -> None:
    plan = split_plan(document())
    lines = [line(1, 3_640_000), line(2, 860_000, 2, back=860_000)]
    (entry,) = split_series(plan, lines).entries
    assert entry == WindowEntry(
        "monthly",
        "2026-05",
        "commission",
        9_200_000,
        {
            "alliance_fee": 920_000,
            "mcn_share": 2_484_000,
            "streamer_share": 5_796_000,
            "merchant_net": -9_200_000,
        },
        ("provisional", "refund"),
    )


def test_without_a_provisional_amount_the_line_that_crosses_is_paid_by_its_parts() -> None:
    plan = split_plan(document(MARGINAL))
    done = split_series(plan, [line(1, 900_000), line(2, 200_000, 2)])
    assert [split.pools["commission"].posted for _, split in done.lines] == [13_500_000, 3_300_000]
    assert done.entries == ()


def test_a_late_line_leaves_posted_lines_alone_and_names_itself() -> None:
    plan = split_plan(document(MARGINAL))
    before = [line(1, 900_000, 1), line(3, 200_000, 3)]
    done = split_series(plan, [*before, line(2, 200_000, 2, run=1)])
    assert [split.pools["commission"].posted for _, split in done.lines] == [
        13_500_000,
        3_300_000,
        3_300_000,
    ][::1]
    (entry,) = done.entries
    assert (entry.amount_minor, entry.causes) == (300_000, ("late_line",))


def test_a_refund_that_crosses_a_threshold_gives_back_what_the_raise_was() -> None:
    plan = split_plan(document(MARGINAL))
    done = split_series(plan, [line(1, 900_000, 1, back=900_000), line(2, 200_000, 2)])
    (entry,) = done.entries
    assert (entry.amount_minor, entry.causes) == (-300_000, ("refund",))
    assert sum(entry.legs.values()) == 0


def test_a_retroactive_ladder_raises_the_whole_month_by_one_entry() -> None:
    plan = split_plan(document(RETROACTIVE))
    done = split_series(plan, [line(1, 900_000), line(2, 200_000, 2)])
    assert [split.pools["commission"].posted for _, split in done.lines] == [13_500_000, 3_600_000]
    (entry,) = done.entries
    assert entry.amount_minor == 2_700_000, "3 points on what was sold before the threshold"


def test_a_month_begins_at_midnight_in_the_zone_of_the_agreement() -> None:
    plan = split_plan(document(MARGINAL))
    late_in_april = datetime.fromisoformat("2026-04-30T16:30:00+00:00")
    first = SeriesLine("O0", "1", late_in_april, {"paid": Fraction(900_000)})
    done = split_series(plan, [first, line(2, 200_000, 2)])
    assert done.lines[1][1].pools["commission"].posted == 3_300_000, "it was May in Shanghai already"


def test_volume_carried_over_from_paper_counts() -> None:
    opening = (
        "order_facts_where",
        "opening: {on: 2026-05-10, from: {title: {zh: 纸, en: Paper}, sha256: "
        + "0" * 64 + "}, volumes: {monthly: 900_000.00}}\norder_facts_where",
    )  # fmt: skip
    plan = split_plan(document(MARGINAL, opening))
    done = split_series(plan, [line(2, 200_000, 12)])
    assert done.lines[0][1].pools["commission"].posted == 3_300_000
    assert done.entries == ()
    with pytest.raises(AgreementRejected) as caught:
        document(MARGINAL, (opening[0], opening[1].replace("monthly:", "yearly:")))
    assert [one.code for one in caught.value.findings] == ["split.unknown-window"]


def test_the_document_checks_signs_and_reads_like_any_other() -> None:
    agreement = document()
    assert agreement_from_canonical(agreement.canonical, name="again") == agreement
    assert not [one for one in check(agreement) if one.severity == "error"]
    text = write_text(contract(agreement, "en"))
    assert "Counted over monthly (each month)" in text
    assert "each order meanwhile 15% × paid" in text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("over: monthly", "over: mothly"), "split.unknown-window"),
        (("marginal(ladder, volume)", "marginal(ladder, paid)"), "formula.invalid"),
        (("10% * commission", "10% * paid"), "split.window-leg"),
        (("10% * commission", "5.00"), "split.window-leg"),
        (
            ("      - {leg: merchant_net", f"{TAX}\n      - {{leg: merchant_net"),
            "split.window-read",
        ),
        (("at: line", "at: statement"), "split.window-statement"),
        ((RETROACTIVE[0], 'amount: "bracket(ladder, volume) * volume"'), "split.window-retroactive"),
        ((", over: monthly", ""), "document.value"),
        (("paid: {type", "volume: {type"), "name.reserved"),
    ],
)  # fmt: skip
def test_what_a_window_could_not_make_up_for_is_refused(change: tuple[str, str], code: str) -> None:
    with pytest.raises(AgreementRejected) as caught:
        document(change)
    assert code in {one.code for one in caught.value.findings}
    assert all(one.message_zh for one in caught.value.findings if one.code == code)


def test_settlement_carries_windows_and_rounding_per_statement() -> None:
    stated = (
        LADDER.replace("at: line", "at: statement")
        .replace(
            'over: monthly, amount: "marginal(ladder, volume)", provisional: 15% * paid', "amount: 15% * paid"
        )
        .replace("    windows: {monthly: {by: month, measure: paid}}\n", "")
    )
    for agreement in (document(), load_agreement(stated, name="stated")):
        assert read_terms([agreement]).newest is agreement
        assert "settlement.not-yet" not in {one.code for one in check(agreement)}
