"""Months over the API: closed by the platform's `pay` or the operator, each shown its own accounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door

MARCH = {"agreement": "head-streamer", "period": "2026-03"}


def close(door: Door, who: str, **changed: str) -> Any:
    return door.client.post("/v1/periods", json={**MARCH, **changed}, headers=door.as_(who))


def month(door: Door, who: str, period: str = "2026-03") -> Any:
    return door.client.get(f"/v1/periods/head-streamer/{period}", headers=door.as_(who))


def test_the_platform_closes_and_each_sees_its_own_accounts(door: Door) -> None:
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
    assert close(door, "operator").json()["accounts"] == []
    assert month(door, "operator").status_code == 403
    assert month(door, "outsider").status_code == 403


def test_what_cannot_be_closed_is_refused(door: Door) -> None:
    ahead = close(door, "platform", period="2999-01")
    assert (ahead.status_code, ahead.json()["code"]) == (409, "period.refused")
    assert close(door, "platform", agreement="spring").status_code == 403
    assert month(door, "mcn", "March").status_code == 409
