"""A party's proof of completeness over the API and on the log's page: its own, whole, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.checkpoints import make_checkpoint
from tests.integration.api.conftest import Door
from tests.world import PARTIES
from verifier.files import verify_file


def get(door: Door, who: str, path: str, **headers: str) -> Any:
    return door.client.get(path, headers=door.as_(who) | headers)


def concerning(door: Door, party: str) -> list[int]:
    """The entries that concern a party, by their definition."""
    log = door.office.log
    return [n for n in range(log.size()) if party in log.groups(n)[-1].content["parties"]]


@pytest.mark.parametrize("party", PARTIES)
def test_each_party_is_proved_all_of_its_entries(door: Door, party: str) -> None:
    answer = get(door, party, f"/v1/parties/{party}/completeness")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    report = verify_file(answer.content, door.office.log_key.vkey)
    assert report.exit_code == 0, report.lines()
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["seq"] for row in rows[1:-1]] == concerning(door, party)
    opened = [group for row in rows[1:-1] for group in row["groups"] if "opened" in group]
    assert opened
    assert all(party in json.loads(group["opened"])["readers"] for group in opened)


def test_nobody_else_is_given_it_and_unknown_parties_get_the_same_answer(door: Door) -> None:
    for who in ("brand", "outsider", "operator", "arbiter"):
        for party in ("mcn", "no-such-party", "", "auditor", "%00"):
            assert get(door, who, f"/v1/parties/{party}/completeness").status_code in {403, 404}
    assert door.client.get("/v1/parties/mcn/completeness").status_code == 401


def test_what_a_party_is_given_tells_nothing_of_the_others(door: Door) -> None:
    """Two parties' proofs of one checkpoint share the hashes high up in the map and no salt or count."""
    one, other = (
        json.loads(get(door, party, f"/v1/parties/{party}/completeness").text.partition("\n")[0])
        for party in ("mcn", "leader")
    )
    assert one["checkpoint"] == other["checkpoint"]
    assert len(one["path"]) == len(other["path"]) == 10
    assert one["salt"] != other["salt"]


def test_an_auditor_may_have_it_without_the_buyers(door: Door) -> None:
    mine = get(door, "platform", "/v1/parties/platform/completeness").text
    audited = get(door, "auditor", "/v1/parties/platform/completeness").text
    assert '\\"name\\":\\"buyer\\"' in mine
    assert '\\"name\\":\\"buyer\\"' not in audited
    assert verify_file(audited.encode(), door.office.log_key.vkey).exit_code == 0
    refused = get(door, "auditor", "/v1/parties/nobody/completeness")
    assert (refused.status_code, refused.json()["code"]) == (409, "evidence.not-ready")


def test_a_party_that_no_entry_concerns_is_told_so_and_so_is_an_unsigned_size(door: Door) -> None:
    for path in ("/v1/parties/another/completeness", "/v1/parties/another/completeness?size=1"):
        refused = get(door, "outsider", path)
        assert (refused.status_code, refused.json()["code"]) == (409, "evidence.not-ready")


def test_the_page_of_the_log_says_up_to_where_the_record_is_complete(door: Door) -> None:
    html = {"accept": "text/html"}
    make_checkpoint(door.office.log, door.office.log_key)
    size, count = door.office.log.size(), len(concerning(door, "mcn"))
    shown = get(door, "mcn", "/log?lang=en", **html).text
    assert f"Your record is complete: of the first {size} entries, {count} concern mcn." in shown
    assert f'href="/v1/parties/mcn/completeness?size={size}"' in shown
    assert "与您有关的记录完整无缺" in get(door, "mcn", "/log?lang=zh", **html).text
    assert "record is complete" not in get(door, "outsider", "/log?lang=en", **html).text
