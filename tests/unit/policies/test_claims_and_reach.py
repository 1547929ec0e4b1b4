"""Claims that ask for a consequence, and clauses that are not evaluated because nothing reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import CaseRejected
from policies.loading import load_agreement

DOCUMENT = """\
language: 1
agreement: asked
version: 1
title: {zh: 例, en: Asked}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  brand: {role: merchant, name: {zh: 品牌方, en: Brand}}
  agency: {role: mcn, name: {zh: 机构, en: Agency}}
facts:
  held: {type: count, of: case, text: {zh: 已举行, en: held}}
  sold: {type: money, of: case, text: {zh: 成交, en: sold}}
  closed: {type: bool, of: case, text: {zh: 已了结, en: closed}}
  waived: {type: bool, of: case, default: "false", text: {zh: 已放弃, en: waived}}
clauses:
  - id: "4.1"
    kind: weak_sales
    holder: agency
    toward: brand
    text: {zh: 约定如下, en: as agreed}
    when: held > 0
    remedies:
      - {kind: refund, from: agency, to: brand, amount: 100.00 - sold}
    effects:
      - {id: second_show, if: closed, text: {zh: 可再办一场, en: a second show}}
  - id: "4.2"
    kind: by_the_show
    follows: "4.1"
    text: {zh: 每场平均, en: a show}
    when: sold / held < 50.00
    effects:
      - {id: cheaper, text: {zh: 降价, en: a lower fee}}
  - id: "4.3"
    kind: waiver
    exception_of: "4.1"
    text: {zh: 放弃的除外, en: not where waived}
    when: waived
    effects:
      - {id: nothing_owed, text: {zh: 互不相欠, en: nothing is owed}}
"""


def decided(claim: str, facts: str) -> dict[str, Any]:
    case = f'clause: "4.1"\nclaim: {{claimant: brand, respondent: agency, {claim}}}\nfacts: {{{facts}}}\n'
    return decide([load_agreement(DOCUMENT, name="asked")], read_case(case, name="case")).as_json()


@pytest.mark.parametrize(
    ("claim", "facts", "outcome"),
    [
        ("asks: second_show", "held: 1, sold: 100.00, closed: true", "granted"),
        ("asks: second_show", "held: 1, sold: 100.00, closed: false", "rejected"),
        ("asks: second_show", "held: 1, sold: 40.00, closed: false", "granted_in_part"),
        ("asks: second_show", "held: 1, sold: 100.00", "undecided"),
        ("asks: second_show", "held: 0, sold: 100.00, closed: true", "rejected"),
        ("asks: nothing_owed", "held: 1, sold: 40.00, closed: true, waived: true", "granted"),
        ('asks: second_show, amount: "60.00"', "held: 1, sold: 40.00, closed: true", "granted"),
        ('asks: second_show, amount: "60.00"', "held: 1, sold: 40.00, closed: false", "granted_in_part"),
        ('asks: second_show, amount: "60.00"', "held: 1, sold: 100.00, closed: true", "granted_in_part"),
        ('asks: second_show, amount: "60.00"', "held: 1, sold: 100.00, closed: false", "rejected"),
        ('asks: second_show, amount: "90.00"', "held: 1, sold: 40.00, closed: true", "granted_in_part"),
    ],
)
def test_a_consequence_that_is_asked_for_counts_with_the_amount(claim: str, facts: str, outcome: str) -> None:
    found = decided(claim, facts)
    assert found["outcome"] == outcome
    assert found["missing"] == (["closed"] if outcome == "undecided" else [])


def test_a_consequence_that_nobody_asked_for_may_stay_open() -> None:
    found = decided('amount: "60.00"', "held: 1, sold: 40.00")
    assert (found["outcome"], found["missing"], found["human_review"]) == ("granted", ["closed"], True)


def test_a_consequence_that_no_clause_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(CaseRejected, match=r"no effect .* is called 'second_shows'") as refused:
        decided("asks: second_shows", "held: 1, sold: 40.00, closed: true")
    assert "did you mean 'second_show'" in str(refused.value)


def test_what_follows_is_not_asked_where_its_clause_fails_or_is_overruled() -> None:
    assert decided('amount: "60.00"', "held: 0, sold: 40.00, closed: true")["outcome"] == "rejected"
    overruled = decided('amount: "60.00"', "held: 1, sold: 40.00, closed: true, waived: true")
    assert [one["id"] for one in overruled["effects"]] == ["nothing_owed"]
    asked = [one["clause"] for one in overruled["trace"] if one["step"] == "condition"]
    assert asked == ["4.1", "4.3"]


def test_what_follows_is_still_asked_where_its_clause_is_open() -> None:
    with pytest.raises(CaseRejected, match="division by zero"):
        decide(
            [load_agreement(DOCUMENT.replace("when: held > 0", "when: closed"), name="asked")],
            read_case(
                'clause: "4.1"\nclaim: {claimant: brand, respondent: agency}\nfacts: {held: 0, sold: 1.00}\n',
                name="case",
            ),
        )
