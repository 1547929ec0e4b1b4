"""Signing over the API: who may sign when, say no, or take it back; and that the record says who did."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from pypdf import PdfReader

from api.app import create_app
from api.office.agreements import held, version_to_sign
from api.office.signing import record_expiry
from api.office.signing_notices import watch_signing
from contracts.consent import sign_version
from ledger.notices.reading import notices
from tests.integration.api.conftest import Door
from tests.integration.api.test_drafting import SECOND, body
from tests.integration.api.test_writing import post
from tests.world import PARTIES, Clock, World, opened

REF = "head-streamer@2"
PATH = "/v1/agreements/head-streamer/2"
LETTER = "ab" * 32


@pytest.fixture(scope="module")
def own_door(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One copy of the world for the proposals of this module, each of which ends before the next."""
    mine = world.copy(tmp_path_factory.mktemp("signing") / "data")
    office, house, codes = opened(mine)
    app = create_app(house)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Door(mine, office, house, app, client, codes)
    office.close()


def propose(door: Door, who: str = "mcn", **process: Any) -> Any:
    return post(door, who, "/v1/agreements", body(door, SECOND) | process)


def signature(door: Door, party: str) -> str:
    version = version_to_sign(door.office, held(door.office, REF))
    return "0x" + sign_version(door.world.keys[party], version, door.office.domain).signature.hex()


def sign(door: Door, party: str, **more: Any) -> Any:
    given = {"party": party, "signature": signature(door, party), **more}
    return post(door, party, f"{PATH}/signatures", given)


def detail(door: Door, who: str = "brand") -> dict[str, Any]:
    found: dict[str, Any] = door.client.get(PATH, headers=door.as_(who)).json()
    return found


def page_of(door: Door, who: str) -> str:
    asked = door.as_(who) | {"accept": "text/html"}
    return str(door.client.get("/agreements/head-streamer/2?lang=en", headers=asked).text)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_who_is_placed_later_signs_later_and_the_record_says_who_signed(own_door: Door) -> None:
    door = own_door
    assert propose(door, order=[["streamer", "mcn"], ["brand"]]).status_code == 201
    told = detail(door)
    assert [[one["key"] for one in stage] for stage in told["signing"]["order"]] == [
        ["streamer", "mcn"],
        ["brand"],
    ]
    assert refused(sign(door, "brand")) == (409, "signing.out-of-turn")
    turn = {one["party"]["key"]: one["may_sign"] for one in told["signatures"]}
    assert detail(door, "brand")["needs_signature_of"] == []
    after = {one["party"]["key"]: [p["key"] for p in one["signs_after"]] for one in told["signatures"]}
    assert after == {"platform": [], "brand": ["streamer", "mcn"], "mcn": [], "streamer": [], "leader": []}
    waits = page_of(door, "brand").split("Others sign first: ")[1].split("</p>")[0]
    assert "Head streamer" in waits
    assert "Platform" not in waits, "who stands in no stage is waited for by nobody"
    assert turn == {"platform": True, "brand": False, "mcn": True, "streamer": True, "leader": True}
    assert sign(door, "streamer", method="wallet", capacity="herself").status_code == 201
    answer = sign(
        door, "mcn", method="keystore", capacity="general manager", letter_sha256=LETTER, exhibit="X1"
    )
    assert answer.status_code == 201
    assert sign(door, "brand").json()["status"] == "signing"
    (mcn,) = [one for one in detail(door)["signatures"] if one["party"]["key"] == "mcn"]
    assert mcn["signatory"] == {
        "member": "mcn-member", "name": "Mcn", "method": "keystore", "key": door.world.keys["mcn"].address,
        "capacity": "general manager", "letter_sha256": LETTER, "exhibit": "X1", "identity": "unknown",
        "verified_by": None, "verified_how": None, "valid_until": None,
    }  # fmt: skip
    assert refused(sign(door, "leader", method="fax")) == (422, "request.unusable")
    assert refused(sign(door, "leader", letter_sha256="short")) == (409, "signing.refused")


def test_a_signature_is_taken_back_and_given_again_by_who_gave_it(own_door: Door) -> None:
    door, asked = own_door, {"party": "streamer", "reason": "a wrong annex"}
    assert refused(post(door, "brand", f"{PATH}/signatures/take-back", asked)) == (403, "access.denied")
    assert refused(post(door, "brand", f"{PATH}/signatures/take-back", asked | {"party": "leader"}))[0] == 403
    assert post(door, "streamer", f"{PATH}/signatures/take-back", asked).status_code == 201
    again = post(door, "streamer", f"{PATH}/signatures/take-back", asked)
    assert refused(again) == (409, "signing.refused")
    steps = detail(door)["signing"]["steps"]
    assert (steps[-1]["kind"], steps[-1]["member"], steps[-1]["reason"]) == (
        "signature.withdrawn", "streamer-member", "a wrong annex",
    )  # fmt: skip
    assert sign(door, "streamer").status_code == 201
    page = page_of(door, "streamer")
    for words in ("How it came to be signed", "a wrong annex", "Take the signature back", "general manager"):
        assert words in page


def test_a_party_declines_with_its_reason_and_the_version_is_free_for_another_proposal(
    own_door: Door,
) -> None:
    door = own_door
    asked = {"party": "leader", "reason": "the share is too small"}
    assert refused(post(door, "outsider", f"{PATH}/decline", asked))[0] == 403
    assert refused(post(door, "brand", f"{PATH}/decline", asked)) == (403, "access.denied")
    typed = {"party": "leader", "reason": " "}
    empty = post(door, "leader", f"{PATH}/decline", typed)
    assert refused(empty) == (422, "entry.invalid")
    assert post(door, "leader", f"{PATH}/decline", asked).json()["status"] == "declined"
    assert refused(sign(door, "platform")) == (409, "signing.over")
    assert refused(post(door, "platform", f"{PATH}/decline", asked | {"party": "platform"})) == (
        409,
        "signing.over",
    )
    told = detail(door)
    assert (told["signing"]["ended"], told["needs_signature_of"]) == ("declined", [])
    assert "this proposal is over" in page_of(door, "brand")
    watch_signing(door.office)
    (one,) = [each for each in notices(door.office.log) if each.new.code == "signing-declined"]
    assert set(one.new.readers) == set(PARTIES)
    assert propose(door).json()["status"] == "draft", "with nothing signed yet"
    assert detail(door)["signing"]["steps"][0]["member"] == "mcn-member"


def test_who_proposed_withdraws_and_nobody_else(own_door: Door) -> None:
    door, asked = own_door, {"reason": "we start in June"}
    sign(door, "brand")
    assert refused(post(door, "outsider", f"{PATH}/withdraw", asked))[0] == 403
    who = detail(door)["signing"]["steps"][0]["who"]["en"]
    others = [party for party in PARTIES if not detail(door, party)["signing"]["may_withdraw"]]
    assert len(others) == 4, who
    assert refused(post(door, others[0], f"{PATH}/withdraw", asked)) == (403, "access.denied")
    (proposer,) = set(PARTIES) - set(others)
    assert post(door, proposer, f"{PATH}/withdraw", asked).json()["status"] == "withdrawn"
    size = door.office.log.size()
    assert post(door, proposer, f"{PATH}/withdraw", asked).status_code == 201, "the same again"
    assert door.office.log.size() == size
    other = {"reason": "or in July"}
    assert refused(post(door, proposer, f"{PATH}/withdraw", other)) == (409, "signing.over")


def test_a_proposal_expires_by_itself_and_the_slow_are_reminded(own_door: Door) -> None:
    door = own_door
    now = door.office.clock()
    until = (now + timedelta(days=9)).isoformat()
    assert refused(propose(door, expires_at="tomorrow")) == (422, "request.unusable")
    assert refused(propose(door, expires_at=now.isoformat())) == (409, "signing.refused")
    assert propose(door, expires_at=until, remind_days=3).status_code == 201
    sign(door, "brand")
    clock = door.office.clock
    try:
        door.office.clock = Clock((now + timedelta(days=7)).isoformat())
        watch_signing(door.office)
        size = door.office.log.size()
        watch_signing(door.office)
        assert door.office.log.size() == size, "once"
        due = [one.new for one in notices(door.office.log) if one.new.code == "signature-due"]
        assert sorted(reader for one in due for reader in one.readers) == [
            "leader",
            "mcn",
            "platform",
            "streamer",
        ]
        door.office.clock = Clock((now + timedelta(days=10)).isoformat())
        assert refused(sign(door, "mcn")) == (409, "signing.over")
        assert detail(door)["status"] == "expired"
        watch_signing(door.office)
        assert detail(door)["signing"]["steps"][-1]["kind"] == "agreement.expired"
        assert not record_expiry(door.office, held(door.office, REF)), "once"
    finally:
        door.office.clock = clock


def test_nothing_is_taken_back_once_everybody_has_signed(own_door: Door, tmp_path: Path) -> None:
    door = own_door
    assert (
        propose(door, expires_at=(door.office.clock() + timedelta(days=400)).isoformat()).status_code == 201
    )
    for party in PARTIES:
        assert sign(door, party).status_code == 201, tmp_path
    told = detail(door)
    assert (told["status"], told["signing"]["ended"]) == ("agreed", None)
    assert told["signing"]["steps"][-1]["kind"] == "agreement.signed"
    asked = {"party": "brand", "reason": "too late"}
    assert refused(post(door, "brand", f"{PATH}/signatures/take-back", asked)) == (409, "signing.over")
    assert refused(post(door, "brand", f"{PATH}/decline", asked)) == (409, "signing.refused")


def test_the_certificate_says_who_signed_and_is_the_same_each_time(own_door: Door) -> None:
    door = own_door
    for language, words in (("en", "Certificate of completion"), ("zh", "签署完成证明")):
        first = door.client.get(f"{PATH}/certificate/{language}.pdf", headers=door.as_("brand"))
        again = door.client.get(f"{PATH}/certificate/{language}.pdf", headers=door.as_("leader"))
        assert first.status_code == 200, first.text
        assert first.content[:5] == b"%PDF-"
        assert first.content == again.content
        pages = PdfReader(io.BytesIO(first.content)).pages
        told = "".join(one.extract_text() for one in pages).replace("\n", "")
        for shown in (words, "mcn-member", "head-streamer@2", door.world.keys["mcn"].address[:20]):
            assert shown in told, shown
    other = door.client.get(f"{PATH}/certificate/fr.pdf", headers=door.as_("brand"))
    assert refused(other) == (404, "request.not-found")
    assert refused(door.client.get(f"{PATH}/certificate/en.pdf", headers=door.as_("outsider")))[0] == 403
    assert "certificate/zh.pdf" in page_of(door, "brand")
