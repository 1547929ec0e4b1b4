"""Drafting over the API: a draft is checked, compared and contradicted before anything is written."""

from __future__ import annotations

from typing import Any

from tests.integration.api.conftest import Door
from tests.integration.api.test_writing import HEAD_STREAMER, post

CHECK = "/v1/agreements/check"
SECOND = HEAD_STREAMER.replace("version: 1\n", "version: 2\nsupersedes: {version: 1}\n", 1).replace(
    "effective_from: 2026-02-01", "effective_from: 2099-01-01"
)
LESS = SECOND.replace("30%", "25%").replace("16.69", "13.91").replace("38.93", "41.71")


def body(door: Door, document: str) -> dict[str, Any]:
    """A document with the signers of the version that stands."""
    viewer = door.house.members.viewer_of_code(door.codes["platform"])
    standing = door.house.agreements.held(viewer, "head-streamer", 1).agreement
    return {"document": document, "signers": {key: one.signer for key, one in standing.parties.items()}}


def test_a_draft_is_told_what_stands_against_it_and_what_it_changes(door: Door) -> None:
    size = door.office.log.size()
    answer = post(door, "mcn", CHECK, body(door, LESS))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["version"], told["ready"]) == ("head-streamer", 2, False)
    (warning,) = [one for one in told["findings"] if one["severity"] == "warning"]
    assert warning["code"] == "amendment.pays-less"
    assert warning["message"]["zh"] != warning["message"]["en"]
    assert "amendment.pays-less" in told["refusal"]
    changes = told["changes"]
    assert (changes["old"], changes["new"]) == ("head-streamer@1", "head-streamer@2")
    assert any("25%" in one["says"]["en"] and one["clause"] for one in changes["terms"])
    verdicts = {one["party"]["key"]: one["verdict"] for one in changes["paid"]}
    assert verdicts["mcn"] == "found"
    assert verdicts["brand"] == "never"
    assert changes["orders"][0]["shares"][0]["before"]["currency"] == "CNY"
    assert door.office.log.size() == size
    assert post(door, "mcn", "/v1/agreements", body(door, LESS)).json()["code"] == "agreement.not-ready"
    assert door.office.log.size() == size


def test_a_draft_that_would_be_taken_says_so_and_is(door: Door) -> None:
    told = post(door, "mcn", CHECK, body(door, SECOND)).json()
    assert (told["ready"], told["refusal"]) == (True, None)
    assert post(door, "mcn", "/v1/agreements", body(door, SECOND)).status_code == 201
    taken = post(door, "mcn", CHECK, body(door, LESS)).json()
    assert "raise the version" in taken["refusal"]
    path = "/v1/agreements/head-streamer/2"
    changes = door.client.get(f"{path}/changes/1", headers=door.as_("brand"))
    assert changes.status_code == 200
    assert door.client.get(path, headers=door.as_("brand")).json()["changes"] == changes.json()
    for lang, title in (("en", "What this version changes"), ("zh", "较上一版的变更")):
        page = door.client.get(
            f"/agreements/head-streamer/2?lang={lang}", headers=door.as_("brand") | {"accept": "text/html"}
        )
        assert title in page.text


def test_a_draft_that_is_no_agreement_has_its_faults_told_by_line(door: Door) -> None:
    text = HEAD_STREAMER.replace("days: 15\n    after", "days: fifteen\n    after")
    told = post(door, "platform", CHECK, {"document": text, "signers": {}}).json()
    assert (told["id"], told["ready"], told["changes"]) == (None, False, None)
    assert told["findings"][0]["line"]
    assert told["findings"][0]["severity"] == "error"


def test_a_stranger_learns_nothing_by_drafting(door: Door) -> None:
    for who in ("outsider", "reader", "auditor", "operator"):
        assert post(door, who, CHECK, {"document": SECOND, "signers": {}}).status_code == 403, who
    asked = door.client.get("/v1/agreements/head-streamer/1/changes/1", headers=door.as_("outsider"))
    nothing = door.client.get("/v1/agreements/nowhere/1/changes/1", headers=door.as_("outsider"))
    assert asked.status_code == nothing.status_code == 403
    assert asked.json()["detail"] == nothing.json()["detail"]
