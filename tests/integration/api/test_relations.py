"""Relationships: a move that all sign, told what it lacks; a new agency, under both agencies' names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.office.agreements import held, propose, version_to_sign
from api.office.errors import AgreementNotReady, NotASigner
from api.office.orders import import_orders
from api.office.relations import leaving, relation
from api.office.settling import settle_until
from api.office.signing import give_signature
from contracts.consent import sign_version
from contracts.errors import SignatureRefused
from contracts.signing import SigningKey
from ledger.accounts import Account, balance
from ledger.registers.telling import tell
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.relations.draft import Successor, next_version
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import enter
from tests.integration.api.test_finance_pages import shown as page_of
from tests.world import AGREEMENT

DAY = date(2026, 12, 1)
ACCEPTED = {
    "code": "amendment.stage-not-ready",
    "reason": {"zh": "争议另行解决", "en": "The dispute goes its own way"},
}


def accepting(text: str, *codes: Mapping[str, Any]) -> Agreement:
    return load_agreement(json.dumps({**json.loads(text), "accepted_findings": list(codes)}), name="next")


def sign(door: Door, ref: str, keys: Mapping[str, SigningKey], *names: str) -> None:
    for name in names:
        version = version_to_sign(door.office, held(door.office, ref))
        given = sign_version(keys[name], version, door.office.domain)
        give_signature(door.office, ref, name, given.signature)


def test_a_stage_is_entered_when_all_have_signed_and_its_first_day_has_come(door: Door) -> None:
    office = door.office
    now = relation(office, AGREEMENT)
    assert (now.stage, now.following, now.ready) == ("deep_binding", "strategic_alliance", False)
    assert [one.id for one in now.conditions if one.holds is not True] == ["disputes"]
    text = next_version(now.agreement, DAY, stage="strategic_alliance")
    with pytest.raises(AgreementNotReady) as refused:
        propose(office, load_agreement(text, name="next"))
    assert [one["code"] for one in refused.value.data["findings"]] == ["amendment.stage-not-ready"]
    propose(office, accepting(text, ACCEPTED))
    names = tuple(door.world.keys)
    sign(door, "head-streamer@2", door.world.keys, *names[:-1])
    assert [one.stay.stage for one in relation(office, AGREEMENT).moves] == ["deep_binding"]
    sign(door, "head-streamer@2", door.world.keys, names[-1])
    signed = relation(office, AGREEMENT)
    assert (signed.stage, [one.stay.stage for one in signed.moves]) == (
        "deep_binding",
        ["deep_binding", "strategic_alliance"],
    )
    shown = {one.id: one.holds for one in signed.moves[-1].conditions}
    assert shown == {"time": True, "received": True, "refunds": True, "disputes": False, "contests": True}
    office.clock.now += timedelta(days=20)  # type: ignore[attr-defined]
    moved = relation(office, AGREEMENT)
    assert (moved.stage, moved.following) == ("strategic_alliance", "full_integration")
    assert moved.figures["days_at_stage"] < moved.figures["days_in_all"]


_COLUMNS = (
    "order,line,currency,paid,freight,platform_coupon,sku,category,buyer,paid_at,confirmed_at,refunded,"
    "refunded_at"
)
_WHAT = "1,CNY,100.00,0.00,0.00,serum-30ml,skincare"
ORDERS = f"""{_COLUMNS}
N-1,{_WHAT},buyer-1,2026-11-29 12:00:00,2026-12-03 12:00:00,0.00,
N-2,{_WHAT},buyer-2,2026-12-05 12:00:00,2026-12-09 12:00:00,0.00,
N-3,{_WHAT},buyer-3,2026-11-30 12:00:00,2026-12-04 12:00:00,100.00,2026-12-10 12:00:00
"""


def test_a_streamer_moves_to_another_agency_and_each_agency_keeps_what_was_sold_in_its_time(
    door: Door, tmp_path: Path
) -> None:
    office, newcomer = door.office, SigningKey.generate()
    first = relation(office, AGREEMENT).agreement
    stays = leaving(office, first, "mcn")
    assert (stays.party, list(stays.balances), stays.disputes) == ("mcn", ["balance"], ())
    successor = Successor("mcn-b", {"zh": "新机构", "en": "New agency"}, newcomer.address)
    text = next_version(first, DAY, successors={"mcn": successor})
    codes = [{**ACCEPTED, "code": "amendment.party-leaves"}]
    ref = propose(office, accepting(text, *codes)).agreement.ref
    keys = {**door.world.keys, "mcn": newcomer, "mcn@1": door.world.keys["mcn"]}

    sign(door, ref, keys, "brand", "leader", "platform", "streamer", "mcn")
    waiting = held(office, ref)
    assert (waiting.is_signed, waiting.waiting_for) == (False, ("mcn@1",))
    page = door.client.get("/v1/agreements/head-streamer/2", headers=door.as_("mcn"))
    assert page.json()["needs_signature_of"][0]["key"] == "mcn@1"
    with pytest.raises(NotASigner):
        give_signature(office, ref, "leader@1", bytes(65))
    with pytest.raises(SignatureRefused):
        sign(door, ref, {"mcn@1": door.world.keys["brand"]}, "mcn@1")
    sign(door, ref, keys, "mcn@1")
    assert held(office, ref).is_signed
    (change,) = relation(office, AGREEMENT).changes
    assert (change.left, change.joined) == (("mcn",), ("mcn-b",))

    before = balance(office.engine, Account("mcn", AGREEMENT, "balance", "CNY"))
    office.clock.now += timedelta(days=90)  # type: ignore[attr-defined]
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    import_orders(office, file, "tallystick-orders", AGREEMENT)
    settle_until(office, AGREEMENT, datetime.fromisoformat("2027-01-31T00:00:00+08:00"))
    after = {
        party: balance(office.engine, Account(party, AGREEMENT, "balance", "CNY"))
        for party in ("mcn", "mcn-b")
    }
    share = 540  # 30% of what the alliance fee leaves of a commission of 20% of 100.00
    assert after == {"mcn": before + share, "mcn-b": share}
    assert {one.party for one in list_statements(office.log)} >= {"mcn", "mcn-b"}
    entries = door.client.get("/v1/agreements/head-streamer/2", headers=door.as_("outsider"))
    assert entries.status_code == 403


def test_parties_read_the_stage_and_what_the_next_asks_and_others_nothing(door: Door) -> None:
    row = door.client.get("/v1/relations", headers=door.as_("mcn")).json()[0]
    assert (row["agreement"], row["stage"], row["ready"]) == (AGREEMENT, "deep_binding", False)
    shown = door.client.get(f"/v1/relations/{AGREEMENT}", headers=door.as_("brand")).json()
    assert {one["id"] for one in shown["conditions"] if not one["holds"]} == {"disputes"}
    (wide,) = door.client.get("/v1/relations/breadth", headers=door.as_("mcn")).json()
    assert (wide["party"]["id"], wide["brands"], wide["streamers"], wide["agencies"]) == ("mcn", 1, 1, 0)
    assert len(door.client.get("/v1/relations/breadth", headers=door.as_("auditor")).json()) == 5
    assert door.client.get("/v1/relations/breadth", headers=door.as_("outsider")).json() == []
    pack = door.client.get(f"/v1/relations/{AGREEMENT}/pack", headers=door.as_("mcn"))
    assert (pack.headers["content-type"].split(";")[0], "clauses:" in pack.text) == ("application/yaml", True)
    assert door.client.get(f"/v1/relations/{AGREEMENT}/pack", headers=door.as_("outsider")).status_code == 403
    assert "deep_binding" in door.client.get("/v1/relations.csv", headers=door.as_("auditor")).text
    assert door.client.get("/v1/relations", headers=door.as_("outsider")).json() == []
    for path in (f"/v1/relations/{AGREEMENT}", "/v1/relations/none"):
        assert door.client.get(path, headers=door.as_("outsider")).status_code == 403
    enter(door, "mcn")
    for lang, words in (("zh", "没有未了结的争议"), ("en", "no dispute open")):
        assert words in page_of(door, f"/relations/{AGREEMENT}", lang)
        assert AGREEMENT in page_of(door, "/relations", lang)


def test_what_is_done_together_is_counted_on_the_page_and_closed_to_others(door: Door) -> None:
    first, at = relation(door.office, AGREEMENT).agreement, door.office.clock
    shares = {"platform_share": "0%", "merchant_share": "60%", "mcn_share": "0%", "streamer_share": "40%"}
    for name, event, fields in (
        ("joint_campaign", "planned", {"name": "June", "starts_on": "2026-05-05", **shares}),
        ("joint_campaign", "cost_paid", {"amount": "100.00", "paid_by": "merchant", "what": "posters"}),
        ("exchange", "opened", {}),
        ("exchange", "given", {"side": "first", "units": "3"}),
    ):
        tell(door.office.log, first, name, "X-1", event, fields, by="brand", at=at())
    shown = door.client.get(f"/v1/relations/{AGREEMENT}", headers=door.as_("streamer")).json()["together"]
    assert [(one["register"], one["clause"]) for one in shown] == [
        ("exchange", None),
        ("joint_campaign", None),
    ]
    owes = {one["role"]: one["owes"]["amount_minor"] for one in shown[1]["borne"]}
    assert owes == {"merchant": -4_000, "streamer": 4_000}
    enter(door, "mcn")
    for lang, words in (("zh", "协议没有该类条款"), ("en", "no such clause in the agreement")):
        assert words in page_of(door, f"/relations/{AGREEMENT}", lang)
