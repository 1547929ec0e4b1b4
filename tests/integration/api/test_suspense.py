"""Lines in suspense over the API and on their page: each for itself, and no other agreement is named."""

from __future__ import annotations

from typing import Any

import pytest

import api.office.suspense as office_suspense
from api.office.agreements import held_versions
from api.office.orders import import_orders
from ledger.cases.record import filed_entry
from ledger.entries import NewEntry
from ledger.settlement import claims
from ledger.settlement.claims import Claim
from ledger.settlement.decisions import decision_entry
from ledger.settlement.errors import SuspenseRefused
from policies.loading import load_agreement
from tests.attributed_world import LINKED
from tests.command_line import EXAMPLES
from tests.decided import post_decision
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import enter, send, shown
from tests.signing import sign_by_all

SESSION, LEADER = "session-0308", "leader-link"
WHY = "the buyer came by our link"


@pytest.fixture(name="market")
def _market(door: Door) -> Door:
    """The world with a session and a leader's links signed, and one file imported under both."""
    for name in (SESSION, LEADER):
        sign_by_all(
            door.office, load_agreement((LINKED / f"{name}.yaml").read_text(encoding="utf-8"), name=name)
        )
        import_orders(door.office, EXAMPLES / "orders" / "attributed-march.csv", "tallystick-orders", name)
    return door


def _post(door: Door, who: str, path: str, **asked: Any) -> Any:
    return door.client.post(f"/v1/agreements/{path}", json=asked, headers=door.as_(who))


def _lines(door: Door, who: str, agreement: str) -> dict[str, Any]:
    found = door.client.get(f"/v1/agreements/{agreement}/suspense", headers=door.as_(who)).json()
    return {one["order"]: one for one in found["lines"]}


def test_a_claim_is_made_by_its_party_accepted_by_the_others_and_settles_the_line(market: Door) -> None:
    waiting = _lines(market, "leader", LEADER)
    assert (waiting["S-4"]["reason"], waiting["S-4"]["others"]) == ("tie", True)
    assert [one["key"] for one in waiting["S-4"]["may_claim"]] == ["leader"]
    assert "session" not in str(waiting)
    asked = {"order": "S-4", "line": "1", "party": "leader", "reason": WHY}
    assert _post(market, "brand", f"{LEADER}/claims", **asked).status_code == 403
    assert _post(market, "mcn", f"{LEADER}/claims", **asked).status_code == 403
    made = _post(market, "leader", f"{LEADER}/claims", **asked)
    assert (made.status_code, made.json()["waits_for"]) == (201, ["brand", "mcn"])
    where = f"claims/{made.json()['claim']}/acceptances"
    assert _post(market, "brand", f"{LEADER}/{where}", party="mcn", reason="x").status_code == 403
    assert _lines(market, "mcn", SESSION)["S-4"]["claims"][0]["reason"] == WHY
    assert not _lines(market, "mcn", SESSION)["S-5"]["claims"]
    assert _post(market, "mcn", f"{SESSION}/{where}", party="mcn", reason="seen").json()["state"] == "open"
    done = _post(market, "brand", f"{LEADER}/{where}", party="brand", reason="agreed").json()
    assert (done["state"], done["accepted"]) == ("stands", ["brand", "mcn"])
    assert "S-4" not in _lines(market, "brand", SESSION)
    table = market.client.get(f"/v1/agreements/{LEADER}/suspense.csv", headers=market.as_("leader")).text
    assert "S-5" in table
    assert "S-4" not in table


def test_strangers_learn_nothing_and_what_does_not_fit_is_refused_by_name(market: Door) -> None:
    assert (
        market.client.get(f"/v1/agreements/{LEADER}/suspense", headers=market.as_("mcn")).status_code == 403
    )
    assert market.client.get("/v1/agreements/none/suspense", headers=market.as_("mcn")).status_code == 403
    asked = {"order": "S-1", "line": "1", "party": "mcn", "reason": WHY}
    refused = _post(market, "mcn", f"{SESSION}/claims", **asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "suspense.refused")
    unknown = _post(market, "mcn", f"{SESSION}/claims/S-0/acceptances", party="mcn", reason="x")
    assert (unknown.status_code, unknown.json()["code"]) == (403, "access.denied"), "as one that is hidden"
    made = _post(market, "mcn", f"{SESSION}/claims", order="S-5", line="1", party="mcn", reason=WHY).json()
    ruling = {"case": "none", "upheld": True, "reason": "decided"}
    where = f"{SESSION}/claims/{made['claim']}/ruling"
    assert _post(market, "mcn", where, party="platform", **ruling).status_code == 403
    found = _post(market, "platform", where, party="platform", **ruling)
    assert "no dispute none is decided" in found.json()["detail"]


def test_the_page_takes_a_claim_and_its_acceptance_and_keeps_what_was_typed(market: Door) -> None:
    token = enter(market, "leader")
    page = shown(market, f"/suspense?agreement={LEADER}")
    assert "Orders in suspense" in page
    assert "待认领订单" in shown(market, f"/suspense?agreement={LEADER}", "zh")
    assert "session-0308" not in page, "who else may have it is not said"
    row = {"agreement": LEADER, "order": "S-5", "line": "1", "party": "leader"}
    wrong = send(market, "/suspense", token, **row | {"line": "2"}, reason="ours by link")
    assert (wrong.status_code, 'value="ours by link"' in wrong.text) == (422, True)
    done = send(market, "/suspense", token, **row, reason=WHY)
    assert done.headers["location"].endswith("done=claimed")
    claim = _lines(market, "leader", LEADER)["S-5"]["claims"][0]["claim"]
    token = enter(market, "mcn")
    assert WHY in shown(market, f"/suspense?agreement={SESSION}")
    agreed = {"agreement": SESSION, "claim": claim, "party": "mcn", "reason": "agreed"}
    assert send(market, "/suspense", token, **agreed).headers["location"].endswith("done=accepted")
    assert send(market, "/suspense", token, **agreed | {"party": "brand"}).status_code == 403


def test_a_ruling_does_not_undo_a_claim_that_was_accepted_meanwhile(
    market: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = market.office
    agreement = next(one.agreement for one in held_versions(office).values() if one.agreement.id == LEADER)
    post_decision(
        office.log, agreement, case="D-1", decision={"outcome": "denied", "postings": []},
        decided_at=office.clock(), asserter="platform", parties=("brand", "leader"), clause="1",
    )  # fmt: skip
    made = office_suspense.claim(office, LEADER, ("S-4", "1"), "leader", WHY)
    ruling_entry = claims.ruling_entry

    def late(*given: Any, **named: Any) -> NewEntry:
        for party in made.needs:
            office_suspense.accept(office, LEADER, made.id, party, "agreed")
        return ruling_entry(*given, **named)

    monkeypatch.setattr("api.office.suspense.ruling_entry", late)
    with pytest.raises(SuspenseRefused, match="settled meanwhile"):
        office_suspense.rule(
            office, LEADER, made.id, "platform", upheld=False, case="D-1", reason="so decided"
        )
    assert office_suspense.find_claim(office, LEADER, made.id).stands_from is not None


def test_a_ruling_on_other_orders_decides_no_claim(market: Door) -> None:
    office, at = market.office, market.office.clock()
    agreement = next(one.agreement for one in held_versions(office).values() if one.agreement.id == LEADER)
    for case, about in (("D-1", {"order": "S-9"}), ("D-2", {"order": "S-4"})):
        told = {"clause": "1", "case": {"about": about}}
        readers = ("brand", "leader")
        filed = filed_entry(case, agreement.ref, told, readers=readers, by="leader", at=at)
        decided = decision_entry(
            agreement, case=case, decision={"outcome": "granted", "postings": []}, decided_at=at,
            asserter="platform", parties=readers, clause="1",
        )  # fmt: skip
        office.log.append([filed, decided])
    made = office_suspense.claim(office, LEADER, ("S-4", "1"), "leader", WHY)

    def rule(case: str) -> Claim:
        return office_suspense.rule(
            office, LEADER, made.id, "platform", upheld=True, case=case, reason="decided"
        )

    with pytest.raises(SuspenseRefused, match="about orders such as S-9, not S-4"):
        rule("D-1")
    assert rule("D-2").upheld


def test_who_is_party_to_what_is_fed_alone_learns_no_order_of_the_agreement_above(market: Door) -> None:
    sign_by_all(market.office, load_agreement(LOWER, name="lower"))
    assert _lines(market, "mcn", SESSION), "there are some"
    assert _lines(market, "streamer", "lower") == _lines(market, "mcn", "lower") == {}
    refused = _post(market, "mcn", "lower/claims", order="S-5", line="1", party="mcn", reason=WHY)
    assert (refused.status_code, refused.json()["code"]) == (422, "suspense.refused")


LOWER = """
language: 1
agreement: lower
version: 1
title: {zh: 下游, en: Downstream}
links: [{agreement: session-0308, version: 1, as: feeds}]
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: alliance
jurisdiction: CN
parties:
  mcn: {id: mcn, role: mcn, name: {zh: 机构, en: Agency}}
  streamer: {id: streamer, role: streamer, name: {zh: 主播, en: Streamer}}
clauses:
  - id: "3.1"
    kind: commission
    text: {zh: 分成。, en: Shares.}
    whole: {from: session-0308, leg: commission}
    waterfall:
      - {leg: share, to: streamer.balance, amount: 70% * whole}
      - {leg: kept, to: mcn.balance, rest: true}
    rounding: {mode: half_up, at: line}
"""
"""What the agency passes on to a streamer, who is no party to the session."""
