"""Who is party to a version: not who a draft alone names, and no longer who has left."""

from __future__ import annotations

from typing import Any

from api.office.agreements import held
from api.office.registers import tell_event
from ledger.entries import Group, NewEntry
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import EXAMPLES
from tests.integration.api.conftest import Door
from tests.settlement_world import sale

AGREEMENT = "/v1/agreements/head-streamer"
MEASURES = "/v1/measures/after_sale?agreement=head-streamer"
LIVE = "/v1/live?agreement=head-streamer"
POINTS = {
    "id": "P1", "agreement": "head-streamer@2", "party": "leader", "rule": "violation_proven",
    "clause": "7.1", "severity": 1, "cites": [3], "reason": "a false claim",
}  # fmt: skip


def ask(door: Door, who: str, path: str) -> Any:
    return door.client.get(path, headers=door.as_(who))


def proposed(door: Door) -> Agreement:
    """Write a second version with another in the leader's place, which nobody has signed yet."""
    first = held(door.office, "head-streamer@1").agreement
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    for was, now in (
        ("version: 1\n", "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n"),
        ("effective_from: 2026-02-01", "effective_from: 2026-02-25"),
        ("{id: leader,", "{id: another,"),
    ):
        text = text.replace(was, now, 1)
    signers = {key: party.signer or "" for key, party in first.parties.items()}
    second = load_agreement(text, name="second.yaml").with_signers(signers)
    salt = {"commitment_salt": "0x" + "00" * 32}
    write(door, second, "proposed", agreement={"canonical": second.canonical.decode()}, salt=salt)
    return second


def write(door: Door, version: Agreement, kind: str, **groups: dict[str, str]) -> None:
    readers = tuple(sorted(version.party_id(key) for key in version.parties))
    entry = NewEntry(
        source="tests", id=kind, kind=f"agreement.{kind}", occurred_at=door.office.clock(),
        asserter="operator", agreement=version.ref, concerns=readers,
        groups=tuple(Group(name, readers, content) for name, content in groups.items()),
    )  # fmt: skip
    door.office.log.append([entry])


def test_a_draft_makes_nobody_a_party(door: Door) -> None:
    """Anybody may draft a version that names themselves, or somebody else."""
    proposed(door)
    for path in (MEASURES, f"{AGREEMENT}/facts", f"{AGREEMENT}/suspense"):
        assert ask(door, "outsider", path).status_code == 403, path
    identities = ask(door, "platform", "/v1/identities").json()["identities"]
    assert "another" not in [one["party"]["id"] for one in identities]
    refused = door.client.post("/v1/credit/points", json=POINTS, headers=door.as_("platform"))
    assert (refused.status_code, refused.json()["code"]) == (409, "credit.refused")


def test_who_left_learns_nothing_of_what_is_sold_since(door: Door) -> None:
    second = proposed(door)
    write(door, second, "signed", agreement={}, signing={})
    door.office.log.append([sale(second, "L1", at="2026-03-02", paid="299.00", freight="10.00")])
    asked = {"order": "L1", "wish": "refund", "responsible": "merchant"}
    tell_event(door.office, "after_sale", "A1", "asked", asked, by="platform", agreement="head-streamer")
    for who, items in (("leader", 0), ("another", 1)):
        door.codes[who] = door.codes.get(who, door.codes["outsider"])
        (row,) = ask(door, who, MEASURES).json()["rows"]
        assert len(row["items"]) == items, who
        newest = ask(door, who, f"{AGREEMENT}/duties.csv?version=2").status_code
        assert newest == (409 if who == "leader" else 200)
    evaluated = ask(door, "leader", f"{AGREEMENT}/evaluation")
    assert evaluated.status_code == 409 or evaluated.json()["version"] == 1, "of their own version alone"
    told = {who: ask(door, who, LIVE).json()["day"] for who in ("leader", "outsider", "brand", "auditor")}
    assert {who: (day["sales"], day["paid"]["amount_minor"]) for who, day in told.items()} == {
        "leader": (0, 0), "outsider": (1, 29_900), "brand": (1, 29_900), "auditor": (1, 29_900),
    }  # fmt: skip
