"""A document may carry a kind nobody shipped: it is checked, split, decided and rendered like any other."""

from __future__ import annotations

import pytest

from policies.agreement import Agreement
from policies.check import check
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected
from policies.facts import order_facts
from policies.kinds_page import HOST
from policies.loading import agreement_from_canonical, load_agreement
from policies.render import contract, write_text
from policies.splits.line import split_plan

OWN = """\
  - id: "6.1"
    kind: commission
    text: {zh: 主播收取实付的 20%，其余归品牌方。, en: 20% goes to the streamer; the rest to the brand.}
    whole: paid
    funding: [{from: consumers.payment, kind: order_payment, amount: paid, at: sale}]
    waterfall:
      - {leg: streamer_share, to: streamer.balance, amount: 20% * whole, clause: "6.9"}
      - {leg: merchant_net, to: brand.balance, rest: true}
    rounding: {mode: half_up, at: line}
  - id: "6.9"
    kind: birthday_show_bonus
    holder: brand
    toward: streamer
    text:
      zh: 生日专场实付合计超过 10,000.00 元的，品牌方另付超出部分的 3%，以 500.00 元为限。
      en: Where a birthday show brings more than 10,000.00, the brand pays 3% of the rest, at most 500.00.
    when: birthday_show
    remedies:
      - kind: birthday_bonus
        from: brand.balance
        to: streamer.balance
        amount: 3% * max(0, sum(paid for orders) - 10_000.00)
        cap: 500.00
    effects:
      - {id: cake, text: {zh: 品牌方备蛋糕, en: The brand brings the cake}}
"""
FACT = "facts:\n  birthday_show: {type: bool, of: case, text: {zh: 生日专场, en: birthday show}}\n"


@pytest.fixture(scope="module")
def deal() -> Agreement:
    return load_agreement(HOST.replace("facts:\n", FACT) + OWN, name="deal")


def test_it_is_checked_and_its_text_is_held_to_its_terms(deal: Agreement) -> None:
    assert [one for one in check(deal) if one.severity == "error"] == []
    wrong = load_agreement(
        HOST.replace("facts:\n", FACT) + OWN.replace("cap: 500.00", "cap: 600.00"), name="wrong"
    )
    assert "text.number-not-in-terms" in {one.code for one in check(wrong)}


def test_it_stands_beside_a_split(deal: Agreement) -> None:
    split = split_plan(deal).split(order_facts(deal, {"paid": "299.00"}, where="order"))
    assert {name: leg.amount_minor for name, leg in split.legs.items()} == {
        "streamer_share": 5_980,
        "merchant_net": 23_920,
    }


def test_it_is_decided_to_the_cent_with_its_effects(deal: Agreement) -> None:
    case = """\
clause: "6.9"
claim: {claimant: streamer, respondent: brand, amount: 900.00}
facts: {birthday_show: true}
orders: [{count: 100, paid: 250.55}]
"""
    decision = decide([deal], read_case(case, name="case"))
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 45_165)
    assert [effect["id"] for effect in decision.effects] == ["cake"]
    capped = decide([deal], read_case(case.replace("250.55", "500.00"), name="case"))
    assert capped.amount_minor == 50_000


def test_it_is_rendered_in_both_languages_and_read_back(deal: Agreement) -> None:
    assert "birthday show" in write_text(contract(deal, "en"))
    assert "生日专场" in write_text(contract(deal, "zh"))
    assert agreement_from_canonical(deal.canonical, name="again") == deal


def test_a_figure_that_counts_pieces_is_not_written_as_money() -> None:
    counted = OWN.replace(
        "    when: birthday_show\n",
        "    figures: {lacking: {value: 'max(0, 10000 - count(orders))'}}\n",
    )
    read = write_text(contract(load_agreement(HOST + counted, name="counted"), "zh"))
    assert "10000 − " in read


def test_a_text_that_a_comma_cut_off_is_told_to_stand_in_quotes() -> None:
    cut = OWN.replace("主播收取实付的 20%，其余归品牌方。", "主播收取实付的 20%，至多 1,000.00 元。")
    with pytest.raises(AgreementRejected) as refusal:
        load_agreement(HOST + cut, name="cut")
    assert "put the text in quotes" in str(refusal.value)
