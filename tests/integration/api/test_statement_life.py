"""Statements served, contested and accepted over the API: by their party, and by nobody for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door
from tests.world import STATEMENTS

MCN = f"/v1/statements/{STATEMENTS['mcn']}"


def post(door: Door, who: str, path: str, body: Any = None) -> Any:
    return door.client.post(path, json=body, headers=door.as_(who))


def life(door: Door, who: str = "mcn") -> dict[str, Any]:
    found: dict[str, Any] = door.client.get(MCN, headers=door.as_(who)).json()["life"]
    return found


def held_of(door: Door, who: str = "mcn") -> int:
    found = door.client.get("/v1/holds", headers=door.as_(who)).json()["holds"]
    return sum(one["held"]["amount_minor"] for one in found if one["id"].startswith("C-"))


def test_a_statement_is_served_contested_by_line_and_the_rest_accepted(door: Door) -> None:
    served = post(door, "operator", f"{MCN}/services", {"means": "inbox"})
    assert served.status_code == 201, served.text
    assert [one["means"] for one in served.json()] == ["inbox"]
    assert life(door)["status"] == "served"
    found = post(door, "mcn", f"{MCN}/contests", {"lines": [0, 1], "reason": "charged at 25%"}).json()
    assert found["status"] == "contested"
    assert found["contested"]["amount_minor"] == found["held"]["amount_minor"] == held_of(door) == 2 * 1669
    accepted = post(door, "mcn", f"{MCN}/acceptance").json()
    assert accepted["status"] == "accepted_in_part"
    ended = post(door, "mcn", f"{MCN}/contests/1/withdrawal", {"reason": "it was right"}).json()
    assert (ended["status"], ended["held"]["amount_minor"], held_of(door)) == ("withdrawn", 0, 0)
    assert life(door)["status"] == "accepted"


def test_doing_it_again_adds_nothing(door: Door) -> None:
    acts = [
        ("operator", f"{MCN}/services", {"means": "inbox"}),
        ("mcn", f"{MCN}/contests", {"figures": ["/totals/0"], "reason": "wrong"}),
        ("mcn", f"{MCN}/acceptance", None),
        ("arbiter", f"{MCN}/contests/1/dismissal", {"reason": "it is right"}),
    ]
    for who, path, body in acts:
        post(door, who, path, body)
    size = door.office.log.size()
    for who, path, body in (acts[0], acts[2], acts[3]):
        assert post(door, who, path, body).status_code == 201
    assert door.office.log.size() == size


@pytest.mark.parametrize("who", ["operator", "platform", "brand", "reader", "auditor", "arbiter", "outsider"])
def test_nobody_accepts_or_contests_for_a_party(door: Door, who: str) -> None:
    post(door, "mcn", f"{MCN}/contests", {"lines": [5], "reason": "wrong"})
    size = door.office.log.size()
    assert post(door, who, f"{MCN}/acceptance").status_code == 403
    assert post(door, who, f"{MCN}/contests", {"whole": True, "reason": "x"}).status_code == 403
    assert post(door, who, f"{MCN}/contests/1/withdrawal", {"reason": "x"}).status_code == 403
    assert door.office.log.size() == size


@pytest.mark.parametrize("who", ["mcn", "platform", "auditor", "arbiter"])
def test_the_operator_alone_records_service_and_answers(door: Door, who: str) -> None:
    assert post(door, who, f"{MCN}/services", {"means": "inbox"}).status_code == 403
    assert post(door, who, f"{MCN}/contests/1/answer", {"reason": "x", "correction": "y"}).status_code == 403


def test_an_arbiter_alone_dismisses_and_the_hold_goes(door: Door) -> None:
    post(door, "mcn", f"{MCN}/contests", {"lines": [0], "reason": "wrong"})
    for who in ("operator", "mcn", "platform"):
        assert post(door, who, f"{MCN}/contests/1/dismissal", {"reason": "x"}).status_code == 403
    ended = post(door, "arbiter", f"{MCN}/contests/1/dismissal", {"reason": "the rate is 30%"}).json()
    assert (ended["status"], ended["held"]["amount_minor"]) == ("dismissed", 0)


def test_who_reads_a_contest(door: Door) -> None:
    post(door, "mcn", f"{MCN}/contests", {"lines": [0], "reason": "wrong"})
    readers = {who for who in door.codes if door.client.get("/v1/contests", headers=door.as_(who)).json()}
    assert readers == {"mcn", "reader", "platform", "arbiter", "auditor", "operator"}
    for who in ("platform", "brand", "operator", "arbiter"):
        assert door.client.get(MCN, headers=door.as_(who)).status_code == 403, "figures stay the party's own"
    kinds = door.client.get("/v1/log?kind=statement.contested", headers=door.as_("brand")).json()["entries"]
    assert kinds == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "x"}, "contest.refused"),
        ({"reason": "x", "lines": [0], "whole": True}, "contest.refused"),
        ({"reason": "  ", "whole": True}, "contest.refused"),
        ({"reason": "x", "figures": ["/totals/99"]}, "contest.refused"),
        ({"reason": "x", "lines": [99999]}, "statement.unknown"),
    ],
)
def test_what_cannot_be_contested_is_refused_by_name(door: Door, body: dict[str, Any], code: str) -> None:
    assert post(door, "mcn", f"{MCN}/contests", body).json()["code"] == code


def test_service_that_cannot_be_is_refused_by_name(door: Door) -> None:
    for body in ({"means": "pigeon"}, {"means": "address"}, {"means": "inbox", "delivered_at": "soon"}):
        answer = post(door, "operator", f"{MCN}/services", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "statement.service-refused"), body
    door.house.members.withdraw("mcn-member")
    door.house.members.withdraw("reader")
    nobody = post(door, "operator", f"{MCN}/services", {"means": "inbox"})
    assert "nobody of mcn can sign in" in nobody.json()["detail"]
    path = "/v1/statements/nothing.1.1/services"
    assert post(door, "operator", path, {"means": "inbox"}).status_code == 403
    unknown = post(door, "operator", f"{MCN}/contests/7/answer", {"reason": "x", "correction": "y"})
    assert unknown.json()["code"] == "contest.refused"


def test_what_waits_says_until_when_it_may_be_contested(door: Door) -> None:
    post(door, "operator", f"{MCN}/services", {"means": "inbox"})
    (waiting,) = door.client.get("/v1/overview", headers=door.as_("mcn")).json()["to_accept"]
    assert waiting["status"] == "served"
    assert waiting["contest_until"] == life(door)["contest_until"]
    post(door, "mcn", f"{MCN}/acceptance")
    assert door.client.get("/v1/overview", headers=door.as_("mcn")).json()["to_accept"] == []


def test_a_row_of_the_sum_opens_to_its_lines(door: Door) -> None:
    detail = door.client.get(MCN, headers=door.as_("mcn")).json()
    for row in detail["totals"]:
        asked = f"{MCN}/lines?leg={row['leg']}&kind={row['kind']}&limit=1000"
        page = door.client.get(asked, headers=door.as_("mcn")).json()
        assert page["total"] == row["lines"]
        assert sum(one["amount"]["amount_minor"] for one in page["lines"]) == row["amount"]["amount_minor"]
    assert door.client.get(f"{MCN}/lines?leg=nothing", headers=door.as_("mcn")).json()["total"] == 0
    page = f"{MCN.removeprefix('/v1')}?lang=en&order=nothing"
    found = door.client.get(page, headers=door.as_("mcn") | {"accept": "text/html"})
    assert "No line of the statement fits" in found.text
