"""Counterfactuals: each is decided again, none nearer is missed, and they read as people would say them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.agreement import Agreement
from policies.counterfactuals.answer import Counterfactual, Counterfactuals, result_of
from policies.counterfactuals.axis import axis_of
from policies.counterfactuals.places import Place, with_standing, with_text
from policies.counterfactuals.search import counterfactuals
from policies.counterfactuals.wording import worded
from policies.decisions.case import Case, read_case
from policies.decisions.decide import work_out
from policies.errors import CaseRejected
from policies.loading import load_agreement
from tests.disputed import example


def searched(name: str, *changes: tuple[str, str]) -> tuple[Agreement, Counterfactuals]:
    agreement, case = example(name, *changes)
    return agreement, counterfactuals([agreement], case)


def said(name: str, *changes: tuple[str, str]) -> list[str]:
    agreement, found = searched(name, *changes)
    return [worded(agreement, one)["en"] for one in found.found]


def test_a_broken_price_promise_tells_at_which_price_nothing_would_be_due() -> None:
    sentences = said("D05")
    assert "Had later price been 429.00 or more, nothing would be due." in sentences
    assert "Had price in the live room been 257.70 or less, nothing would be due." in sentences
    assert "Had day of the later price been 2026-11-12 or later, nothing would be due." in sentences


def test_free_text_is_told_by_all_that_it_must_not_be() -> None:
    apart = "Had later channel been anything but the brand's store or the brand's live room, "
    assert apart + "nothing would be due." in said("D05")


def test_a_fact_that_a_clause_wants_proven_tells_what_its_proof_is_worth() -> None:
    assert "Had proven loss not been proven, the rules could not decide." in said("D05")
    unproven = said("D05", ("600000.00, status: proven", "600000.00, status: asserted"))
    assert "Had proven loss been proven, the claim would be granted in part: 2,835,600.00 CNY." in unproven


def test_the_judgment_turns_where_nothing_of_the_prepayment_is_left() -> None:
    agreement, found = searched("D16")
    words = [worded(agreement, one) for one in found.found]
    assert {
        "zh": "当月实际销售额若为 38,095.22 或以上，则无须支付。",
        "en": "Had real sales of the month been 38,095.22 or more, nothing would be due.",
    } in words


def test_a_missing_fact_tells_what_each_range_of_it_would_lead_to() -> None:
    assert said("D16", ("{value: 4241.50, status: proven", "{value: 4241.50, status: disputed"))[:3] == [
        (
            "Had real sales of the month been 4,241.50 or less, "
            "the claim would be granted: 8,000.00 CNY at 0.00."
        ),
        (
            "Had real sales of the month been from 4,241.51 to 38,095.21, "
            "the claim would be granted in part: 7,109.28 CNY at 4,241.51."
        ),
        "Had real sales of the month been 38,095.22 or more, nothing would be due.",
    ]


def test_a_claim_without_a_term_that_gives_it_is_lost_whatever_single_fact_changes() -> None:
    agreement, found = searched("D01")
    assert found.found == ()
    assert {one.name for one in found.steady} >= {"paid", "freight", "claim.amount"}
    assert found.complete
    assert agreement.id == "order-split"


def decides(agreement: Agreement, case: Case, place: Place, text: str) -> object:
    try:
        return result_of(work_out([agreement], with_text(case, place, text)))
    except CaseRejected:
        return None


@pytest.mark.parametrize("name", ["D03", "D06", "D10", "D13"])
def test_what_is_told_is_so_and_one_step_nearer_it_is_not(name: str) -> None:
    agreement, case = example(name)
    own = result_of(work_out([agreement], case))
    told = counterfactuals([agreement], case).found
    assert told
    for one in told:
        again = work_out([agreement], changed(case, one)).decision
        assert (again.outcome, again.amount_minor) == (one.outcome, one.amount_minor)
        assert (again.outcome, again.amount_minor > 0) != (own.outcome, own.paid)
        if one.reach is not None:
            axis = axis_of(one.place, agreement.currency, agreement.document.effective_from)
            at = next(step for step in beside(axis.start, one, agreement) if axis.text(step) == one.texts[0])
            nearer = axis.text(at + (1 if at < axis.start else -1))
            assert decides(agreement, case, one.place, nearer) != result_of(
                work_out([agreement], changed(case, one))
            )


def beside(start: int, one: Counterfactual, agreement: Agreement) -> list[int]:
    """Return the step that an answer names, found by reading its text on the same line."""
    place = Place(one.place.path, one.place.name, one.place.type, one.texts[0])
    step = axis_of(place, agreement.currency, agreement.document.effective_from).start
    assert step != start
    return [step]


def changed(case: Case, one: Counterfactual) -> Case:
    if one.standing is not None:
        return with_standing(case, one.place.name, one.standing)
    text = one.texts[0] if one.texts else f"{one.place.text}, and something else"
    return with_text(case, one.place, text)


SMALL = """
language: 1
agreement: small
version: 1
title: {{zh: 小, en: Small}}
effective_from: 2026-01-01
currency: JPY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  one: {{id: one, role: merchant, name: {{zh: 甲, en: One}}}}
  two: {{id: two, role: streamer, name: {{zh: 乙, en: Two}}}}
facts:
  sold: {{type: money, of: case, text: {{zh: 售出, en: sold}}}}
  kept: {{type: money, of: case, text: {{zh: 保留, en: kept}}}}
clauses:
  - id: "1"
    kind: shortfall
    text: {{zh: 差额, en: The shortfall}}
    when: sold < {bound} and kept >= sold - {slack}
    remedies:
      - kind: shortfall
        from: one
        to: two
        amount: max({fee}, {part}% * ({bound} - sold)) - kept
        cap: {cap} + kept
"""


@settings(max_examples=6, deadline=None)
@given(
    st.integers(5, 60), st.integers(0, 30), st.integers(0, 20), st.sampled_from([10, 35, 100]),
    st.integers(1, 40), st.integers(0, 70), st.integers(0, 40), st.integers(1, 50),
)  # fmt: skip
def test_no_nearer_change_is_missed_where_every_value_can_be_tried(
    bound: int, slack: int, fee: int, part: int, cap: int, sold: int, kept: int, claimed: int
) -> None:
    text = SMALL.format(bound=bound, slack=slack, fee=fee, part=part, cap=cap)
    agreement = load_agreement(text, name="small")
    case = read_case(
        f"clause: '1'\nclaim: {{claimant: two, respondent: one, amount: {claimed}}}\n"
        f"facts: {{sold: {sold}, kept: {kept}}}\n",
        name="case",
    )
    own = result_of(work_out([agreement], case))
    found = counterfactuals([agreement], case)
    for name, value in (("sold", sold), ("kept", kept)):
        place = Place(("facts", name), name, "money", str(value))
        otherwise = [
            step for step in range(101) if decides(agreement, case, place, str(step)) not in {own, None}
        ]
        told = [int(one.texts[0]) for one in found.found if one.place.name == name]
        nearest = min((abs(step - value) for step in otherwise), default=None)
        assert min((abs(step - value) for step in told if step < 101), default=None) == nearest
