"""Months over the API: closed by the platform's `pay` or the operator, each shown its own accounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door
from tests.month_end import SECOND, let_stand

CHECKS = "/v1/periods/head-streamer/2026-03"
MARCH = {"agreement": "head-streamer", "period": "2026-03"}


def close(door: Door, who: str, **changed: str) -> Any:
    return door.client.post("/v1/periods", json={**MARCH, **changed}, headers=door.as_(who))


def month(door: Door, who: str, period: str = "2026-03") -> Any:
    return door.client.get(f"/v1/periods/head-streamer/{period}", headers=door.as_(who))


def test_the_platform_closes_and_each_sees_its_own_accounts(door: Door) -> None:
    let_stand(door.office, "2026-03")
    done = close(door, "platform")
    assert done.status_code == 201, done.text
    assert close(door, "platform").json() == done.json()
    assert len({one["owner"] for one in done.json()["accounts"]}) > 1
    own = month(door, "mcn").json()
    assert {one["owner"] for one in own["accounts"]} == {"mcn"}
    assert own["entry_seq"] == done.json()["entry_seq"]


@pytest.mark.parametrize("who", ["mcn", "brand", "arbiter", "outsider"])
def test_nobody_else_closes(door: Door, who: str) -> None:
    assert close(door, who).status_code == 403


def test_the_operator_closes_and_is_shown_no_balances(door: Door) -> None:
    let_stand(door.office, "2026-03")
    assert close(door, "operator").json()["accounts"] == []
    assert month(door, "operator").status_code == 403
    assert month(door, "outsider").status_code == 403


def test_what_cannot_be_closed_is_refused(door: Door) -> None:
    ahead = close(door, "platform", period="2999-01")
    assert (ahead.status_code, ahead.json()["code"]) == (409, "period.refused")
    assert close(door, "platform", agreement="spring").status_code == 403
    assert month(door, "mcn", "March").status_code == 409


def test_what_is_open_stops_the_close_until_another_member_lets_it_stand(door: Door) -> None:
    stopped = close(door, "platform")
    assert (stopped.status_code, stopped.json()["code"]) == (409, "period.checklist-open")
    checks = door.client.get(f"{CHECKS}/checks", headers=door.as_("platform")).json()
    opened = {one["check"]: one for one in checks if one["result"] == "open"}
    assert sorted(opened) == ["reconciliation", "run", "statements"]
    assert opened["run"]["found"]["until"] == "2026-03-31T23:59:59+08:00"
    assert opened["statements"]["todo"]["zh"]
    for item in opened:
        body = {"item": item, "reason": "served on paper"}
        made = door.client.post(f"{CHECKS}/overrides", json=body, headers=door.as_("platform"))
        assert made.status_code == 201, made.text
        again = door.client.post(f"{CHECKS}/overrides", json=body, headers=door.as_("platform"))
        assert again.json() == made.json(), "the same again adds nothing"
    assert close(door, "platform").json()["code"] == "period.checklist-open", (
        "nobody overrides for themselves"
    )
    done = close(door, "operator")
    assert done.status_code == 201, done.text
    (told,) = [one for one in door.office.log.groups(done.json()["entry_seq"]) if one.name == "checklist"]
    kept = {one["item"]: one for one in told.content["items"]}
    assert kept["run"]["overridden"]["reason"] == "served on paper"
    assert (kept["balanced"]["state"], kept["imports"]["state"]) == ("ok", "ok")
    assert told.readers == ("platform",)


def test_an_override_counts_for_what_was_found_and_no_more(door: Door) -> None:
    names = let_stand(door.office, "2026-03")
    checks = door.client.get(f"{CHECKS}/checks", headers=door.as_("platform")).json()
    assert {one["check"] for one in checks if one["overridden"]} == set(names)
    assert {one["overridden"]["by"] for one in checks if one["overridden"]} == {SECOND}
    served = door.client.post(
        "/v1/statements/head-streamer.1.1/services", json={"means": "inbox"}, headers=door.as_("operator")
    )
    assert served.status_code in {200, 201}, served.text
    checks = door.client.get(f"{CHECKS}/checks", headers=door.as_("platform")).json()
    (now,) = [one for one in checks if one["check"] == "statements"]
    assert (now["overridden"], now["found"]["count"]) == (None, 4)


@pytest.mark.parametrize(
    ("item", "reason", "code"),
    [
        ("runs", "why not", "checklist.override-refused"),
        ("balanced", "why not", "checklist.override-refused"),
        ("run", "", "entry.invalid"),
    ],
)
def test_what_cannot_be_overridden_is_refused(door: Door, item: str, reason: str, code: str) -> None:
    body = {"item": item, "reason": reason}
    refused = door.client.post(f"{CHECKS}/overrides", json=body, headers=door.as_("platform"))
    assert refused.json()["code"] == code
    for who in ("mcn", "arbiter", "outsider"):
        denied = door.client.post(f"{CHECKS}/overrides", json=body, headers=door.as_(who))
        assert denied.status_code == 403
