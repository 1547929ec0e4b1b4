"""What falls due is what a decision would award: by the same clause, over the same facts."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from policies.check import check
from policies.clauses.templates import KindTest, template
from policies.decisions.case import case_events, case_facts, case_rows, read_case, standing
from policies.decisions.decide import decide
from policies.decisions.earnings import earnings
from policies.dues.occasions import Occasion, period_occasions
from policies.dues.working import Told, work_out
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from policies.render.contract import render
from tests.due_world import EXAMPLE, season_dues
from tests.unit.policies.test_kinds import KINDS, agreement

_OTHERWISE = {"reserve", "deposit"}
"""Kinds that hold money back themselves where they fall due, which a decision does not do."""

BY_CASE = [
    (kind, test)
    for kind in KINDS
    if kind not in _OTHERWISE and template(kind).clause.get("remedies")
    for test in template(kind).tests
]


@pytest.mark.parametrize(("kind", "test"), BY_CASE, ids=[f"{kind}: {test.name}" for kind, test in BY_CASE])
def test_a_kind_that_falls_due_by_case_comes_to_what_its_case_is_decided_to(
    kind: str, test: KindTest
) -> None:
    under = agreement(kind, {**test.with_, "falls_due": {"by": "case"}})
    clause = under.document.clauses[0].id
    case = read_case(json.dumps({"clause": clause, **test.case}), name=test.name)
    decision = decide([under], case)
    orders = case_rows(under, case)
    values = case_facts(under, case) | dict(earnings(under, case, orders).values)
    rows: dict[str, Any] = {**case_events(under, case)}
    if orders is not None:
        rows["orders"] = orders
    day = values.get("decided_at")
    today = day if isinstance(day, date) else date(2026, 12, 31)
    about = values.get("occurred_on")
    occasion = Occasion(
        clause, "C-1", about if isinstance(about, date) else today, None, today, today, running=True
    )
    due = work_out(under, occasion, Told(values, standing(case), rows, values))
    if due.held is not None:
        assert decision.outcome == "undecided" or decision.human_review
        return
    moved: dict[tuple[str, str, str], int] = defaultdict(int)
    for move in due.moves:
        moved[move.source, move.target, move.kind] += move.minor
    posted = {(one["from"], one["to"], one["kind"]): one["amount_minor"] for one in decision.postings}
    if decision.amount_minor:
        assert dict(moved) == posted


def test_a_slot_fee_with_fake_orders_waits_for_a_person_and_without_them_is_refunded_with_interest() -> None:
    under = agreement("slot_fee", {"falls_due": {"by": "case"}})
    day = date(2026, 3, 16)
    occasion = Occasion("4.3", "S-1", day, None, day, day, running=True)
    facts = {"valid_sales": "292000.00", "refund_due_on": "2026-01-15", "paid_on": "2026-03-16"}

    def come_to(**more: str) -> Any:
        given = {
            "clause": "4.3",
            "claim": {"claimant": "brand", "respondent": "mcn"},
            "facts": {**facts, **more},
        }
        case = read_case(json.dumps(given), name="case")
        return work_out(under, occasion, Told(case_facts(under, case), standing(case), {}))

    assert come_to(fake_orders="true").held.because == "review"
    assert {one.kind: one.minor for one in come_to().moves} == {
        "slot_fee_refund": 74_160_000, "late_interest": 365_721, "commission": 1_752_000,
    }  # fmt: skip


def test_periods_begin_with_the_agreement_and_end_with_what_is_due_by_the_day() -> None:
    due = season_dues().clauses["21.1"].falls_due
    assert due is not None
    found = list(period_occasions("21.1", due, date(2026, 3, 1), date(2026, 7, 11)))
    assert [(one.about, one.first, one.until, one.day) for one in found] == [
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 11)),
        ("2026-Q2", date(2026, 4, 1), date(2026, 7, 1), date(2026, 7, 11)),
    ]


@pytest.mark.parametrize(
    ("falls_due", "said"),
    [
        ({}, "say when"),
        ({"by": "month", "on": "2026-03-01"}, "a day of its own"),
        ({"by": "settlement", "after_days": "3"}, "counts from the end"),
        ({"by": "week"}, "month"),
        ({"by": "case", "facts": {"nobody": "1.00"}}, "not a declared fact"),
        ({"by": "case", "facts": {"valid_sales": "5%"}}, "money is needed"),
        ({"on": "valid_sales"}, "a date is needed"),
        ({"by": "case", "facts": {"valid_sales": "claim.amount"}}, "not declared"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(falls_due: dict[str, Any], said: str) -> None:
    with pytest.raises(AgreementRejected, match=said):
        agreement("slot_fee", {"falls_due": falls_due})


def test_a_clause_that_awards_nothing_cannot_fall_due() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "    days: 15\n", "    days: 15\n    falls_due: {by: month}\n"
    )
    with pytest.raises(AgreementRejected, match="awards nothing"):
        load_agreement(text, name="nothing.yaml")


def test_figures_of_legs_over_windows_are_refused_by_name_before_signing() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "rounding: {mode: half_up, at: line}", "rounding: {mode: half_up, at: statement}"
    )
    found = [
        one for one in check(load_agreement(text, name="rounded.yaml")) if one.code == "settlement.not-yet"
    ]
    named = " ".join(one.message for one in found)
    assert "clause 29.1 falls due by due.streamer_share, reversed.streamer_share" in named
    assert "clause 8.2 falls due by settled_amount" in named


def test_the_contract_says_when_a_clause_falls_due_and_how_its_facts_are_worked_out() -> None:
    sections = {one.id: one for one in render(season_dues(), "en").sections}
    said = {term.label: term.says for term in sections["22.1"].terms}
    assert said["Settled"] == "when each month is over, and 15 days later"
    assert said["At settlement net sales of the period is"].startswith("sum of")
    chinese = {one.id: one for one in render(season_dues(), "zh").sections}
    assert {term.label: term.says for term in chinese["22.1"].terms}["到期结算"] == "每月期满，再满 15 日"


def test_the_check_names_what_a_run_waits_for_and_not_what_a_clause_can_do_without() -> None:
    waits = [one.message for one in check(season_dues()) if one.code == "settlement.waits-for"]
    assert any("clause 22.1" in one and "score of the month (period_score)" in one for one in waits)
    assert not any("paid_on" in one for one in waits)
