"""Figures that a clause names: what they are, who may read them, and how a decision words them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.check import check
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected
from policies.loading import load_agreement

DOCUMENT = """\
language: 1
agreement: figured
version: 1
title: {zh: 例, en: Figured}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
calendar: CN
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  brand: {role: merchant, name: {zh: 品牌方, en: Brand}}
  agency: {role: mcn, name: {zh: 机构, en: Agency}}
facts:
  missed: {type: count, of: case, text: {zh: 缺席场次, en: sessions missed}}
  share: {type: rate, of: case, text: {zh: 比例, en: share}}
  noticed_on: {type: date, of: case, text: {zh: 通知日, en: noticed on}}
  cured_on: {type: date, of: case, text: {zh: 补正日, en: cured on}}
clauses:
  - id: "4.1"
    kind: sessions_missed
    holder: agency
    toward: brand
    text: {zh: 约定如下, en: as agreed}
    when: missed > 0 and cured_on > add_business_days(noticed_on, 3)
    figures:
      session_fee: {value: 100.00 / 3, gives: money, text: {zh: 每场费用, en: fee of a session}}
      exact_cents: {value: round(session_fee), text: {zh: 取整费用, en: fee in cents}}
    remedies:
      - {kind: refund, from: agency, to: brand, amount: missed * session_fee, text: {zh: 退费, en: refund}}
  - id: "4.2"
    kind: surcharge
    follows: "4.1"
    text: {zh: 另付, en: on top}
    remedies:
      - {kind: surcharge, from: agency, to: brand, amount: share * exact_cents, floor: "5.00"}
"""
CASE = """\
clause: "4.1"
claim: {claimant: brand, respondent: agency, amount: "1000.00"}
decided_at: 2026-10-20
facts: {missed: 2, share: 10%, noticed_on: 2026-09-30, cured_on: 2026-10-11}
"""


def decided(document: str = DOCUMENT) -> dict[str, Any]:
    return decide([load_agreement(document, name="figured")], read_case(CASE, name="case")).as_json()


def refusal(document: str) -> str:
    with pytest.raises(AgreementRejected) as refused:
        load_agreement(document, name="figured")
    return "; ".join(one.message for one in refused.value.findings)


def test_written_numbers_are_an_amount_where_the_figure_says_so() -> None:
    found = decided()
    assert found["figures"] == {"session_fee": "33.333333…", "exact_cents": "33.33"}
    assert found["components"] == {"refund": 6_667, "surcharge": 500}


def test_without_that_they_are_a_number_and_the_amount_is_refused() -> None:
    assert "gives a number where money is needed" in refusal(DOCUMENT.replace(", gives: money", ""))


def test_a_number_of_facts_is_no_amount_whatever_a_figure_says() -> None:
    document = DOCUMENT.replace("100.00 / 3, gives", "share, gives")
    assert "gives a number where money is needed" in refusal(document)


def test_a_clause_that_follows_reads_the_figures_before_it_and_names_none_of_them_again() -> None:
    again = "    figures: {session_fee: {value: 1.00 * missed}}\n    remedies:\n      - {kind: surcharge"
    document = DOCUMENT.replace("    remedies:\n      - {kind: surcharge", again)
    assert "'session_fee' means something else in formulas" in refusal(document)


def test_figures_of_a_clause_reach_nobody_who_does_not_follow_it() -> None:
    document = DOCUMENT.replace('follows: "4.1"', 'exception_of: "4.1"')
    assert "'exact_cents' is not declared" in refusal(document)


def test_the_checks_write_figures_of_clauses_before_out() -> None:
    found = check(load_agreement(DOCUMENT.replace('floor: "5.00"', "cap: 0.1 * exact_cents"), name="figured"))
    assert "formula.invalid" not in {one.code for one in found}


def test_amounts_may_be_chosen_among_written_ones() -> None:
    document = DOCUMENT.replace(
        "share * exact_cents", '"min(5_000.00, if(missed > 1, 40.00 * missed, 9.00))"'
    )
    assert decided(document)["components"]["surcharge"] == 8_000
    document = DOCUMENT.replace("share * exact_cents", '"min(5_000.00, share)"')
    assert "gives a number where money is needed" in refusal(document)


def test_the_reasons_name_the_figure_the_day_and_the_percentage() -> None:
    trace = decided()["trace"]
    condition, figure = trace[0], next(one for one in trace if one["step"] == "figure")
    assert "3 business days after noticed on 2026-09-30 (2026-10-10)" in condition["en"]
    assert figure["text"] == {"zh": "每场费用", "en": "fee of a session"}
    surcharge = next(one for one in trace if one.get("remedy") == "surcharge")
    assert surcharge["formula"]["zh"] == "比例 10% × 取整费用 33.33"
