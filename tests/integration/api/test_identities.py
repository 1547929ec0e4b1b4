"""Identities over the API and on their page: each sees its own, the platform its partners'."""

from __future__ import annotations

from api.office.identities import watch_rechecks
from api.office.register_duties import watch_expiry
from api.office.registers import tell_event
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in

DATES = {"method": "registry", "valid_until": "2026-12-01", "recheck_by": "2027-06-30"}


def verify(door: Door, party: str) -> None:
    tell_event(
        door.office, "identity", f"ID-{party}", "submitted", {"subject": "company"}, by=party, party=party
    )
    tell_event(door.office, "identity", f"ID-{party}", "verified", DATES, by="operator", party=party)


def standings(door: Door, who: str) -> dict[str, str]:
    found = door.client.get("/v1/identities", headers=door.as_(who)).json()["identities"]
    return {one["party"]["id"]: one["standing"] for one in found}


def test_each_sees_its_own_and_the_operator_sets_the_gate(door: Door) -> None:
    verify(door, "brand")
    assert standings(door, "brand") == {"brand": "verified"}
    assert standings(door, "platform") == {
        "brand": "verified", **dict.fromkeys(("leader", "mcn", "platform", "streamer"), "unknown"),
    }  # fmt: skip
    assert standings(door, "outsider") == {}
    body = {"sign": True, "pay": True, "reason": "E-Commerce Law 27"}
    assert door.client.post("/v1/identities/gate", json=body, headers=door.as_("platform")).status_code == 403
    answer = door.client.post("/v1/identities/gate", json=body, headers=door.as_("operator")).json()
    assert (answer["sign"], answer["pay"]) == (True, True)
    assert "brand,verified,ID-brand,company,2026-12-01" in (
        door.client.get("/v1/identities.csv", headers=door.as_("brand")).text
    )


def test_the_page_says_how_each_stands_in_both_languages_and_sets_the_gate(door: Door) -> None:
    verify(door, "brand")
    sign_in(door.client, door.codes["operator"])
    for lang, words in (("en", ("verified", "nothing submitted")), ("zh", ("已核验", "未提交"))):
        text = door.client.get(f"/identities?lang={lang}", headers=HTML).text
        assert all(word in text for word in (*words, "2026-12-01"))
    token = form_token(door.client, "/identities")
    for data, status, shown in (
        ({"pay": "on", "reason": "the law"}, 200, "Only verified parties are paid."),
        ({"sign": "on"}, 422, 'name="reason"'),
    ):
        sent = door.client.post("/identities/gate", data={"_csrf_token": token, **data}, headers=HTML)
        assert (sent.status_code, shown in door.client.get("/identities?lang=en", headers=HTML).text) == (
            status,
            True,
        )


def test_party_and_platform_are_told_before_an_identity_expires(door: Door) -> None:
    verify(door, "brand")
    fields = {"method": "face", "recheck_by": "2026-11-30"}
    tell_event(door.office, "identity", "ID-brand", "rechecked", fields, by="operator", party="brand")
    licence = {"licence_kind": "food", "number": "JY1", "valid_until": "2026-11-20", "document": "ab" * 32}
    tell_event(door.office, "licence", "L-1", "submitted", licence, by="brand", party="brand")
    accepted = {"valid_until": "2026-11-20", "document": "ab" * 32}
    tell_event(door.office, "licence", "L-1", "accepted", accepted, by="operator", party="brand")
    for duty, count in ((watch_expiry, 2), (watch_rechecks, 1)):
        assert (duty(door.office), duty(door.office)) == (count, 0), "once each"
    for who, seen in (("brand", 3), ("platform", 3), ("mcn", 1)):
        found = door.client.get("/v1/notices", headers=door.as_(who)).json()["notices"]
        codes = [one["code"] for one in found if one["code"].endswith(("-expiring", "-recheck"))]
        assert len(codes) == seen, codes
