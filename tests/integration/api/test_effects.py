"""What a version changes of the recorded orders, over the API, as a page and on the command line."""

from __future__ import annotations

import pytest

from api.office.agreements import held
from api.office.opening import Office
from ledger.entries import Group, NewEntry
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import EXAMPLES, tally
from tests.integration.api.conftest import Door

PATH = "/agreements/head-streamer/2/effects/1"


@pytest.fixture
def amended(door: Door) -> Door:
    """The world with a second version, in which the agency has 40% instead of 30%."""
    sign_second(door.office)
    return door


def sign_second(office: Office) -> None:
    first = held(office, "head-streamer@1").agreement
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "version: 1\n", "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n", 1
    )
    text = text.replace("effective_from: 2026-02-01", "effective_from: 2029-01-01")
    text = text.replace("amount: 30% * (commission", "amount: 40% * (commission")
    signers = {key: party.signer or "" for key, party in first.parties.items()}
    second = load_agreement(text, name="second.yaml").with_signers(signers)
    told = {
        "agreement": {"canonical": second.canonical.decode()},
        "salt": {"commitment_salt": "0x" + "00" * 32},
    }
    office.log.append(
        [
            _entry(office, second, "agreement.proposed", told),
            _entry(office, second, "agreement.signed", {"agreement": {}, "signing": {}}),
        ]
    )


def _entry(office: Office, second: Agreement, kind: str, told: dict[str, dict[str, str]]) -> NewEntry:
    readers = tuple(sorted(second.party_id(key) for key in second.parties))
    return NewEntry(
        source="tests", id=kind, kind=kind, occurred_at=office.clock(), asserter="operator",
        agreement=second.ref, concerns=readers,
        groups=tuple(Group(name, readers, content) for name, content in told.items()),
    )  # fmt: skip


def test_a_party_sees_what_a_version_changes_for_it_by_changed_term(amended: Door) -> None:
    found = amended.client.get(f"/v1{PATH}", headers=amended.as_("mcn")).json()
    (mcn,) = found["parties"]
    assert mcn["party"]["id"] == "mcn"
    assert mcn["change"]["amount_minor"] == sum(one["change"]["amount_minor"] for one in mcn["causes"]) > 0
    assert [one["words"]["en"] for one in mcn["causes"]] == ["clause 6.2: MCN share"]
    every = amended.client.get(f"/v1{PATH}", headers=amended.as_("auditor")).json()["parties"]
    assert sum(one["change"]["amount_minor"] for one in every) == 0, "what one gains another loses"
    for language, said in (
        ("zh", "第 2 版相对第 1 版的影响"),
        ("en", "What version 2 changes against version 1"),
    ):
        who = amended.as_("mcn") | {"accept": "text/html", "accept-language": language}
        assert said in amended.client.get(PATH, headers=who).text


def test_nobody_else_sees_it_and_unknown_versions_are_none(amended: Door) -> None:
    assert amended.client.get(f"/v1{PATH}", headers=amended.as_("outsider")).status_code == 403
    unknown = "/v1/agreements/head-streamer/3/effects/1"
    assert amended.client.get(unknown, headers=amended.as_("mcn")).status_code == 403


def test_the_command_line_says_the_same(amended: Door) -> None:
    data = amended.office.settings.data_dir
    told = tally(data, "change", "head-streamer@1", "head-streamer@2", "--party", "mcn", "--lang", "zh")
    assert told.code == 0, told.err
    assert "第 6.2 条：机构分成" in told.out
    found = tally(data, "change", "head-streamer@1", "head-streamer@2", "--json").json
    assert [one["part"] for one in found["causes"][0]["changes"]] == ["mcn_share"]
    wrong = tally(data, "change", "head-streamer@1", "head-streamer.1.3")
    assert (wrong.code, "is no version" in wrong.err) == (2, True)
