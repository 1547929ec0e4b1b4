"""Debts over HTTP and by the command: who sees them, and two members of who bears one write it off."""

from __future__ import annotations

from typing import Any

import pytest

from api.access import Grant
from tests.command_line import tally
from tests.decided import post_decision
from tests.integration.api.conftest import Door
from tests.settlement_world import head_streamer, instant

OWED = {
    "from": "streamer.receivable", "to": "brand", "amount_minor": 30_000, "currency": "CNY",
    "kind": "commission_clawback",
}  # fmt: skip
ASKED = {"name": "W-1", "debtor": "streamer", "bearer": "platform", "amount": "200.00", "reason": "gone"}


@pytest.fixture
def owing(door: Door) -> Door:
    """An application in whose log the streamer owes the brand 300.00."""
    decision = {"clause": "7.4", "outcome": "granted", "amount_minor": 30_000, "postings": [OWED]}
    post_decision(
        door.office.log, head_streamer(), case="C-1", decision=decision, decided_at=instant("2026-03-10"),
        asserter="panel", parties=("brand", "streamer"), clause="7.4",
    )  # fmt: skip
    door.codes["second"] = door.house.members.enrol("second", "Second", [Grant("pay", "platform")])
    return door


def _post(door: Door, who: str, path: str, body: Any = None) -> Any:
    address = f"/v1/debts/write-offs{path}?agreement=head-streamer"
    return door.client.post(address, json=body, headers=door.as_(who))


def _debts(door: Door, who: str) -> Any:
    return door.client.get("/v1/debts?agreement=head-streamer", headers=door.as_(who))


def test_two_members_of_who_bears_it_write_a_debt_off(owing: Door) -> None:
    assert _debts(owing, "streamer").json()["debts"][0]["owed"]["amount_minor"] == 30_000
    assert _debts(owing, "platform").json()["debts"] == _debts(owing, "streamer").json()["debts"]
    assert _debts(owing, "mcn").json() == {"debts": [], "write_offs": []}
    proposed = _post(owing, "platform", "", ASKED)
    assert (proposed.status_code, proposed.json()["confirmed_by"]) == (201, None)
    assert _post(owing, "platform", "/W-1/confirm").json()["code"] == "debt.refused"
    assert _post(owing, "second", "/W-1/confirm").json()["confirmed_by"] == "second"
    assert _debts(owing, "streamer").json()["debts"][0]["owed"]["amount_minor"] == 10_000
    assert [one["name"] for one in _debts(owing, "streamer").json()["write_offs"]] == ["W-1"]


def test_nobody_writes_off_at_the_cost_of_another_or_more_than_is_owed(owing: Door) -> None:
    assert _post(owing, "brand", "", ASKED).status_code == 403
    assert _post(owing, "outsider", "", ASKED).status_code == 403
    assert _debts(owing, "outsider").status_code == 403
    too_much = _post(owing, "platform", "", {**ASKED, "amount": "300.01"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "debt.refused")
    assert (
        _post(owing, "platform", "", {**ASKED, "debtor": "streamr"}).json()["detail"].endswith("'streamer'?")
    )


def test_the_command_says_what_is_owed_and_writes_it_off(owing: Door) -> None:
    data, of = owing.world.data, ("--agreement", "head-streamer")
    assert "streamer             owes 300.00 CNY" in tally(data, "debt", "list", *of).out
    asked = ("--of", "streamer", "--borne-by", "platform", "--amount", "200.00", "--reason", "gone")
    made = tally(data, "debt", "write-off", "W-1", *of, *asked, "--by", "platform-member")
    assert (made.code, "another member confirms" in made.out) == (0, True), made.err
    again = tally(data, "debt", "confirm", "W-1", *of, "--by", "platform-member")
    assert (again.code, "[debt.refused]" in again.err) == (2, True)
    assert (
        "written off, borne by platform" in tally(data, "debt", "confirm", "W-1", *of, "--by", "second").out
    )
    told = tally(data, "debt", "list", *of, "--json").json
    assert (told["owed"], told["write_offs"][0]["confirmed_by"]) == ({"streamer": 10_000}, "second")
