"""A person's ruling: findings that the rules work with, awards instead of theirs, and where it departs."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreement import Agreement
from policies.decisions.case import Case
from policies.decisions.decide import decide, work_out
from policies.decisions.departures import departures
from policies.decisions.rulings import Ruling, read_ruling, ruled
from policies.decisions.similar import profile, similar
from policies.errors import CaseRejected
from tests.disputed import example


def ruling(text: str) -> Ruling:
    return read_ruling(f"reasons: The audit counts twice.\n{text}", name="ruling")


def departed(agreement: Agreement, case: Case, one: Ruling) -> list[tuple[Any, ...]]:
    before = decide([agreement], case).as_json()
    facts = {name: given.value for name, given in case.file.facts.items() if given.status != "disputed"}
    found = departures(before, ruled(agreement, case, one), one, facts)
    return [(each.part, each.name, each.before, each.after) for each in found]


def test_a_finding_of_fact_has_the_rules_work_out_what_follows() -> None:
    agreement, case = example("D05")
    one = ruling("finds: {proven_loss: {value: 400000.00, because: credits were counted twice}}")
    content = ruled(agreement, case, one)
    assert content["components"]["liquidated_damages"] == 52_000_000
    assert content["amount_minor"] == 205_560_000 + 52_000_000
    assert departed(agreement, case, one) == [
        ("fact", "proven_loss", "600000.00", "400000.00"),
        ("amount", "", "2835600.00", "2575600.00"),
        ("component", "liquidated_damages", "780000.00", "520000.00"),
    ]


def test_a_ruling_without_findings_follows_the_rules() -> None:
    agreement, case = example("D05")
    assert ruled(agreement, case, ruling("")) == decide([agreement], case).as_json()
    assert departed(agreement, case, ruling("")) == []


def test_what_the_rules_left_open_is_decided_on_what_a_person_finds() -> None:
    agreement, case = example("D05", ("600000.00, status: proven", "600000.00, status: disputed"))
    with pytest.raises(CaseRejected, match="find what is missing"):
        ruled(agreement, case, ruling(""))
    one = ruling("finds: {proven_loss: {value: 600000.00, because: the audit convinces}}")
    assert ruled(agreement, case, one)["outcome"] == "granted_in_part"
    assert departed(agreement, case, one)[0] == ("fact", "proven_loss", None, "600000.00")


def test_an_award_replaces_what_the_rules_award_of_its_kind_and_no_other() -> None:
    agreement, case = example("D05")
    one = ruling(
        "awards:\n  - {kind: liquidated_damages, from: brand, to: streamer_co, amount: 500000.00,"
        " clause: '9.1(a)', because: half of the loss was the company's own}\n"
        "strikes: {vouchers_not_credited: the vouchers were never spent}"
    )
    content = ruled(agreement, case, one)
    assert [(p["seq"], p["kind"], p["amount_minor"]) for p in content["postings"]] == [
        (1, "price_difference", 205_560_000),
        (2, "liquidated_damages", 50_000_000),
    ]
    assert (content["outcome"], content["amount"]) == ("granted_in_part", "2555600.00")
    assert content["trace"][-1]["en"] == (
        "liquidated damages ruled at 500,000.00: half of the loss was the company's own"
    )
    assert ("effect", "vouchers_not_credited", "follows", None) in departed(agreement, case, one)


def test_striking_every_award_rejects_the_claim() -> None:
    agreement, case = example("D16")
    one = ruling(
        "awards:\n  - {kind: prepayment_refund, from: promoter, to: merchant, amount: 0.00,"
        " clause: supplement, because: it was waived}"
    )
    content = ruled(agreement, case, one)
    assert (content["outcome"], content["amount_minor"], content["postings"]) == ("rejected", 0, [])


def test_what_is_set_off_by_the_rules_still_runs_against_an_award() -> None:
    agreement, case = example("D03")
    one = ruling(
        "awards:\n  - {kind: late_interest, from: agency, to: merchant, amount: 0.00,"
        " clause: '4.3', because: it was not late}"
    )
    content = ruled(agreement, case, one)
    assert content["amount"] == "724080.00"
    assert content["outcome"] == "granted_with_set_off"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("finds: {proven_los: {value: 1.00, because: x}}", "did you mean 'proven_loss'"),
        ("finds: {proven_loss: {value: many, because: x}}", "not a decimal number"),
        ("finds: {proven_loss: {value: 1.00}}", "because"),
        ("strikes: {vouchers: x}", "no effect called 'vouchers' follows"),
        (
            "awards: [{kind: x, from: brand, to: nobody, amount: 1.00, clause: 9.1(a), because: x}]",
            "'nobody' is neither a party",
        ),
        ("awards: [{kind: x, from: brand, to: brand, amount: 1.00, clause: '9', because: x}]", "no clause 9"),
        (
            "awards: [{kind: x, from: brand, to: brand, amount: -1.00, clause: 9.1(a), because: x}]",
            "not below zero",
        ),
    ],
)
def test_a_ruling_that_the_document_does_not_bear_is_refused_with_where(text: str, where: str) -> None:
    agreement, case = example("D05")
    with pytest.raises(CaseRejected) as refused:
        ruled(agreement, case, ruling(text))
    assert where in str(refused.value)


def test_what_is_left_to_a_person_says_why_and_by_which_clause() -> None:
    agreement, case = example("D05", ("600000.00, status: proven", "600000.00, status: disputed"))
    left = work_out([agreement], case).left
    assert ("fact_missing", "9.1(a)", ("proven_loss",)) in [
        (one.cause, one.clause, one.facts) for one in left
    ]
    agreement, case = example("D06")
    assert [(one.cause, one.clause) for one in work_out([agreement], case).left] == [
        ("effect_reviewed", "12.4")
    ]


def test_like_cases_are_those_where_the_same_conditions_held() -> None:
    agreement, case = example("D05")
    _, malicious = example(
        "D05",
        ("{value: false, status: proven, evidence: coupon", "{value: true, status: proven, evidence: coupon"),
    )
    _, elsewhere = example("D05", ("{value: brand_store", "{value: offline"))
    profiles = [
        profile(agreement, name, decide([agreement], one).as_json(), one.file.facts)
        for name, one in (("one", case), ("two", malicious), ("three", elsewhere))
    ]
    found = similar(profiles[0], profiles)
    assert [(one.profile.case, one.apart) for one in found] == [
        ("two", ("fact malicious",)),
        ("three", ("clause 9.1(a)", "fact later.channel")),
    ]
    assert found[0].share > found[1].share
