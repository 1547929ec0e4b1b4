"""Lines in suspense over the API and on their page: each for itself, and no other agreement is named."""

from __future__ import annotations

from typing import Any

import pytest

from api.office.agreements import give_signature, propose, version_to_sign
from api.office.orders import import_orders
from contracts.consent import sign_version
from contracts.signing import SigningKey
from policies.loading import load_agreement
from tests.attributed_world import LINKED
from tests.command_line import EXAMPLES
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import enter, send, shown

SESSION, LEADER = "session-0308", "leader-link"
WHY = "the buyer came by our link"


@pytest.fixture(name="market")
def _market(door: Door) -> Door:
    """The world with a session and a leader's links signed, and one file imported under both."""
    for name in (SESSION, LEADER):
        agreement = load_agreement((LINKED / f"{name}.yaml").read_text(encoding="utf-8"), name=name)
        keys = {key: SigningKey.generate() for key in agreement.parties}
        signers = {key: one.address for key, one in keys.items()}
        proposed = propose(door.office, agreement.with_signers(signers))
        for party, key in keys.items():
            given = sign_version(key, version_to_sign(door.office, proposed), door.office.registry.domain)
            give_signature(door.office, agreement.ref, party, given.signature)
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
    assert (unknown.status_code, unknown.json()["code"]) == (404, "suspense.unknown")
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
