"""Kinds of dispute nobody shipped: each a document of its own, decided to the figures of the worked cases."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreement import Agreement
from policies.check import check
from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.errors import AgreementRejected, CaseRejected
from policies.loading import load_agreement

HOST = """\
language: 1
agreement: kinds
version: 1
title: {zh: 例, en: Kinds}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: Platform}}
  merchant: {role: merchant, name: {zh: 商家, en: Merchant}}
  promoter: {role: streamer, name: {zh: 推广人, en: Promoter}}
payees:
  consumers: {name: {zh: 买家, en: Buyers}}
facts:
"""

KINDS: dict[str, tuple[str, str, str]] = {
    "overcharge": (
        """\
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
  sold_on: {type: date, of: order, text: {zh: 成交日, en: sold on}}
  charged_rate: {type: rate, of: case, text: {zh: 已收费率, en: rate charged}}
  agreed_rate: {type: rate, of: case, text: {zh: 约定费率, en: agreed rate}}
  lawful_from: {type: date, of: case, text: {zh: 合法生效日, en: lawfully in force from}}
""",
        """\
    remedies:
      - kind: fee_overcharge_refund
        from: platform.tech_fee
        to: merchant
        amount: (charged_rate - agreed_rate) * sum(paid for orders where sold_on < lawful_from)
""",
        """\
claim: {claimant: merchant, respondent: platform, amount: 50000.00}
facts: {charged_rate: 5%, agreed_rate: 3%, lawful_from: 2026-03-16}
orders:
  - {count: 12, paid: 150000.00, sold_on: 2026-03-15}
  - {count: 7, paid: 100000.00, sold_on: 2026-03-16}
""",
    ),
    "late_interest": (
        """\
  due_on: {type: date, of: case, text: {zh: 应付日, en: due on}}
  paid_on: {type: date, of: case, text: {zh: 实付日, en: paid on}}
  closed_on: {type: date, of: case, text: {zh: 售后了结日, en: cases closed on}}
  amount_due: {type: money, of: case, text: {zh: 应付金额, en: amount due}}
  frozen: {type: money, of: case, text: {zh: 冻结金额, en: amount frozen}}
""",
        """\
    when: paid_on > due_on
    remedies:
      - kind: late_interest
        from: platform
        to: merchant
        amount: (amount_due - frozen) * 0.05% * days(due_on, paid_on)
      - kind: late_interest
        from: platform
        to: merchant
        amount: frozen * 0.05% * max(0, days(closed_on, paid_on))
""",
        """\
claim: {claimant: merchant, respondent: platform, amount: 6000.00}
facts: {due_on: 2026-03-20, paid_on: 2026-04-14, closed_on: 2026-04-05,
  amount_due: 480000.00, frozen: 80000.00}
""",
    ),
    "prepayment": (
        """\
  prepaid: {type: money, of: case, text: {zh: 预付佣金, en: prepaid}}
  sales: {type: money, of: case, text: {zh: 实际销售, en: sales}}
""",
        """\
    remedies:
      - {kind: prepayment_refund, from: promoter, to: merchant, amount: prepaid - 21% * sales, floor: 0.00}
""",
        """\
claim: {claimant: merchant, respondent: promoter, amount: 7109.29}
facts: {prepaid: 8000.00, sales: 4241.50}
""",
    ),
    "slot_fee": (
        """\
  slot_fee: {type: money, of: case, text: {zh: 坑位费, en: slot fee}}
  valid_gmv: {type: money, of: case, text: {zh: 有效成交, en: valid sales}}
  guaranteed: {type: money, of: case, text: {zh: 保证成交, en: guaranteed sales}}
  due_on: {type: date, of: case, text: {zh: 应退日, en: due on}}
  paid_on: {type: date, of: case, text: {zh: 退款日, en: paid on}}
""",
        """\
    when: valid_gmv < guaranteed
    remedies:
      - {kind: slot_fee_refund, from: promoter, to: merchant, amount: slot_fee * (1 - valid_gmv / guaranteed)}
      - kind: late_interest
        from: promoter
        to: merchant
        amount: awarded.slot_fee_refund * 3% * days(due_on, paid_on) / 365
      - {kind: commission, from: merchant, to: promoter, amount: 6% * valid_gmv, set_off: true}
    effects:
      - {id: fake_transaction, review: true, text: {zh: 记入虚假交易, en: a fake transaction is recorded}}
""",
        """\
claim: {claimant: merchant, respondent: promoter, amount: 741600.00}
facts:
  {slot_fee: 800000.00, valid_gmv: 292000.00, guaranteed: 4000000.00, due_on: 2026-01-15, paid_on: 2026-03-16}
""",
    ),
    "punitive": (
        "  paid: {type: money, of: order, text: {zh: 实付, en: paid}}\n",
        """\
    remedies:
      - {kind: refund, from: merchant, to: consumers, each: paid, for: orders where paid > 0}
      - {kind: punitive, from: merchant, to: consumers, each: "max(3 * paid, 500.00)",
         for: orders where paid > 0}
""",
        """\
claim: {claimant: consumers, respondent: merchant, amount: 2325600.00}
orders: [{count: 1200, paid: 139.00}, {count: 300, paid: 1299.00}, {count: 9, paid: 0.00}]
""",
    ),
    "ladder": (
        """\
  net: {type: money, of: case, text: {zh: 净销售, en: net sales}}
  paid_out: {type: money, of: case, text: {zh: 已付, en: paid out}}
""",
        """\
    remedies:
      - kind: commission
        from: merchant
        to: promoter
        amount: >-
          15% * min(net, 1_000_000.00) + 18% * max(0, min(net, 3_000_000.00) - 1_000_000.00)
          + 20% * max(0, net - 3_000_000.00) - paid_out
""",
        """\
claim: {claimant: promoter, respondent: merchant, amount: 354000.00}
facts: {net: 3640000.00, paid_out: 546000.00}
""",
    ),
}


def agreement(kind: str, *changes: tuple[str, str], more: str = "") -> Agreement:
    facts, clause, _ = KINDS[kind]
    head = f'clauses:\n  - id: "1"\n    kind: {kind}\n    text: {{zh: 条款, en: a clause}}\n'
    text = HOST + facts + head + clause + more
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load_agreement(text, name=kind)


def decided(
    kind: str, *changes: tuple[str, str], under: Agreement | None = None, clause: str = "1"
) -> Decision:
    text = f'clause: "{clause}"\n' + KINDS[kind][2]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return decide([under or agreement(kind)], read_case(text, name=kind))


def flows(decision: Decision) -> list[tuple[Any, ...]]:
    return [(one["from"], one["to"], one["amount_minor"], one["kind"]) for one in decision.postings]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_a_document_that_checks_find_no_error_in(kind: str) -> None:
    errors = [one for one in check(agreement(kind)) if one.severity == "error"]
    assert [one for one in errors if not one.code.startswith("text.")] == []


def test_an_overcharge_is_returned_for_the_sales_before_the_change_was_lawful() -> None:
    decision = decided("overcharge")
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 3_600_000)
    assert flows(decision) == [
        ("platform.tech_fee", "merchant.balance", 3_600_000, "fee_overcharge_refund"),
    ]
    assert not decision.human_review


def test_late_interest_runs_by_days_and_waits_while_after_sale_cases_were_open() -> None:
    decision = decided("late_interest")
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 536_000)
    assert flows(decision) == [("platform.balance", "merchant.balance", 536_000, "late_interest")]
    assert dict(decision.components) == {"late_interest": 536_000}
    on_time = decided("late_interest", ("paid_on: 2026-04-14", "paid_on: 2026-03-20"))
    assert (on_time.outcome, on_time.amount_minor) == ("rejected", 0)


def test_a_prepayment_is_rounded_once_at_the_end() -> None:
    decision = decided("prepayment")
    assert (decision.outcome, decision.amount_minor) == ("granted", 710_929)
    early = agreement("prepayment", ("prepaid - 21% * sales", "prepaid - round(21% * sales)"))
    assert decided("prepayment", under=early).amount_minor == 710_928
    assert decided("prepayment", ("sales: 4241.50", "sales: 90000.00")).outcome == "rejected"


def test_a_slot_fee_is_refunded_pro_rata_with_interest_and_commission_set_off() -> None:
    decision = decided("slot_fee")
    assert (decision.outcome, decision.amount_minor) == ("granted_with_set_off", 72_773_721)
    assert flows(decision) == [
        ("promoter.balance", "merchant.balance", 74_160_000, "slot_fee_refund"),
        ("promoter.balance", "merchant.balance", 365_721, "late_interest"),
        ("merchant.balance", "promoter.balance", 1_752_000, "commission"),
    ]
    assert decision.human_review
    with pytest.raises(CaseRejected, match="division by zero"):
        decided(
            "slot_fee", ("valid_gmv: 292000.00, guaranteed: 4000000.00", "valid_gmv: -1.00, guaranteed: 0.00")
        )


def test_three_times_the_price_is_at_least_five_hundred_for_each_buyer_who_paid() -> None:
    decision = decided("punitive")
    assert (decision.outcome, decision.amount_minor) == ("granted", 232_560_000)
    assert dict(decision.components) == {"refund": 55_650_000, "punitive": 176_910_000}
    assert {to for _, to, _, _ in flows(decision)} == {"consumers(1500)"}


def test_a_ladder_pays_each_step_at_its_own_rate() -> None:
    decision = decided("ladder")
    assert (decision.outcome, decision.amount_minor) == ("granted_in_part", 9_200_000)


def test_what_a_cap_leaves_of_two_awards_of_one_kind_is_counted_together() -> None:
    fine = "      - {kind: fine, from: platform, to: merchant, amount: awarded.late_interest}\n"
    decision = decided("late_interest", under=agreement("late_interest", more=fine))
    assert dict(decision.components) == {"late_interest": 536_000, "fine": 536_000}


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        ("", "undecided"),
        ("occurred_on: 2026-03-31", "granted"),
        ("occurred_on: 2026-04-01", "rejected"),
        ("decided_at: 2026-03-31", "granted"),
        ("decided_at: 2026-04-01", "undecided"),
        ("decided_at: 2026-03-31T15:59:59Z", "granted"),
        ("decided_at: 2026-03-31T16:00:00Z", "undecided"),
    ],
)
def test_a_clause_ends_with_its_last_day_in_the_agreements_time_zone(days: str, outcome: str) -> None:
    under = agreement("prepayment", ("    remedies", "    valid_until: 2026-03-31\n    remedies"))
    decision = decided("prepayment", ("claim:", f"{days}\nclaim:"), under=under)
    assert decision.outcome == outcome
    assert decision.missing == (("occurred_on",) if outcome == "undecided" else ())


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        ("occurred_on: 2026-03-01", "granted"),
        ("occurred_on: 2026-02-28", "rejected"),
        ("decided_at: 2026-02-28", "rejected"),
        ("decided_at: 2026-03-02", "undecided"),
    ],
)
def test_a_clause_does_not_reach_back_before_its_first_day(days: str, outcome: str) -> None:
    under = agreement("prepayment", ("    remedies", "    valid_from: 2026-03-01\n    remedies"))
    assert decided("prepayment", ("claim:", f"{days}\nclaim:"), under=under).outcome == outcome


EXCEPTION = """\
  - id: "2"
    kind: excuse
    exception_of: "1"
    text: {zh: 例外, en: an exception}
    when: amount_due > frozen
    remedies: [{kind: goodwill, from: platform, to: merchant, amount: 1.00}]
"""


def test_an_exception_to_a_clause_that_does_not_apply_awards_nothing() -> None:
    under = agreement("late_interest", more=EXCEPTION)
    assert decided("late_interest", under=under).amount_minor == 100
    on_time = decided("late_interest", ("paid_on: 2026-04-14", "paid_on: 2026-03-20"), under=under)
    assert (on_time.outcome, on_time.amount_minor) == ("rejected", 0)
    with pytest.raises(CaseRejected, match="is an exception"):
        decided("late_interest", under=under, clause="2")


def test_exceptions_that_go_round_in_a_circle_are_refused_on_reading() -> None:
    circle = EXCEPTION.replace('exception_of: "1"', 'exception_of: "3"')
    other = EXCEPTION.replace('id: "2"', 'id: "3"').replace('exception_of: "1"', 'exception_of: "2"')
    with pytest.raises(AgreementRejected) as refusal:
        agreement("late_interest", more=circle + other)
    assert {one.code for one in refusal.value.findings} == {"clause.exception-circle"}


def test_an_effect_whose_facts_are_missing_calls_a_person_and_is_named() -> None:
    fact = "  proven_fake: {type: bool, of: case, text: {zh: 虚假, en: fake}}\n"
    under = agreement(
        "slot_fee",
        ("id: fake_transaction, review: true,", "id: fake_transaction, if: proven_fake,"),
        ("facts:\n", "facts:\n" + fact),
    )
    decision = decided("slot_fee", under=under)
    assert (decision.outcome, decision.missing) == ("granted_with_set_off", ("proven_fake",))
    assert decision.effects == ()
    assert "fake transaction" in decision.review[0]["en"]


def test_effects_and_reviews_read_what_was_awarded() -> None:
    under = agreement(
        "slot_fee",
        ("id: fake_transaction, review: true,", "id: fake_transaction, if: awarded.commission > 17519.99,"),
        ("    effects", "    review_when: awarded.commission > 17520.00\n    effects"),
    )
    decision = decided("slot_fee", under=under)
    assert [one["id"] for one in decision.effects] == ["fake_transaction"]
    assert not decision.human_review


def test_a_clause_with_nothing_to_compute_is_left_to_a_person() -> None:
    more = '  - {id: "9", kind: force_majeure, text: {zh: 不可抗力, en: force majeure}}\n'
    decision = decided("ladder", under=agreement("ladder", more=more), clause="9")
    assert (decision.outcome, decision.human_review, decision.missing) == ("undecided", True, ())


def test_a_guarded_division_is_not_worked_out_where_its_guard_fails() -> None:
    under = agreement("slot_fee", ("when: valid_gmv < guaranteed",
                                   "when: guaranteed != 0 and valid_gmv / guaranteed < 0.5"))  # fmt: skip
    assert decided("slot_fee", under=under).outcome == "granted_with_set_off"
    assert (
        decided("slot_fee", ("guaranteed: 4000000.00", "guaranteed: 0.00"), under=under).outcome == "rejected"
    )


def test_conditions_of_many_parts_and_alternatives_stay_within_what_the_rules_join() -> None:
    parts = " and ".join(f"net > {number}.00" for number in range(20))
    facts = "".join(
        f"  {name}: {{type: text, of: case, text: {{zh: 词, en: word}}}}\n" for name in ("a.word", "b.word")
    )
    words = ", ".join(f"'{first}{second}'" for first in "abcd" for second in "abcdef")
    under = agreement(
        "ladder",
        ("    remedies", f"    when: {parts} and a.word in ({words}) and b.word in ({words})\n    remedies"),
        ("facts:\n", "facts:\n" + facts),
    )
    given = ("facts: {", "facts: {a.word: ab, b.word: df, ")
    assert decided("ladder", given, under=under).amount_minor == 9_200_000
    assert (
        decided("ladder", ("facts: {", "facts: {a.word: ab, b.word: no, "), under=under).outcome == "rejected"
    )


def test_round_stands_in_amounts_only() -> None:
    with pytest.raises(AgreementRejected, match="amounts only"):
        agreement("slot_fee", ("when: valid_gmv <", "when: round(valid_gmv) <"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("amount: 7109.29", "amount: -7109.29"), "below zero"),
        (("prepaid: 8000.00", f"prepaid: {'9' * 5000}"), "not a decimal number"),
        (("claim:", "decided_at: 2026-04-01 later\nclaim:"), "not a time"),
        (("claim:", "decided_at: 9999-12-31T23:59:59-12:00\nclaim:"), "outside the calendar"),
    ],
)
def test_figures_no_claim_can_have_are_refused_with_their_line(change: tuple[str, str], said: str) -> None:
    with pytest.raises(CaseRejected, match=said) as refusal:
        decided("prepayment", change)
    assert "line" in str(refusal.value)


def test_amounts_beyond_what_a_decision_can_carry_are_refused() -> None:
    with pytest.raises(CaseRejected, match="larger than a decision can carry"):
        decided("punitive", ("count: 300, paid: 1299.00", "count: 999999999999, paid: 90000000000000.00"))
