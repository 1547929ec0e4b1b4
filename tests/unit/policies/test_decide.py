"""Decisions: the worked disputes to the cent, and what stays undecided, conflicting or for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.agreement import Agreement
from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.errors import CaseRejected
from policies.loading import load_agreement

EXAMPLES = Path(__file__).parents[3] / "examples"


def agreement(change: tuple[str, str] | None = None) -> Agreement:
    text = (EXAMPLES / "agreements/head-streamer.yaml").read_text(encoding="utf-8")
    if change is not None:
        assert change[0] in text
        text = text.replace(*change)
    return load_agreement(text, name="head-streamer.yaml")


def decided(dispute: str, *changes: tuple[str, str], under: Agreement | None = None) -> Decision:
    text = (EXAMPLES / "cases" / f"{dispute}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return decide([under or agreement()], read_case(text, name=dispute))


def flows(decision: Decision) -> list[tuple[Any, ...]]:
    return [(p["from"], p["to"], p["amount_minor"], p["kind"], p["status"]) for p in decision.postings]


def test_the_claim_to_a_share_of_gross_commission_is_rejected_with_the_split_recomputed() -> None:
    decision = decided("D01")
    assert (decision.outcome, decision.amount_minor, decision.postings) == ("rejected", 0, ())
    assert decision.clauses == ("6.2",)
    assert not decision.human_review
    assert [effect["id"] for effect in decision.effects] == ["recomputed_split"]
    due = decision.trace[0]["due_minor"]
    assert (due["tech_fee"], due["alliance_fee"], due["mcn_share"]) == (1_595_000, 618_000, 1_669_000)
    assert (due["streamer_share"], due["leader_net"], due["merchant_net"]) == (3_893_000, 556_000, 23_507_000)


def test_a_share_settled_short_is_granted_in_part_from_escrow() -> None:
    decision = decided("D01", ("mcn_share: 16690.00", "mcn_share: 16000.00"))
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 69_000)
    assert flows(decision) == [("escrow", "mcn.balance", 69_000, "mcn_share", "settled")]


def test_a_claim_under_a_clause_between_others_calls_a_person() -> None:
    decision = decided("D01", ("claimant: mcn", "claimant: leader"))
    assert decision.human_review
    assert "leader is no side of clause 6.2" in decision.review[0]["en"]


def test_what_was_settled_must_be_shown_before_a_share_is_decided() -> None:
    decision = decided("D01", ("settled:\n  mcn_share: 16690.00\n", ""))
    assert (decision.outcome, decision.missing) == ("undecided", ("settled.mcn_share",))
    assert decision.human_review


def test_the_broken_price_promise_pays_buyers_in_cash_and_caps_the_damages() -> None:
    decision = decided("D05")
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 283_560_000)
    assert dict(decision.components) == {"price_difference": 205_560_000, "liquidated_damages": 78_000_000}
    assert flows(decision) == [
        ("brand.balance", "consumers(12000)", 205_560_000, "price_difference", "settled"),
        ("brand.balance", "streamer.balance", 78_000_000, "liquidated_damages", "settled"),
    ]
    assert decision.clauses == ("9.1", "9.2", "9.3", "9.4")
    assert decision.human_review
    assert {effect["id"] for effect in decision.effects} == {
        "vouchers_not_credited",
        "wider_promise_not_enforced",
    }


def test_malice_lifts_the_cap_and_then_the_claim_is_exceeded_by_nothing() -> None:
    decision = decided("D05", ("malicious:      {value: false", "malicious:      {value: true"))
    assert dict(decision.components)["liquidated_damages"] == 200_000_000
    assert "9.4" not in decision.clauses


def test_damages_that_nobody_challenged_stand_though_the_loss_is_unproven() -> None:
    decision = decided(
        "D05",
        ("challenged:     {value: true", "challenged:     {value: false"),
        (
            "proven_loss:    {value: 600000.00, status: proven",
            "proven_loss:    {value: 600000.00, status: disputed",
        ),
    )
    assert dict(decision.components)["liquidated_damages"] == 200_000_000


def test_a_disputed_loss_leaves_challenged_damages_undecided() -> None:
    decision = decided(
        "D05",
        (
            "proven_loss:    {value: 600000.00, status: proven",
            "proven_loss:    {value: 600000.00, status: disputed",
        ),
    )
    assert (decision.outcome, decision.amount_minor, decision.missing) == ("undecided", 0, ("proven_loss",))
    assert decision.postings == ()


@pytest.mark.parametrize(
    "change",
    [
        ("later.channel:  {value: brand_store", "later.channel:  {value: offline_shop"),
        ("later.sku:      {value: MASK-50", "later.sku:      {value: MASK-30"),
        ("later.on:       {value: 2026-11-08", "later.on:       {value: 2026-11-12"),
        ("later.price:    {value: 257.70", "later.price:    {value: 429.00"),
    ],
    ids=["another channel", "another item", "after the last day", "the same price"],
)
def test_nothing_is_due_outside_the_scope_of_the_promise(change: tuple[str, str]) -> None:
    decision = decided("D05", change)
    assert (decision.outcome, decision.amount_minor, decision.postings) == ("rejected", 0, ())


def test_the_last_day_of_the_promise_is_within_it() -> None:
    assert decided("D05", ("value: 2026-11-08", "value: 2026-11-11")).outcome == "granted_in_part"


EXCEPTION = """
  - id: "9.5"
    kind: price_exception
    exception_of: "9.1"
    text: {zh: 平台统一大促除外, en: Platform-wide sales are excepted}
    when: later.channel == 'brand_store' and vouchers_given >= 1000
"""
CONTRARY = """
  - id: "9.6"
    kind: price_exception
    exception_of: "9.1"
    text: {zh: 店铺违约按差价补偿主播, en: The store pays the streamer the difference}
    when: later.channel == 'brand_store'
    remedies:
      - {kind: goodwill, from: brand.balance, to: streamer.balance, amount: live.price - later.price}
"""


def test_an_exception_that_holds_overrules_the_clause() -> None:
    under = agreement(("  - id: 9.1-b", EXCEPTION + "  - id: 9.1-b"))
    decision = decided("D05", under=under)
    assert (decision.outcome, decision.amount_minor) == ("rejected", 0)
    assert "9.5" in decision.clauses


def test_two_exceptions_that_disagree_are_a_conflict_and_move_no_money() -> None:
    under = agreement(("  - id: 9.1-b", EXCEPTION + CONTRARY + "  - id: 9.1-b"))
    decision = decided("D05", under=under)
    assert (decision.outcome, decision.amount_minor, decision.postings) == ("conflict", 0, ())
    assert decision.human_review


def test_the_same_case_gives_the_same_decision_to_the_byte() -> None:
    assert decided("D05").as_json() == decided("D05").as_json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('clause: "9.1"', 'clause: "9.7"'), "no agreement given has a clause 9.7"),
        (("claimant: streamer", "claimant: streamre"), "did you mean 'streamer'"),
        (("live.price:", "live.prise:"), "did you mean 'live.price'"),
        (("value: 429.00", "value: 429.001"), "more than 2 places"),
        (("amount: 4141250.00", "amount: a lot"), "not a decimal number"),
        (("paid: 429.00, refunded: 0.00", "paid: 429.00, refunded: maybe"), "not a decimal number"),
        (("count: 12000", "count: -3"), "not a count"),
        (("paid: 429.00, refunded: 0.00", "paid: 429.00, refundde: 0.00"), "did you mean 'refunded'"),
        (("paid: 429.00, refunded: 0.00", "paid: 429.00, currency: USD"), "the order is in USD"),
    ],
)
def test_a_bad_case_says_where_why_and_what_to_do(change: tuple[str, str], said: str) -> None:
    with pytest.raises(CaseRejected) as refusal:
        decided("D05", change)
    assert said in str(refusal.value)
    assert "D05" in str(refusal.value)
