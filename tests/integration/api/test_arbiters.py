"""Arbiters over the API: they see and rule their own cases, and ask the ledger on the record."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from api.access import Grant
from api.office.agreements import held_versions
from api.office.evidence import trust_file
from policies.money import round_minor
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import HTML, enter, send, shown
from verifier import verify


def post(door: Door, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return door.client.post(f"/v1/disputes/{door.world.d05}{path}", json=body or {}, headers=door.as_(who))


def get(door: Door, who: str, path: str = "") -> Any:
    return door.client.get(f"/v1/disputes/{door.world.d05}{path}", headers=door.as_(who))


def enrolled(door: Door, member: str, *grants: Grant) -> None:
    door.codes[member] = door.house.members.enrol(member, member.title(), [Grant("arbiter"), *grants])


def test_an_arbiter_sees_and_rules_the_cases_they_sit_in_and_no_others(door: Door) -> None:
    enrolled(door, "stranger")
    assert [get(door, who).status_code for who in ("arbiter", "stranger")] == [200, 403]
    assert door.client.get("/v1/disputes", headers=door.as_("stranger")).json() == []
    assert door.client.get("/v1/docket", headers=door.as_("stranger")).json() == []
    assert door.client.get("/v1/holds", headers=door.as_("stranger")).json()["holds"] == []
    assert door.client.get("/v1/log?kind=dispute.filed", headers=door.as_("stranger")).json()["entries"] == []
    for path, body in (
        ("/confirmation", {"reason": "so"}),
        ("/declarations", {}),
        ("/searches", {"of": "orders"}),
        ("/queries", {}),
        ("/widenings", {"reason": "x", "parties": "mcn"}),
        ("/costs", {"reason": "x"}),
    ):
        assert post(door, "stranger", path, body).status_code == 403, path
    docket = door.client.get("/v1/docket", headers=door.as_("arbiter")).json()
    assert {row["dispute"] for row in docket} == {door.world.d01, door.world.d05}


def test_a_seat_from_appointment_to_costs(door: Door) -> None:
    enrolled(door, "second")
    enrolled(door, "partial", Grant("read", "brand"))
    for who in ("brand", "arbiter", "auditor"):
        assert post(door, who, "/arbiters", {"arbiter": "second"}).status_code == 403
    for nobody in ("partial", "brand-member", "nobody"):
        assert post(door, "operator", "/arbiters", {"arbiter": nobody}).status_code == 403
    assert post(door, "operator", "/arbiters", {"arbiter": "second", "level": "jury"}).status_code == 422
    assert post(door, "operator", "/arbiters", {"arbiter": "second", "level": "panel"}).status_code == 201
    early = post(door, "second", "/searches", {"of": "orders"})
    assert (early.status_code, early.json()["code"]) == (409, "arbiter.refused")
    post(door, "second", "/declarations", {"conflicts": "worked for the brand"})
    assert post(door, "mcn", "/arbiters/second/challenges", {"reason": "x"}).status_code == 403
    seats = post(door, "streamer", "/arbiters/second/challenges", {"reason": "so they did"}).json()["seats"]
    assert [seat["state"] for seat in seats] == ["sitting", "challenged"]
    decision = "/arbiters/second/challenges/streamer/decision"
    assert post(door, "second", decision, {"upheld": "no", "reason": "me"}).status_code == 409
    assert post(door, "brand", decision, {"upheld": "no", "reason": "me"}).status_code == 403
    assert post(door, "arbiter", decision, {"upheld": "perhaps", "reason": "x"}).status_code == 422
    seats = post(door, "arbiter", decision, {"upheld": "yes", "reason": "it is close"}).json()["seats"]
    assert [seat["state"] for seat in seats] == ["sitting", "removed"]
    assert get(door, "second").status_code == 403

    assert post(door, "operator", "/arbiters/arbiter/fee", {"amount": "2000.00"}).status_code == 201
    assert post(door, "operator", "/arbiters/arbiter/fee", {"amount": "9.999"}).status_code == 422
    costs = post(door, "arbiter", "/costs", {"reason": "as it went"}).json()["costs"]
    assert sum(share["amount"]["amount_minor"] for share in costs["shares"]) == 200_000
    assert costs["by_document"]
    bench = get(door, "brand", "/arbiters").json()
    assert bench["seats"][1]["challenges"][0]["upheld"] is True
    assert get(door, "outsider", "/arbiters").status_code == 403


def test_only_who_presides_rules_and_what_costs_are_goes_with_the_ruling(door: Door) -> None:
    enrolled(door, "second")
    post(door, "operator", "/arbiters", {"arbiter": "second"})
    post(door, "second", "/declarations")
    refused = post(door, "second", "/confirmation", {"reason": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "arbiter.refused")
    post(door, "operator", "/arbiters/arbiter/fee", {"amount": "2000.00"})
    post(door, "arbiter", "/costs", {"reason": "halves", "claimant": "1000.00", "respondent": "1000.00"})
    assert post(door, "arbiter", "/confirmation", {"reason": "read"}).status_code == 201
    for side in ("streamer", "brand"):
        post(door, side, "/waiver", {"side": None})
    postings = get(door, "brand").json()["decision"]["postings"]
    costs = [one for one in postings if one["target"] == "escrow.dispute_costs"]
    assert {one["source"]: one["amount"]["amount_minor"] for one in costs} == {
        "streamer.balance": 100_000, "brand.balance": 100_000,
    }  # fmt: skip


def test_costs_by_the_document_go_by_the_decision_that_stands_and_a_challenged_arbiter_rules_on_none(
    door: Door,
) -> None:
    post(door, "operator", "/arbiters/arbiter/fee", {"amount": "2000.00"})
    post(door, "brand", "/arbiters/arbiter/challenges", {"reason": "they are friends"})
    refused = post(door, "arbiter", "/costs", {"reason": "as it went"})
    assert (refused.status_code, refused.json()["code"]) == (409, "arbiter.refused")
    decision = "/arbiters/arbiter/challenges/brand/decision"
    assert post(door, "operator", decision, {"upheld": "no", "reason": "they are not"}).status_code == 201
    shares = {
        one["party"]["id"]: one["amount"]["amount_minor"]
        for one in post(door, "arbiter", "/costs", {"reason": "as it went"}).json()["costs"]["shares"]
    }
    finds = {"proven_loss": {"value": "40000.00", "because": "the audit counts credits ten times"}}
    body = {"reasons": "The audit is wrong.", "finds": finds}
    assert post(door, "arbiter", "/ruling", body).status_code == 201
    for side in ("streamer", "brand"):
        post(door, side, "/waiver", {"side": None})
    found = get(door, "brand").json()
    lost = 1 - Fraction(found["decision"]["awarded"]["amount_minor"], found["claimed"]["amount_minor"])
    mine = round_minor(lost * 200_000, "half_up")
    posted = {
        one["source"].partition(".")[0]: one["amount"]["amount_minor"]
        for one in found["decision"]["postings"]
        if one["target"] == "escrow.dispute_costs"
    }
    assert posted == {found["claimant"]["id"]: mine, found["respondent"]["id"]: 200_000 - mine}
    assert posted != shares
    bench = get(door, "brand", "/arbiters").json()
    assert {one["party"]["id"]: one["amount"]["amount_minor"] for one in bench["costs"]["shares"]} == posted
    assert all(one["same"] for one in get(door, "brand", "/replay").json())


def test_a_query_is_saved_run_again_and_exported_with_proofs_that_verify(door: Door) -> None:
    asked = {"of": "orders", "sku": "serum-30ml", "known_at": "2026-11-17"}
    page = post(door, "arbiter", "/searches?limit=2", asked).json()
    assert len(page["rows"]) == 2
    further = post(
        door, "arbiter", f"/searches?limit=2&after={page['next_after']}&size={page['size']}", asked
    )
    assert further.json()["rows"][0]["seq"] > page["rows"][1]["seq"]
    assert post(door, "auditor", "/searches", {"of": "orders", "order": "D01-0001"}).status_code == 200
    for who in ("brand", "streamer", "operator", "outsider"):
        assert post(door, who, "/searches", asked).status_code == 403
    assert post(door, "arbiter", "/searches", {"of": "sales"}).json()["code"] == "query.invalid"

    saved = post(door, "arbiter", "/queries", {"of": "orders", "order": "D01-0001"}).json()
    again = post(door, "arbiter", f"/queries/{saved['query']}/runs").json()
    assert (again["same"], again["digest"]) == (True, saved["digest"])
    assert post(door, "arbiter", "/queries/Q-none/runs").status_code == 404
    bundle = get(door, "arbiter", f"/queries/{saved['query']}/evidence").content
    trust = trust_file(door.office, held_versions(door.office).values())
    report = verify(bundle, trust)
    assert report.exit_code == 0, report.lines()
    assert {"query-entry", "answer", "rows"} <= {check.name for check in report.checks if check.ok}
    assert verify(bundle.replace(b"D01-0001", b"D01-0002"), trust).exit_code == 1
    assert b"buyer-0" not in bundle
    assert get(door, "brand", f"/queries/{saved['query']}/evidence").status_code == 403
    (told,) = get(door, "brand", "/queries").json()["saved"]
    assert (told["question"], told["digest"], told["rows"]) == (
        {"of": "orders", "order": "D01-0001"},
        None,
        None,
    )


def test_widening_is_an_order_on_record_of_which_everybody_concerned_is_told(door: Door) -> None:
    fees = {"of": "postings", "party": "mcn"}
    assert post(door, "arbiter", "/searches", fees).json()["rows"] == []
    for bad, status in (
        ({"reason": "x"}, 422),
        ({"reason": "", "parties": "mcn"}, 422),
        ({"reason": "x", "parties": "mnc"}, 422),
        ({"reason": "x", "agreements": "another"}, 404),
    ):
        assert post(door, "arbiter", "/widenings", bad).status_code == status, bad
    order = {"reason": "the agency's share is in question", "parties": "mcn"}
    desk = post(door, "arbiter", "/widenings", order).json()
    assert "mcn" in desk["scope"]["parties"]
    assert {row["posting"]["account"] for row in post(door, "arbiter", "/searches", fees).json()["rows"]} == {
        "mcn.balance"
    }
    for who in ("brand", "streamer", "mcn"):
        found = door.client.get("/v1/notices", headers=door.as_(who)).json()["notices"]
        assert [one["code"] for one in found if one["code"] == "query-widened"] == ["query-widened"], who
    assert get(door, "brand", "/queries").json()["widenings"][0]["reason"] == order["reason"]


def test_whom_an_order_opens_does_not_learn_what_else_was_opened(door: Door) -> None:
    desk = post(door, "arbiter", "/widenings", {"reason": "shares", "parties": "mcn, leader"}).json()
    assert desk["scope"]["parties"] == ["brand", "leader", "mcn", "streamer"]
    for who, other in (("mcn", "leader"), ("leader", "mcn")):
        found = door.client.get("/v1/notices", headers=door.as_(who)).json()["notices"]
        (told,) = [one for one in found if one["code"] == "query-widened"]
        assert other not in [one["id"] for one in told["readers"]]
        (opened,) = [one["value"]["en"] for one in told["about"] if one["name"] == "opened"]
        assert opened == {"mcn": "Agency (MCN)", "leader": "Team leader"}[who]


def test_the_pages_of_docket_bench_and_desk_do_what_they_show(door: Door) -> None:
    enrolled(door, "second")
    base = f"/disputes/{door.world.d05}"
    token = enter(door, "operator")
    appointed = send(door, f"{base}/arbiters/appoint", token, arbiter="second", level="panel")
    assert appointed.headers["location"] == f"{base}/arbiters?done=appoint"
    again = send(door, f"{base}/arbiters/appoint", token, arbiter="second", level="arbitrator")
    assert (again.status_code, 'role="alert"' in again.text) == (409, True)
    token = enter(door, "second")
    send(door, f"{base}/arbiters/declare", token, arbiter="second", conflicts="a friend of the brand")
    assert door.world.d05 in shown(door, "/docket")
    found = shown(door, f"{base}/queries?of=orders&order=D01-0001")
    assert "Save with checkpoint and digest" in found
    assert "D01-0001" in found
    filed = f"{door.world.d05}/filed"
    for of, words in (("postings&party=streamer", "streamer.balance"), ("entries&kind=dispute.filed", filed)):
        assert words in shown(door, f"{base}/queries?of={of}&recorded_from=2026-11-16")
    wrong = door.client.get(f"{base}/queries?of=orders&known_at=now&lang=en", headers=HTML)
    assert (wrong.status_code, "is no day such as" in wrong.text) == (422, True)
    send(door, f"{base}/queries", token, of="orders", order="D01-0001")
    query = post(door, "second", "/queries", {"of": "postings"}).json()["query"]
    run = send(door, f"{base}/queries/{query}/runs", token)
    assert run.headers["location"] == f"{base}/queries?done=same"
    assert send(door, f"{base}/widenings", token, parties="mcn", reason="their share").status_code == 303
    assert send(door, f"{base}/widenings", token, reason="nothing").status_code == 422

    token = enter(door, "streamer")
    page = shown(door, f"{base}/queries", "zh")
    assert query in page
    assert "重新查询" not in page
    send(door, f"{base}/arbiters/challenge", token, arbiter="second", reason="a friend")
    assert "Challenged by" in shown(door, f"{base}/arbiters")
    assert "/arbiters" in shown(door, base)
