"""Expected payouts over the API and as a page: each party sees its own alone."""

from __future__ import annotations

from tests.integration.api.conftest import Door

PATH = "/v1/agreements/head-streamer/forecast"


def test_each_party_sees_its_own_and_an_auditor_all(door: Door) -> None:
    mine = door.client.get(PATH, headers=door.as_("mcn"))
    assert mine.status_code == 200, mine.text
    found = mine.json()
    assert {one["party"]["id"] for one in (*found["days"], *found["undated"])} <= {"mcn"}
    assert "nothing more happened" in found["assumption"]["en"]
    every = door.client.get(PATH, headers=door.as_("auditor")).json()
    assert len(every["days"]) + len(every["undated"]) >= len(found["days"]) + len(found["undated"])
    table = door.client.get(f"{PATH}.csv", headers=door.as_("mcn")).text
    assert table.lstrip("\ufeff").startswith("day,party,payable,adds")


def test_nobody_else_sees_any(door: Door) -> None:
    for who in ("outsider", "operator"):
        assert door.client.get(PATH, headers=door.as_(who)).status_code == 403
    unknown = door.client.get("/v1/agreements/no-such/forecast", headers=door.as_("mcn"))
    assert unknown.status_code == 403
    assert door.client.get(f"{PATH}?days=400", headers=door.as_("mcn")).status_code == 400


def test_the_page_says_what_it_assumes_in_both_languages(door: Door) -> None:
    for language, said in (("zh", "假定此后不再发生任何事"), ("en", "if nothing more happened")):
        who = door.as_("mcn") | {"accept": "text/html", "accept-language": language}
        assert said in door.client.get("/agreements/head-streamer/forecast", headers=who).text
