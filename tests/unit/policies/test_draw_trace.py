"""What a decision says of a pool and of each draw on it: how much, from where, up to what."""

from __future__ import annotations

from typing import Any

from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.loading import load_agreement
from tests.unit.policies.test_remedy_trace import CASE, DOCUMENT

POOLED = (
    DOCUMENT[: DOCUMENT.index("    remedies:")]
    + """\
    pools:
      made_good:
        kind: compensation
        to: consumers
        from:
          - {account: brand.deposit, up_to: balance.brand.deposit}
          - {account: brand.reserve, up_to: "30.00", kind: reserve_used, clause: "5.3", status: open}
          - {account: brand.balance, up_to: loss}
    remedies:
      - {id: "5.2", kind: refund, into: made_good, each: paid, for: orders}
      - {id: "5.3", kind: damages, into: made_good, amount: 2 * loss}
"""
)


def decided(deposit: str | None, document: str = POOLED) -> dict[str, Any]:
    balances = f'balances: {{brand.deposit: "{deposit}"}}\n' if deposit is not None else ""
    case = CASE.replace("claim:", f"{balances}claim:", 1)
    return decide([load_agreement(document, name="pooled")], read_case(case, name="case")).as_json()


def test_a_pool_says_what_was_paid_into_it() -> None:
    steps = [one for one in decided("40.00")["trace"] if one["step"] == "pool"]
    assert steps == [
        {
            "step": "pool",
            "clause": "5.1",
            "pool": "made_good",
            "amount_minor": 25_100,
            "zh": "made_good，合计 251.00",
            "en": "made_good, in all 251.00",
        }
    ]


def test_each_draw_gives_what_it_can_in_turn_and_says_up_to_what() -> None:
    found = decided("40.00")
    draws = [one for one in found["trace"] if one["step"] == "draw"]
    assert [(one["clause"], one["account"], one["amount_minor"], one["en"]) for one in draws] == [
        ("5.1", "brand.deposit", 4_000, "40.00 from Brand·deposit (up to what is in Brand·deposit 40.00)"),
        ("5.3", "brand.reserve", 3_000, "30.00 from Brand·reserve (up to 30.00)"),
        ("5.1", "brand.balance", 10_000, "100.00 from Brand·balance (up to loss 100.00)"),
    ]
    assert draws[0]["zh"] == "由品牌方·保证金支付 40.00（上限 品牌方·保证金现有金额 40.00）"
    assert found["postings"][0]["memo"]["zh"] == "可用部分全部"
    assert all(one["to"] == "consumers(5)" for one in found["postings"])
    said = [(one["kind"], one["status"], one["clause"], one["memo"]["en"]) for one in found["postings"]]
    assert said == [
        ("compensation", "settled", "5.1", "all that was available"),
        ("reserve_used", "open", "5.3", "left open, carried forward"),
        ("compensation", "settled", "5.1", "all that was available"),
    ]
    assert found["uncovered"] == {"compensation": 8_100}
    assert found["human_review"]


def test_a_draw_that_has_nothing_is_passed_over() -> None:
    drawn = [one["account"] for one in decided("0.00")["trace"] if one["step"] == "draw"]
    assert drawn == ["brand.reserve", "brand.balance"]


def test_what_one_draw_covers_asks_nothing_of_the_next() -> None:
    found = decided("251.00")
    assert [(one["from"], one["amount_minor"]) for one in found["postings"]] == [("brand.deposit", 25_100)]
    assert found["uncovered"] == {}


def test_a_draw_whose_limit_is_not_known_leaves_the_case_undecided_and_names_it() -> None:
    found = decided(None)
    assert (found["outcome"], found["postings"]) == ("undecided", [])
    assert found["missing"] == ["balance.brand.deposit"]


def test_a_cited_clause_of_a_draw_is_cited_by_the_decision() -> None:
    document = POOLED.replace('clause: "5.3", status: open', 'clause: "5.9", status: open')
    document += """\
  - id: "5.9"
    kind: reserve_terms
    text: {zh: 风险准备金, en: the reserve}
"""
    assert decided("40.00", document)["clauses"] == ["5.1", "5.2", "5.3", "5.9"]


def test_a_draw_without_a_limit_says_none() -> None:
    found = decided(
        "40.00", POOLED.replace("{account: brand.balance, up_to: loss}", "{account: brand.balance}")
    )
    last = [one for one in found["trace"] if one["step"] == "draw"][-1]
    assert (last["zh"], last["en"]) == ("由品牌方·余额支付 181.00", "181.00 from Brand·balance")
