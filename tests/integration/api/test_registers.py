"""Registers over the API and on their pages: told in a party's name, read by those whom they concern."""

from __future__ import annotations

import csv
import io
from typing import Any

from api.access import Grant
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import HTML, enter, send, shown

SESSIONS = "/v1/registers/session/items"
OF = {"agreement": "head-streamer"}


def tell(door: Door, who: str, item: str, event: str, register: str = "session", **asked: Any) -> Any:
    where = f"/v1/registers/{register}/items/{item}/events"
    return door.client.post(where, json={"event": event, **asked}, headers=door.as_(who))


def plan(door: Door, item: str = "S1") -> Any:
    return tell(door, "mcn", item, "planned", fields={"host_type": "creator"}, **OF)


def read(door: Door, who: str, where: str) -> Any:
    return door.client.get(where, headers=door.as_(who))


def test_what_a_party_tells_is_read_by_all_parties_and_by_nobody_else(door: Door) -> None:
    told = plan(door)
    assert (told.status_code, told.json()["register"]) == (201, "session")
    assert plan(door).json() == told.json(), "told again it adds nothing"
    for who in ("brand", "streamer", "auditor"):
        item = read(door, who, f"{SESSIONS}/S1").json()
        assert (item["row"]["state"], item["row"]["fields"]) == ("preparing", {"host_type": "creator"})
    for who in ("outsider", "operator", "arbiter"):
        assert read(door, who, f"{SESSIONS}/S1").status_code == 403
        assert read(door, who, SESSIONS).json()["items"] == []
    hidden = [read(door, "outsider", f"{SESSIONS}/{name}").json()["detail"] for name in ("S1", "S9")]
    assert hidden[0] == hidden[1], "asking reveals nothing"


def test_nobody_tells_in_another_name_and_what_does_not_fit_says_why(door: Door) -> None:
    plan(door)
    assert tell(door, "mcn", "S1", "ended", by="platform").status_code == 403
    assert tell(door, "outsider", "S1", "ended").status_code == 403
    assert tell(door, "reader", "S1", "ended").status_code == 403
    assert tell(door, "operator", "S1", "ended").status_code == 422, "the house tells what it is named for"
    for asked, status, code in (
        ({"event": "started"}, 409, "register.item.state"),
        ({"event": "item_listed", "fields": {"sku": "A"}}, 422, "register.refused"),
        ({"event": "item_listed", "fields": {"sku": "A", "price": "x"}}, 422, "register.refused"),
        ({"event": "ended", "occurred_at": "yesterday"}, 422, "fact.unusable"),
        ({"event": "planned", "fields": {"host_type": "store"}, **OF}, 409, "register.item.conflict"),
    ):
        refused = tell(door, "mcn", "S1", **asked)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    missing = read(door, "mcn", "/v1/registers/sesion/items")
    assert (missing.status_code, missing.json()["code"]) == (404, "register.unknown")
    assert read(door, "mcn", "/v1/registers/session").json()["retention"]["days"] == 1095
    assert "session" in [one["register"] for one in read(door, "mcn", "/v1/registers").json()]


def test_personal_fields_are_for_those_whom_they_name(door: Door) -> None:
    fields = {"topic": "quality", "words": "it smells odd", "sku": "LIP-01"}
    tell(door, "mcn", "F1", "filed", register="feedback", fields=fields, **OF)
    where = "/v1/registers/feedback/items"
    said = fields["words"]
    for who, words in (("mcn", said), ("platform", said), ("brand", None), ("auditor", None)):
        item = read(door, who, f"{where}/F1").json()
        (told,) = [one["value"] for one in item["fields"] if one["name"] == "words"]
        assert told == words, who
        assert ("words" in item["row"]["fields"]) == (words is not None)
        rows = csv.DictReader(io.StringIO(read(door, who, f"{where}.csv").text.removeprefix("\ufeff")))
        assert [row["words"] for row in rows] == [words or ""]
    assert "smells" not in read(door, "brand", f"{where}/F1/events.csv").text


def test_a_register_of_a_party_is_told_by_whom_documents_give_the_role(door: Door) -> None:
    planned = {"fields": {"course": "law_and_rules", "trainee": "Lin"}, "party": "streamer"}
    assert tell(door, "brand", "T1", "planned", register="training", **planned).status_code == 422
    assert tell(door, "mcn", "T1", "planned", register="training", **planned).status_code == 201
    where = "/v1/registers/training/items/T1"
    passed = {"fields": {"score": "88", "valid_until": "2027-01-01"}}
    assert tell(door, "streamer", "T1", "passed", register="training", **passed).status_code == 422
    assert tell(door, "mcn", "T1", "passed", register="training", **passed).status_code == 201
    assert read(door, "platform", where).json()["row"]["party"]["id"] == "streamer"
    assert read(door, "streamer", where).json()["row"]["state"] == "passed"
    assert read(door, "brand", where).status_code == 403


def test_a_file_is_told_in_the_name_of_ones_own_party(door: Door) -> None:
    where = "/v1/registers/survey/imports?agreement=head-streamer&event=given"
    rows = b"item,score\nV-1,5\nV-2,9\n"

    def send_file(who: str, more: str = "") -> Any:
        headers = {**door.as_(who), "content-type": "text/csv"}
        return door.client.post(where + more, content=rows, headers=headers)

    assert send_file("mcn", "&by=platform").status_code == 403
    assert send_file("outsider").status_code == 403
    taken = send_file("mcn").json()
    assert (taken["told"], taken["refused"], taken["refusals"][0]["item"]) == (1, 1, "V-2")
    assert send_file("mcn").json()["repeated"] == 1
    (row,) = read(door, "brand", "/v1/registers/survey/items").json()["items"]
    assert row["item"] == "V-1"


def test_a_file_is_taken_from_the_page_and_its_bad_rows_are_shown(door: Door) -> None:
    token = enter(door, "mcn")
    assert "Take a file" in shown(door, "/registers/survey")

    def hand_in(rows: bytes, event: str = "given") -> Any:
        fields = {"_csrf_token": token, "agreement": "head-streamer", "event": event, "by": "mcn"}
        files = {"file": ("survey.csv", rows, "text/csv")}
        where = "/registers/survey/_file?lang=en"
        return door.client.post(where, data=fields, files=files if rows else None, headers=HTML)

    taken = hand_in(b"item,score\nV-1,5\nV-2,9\n")
    assert "2 rows: 1 told, 0 on record before, 1 refused." in taken.text
    assert "a score is 1 to 5" in taken.text
    assert 'href="/registers/survey/V-1"' in taken.text
    assert hand_in(b"item,skore\nV-1,5\n").status_code == 422
    assert hand_in(b"").status_code in {400, 422}
    enter(door, "outsider")
    assert "Take a file" not in shown(door, "/registers/survey")


def test_the_pages_open_items_tell_of_them_and_keep_what_was_typed(door: Door) -> None:
    token = enter(door, "mcn")
    assert "直播场次" in shown(door, "/registers", "zh")
    list_page = shown(door, "/registers/session?agreement=head-streamer")
    assert "Open an item" in list_page
    opened = send(
        door, "/registers/session", token, event="planned", item="S1", by="mcn",
        agreement="head-streamer", **{"field.host_type": "creator", "field.theme": "lipstick night"},
    )  # fmt: skip
    assert (opened.status_code, opened.headers["location"]) == (303, "/registers/session/S1?done=opened")
    page = shown(door, "/registers/session/S1?done=opened")
    for words in ("It is open.", "lipstick night", "creator", "product review", "Item listed", "preparing"):
        assert words in page
    assert "开播前" in shown(door, "/registers/session", "zh")
    refused = send(
        door, "/registers/session/S1", token, event="item_listed", by="mcn",
        **{"field.sku": "LIP-01", "field.price": "cheap"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert 'value="LIP-01"' in refused.text
    told = send(
        door, "/registers/session/S1", token, event="item_listed", by="mcn",
        **{"field.sku": "LIP-01", "field.price": "299.00"},
    )  # fmt: skip
    assert told.headers["location"] == "/registers/session/S1?done=told"
    assert "299.00 CNY" in shown(door, "/registers/session/S1")
    assert "Live session: Item listed" in shown(door, "/log")
    enter(door, "outsider")
    assert "Nothing was told yet" in shown(door, "/registers/session")
    assert door.client.get("/registers/session/S1", headers=HTML).status_code == 403


def test_every_register_has_a_page_in_both_languages(door: Door) -> None:
    enter(door, "mcn")
    for one in read(door, "mcn", "/v1/registers").json():
        for lang in ("zh", "en"):
            assert one["title"][lang] in shown(door, f"/registers/{one['register']}", lang)


def test_an_arbiter_tells_nothing_under_agreements_where_they_do_not_sit(door: Door) -> None:
    fields, of = {"what": "leak", "discovered_at": "2026-03-20T11:00:00+08:00"}, "disclosure_incident"
    door.codes["idle"] = door.house.members.enrol("idle", "Idle", [Grant("arbiter")])
    for who, status in (("idle", 403), ("arbiter", 201)):
        answer = tell(door, who, "I1", "reported", of, fields=fields, **OF)
        assert answer.status_code == status, answer.text
    assert tell(door, "idle", "I1", "contained", of).status_code == 403


def test_personal_fields_of_a_partys_register_are_for_the_roles_that_it_names(door: Door) -> None:
    """An assessment is read by platform and agency; remarks on the person only by the agency, and by them."""
    scores = {"occasion": "periodic", "expertise": "80", "speech": "70", "appeal": "90", "compliance": "95"}
    fields = {**scores, "who": "Li Lei", "note": "tires easily"}
    told = tell(door, "mcn", "E1", "scored", register="assessment", fields=fields, party="streamer", by="mcn")
    assert told.status_code == 201, told.text
    for who, reads in (("mcn", True), ("streamer", True), ("platform", False)):
        item = read(door, who, "/v1/registers/assessment/items/E1")
        assert (item.status_code, "tires easily" in item.text) == (200, reads), who
    assert read(door, "brand", "/v1/registers/assessment/items/E1").status_code == 403
