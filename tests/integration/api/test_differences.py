"""Sales that sources tell otherwise, over the API and by command: who sees them, and what of them."""

from __future__ import annotations

import json
from typing import Any

from tests.command_line import tally
from tests.integration.api.conftest import Door
from tests.integration.api.test_entries import post, sale, till
from tests.world import AGREEMENT, PARTIES

__all__ = ["till"]


def asked(door: Door, who: str, query: str = f"agreement={AGREEMENT}") -> Any:
    return door.client.get(f"/v1/differences?{query}", headers=door.as_(who))


def told(door: Door, till: dict[str, str]) -> list[int]:
    """Have the till tell of two orders of a file, of one otherwise; return both entries of that one."""
    (line,) = [one for one in door.office.log.line(AGREEMENT, "D01-0001", "1") if one[3] == "sale"]
    facts = {name: json.loads(line[6])[name] for name in ("paid", "freight", "platform_coupon")}
    at = json.loads(line[6])["paid_at"]
    same = sale("D01-0002", occurred_at=at, facts=facts, personal={})
    otherwise = sale("D01-0001", occurred_at=at, facts=facts | {"paid": "1.00"}, personal={})
    seqs = [post(door, till, one).json()["seq"] for one in (same, otherwise)]
    return [line[0], seqs[1]]


def test_the_agreements_parties_see_what_sources_tell_otherwise(door: Door, till: dict[str, str]) -> None:
    assert asked(door, "platform").json() == {"differences": [], "next_after": None}
    first, second = told(door, till)
    for who in (*PARTIES, "auditor"):
        answer = asked(door, who).json()
        (found,) = answer["differences"]
        assert (found["order"], found["line"], answer["next_after"]) == ("D01-0001", "1", None)
        assert found["counts"] == {"entry_seq": first, "source": "orders"}
        assert found["other"] == {"entry_seq": second, "source": "till"}
        assert [(one["fact"], one["other"]) for one in found["facts"]] == [("paid", "1.00")]


def test_others_see_nothing_of_it(door: Door, till: dict[str, str]) -> None:
    told(door, till)
    unknown = asked(door, "platform", "agreement=nowhere")
    for who in ("outsider", "operator"):
        answer = asked(door, who)
        assert (answer.status_code, answer.json()["code"]) == (403, "access.denied")
    assert (unknown.status_code, unknown.json()["code"]) == (403, "access.denied")
    assert door.client.get(f"/v1/differences?agreement={AGREEMENT}").status_code == 401


def test_a_cursor_goes_on_behind_its_line(door: Door, till: dict[str, str]) -> None:
    told(door, till)
    behind = {
        cursor: asked(door, "platform", f"agreement={AGREEMENT}&after={cursor}").json()["differences"]
        for cursor in ("D01-0000/1", "D01-0001/1", "%2525")
    }
    assert [len(found) for found in behind.values()] == [1, 0, 1]


def test_the_command_lists_them_and_says_that_there_are(door: Door, till: dict[str, str]) -> None:
    data = door.world.data
    assert tally(data, "differences", AGREEMENT).out.endswith("0 reports differ from the one that counts\n")
    first, second = told(door, till)
    found = tally(data, "differences", AGREEMENT)
    assert found.code == 1
    assert f"orders counts (entry {first}), till differs (entry {second})" in found.out
    assert "paid: 299.00, not 1.00" in found.out
    (one,) = tally(data, "differences", AGREEMENT, "--json").json
    assert one["other"] == {"entry_seq": second, "source": "till"}
    assert tally(data, "differences", "nowhere").code == 2
