"""Scores over the API and on their page: the platform records, who was scored reads, the others do not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.office.registers import tell_event
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in

OCTOBER = {"agreement": "head-streamer", "party": "brand", "period": "2026-10"}


def tell(door: Door, register: str, item: str, event: str, day: int, **fields: str) -> None:
    when = datetime.fromisoformat(f"2026-10-{day:02}T10:00:00+08:00")
    tell_event(
        door.office, register, item, event, fields, by="platform", agreement="head-streamer", occurred_at=when
    )


def october(door: Door) -> None:
    """Tell of one shipment in time, one late, an answer in time, and an incident that was true."""
    for number, day in ((1, 6), (2, 9)):
        tell(door, "shipment", f"S-{number}", "promised", 5, order=str(number))
        tell(door, "shipment", f"S-{number}", "shipped", day, carrier="SF")
    tell(door, "after_sale", "A-1", "asked", 7, order="1", wish="refund", responsible="merchant")
    tell(door, "after_sale", "A-1", "accepted", 8)
    tell(door, "incident", "I-1", "reported", 8, what="defect", responsible="merchant")
    tell(door, "incident", "I-1", "confirmed", 9, responsible="merchant", severity="1", clause="7.1")


def record(door: Door, who: str, **changed: str) -> Any:
    return door.client.post("/v1/scores", json={**OCTOBER, **changed}, headers=door.as_(who))


def test_the_platform_records_and_who_was_scored_reads_it(door: Door) -> None:
    october(door)
    made = record(door, "platform")
    assert made.status_code == 201, made.text
    assert {one["component"]: one["score"] for one in made.json()["components"]} == {
        "quality": "60.00", "fulfilment": "0.00", "after_sale": "100.00",
    }  # fmt: skip
    assert (made.json()["total"], made.json()["tier"], made.json()["party"]["id"]) == (
        "54.00",
        "novice",
        "brand",
    )
    assert record(door, "platform").json()["entry_seq"] == made.json()["entry_seq"]
    seen = {who: len(door.client.get("/v1/scores", headers=door.as_(who)).json()) for who in door.codes}
    assert {who for who, count in seen.items() if count} == {"brand", "platform", "auditor"}
    assert "head-streamer@1,brand,2026-10,merchant,54.00,novice" in (
        door.client.get("/v1/scores.csv", headers=door.as_("brand")).text
    )
    for who, status in (("brand", 403), ("operator", 403), ("outsider", 403)):
        assert record(door, who).status_code == status
    assert record(door, "platform", period="2026-11").json()["code"] == "score.refused"
    assert record(door, "platform", party="mcn").json()["code"] == "score.refused"


def test_the_page_shows_what_a_score_rests_on_in_both_languages(door: Door) -> None:
    october(door)
    sign_in(door.client, door.codes["platform"])
    token = form_token(door.client, "/scores")
    sent = door.client.post("/scores", data={"_csrf_token": token, **OCTOBER}, headers=HTML)
    assert (sent.status_code, "54.00" in sent.text) == (200, True)
    for lang, words in (("en", ("shipped in time", "40% × 60.00")), ("zh", ("按时发货率", "信用分"))):
        text = door.client.get(f"/scores?lang={lang}", headers=HTML).text
        assert all(word in text for word in words)
    wrong = {**OCTOBER, "period": "October"}
    refused = door.client.post("/scores", data={"_csrf_token": token, **wrong}, headers=HTML)
    assert (refused.status_code, 'value="October"' in refused.text) == (422, True)
