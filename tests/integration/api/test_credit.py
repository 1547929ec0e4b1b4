"""Credit over the API and on its page: given with reasons, appealed by the party, decided by another."""

from __future__ import annotations

from typing import Any

from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in

GIVEN = {
    "id": "P1", "agreement": "head-streamer@1", "party": "brand", "rule": "violation_proven", "clause": "7.1",
    "severity": 2, "cites": [3], "reason": "a false claim",
}  # fmt: skip


def give(door: Door, who: str, **changed: Any) -> Any:
    return door.client.post("/v1/credit/points", json={**GIVEN, **changed}, headers=door.as_(who))


def step(door: Door, who: str, name: str, points: str = "P1") -> Any:
    body = {"step": name, "reason": "the record shows it"}
    return door.client.post(f"/v1/credit/points/{points}/steps", json=body, headers=door.as_(who))


def scores(door: Door, who: str) -> dict[str, int]:
    found = door.client.get("/v1/credit", headers=door.as_(who)).json()
    return {one["party"]["id"]: one["score"] for one in found}


def test_the_platform_gives_and_each_sees_its_own(door: Door) -> None:
    given = give(door, "platform")
    assert (given.status_code, given.json()["points"], given.json()["worth"]) == (201, -40, "-40.00")
    assert give(door, "platform").json()["steps"] == given.json()["steps"], "the same again adds nothing"
    assert scores(door, "brand") == {"brand": 460}
    assert scores(door, "mcn") == {"mcn": 500}
    assert scores(door, "platform").keys() == scores(door, "auditor").keys() == {
        "brand", "leader", "mcn", "streamer",
    }  # fmt: skip
    assert scores(door, "outsider") == {}
    csv = door.client.get("/v1/credit.csv", headers=door.as_("brand")).text
    assert "brand,platform,460,460,normal,正常,normal" in csv
    for who in ("brand", "mcn", "outsider", "operator"):
        assert give(door, who, id="P2").status_code == 403


def test_the_party_appeals_and_neither_it_nor_who_gave_decides(door: Door) -> None:
    give(door, "platform")
    assert step(door, "mcn", "appeal").status_code == 403
    assert step(door, "brand", "appeal").json()["state"] == "appealed"
    for who in ("brand", "mcn", "outsider"):
        assert step(door, who, "remove").status_code == 403
    assert step(door, "platform", "remove").json()["code"] == "credit.refused"
    assert scores(door, "arbiter") == {"brand": 460}, "an arbiter sees what is appealed"
    removed = step(door, "arbiter", "remove").json()
    assert (removed["state"], [one["what"] for one in removed["steps"]]) == (
        "removed", ["credit.points_given", "credit.points_appealed", "credit.points_removed"],
    )  # fmt: skip
    assert scores(door, "brand") == {"brand": 500}
    assert step(door, "brand", "appeal", "P9").status_code == 403


def send(door: Door, path: str, **data: str) -> Any:
    fields = {"_csrf_token": form_token(door.client, "/credit"), **data}
    return door.client.post(path, data=fields, headers=HTML)


def test_the_page_says_why_in_both_languages_and_takes_the_appeal(door: Door) -> None:
    give(door, "platform")
    sign_in(door.client, door.codes["brand"])
    for lang, words in (("en", ("A violation was proven", "Appeal")), ("zh", ("违规查实", "申诉"))):
        text = door.client.get(f"/credit?lang={lang}", headers=HTML).text
        assert all(word in text for word in (*words, "460", "a false claim"))
    sent = send(door, "/credit/steps", points="P1", step="appeal", reason="we had a report")
    assert "we had a report" in sent.text
    assert send(door, "/credit/steps", points="P1", step="appeal", reason="once more").status_code == 409
    sign_in(door.client, door.codes["platform"])
    typed = {name: str(value) for name, value in GIVEN.items()} | {"id": "P2", "cites": "three"}
    wrong = send(door, "/credit/points", **typed)
    assert (wrong.status_code, 'value="three"' in wrong.text) == (409, True)
    assert "P2" in send(door, "/credit/points", **{**typed, "cites": "3 4"}).text
