"""Whose an order line is: the first route that holds, and suspense wherever that would be a guess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.agreement import Agreement
from policies.errors import AgreementRejected
from policies.facts import order_facts
from policies.loading import load_agreement
from policies.render import contract, write_text
from policies.splits.attribution import Attributed, attribute

FOLDER = Path(__file__).parents[3] / "examples" / "agreements" / "linked"


def document(name: str, *changes: tuple[str, str]) -> Agreement:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return load_agreement(text, name=name)


SESSION, LEADER = document("session-1111"), document("leader-link")


def found(row: Mapping[str, str], *agreements: Agreement) -> Attributed:
    given = agreements or (SESSION, LEADER)
    facts = {one.ref: order_facts(one, {"paid": "1.00", **row}, where="here") for one in given}
    return attribute(given, facts)


@pytest.mark.parametrize(
    ("row", "agreement", "payee", "by"),
    [
        ({"session": "S-1111"}, "session-1111@1", "mcn", "session"),
        ({"coupon": "HEAD1111"}, "session-1111@1", "mcn", "coupon"),
        ({"link_owner": "mcn", "days_since_click": "15"}, "session-1111@1", "mcn", "link"),
        ({"link_owner": "leader", "days_since_click": "99"}, "leader-link@1", "leader", "link"),
        ({"session": "S-1111", "link_owner": "leader"}, "session-1111@1", "mcn", "session"),
        ({"coupon": "LEADER8", "link_owner": "leader"}, "leader-link@1", "leader", "coupon"),
    ],
)
def test_the_route_with_the_smallest_priority_wins(
    row: dict[str, str], agreement: str, payee: str, by: str
) -> None:
    one = found(row)
    assert one.match is not None
    assert (one.match.agreement, one.match.payee, one.match.route.by) == (agreement, payee, by)
    assert agreement in one.words.en
    assert agreement in one.words.zh


def test_two_that_tie_wait_for_a_claim() -> None:
    one = found({"coupon": "HEAD1111", "link_owner": "leader", "days_since_click": "1"})
    assert (one.match, one.reason) == (None, "tie")
    assert {claim.credits for claim in one.claims} == {("session-1111@1", "mcn"), ("leader-link@1", "leader")}
    assert "with priority 2" in one.words.en


def test_what_is_nobodys_may_be_claimed_by_all() -> None:
    one = found({"days_since_click": "1"})
    assert (one.match, one.reason, len(one.claims)) == (None, "none", 2)


def test_a_missing_fact_is_never_taken_for_no() -> None:
    one = found({"link_owner": "mcn"})
    assert one.match is None
    assert (one.reason, set(one.missing)) == ("unknown", {"days_since_click"})
    assert "days_since_click" in one.words.zh


def test_a_missing_fact_that_could_not_change_the_answer_is_not_asked_for() -> None:
    assert found({"session": "S-1111", "link_owner": "mcn"}).match is not None
    same = document("session-1111", ("payee: mcn, priority: 3", "payee: mcn, priority: 1"))
    assert found({"session": "S-1111", "link_owner": "mcn"}, same, LEADER).match is not None
    other = document("session-1111", ("payee: mcn, priority: 3", "payee: brand, priority: 1"))
    assert found({"session": "S-1111", "link_owner": "mcn"}, other, LEADER).reason == "unknown"


def test_one_agreement_that_credits_two_is_a_tie_as_well() -> None:
    two = document(
        "leader-link",
        ("when: link_owner == 'leader', payee: leader", "when: link_owner == 'leader', payee: brand"),
    )
    assert found({"coupon": "LEADER8", "link_owner": "leader"}, two).reason == "tie"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("payee: leader, priority: 2}\n  - id", "payee: ledaer, priority: 2}\n  - id"), "party.unknown"),
        (("when: link_owner == 'leader'", "when: link_owners == 'leader'"), "formula.invalid"),
        (("when: link_owner == 'leader'", "when: paid"), "formula.invalid"),
        (("host: leader, when: link", "host: leaders, when: link"), "document.value"),
        (("by: link", "by: links"), "document.value"),
    ],
)
def test_a_route_that_does_not_fit_is_refused(change: tuple[str, str], code: str) -> None:
    with pytest.raises(AgreementRejected) as caught:
        document("leader-link", change)
    assert {one.code for one in caught.value.findings} == {code}


def test_people_read_the_routes_in_their_order() -> None:
    text = write_text(contract(SESSION, "en"))
    assert text.index("1. by session (head streamer)") < text.index("3. by link (head streamer)")
