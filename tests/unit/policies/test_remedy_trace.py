"""What the trace and the postings of a decision say of each remedy: formula, bounds, rows, memo."""

from __future__ import annotations

from typing import Any

import pytest

from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.loading import load_agreement

DOCUMENT = """\
language: 1
agreement: traced
version: 1
title: {zh: 例, en: Traced}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  brand: {role: merchant, name: {zh: 品牌方, en: Brand}}
  streamer: {role: streamer, name: {zh: 主播, en: Streamer}}
payees:
  consumers: {name: {zh: 买家, en: Buyers}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
  loss: {type: money, of: case, text: {zh: 损失, en: loss}}
  late: {type: bool, of: case, text: {zh: 迟延, en: late}}
clauses:
  - id: "5.1"
    kind: breach
    holder: brand
    toward: streamer
    text: {zh: 约定如下, en: as agreed}
    remedies:
      - id: "5.2"
        kind: refund
        from: brand.balance
        to: consumers
        each: round(paid / 3) + 0.01
        for: orders where paid > 1
      - id: "5.3"
        kind: damages
        from: brand.balance
        to: streamer.balance
        amount: 2 * loss
        cap: 130% * loss
        cap_id: "5.4"
      - {id: "5.5", kind: fee, from: brand.balance, to: streamer.balance, amount: loss / 1000, floor: "5.00"}
      - {id: "5.6", kind: interest, from: brand.balance, to: streamer.balance, amount: loss, if: late}
"""
CASE = """\
clause: "5.1"
claim: {claimant: streamer, respondent: brand}
facts:
  loss: {value: "100.00", status: proven}
  late: {value: "false", status: proven}
orders:
  - {count: "3", paid: "10.00"}
  - {paid: "1.00"}
  - {paid: "20.00"}
"""
ALIKE = CASE.replace('  - {paid: "20.00"}\n', "")
"""The same case without the order that is awarded another figure."""


def decided(case: str, document: str = DOCUMENT) -> dict[str, Any]:
    return decide([load_agreement(document, name="traced")], read_case(case, name="case")).as_json()


def step(case: str, clause: str, document: str = DOCUMENT) -> dict[str, Any]:
    (found,) = [one for one in decided(case, document)["trace"] if one.get("clause") == clause]
    return dict(found)


HEAD = {"step": "remedy", "rounding": "half_up"}


def test_a_figure_per_order_says_over_how_many_and_what_each_has_where_all_have_the_same() -> None:
    formula = {"zh": "四舍五入 (实付 ÷ 3) + 0.01", "en": "rounded (paid ÷ 3) + 0.01"}
    shared = {**HEAD, "clause": "5.2", "remedy": "refund", "formula": formula}
    assert step(CASE, "5.2") == {**shared, "amount_minor": 3 * 334 + 668, "rows": 4}
    assert step(ALIKE, "5.2") == {**shared, "amount_minor": 1002, "rows": 3, "each": "3.34"}


def test_a_cap_and_a_floor_are_shown_with_their_figures_and_the_cap_is_cited() -> None:
    damages = step(CASE, "5.3")
    assert damages["amount_minor"] == 13_000
    assert damages["cap"] == {"zh": "130% × 损失 100.00", "en": "130% × loss 100.00", "amount": "130.00"}
    fee = step(CASE, "5.5")
    assert (fee["amount_minor"], fee["floor"]["amount"]) == (500, "5.00")
    assert fee["formula"] == {"zh": "损失 100.00 ÷ 1000", "en": "loss 100.00 ÷ 1000"}
    assert decided(CASE)["clauses"] == ["5.1", "5.2", "5.3", "5.4", "5.5"]


def test_a_cap_that_does_not_bite_is_shown_and_not_cited() -> None:
    wide = DOCUMENT.replace("cap: 130% * loss", "cap: 200% * loss")
    assert step(CASE, "5.3", wide)["amount_minor"] == 20_000
    assert step(CASE, "5.3", wide)["cap"]["amount"] == "200.00"
    assert "5.4" not in decided(CASE, wide)["clauses"]


def test_a_remedy_that_is_not_due_is_shown_at_zero_with_its_condition() -> None:
    assert step(CASE, "5.6") == {
        **HEAD,
        "clause": "5.6",
        "remedy": "interest",
        "amount_minor": 0,
        "applies": False,
        "if": {"zh": "迟延", "en": "late"},
    }
    assert "interest" not in decided(CASE)["components"]
    due = decided(CASE.replace('late: {value: "false"', 'late: {value: "true"'))
    assert due["components"]["interest"] == 10_000


def test_the_postings_say_how_many_are_paid_and_what_each_gets() -> None:
    def refund(case: str) -> dict[str, Any]:
        return next(dict(one) for one in decided(case)["postings"] if one["kind"] == "refund")

    assert refund(CASE)["to"] == "consumers(4)"
    assert "memo" not in refund(CASE)
    assert refund(ALIKE)["to"] == "consumers(3)"
    assert refund(ALIKE)["memo"] == {"zh": "每单 3.34", "en": "3.34 each"}
    one = ALIKE.replace('{count: "3", paid: "10.00"}', '{paid: "10.00"}')
    assert refund(one)["amount_minor"] == 334
    assert "memo" not in refund(one)


def test_what_is_set_off_says_so() -> None:
    document = DOCUMENT.replace("amount: loss, if: late}", "amount: loss, if: late, set_off: true}")
    document = document.replace(
        "kind: interest, from: brand.balance, to: streamer.balance",
        "kind: interest, from: streamer.balance, to: brand.balance",
    )
    found = decided(CASE.replace('late: {value: "false"', 'late: {value: "true"'), document)
    assert found["amount_minor"] == 1670 + 13_000 + 500 - 10_000
    (posting,) = [one for one in found["postings"] if one["kind"] == "interest"]
    assert posting["memo"] == {"zh": "抵销", "en": "set off"}


@pytest.mark.parametrize("fact", ["loss", "late"])
def test_a_remedy_that_lacks_a_fact_leaves_the_case_undecided_and_names_it(fact: str) -> None:
    lines = [line for line in CASE.splitlines() if not line.strip().startswith(f"{fact}:")]
    found = decided("\n".join(lines) + "\n")
    assert (found["outcome"], found["missing"], found["amount_minor"]) == ("undecided", [fact], 0)


def test_an_order_that_lacks_what_its_figure_reads_leaves_the_case_undecided() -> None:
    found = decided(CASE.replace('  - {paid: "1.00"}\n', '  - {count: "2"}\n'))
    assert (found["outcome"], found["missing"]) == ("undecided", ["paid"])


def test_an_award_is_never_below_zero() -> None:
    document = DOCUMENT.replace('amount: loss / 1000, floor: "5.00"', "amount: loss - 500.00")
    assert step(CASE, "5.5", document)["amount_minor"] == 0
