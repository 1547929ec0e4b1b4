"""Remedies: who follows whom, where money is drawn, what must be proven, and what a decision says of it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreement import Agreement
from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.errors import AgreementRejected, CaseRejected
from policies.loading import agreement_from_canonical, load_agreement

HOST = """\
language: 1
agreement: remedies
version: 1
title: {zh: 例, en: Remedies}
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
  streamer: {role: streamer, name: {zh: 主播, en: Streamer}}
payees:
  consumers: {name: {zh: 买家, en: Buyers}}
events:
  next_orders: {text: {zh: 下期订单, en: next orders}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
  due_next: {type: money, of: next_orders, text: {zh: 应得, en: due next}}
  broken: {type: bool, of: case, text: {zh: 违约, en: broken}}
  channel: {type: text, of: case, text: {zh: 渠道, en: channel}}
  malicious: {type: bool, of: case, text: {zh: 恶意, en: malicious}}
  loss: {type: money, of: case, text: {zh: 损失, en: loss}}
clauses:
"""
CLAUSE = """\
  - id: "{id}"
    kind: {kind}
    text: {{zh: 条款, en: a clause}}
"""


def clause(number: str, body: str, kind: str = "promise") -> str:
    return CLAUSE.format(id=number, kind=kind) + "".join(f"    {line}\n" for line in body.splitlines())


def document(*clauses: str, tests: str = "") -> Agreement:
    return load_agreement(HOST + "".join(clauses) + tests, name="remedies")


def decided(agreement: Agreement, more: str = "", *, number: str = "1", amount: str = "100.00") -> Decision:
    claim = f"{{claimant: merchant, respondent: streamer, amount: {amount}}}"
    return decide([agreement], read_case(f'clause: "{number}"\nclaim: {claim}\n{more}', name="case"))


def flows(decision: Decision) -> list[tuple[Any, ...]]:
    return [
        (one["from"], one["to"], one["amount"], one["kind"], one["status"], one["phase"])
        for one in decision.postings
    ]


FINE = "remedies: [{kind: fine, from: streamer, to: merchant, amount: 100.00}]"
LEVY = (
    "follows: '1'\nremedies: [{kind: levy, from: streamer, to: platform, amount: 10% * awarded.fine,"
    " toward_claim: false}]"
)


def test_a_follower_reads_what_was_awarded_before_it_and_answers_no_part_of_the_claim() -> None:
    found = decided(document(clause("1", FINE), clause("2", LEVY)))
    assert (found.outcome, found.amount_minor, found.clauses) == ("granted", 10_000, ("1", "2"))
    assert flows(found) == [
        ("streamer.balance", "merchant.balance", "100.00", "fine", "settled", "decision"),
        ("streamer.balance", "platform.balance", "10.00", "levy", "settled", "decision"),
    ]
    assert (dict(found.components), dict(found.beside_claim)) == ({"fine": 10_000}, {"levy": 1_000})


def test_a_follower_falls_with_what_it_follows_and_with_its_own_condition() -> None:
    when = clause("1", "when: broken\n" + FINE)
    assert decided(document(when, clause("2", LEVY)), "facts: {broken: 'false'}").postings == ()
    own = clause("2", "when: malicious\n" + LEVY)
    assert "2" not in decided(document(clause("1", FINE), own), "facts: {malicious: 'false'}").clauses
    excuse = clause("3", "exception_of: '1'\nwhen: broken", "excuse")
    found = decided(document(clause("1", FINE), clause("2", LEVY), excuse), "facts: {broken: 'true'}")
    assert (found.outcome, found.postings, found.clauses) == ("rejected", (), ("1", "3"))


def test_what_a_follower_lacks_leaves_the_case_open_only_where_it_could_apply() -> None:
    own = clause("2", "when: malicious\n" + LEVY)
    assert decided(document(clause("1", FINE), own)).missing == ("malicious",)
    unmet = document(clause("1", "when: broken\n" + FINE), own)
    assert decided(unmet, "facts: {broken: 'false'}").outcome == "rejected"


DRAWN = """\
remedies:
  - kind: fine
    from:
      - {account: streamer.balance, up_to: balance.streamer.balance}
      - {account: streamer.receivable, status: open}
    to: merchant
    amount: 100.00
"""


def test_a_draw_takes_what_is_there_and_leaves_the_rest_to_the_next() -> None:
    found = decided(document(clause("1", DRAWN)), "balances: {streamer: 30.00}")
    assert flows(found) == [
        ("streamer.balance", "merchant.balance", "30.00", "fine", "settled", "decision"),
        ("streamer.receivable", "merchant.balance", "70.00", "fine", "open", "decision"),
    ]
    assert found.postings[0]["memo"]["en"] == "all that was available"
    rich = decided(document(clause("1", DRAWN)), "balances: {streamer: 1000.00}")
    assert [one["amount"] for one in rich.postings] == ["100.00"]
    assert decided(document(clause("1", DRAWN))).missing == ("balance.streamer.balance",)


def test_what_one_remedy_drew_the_next_cannot_draw_again() -> None:
    twice = DRAWN + "".join(DRAWN.splitlines(keepends=True)[1:]).replace("100.00", "50.00")
    found = decided(document(clause("1", twice)), "balances: {streamer: 120.00}")
    assert [(one["from"], one["amount"]) for one in found.postings] == [
        ("streamer.balance", "120.00"),
        ("streamer.receivable", "30.00"),
    ]


def test_what_no_account_covers_is_awarded_named_and_shown_to_a_person() -> None:
    short = DRAWN.replace("      - {account: streamer.receivable, status: open}\n", "")
    found = decided(document(clause("1", short)), "balances: {streamer: 30.00}")
    assert (found.outcome, found.amount_minor, dict(found.uncovered)) == ("granted", 10_000, {"fine": 7_000})
    assert [one["amount"] for one in found.postings] == ["30.00"]
    assert found.human_review
    assert "70.00" in found.review[0]["en"]


def test_orders_of_the_next_settlement_are_drawn_on_in_turn_each_by_its_own_account() -> None:
    turn = """\
remedies:
  - kind: offset
    from: [{account: "escrow:order", for: next_orders where due_next > 0, up_to: due_next}]
    to: merchant
    amount: 100.00
    phase: next_settlement
"""
    orders = (("a", "60.00"), ("b", "0"), ("c", "90.00"))
    listed = ", ".join(f"{{order: {name}, due_next: {due}}}" for name, due in orders)
    rows = f"events: {{next_orders: [{listed}]}}"
    found = decided(document(clause("1", turn)), rows)
    assert [(one["from"], one["amount"], one["phase"]) for one in found.postings] == [
        ("escrow:a", "60.00", "next_settlement"),
        ("escrow:c", "40.00", "next_settlement"),
    ]
    with pytest.raises(CaseRejected, match="names no order"):
        decided(document(clause("1", turn)), "events: {next_orders: [{due_next: 60.00}]}")


def test_an_award_by_rows_is_paid_from_the_account_of_each_order_until_it_is_paid() -> None:
    by_order = """\
remedies:
  - {kind: refund, from: "escrow:order", to: merchant, each: due_next, for: next_orders, cap: "80.00"}
"""
    listed = "{order: a, due_next: 60.00}, {order: b, due_next: 0}, {order: c, due_next: 90.00}"
    found = decided(document(clause("1", by_order)), f"events: {{next_orders: [{listed}]}}")
    said = [(one["from"], one["to"], one["amount"], one["kind"], one["clause"]) for one in found.postings]
    assert said == [
        ("escrow:a", "merchant.balance", "60.00", "refund", "1"),
        ("escrow:c", "merchant.balance", "20.00", "refund", "1"),
    ]
    assert dict(found.uncovered) == {}


POOL = """\
remedies:
  - {kind: refund, into: made_whole, each: paid, for: orders}
  - {kind: extra, into: made_whole, each: "max(2 * paid, 50.00)", for: orders where paid > 10}
  - {kind: recourse, from: merchant.receivable, to: platform.advance, amount: drawn.platform.advance,
     status: open, toward_claim: false}
"""
LENT = """\
pools:
  made_whole:
    kind: compensation
    to: consumers
    from:
      - {account: merchant.balance, up_to: balance.merchant.balance}
      - {account: platform.advance, kind: advance}
"""


def test_a_pool_of_another_clause_is_drawn_once_after_all_that_is_paid_into_it() -> None:
    under = document(clause("1", POOL), clause("8", LENT, "funding"))
    rows = "orders: [{count: 2, paid: 10.00}, {count: 3, paid: 20.00}]\nbalances: {merchant: 100.00}"
    found = decided(under, rows, amount="230.00")
    assert flows(found) == [
        ("merchant.balance", "consumers(5)", "100.00", "compensation", "settled", "decision"),
        ("platform.advance", "consumers(5)", "130.00", "advance", "settled", "decision"),
        ("merchant.receivable", "platform.advance", "130.00", "recourse", "open", "decision"),
    ]
    assert (found.outcome, found.clauses) == ("granted", ("1", "8"))
    assert dict(found.components) == {"refund": 8_000, "extra": 15_000}


def test_a_pool_whose_clause_does_not_apply_covers_nothing_and_calls_a_person() -> None:
    under = document(clause("1", POOL), clause("8", "when: broken\n" + LENT, "funding"))
    found = decided(under, "orders: [{paid: 10.00}]\nbalances: {merchant: 9.00}\nfacts: {broken: 'false'}")
    assert dict(found.uncovered) == {"compensation": 1_000}
    assert found.postings == ()
    assert found.human_review


def test_a_presumption_counts_until_something_is_shown_and_stands_in_the_trace() -> None:
    under = document(clause("1", "when: not malicious\npresume: {malicious: 'false'}\n" + FINE))
    found = decided(under)
    assert found.outcome == "granted"
    (step,) = [one for one in found.trace if one["step"] == "presumption"]
    assert (step["fact"], step["value"], step["by"]) == ("malicious", "false", "clause")
    shown = decided(under, "facts: {malicious: 'true'}")
    assert (shown.outcome, [one for one in shown.trace if one["step"] == "presumption"]) == ("rejected", [])
    by_case = decided(under, "facts: {malicious: {value: 'false', status: presumed}}")
    assert [one["by"] for one in by_case.trace if one["step"] == "presumption"] == ["case"]


@pytest.mark.parametrize(
    ("standing", "outcome"), [("proven", "granted"), ("asserted", "undecided"), ("presumed", "undecided")]
)
def test_a_fact_that_needs_proof_counts_only_when_proven(standing: str, outcome: str) -> None:
    under = document(clause("1", "needs_proof: [channel]\nwhen: channel == 'store'\n" + FINE))
    found = decided(under, f"facts: {{channel: {{value: store, status: {standing}}}}}")
    assert found.outcome == outcome


def test_a_presumed_text_is_joined_by_the_exact_reader_and_the_rules_alike() -> None:
    under = document(clause("1", "presume: {channel: store}\nwhen: channel in ('store', 'live')\n" + FINE))
    assert decided(under).outcome == "granted"
    assert decided(under, "facts: {channel: elsewhere}").outcome == "rejected"


def test_a_cap_is_cited_where_it_bites_and_not_where_it_merely_stands() -> None:
    capped = FINE.replace("amount: 100.00", "amount: 100.00, cap: 130% * loss, cap_id: '1.9'")
    assert "1.9" in decided(document(clause("1", capped)), "facts: {loss: 50.00}").clauses
    assert "1.9" not in decided(document(clause("1", capped)), "facts: {loss: 80.00}").clauses


SET_OFF = """\
remedies:
  - {kind: fine, from: streamer, to: merchant, amount: 100.00}
  - {kind: fee, from: merchant, to: streamer, amount: loss, set_off: true}
"""


@pytest.mark.parametrize(
    ("loss", "claimed", "outcome", "amount"),
    [
        ("0.00", "100.00", "granted", 10_000),
        ("30.00", "100.00", "granted_with_set_off", 7_000),
        ("30.00", "100.01", "granted_in_part", 7_000),
        ("100.00", "100.00", "rejected", 0),
    ],
)
def test_a_set_off_reduces_what_is_granted_and_never_hides_that_less_was_due(
    loss: str, claimed: str, outcome: str, amount: int
) -> None:
    found = decided(document(clause("1", SET_OFF)), f"facts: {{loss: {loss}}}", amount=claimed)
    assert (found.outcome, found.amount_minor) == (outcome, amount)


def test_figures_are_named_once_and_told_with_their_texts_filled_in() -> None:
    named = """\
figures: {half: {value: loss / 2}}
remedies: [{kind: fine, from: streamer, to: merchant, amount: half}]
effects: [{id: told, text: {zh: 一半是 {half}, en: 'half of it is {half}'}}]
review_when: half > 10
review_reason: {zh: 一半太多, en: half is too much}
""".replace(
        "{zh: 一半是 {half}, en: 'half of it is {half}'}", "{zh: '一半是 {half}', en: 'half of it is {half}'}"
    )
    found = decided(document(clause("1", named)), "facts: {loss: 5001.00}")
    assert (dict(found.figures), found.amount_minor) == ({"half": "2500.50"}, 250_050)
    assert found.effects[0]["text"]["en"] == "half of it is 2,500.50"
    assert found.review == ({"zh": "一半太多", "en": "half is too much"},)


def test_who_claims_may_be_read_by_a_condition() -> None:
    mine = FINE.replace("amount: 100.00", "amount: 100.00, if: claim.claimant == 'merchant'")
    assert decided(document(clause("1", mine))).outcome == "granted"


@pytest.mark.parametrize(
    ("clauses", "code", "said"),
    [
        ((clause("1", FINE), clause("2", LEVY.replace("'1'", "'9'"))), "clause.unknown", "no clause 9"),
        (
            (clause("1", "follows: '2'"), clause("2", "follows: '1'")),
            "clause.exception-circle",
            "back to itself",
        ),
        ((clause("1", POOL), clause("8", LENT.replace("made_whole", "other"))), "pool.unknown", "made_whole"),
        ((clause("1", FINE), clause("8", LENT), clause("9", LENT)), "pool.duplicate", "clause 8 already"),
        (
            (clause("1", DRAWN.replace(", up_to: balance.streamer.balance", "")),),
            "pool.never-drawn",
            "nothing is left",
        ),
        (
            (clause("1", "presume: {malicous: 'true'}\n" + FINE),),
            "fact.undeclared",
            "did you mean 'malicious'",
        ),
        ((clause("1", "presume: {malicious: maybe}\n" + FINE),), "fact.default", "neither true nor false"),
        ((clause("1", "needs_proof: [paid]\n" + FINE),), "fact.undeclared", "not a declared fact of a case"),
        ((clause("1", "figures: {loss: {value: 1.00}}\n" + FINE),), "name.reserved", "something else"),
        ((clause("1", "figures: {half: {value: lost / 2}}\n" + FINE),), "formula.invalid", "not declared"),
        (
            (clause("1", FINE.replace("kind: fine,", "kind: fine, id: '2',")), clause("2", LEVY)),
            "clause.duplicate",
            "cites",
        ),
        (
            (clause("1", FINE.replace("kind: fine,", "kind: fine, cites: ['4'],")),),
            "clause.unknown",
            "no clause 4",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(clauses: tuple[str, ...], code: str, said: str) -> None:
    with pytest.raises(AgreementRejected) as refusal:
        document(*clauses)
    (found,) = [one for one in refusal.value.findings if one.code == code][:1]
    assert said in found.message
    assert found.line
    assert found.message_zh


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        ("{kind: fine, amount: 1.00}", "'from' and 'to'"),
        ("{kind: fine, into: pot, to: merchant, amount: 1.00}", "leaves who pays whom"),
        ("{kind: fine, from: 'escrow:order', to: merchant, amount: 1.00}", "'each' and 'for'"),
        (
            "{kind: fine, from: [{account: 'escrow:order'}], to: merchant, amount: 1.00}",
            "'for: orders' and 'up_to'",
        ),
        (
            "{kind: fine, from: streamer, to: merchant, amount: 1.00, set_off: true, toward_claim: false}",
            "against the claim",
        ),
    ],
)
def test_a_remedy_that_cannot_be_paid_is_refused(remedy: str, said: str) -> None:
    with pytest.raises(AgreementRejected) as refusal:
        document(clause("1", f"remedies: [{remedy}]"))
    assert said in refusal.value.findings[0].message
    assert refusal.value.findings[0].message_zh


def test_a_follower_cannot_be_invoked_by_itself() -> None:
    with pytest.raises(CaseRejected, match="follows another clause"):
        decided(document(clause("1", FINE), clause("2", LEVY)), number="2")


def test_everything_survives_its_canonical_form() -> None:
    under = document(
        clause("1", POOL + "figures: {half: {value: loss / 2}}"), clause("8", LENT), clause("2", DRAWN)
    )
    assert agreement_from_canonical(under.canonical, name="again") == under
