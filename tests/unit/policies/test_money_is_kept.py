"""What a decision posts is what it awards: nothing is paid twice, recovered unpaid, or dropped unsaid."""

from __future__ import annotations

import pytest

from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.errors import AgreementRejected, CaseRejected
from policies.loading import load_agreement
from tests.unit.policies.test_remedies import clause, document

CASE = """\
clause: "1"
claim: {claimant: streamer, respondent: merchant, amount: 100.00}
facts: {loss: 100.00}
orders: [{order: o1, paid: 50.00}, {order: o2, paid: 70.00, count: 2}]
events: {next_orders: [{order: n1, due_next: 50.00}]}
"""
ADVANCE = "- {kind: r, from: [{account: platform.advance}], to: consumers, amount: loss}"
OFFSET = "- {kind: s, from: streamer, to: merchant, amount: 2 * loss, set_off: true}"
RECOURSE = (
    "- {kind: back, from: merchant.receivable, to: platform.advance, amount: drawn.platform.advance,"
    " toward_claim: false}"
)


def decided(body: str, case: str = CASE) -> Decision:
    return decide([document(clause("1", body))], read_case(case, name="case"))


def posted(decision: Decision) -> dict[tuple[str, str], int]:
    return {(one["from"], one["to"]): one["amount_minor"] for one in decision.postings}


def test_what_two_awards_of_a_kind_lack_is_summed() -> None:
    lacking = "- {{kind: r, from: [{{account: {}, up_to: 10.00}}], to: merchant, amount: loss}}"
    decision = decided(f"remedies:\n{lacking.format('platform')}\n{lacking.format('platform.deposit')}")
    assert decision.uncovered == {"r": 180_00}
    assert sum(posted(decision).values()) + 180_00 == decision.components["r"]


def test_nobody_recovers_an_advance_that_set_off_kept_from_being_paid() -> None:
    paid = decided(f"remedies:\n{ADVANCE}\n{RECOURSE}")
    assert posted(paid)["merchant.receivable", "platform.advance"] == 100_00
    kept = decided(f"remedies:\n{ADVANCE}\n{OFFSET}\n{RECOURSE}")
    assert (kept.outcome, kept.postings, kept.beside_claim, kept.uncovered) == ("rejected", (), {}, {})


def test_a_pool_pays_what_stands_beside_a_claim_that_gets_nothing() -> None:
    decision = decided(
        "pools: {p: {kind: comp, to: consumers, from: merchant}}\n"
        "remedies:\n"
        "- {kind: r, into: p, amount: 0.00}\n"
        "- {kind: q, into: p, amount: loss, toward_claim: false}"
    )
    assert (decision.outcome, dict(decision.beside_claim)) == ("rejected", {"q": 100_00})
    assert posted(decision) == {("merchant.balance", "consumers"): 100_00}


def test_a_pair_of_rows_is_of_the_order_of_the_set_named_first() -> None:
    decision = decided(
        "remedies:\n"
        "- {kind: r, from: 'escrow:order', to: streamer, each: paid,"
        " for: orders with next_orders where paid == due_next}"
    )
    assert posted(decision) == {("escrow:o1", "streamer.balance"): 50_00}


def test_a_balance_given_twice_is_refused() -> None:
    with pytest.raises(CaseRejected, match=r"the balance of merchant.balance is given twice"):
        decided(f"remedies:\n{ADVANCE}", CASE + "balances: {merchant: 1.00, merchant.balance: 2.00}\n")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "remedies: [{kind: r, from: [{account: merchant}], to: 'escrow:order', each: paid, for: orders}]",
            "draws pay one account",
        ),
        ("pools: {p: {kind: c, to: consumers, from: 'escrow:order'}}", "names the order of a row"),
    ],
)
def test_an_account_of_an_order_is_refused_where_no_row_names_one(body: str, why: str) -> None:
    with pytest.raises(AgreementRejected, match=why):
        document(clause("1", body))


@pytest.mark.parametrize("kind", ["[a]", "{a: b}"])
def test_a_kind_that_is_no_word_is_refused(kind: str) -> None:
    text = f"language: 1\nclauses:\n  - {{id: '1', kind: {kind}}}\n"
    with pytest.raises(AgreementRejected):
        load_agreement(text, name="kind")
