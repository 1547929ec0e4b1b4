"""Batches over the API: the agreement's parties see them, two of whose file it was void one, nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from api.access import Grant
from tests.integration.api.conftest import Door

OF = "agreement=head-streamer"


def listed(door: Door, who: str) -> Any:
    return door.client.get(f"/v1/batches?{OF}", headers=door.as_(who))


def biggest(door: Door) -> str:
    found = listed(door, "platform").json()["batches"]
    return str(max(found, key=lambda one: one["entries"])["batch"])


def propose(door: Door, who: str, batch: str) -> Any:
    body = {"reason": "another shop's file"}
    return door.client.post(f"/v1/batches/{batch}/void?{OF}", json=body, headers=door.as_(who))


def confirm(door: Door, who: str, batch: str) -> Any:
    return door.client.post(f"/v1/batches/{batch}/void/confirm?{OF}", headers=door.as_(who))


def test_every_party_sees_what_files_brought_and_an_outsider_does_not(door: Door) -> None:
    for who in ("platform", "brand", "mcn"):
        assert {one["agreement"] for one in listed(door, who).json()["batches"]} == {"head-streamer"}
    assert listed(door, "outsider").status_code == 403


@pytest.mark.parametrize("who", ["brand", "mcn", "outsider", "reader", "operator"])
def test_who_may_not_approve_for_whose_file_it_was_voids_nothing(door: Door, who: str) -> None:
    batch = biggest(door)
    assert propose(door, who, batch).status_code == 403
    assert confirm(door, who, batch).status_code == 403
    assert {one["void_proposed_by"] for one in listed(door, "platform").json()["batches"]} == {None}


def test_one_member_proposes_and_cannot_confirm(door: Door) -> None:
    batch = biggest(door)
    early = confirm(door, "platform", batch)
    assert (early.status_code, early.json()["code"]) == (409, "batch.void-refused")
    proposed = propose(door, "platform", batch)
    assert proposed.status_code == 201, proposed.text
    assert propose(door, "platform", batch).json() == proposed.json()
    alone = confirm(door, "platform", batch)
    assert (alone.status_code, alone.json()["code"]) == (409, "batch.void-refused")
    assert propose(door, "platform", "0000ffff").json()["code"] == "entry.unknown"


def test_a_proposed_void_waits_on_the_overview_of_whoever_may_confirm_it_and_of_nobody_else(
    door: Door,
) -> None:
    door.codes["second"] = door.house.members.enrol("second", "Second", [Grant("approve", "platform")])

    def waiting(who: str) -> Any:
        return door.client.get("/v1/overview", headers=door.as_(who)).json()["to_confirm"]

    assert waiting("second") == []
    batch = biggest(door)
    propose(door, "platform", batch)
    assert [
        (one["batch"].partition("@")[0], one["proposed_by"], one["reason"]) for one in waiting("second")
    ] == [(batch, "platform-member", "another shop's file")]
    for who in ("platform", "brand", "mcn", "auditor", "operator", "outsider"):
        assert waiting(who) == [], who
    page = door.client.get("/", headers=door.as_("second") | {"accept": "text/html"}).text
    assert f'href="/batches/{batch}@' in page
    assert confirm(door, "second", batch).status_code == 201
    assert waiting("second") == []


def test_batches_go_by_cursor_and_their_csv_is_whole(door: Door) -> None:
    whole = listed(door, "platform").json()
    assert whole["next_after"] is None
    found, after = [], ""
    while True:
        page = door.client.get(f"/v1/batches?{OF}&limit=1{after}", headers=door.as_("platform")).json()
        found += page["batches"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert found == whole["batches"]
    csv = door.client.get(f"/v1/batches.csv?{OF}", headers=door.as_("platform")).text
    assert len(csv.splitlines()) == len(found) + 1
