"""Holds over the API: the house places and releases, the account's owner sees, nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door

HOLD = {
    "id": "H1", "agreement": "head-streamer", "account": "mcn", "amount": "100.00", "clause": "7.1",
    "reason": "deposit", "until": "2030-01-01",
}  # fmt: skip


def place(door: Door, who: str, **changed: Any) -> Any:
    return door.client.post("/v1/holds", json={**HOLD, **changed}, headers=door.as_(who))


def seen(door: Door, who: str) -> list[str]:
    found = door.client.get("/v1/holds", headers=door.as_(who)).json()["holds"]
    return [one["id"] for one in found if one["id"] == "H1"]


def release(door: Door, who: str, **asked: Any) -> Any:
    body = {"id": "1", "reason": "settled", **asked}
    return door.client.post("/v1/holds/H1/releases", json=body, headers=door.as_(who))


def test_the_operator_places_and_only_those_concerned_see(door: Door) -> None:
    shown = place(door, "operator")
    assert shown.status_code == 201, shown.text
    assert shown.json()["held"] == {"amount_minor": 10_000, "currency": "CNY"}
    assert place(door, "operator").json() == shown.json()
    readers = [who for who in door.codes if seen(door, who)]
    assert sorted(set(readers) - {"auditor"}) == ["arbiter", "mcn", "platform", "reader"]


def test_part_is_released_then_the_rest(door: Door) -> None:
    place(door, "arbiter")
    assert release(door, "arbiter", amount="40.00").json()["held"]["amount_minor"] == 6_000
    assert release(door, "arbiter", amount="40.00").json()["held"]["amount_minor"] == 6_000
    assert release(door, "operator", id="2").json()["held"]["amount_minor"] == 0


@pytest.mark.parametrize("who", ["mcn", "platform", "brand", "outsider"])
def test_no_party_places_or_releases(door: Door, who: str) -> None:
    assert place(door, who).status_code == 403
    place(door, "operator")
    assert release(door, who).status_code == 403


def test_what_does_not_fit_is_refused_by_name(door: Door) -> None:
    beyond = place(door, "operator", amount="99999999.00")
    assert (beyond.status_code, beyond.json()["code"]) == (409, "hold.beyond-balance")
    assert place(door, "operator", clause="99").json()["code"] == "hold.refused"
    assert place(door, "operator", until="soon").json()["code"] == "hold.refused"
    place(door, "operator")
    assert release(door, "operator", amount="100.01").json()["code"] == "hold.refused"
    unknown = door.client.post(
        "/v1/holds/H2/releases", json={"id": "1", "reason": "x"}, headers=door.as_("operator")
    )
    assert unknown.status_code == 403
    assert door.client.get("/v1/holds").status_code == 401


def test_holds_go_by_cursor_in_the_order_of_placing(door: Door) -> None:
    for name in ("H1", "H2", "H3"):
        assert place(door, "operator", id=name, amount="1.00").status_code == 201
    as_auditor = door.as_("auditor")
    whole = door.client.get("/v1/holds", headers=as_auditor).json()["holds"]
    first = door.client.get(f"/v1/holds?limit={len(whole) - 1}", headers=as_auditor).json()
    rest = door.client.get(f"/v1/holds?after={first['next_after']}", headers=as_auditor).json()
    assert first["holds"] + rest["holds"] == whole
    assert ([one["id"] for one in rest["holds"]], rest["next_after"]) == (["H3"], None)
