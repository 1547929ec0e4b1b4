"""Keys of signers over the API and by command: signed changes, two members, and who sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api.access import Grant
from api.office.signing_notices import watch_signing
from contracts.key_changes import KeyRotation
from contracts.keystore import SCRYPT_LIGHT, write_keystore
from contracts.signing import SigningKey
from contracts.signing_file import read_request, request_file
from ledger.notices.reading import notices
from tests.command_line import PARTIES, tally
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in
from tests.integration.api.test_writing import post

NEW = SigningKey(bytes([21]) * 32)


def signers(door: Door, who: str) -> dict[str, dict[str, Any]]:
    found = door.client.get("/v1/signers", headers=door.as_(who)).json()
    return {one["party"]["key"]: one for one in found}


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_key_is_replaced_by_what_old_and_new_signed_over_the_request(door: Door) -> None:
    old = door.world.keys["mcn"]
    path = f"/v1/signers/{old.address}"
    assert signers(door, "brand").keys() == set(PARTIES)
    assert signers(door, "outsider") == {}
    asked = {"new_key": NEW.address}
    assert refused(post(door, "outsider", f"{path}/request", asked)) == (403, "access.denied")
    assert refused(post(door, "brand", f"{path}/request", asked)) == (403, "access.denied")
    assert refused(post(door, "mcn", f"{path}/request", {})) == (422, "request.unusable")
    request = post(door, "mcn", f"{path}/request", asked).json()
    assert (request["primaryType"], request["message"]) == (
        "KeyRotation",
        {"signer": old.address, "oldKey": old.address, "newKey": NEW.address, "number": 1},
    )
    digest = KeyRotation(old.address, old.address, NEW.address, 1).digest(door.office.domain)
    given = asked | {
        "changed_by": old.address,
        "authorization": "0x" + old.sign(digest).hex(),
        "acceptance": "0x" + old.sign(digest).hex(),
    }
    assert refused(post(door, "mcn", f"{path}/changes", given))[1] == "signature.stranger"
    assert (
        refused(post(door, "mcn", f"{path}/changes", given | {"acceptance": "0x12"}))[1] == "request.unusable"
    )
    done = post(door, "mcn", f"{path}/changes", given | {"acceptance": "0x" + NEW.sign(digest).hex()})
    assert done.status_code == 201, done.text
    assert (done.json()["key"], done.json()["cooling"]) == (old.address, NEW.address)
    watch_signing(door.office)
    (told,) = [one.new for one in notices(door.office.log) if one.new.code == "key-rotated"]
    assert set(told.readers) == set(PARTIES)
    asked_for = door.as_("brand") | {"accept": "text/html"}
    for lang, words in (("en", "Another key is to take"), ("zh", "另一把密钥将接替")):
        page = door.client.get(f"/signers?lang={lang}", headers=asked_for).text
        assert words in page
        assert NEW.address in page


def test_a_change_from_the_page_that_is_refused_says_why_and_keeps_what_was_typed(door: Door) -> None:
    old = door.world.keys["mcn"]
    digest = KeyRotation(old.address, old.address, NEW.address, 1).digest(door.office.domain)
    sign_in(door.client, door.codes["mcn"])
    typed = {
        "_csrf_token": form_token(door.client, "/signers"), "new_key": NEW.address, "reason": "a new phone",
        "changed_by": old.address, "authorization": "0x" + old.sign(digest).hex(),
    }  # fmt: skip
    file = door.client.post(f"/signers/{old.address}/changes/to-sign", data=typed).json()
    asked = read_request(json.dumps(file), "request")
    assert [asked.digest, asked.wanted(NEW.address) is None] == [digest, False]
    for path in ("changes", "changes/to-sign"):
        other = door.client.post(f"/signers/{door.world.keys['brand'].address}/{path}", data=typed)
        assert other.status_code == 403
    answer = door.client.post(f"/signers/{old.address}/changes?lang=en", data=typed, headers=HTML)
    assert answer.status_code == 422
    assert "<details open><summary>Replace the key" in answer.text
    assert answer.text.count(f'value="{NEW.address}"') == 1
    assert "a new phone" in answer.text


def test_a_recovery_revokes_a_key_and_replaces_it_and_until_then_nobody_is_said_to_sign(door: Door) -> None:
    old, recovery = door.world.keys["mcn"], SigningKey(bytes([22]) * 32)
    path = f"/v1/signers/{old.address}"
    for asked, first, then in (
        ({"recovery": recovery.address}, old, None),
        ({"revoke": old.address}, recovery, None),
        ({"new_key": NEW.address}, recovery, NEW),
    ):
        request = post(door, "mcn", f"{path}/request", asked).json()
        digest = read_request(json.dumps(request_file(request, {}, [])), "request").digest
        accepted = "" if then is None else "0x" + then.sign(digest).hex()
        signed = {"changed_by": first.address, "authorization": "0x" + first.sign(digest).hex()}
        done = post(door, "mcn", f"{path}/changes", asked | signed | {"acceptance": accepted})
        assert done.status_code == 201, done.text
    assert (done.json()["state"], done.json()["cooling"]) == ("revoked", NEW.address)
    for lang, words in (("en", "Until then nobody signs"), ("zh", "届时之前无人可签署")):
        assert words in door.client.get(f"/signers?lang={lang}", headers=door.as_("mcn") | HTML).text


def test_two_members_stop_a_key_and_one_alone_does_not(door: Door) -> None:
    address = door.world.keys["mcn"].address
    path = f"/v1/signers/{address}/revocation"
    asked = {"key": address, "cause": "lost", "reason": "left in a taxi"}
    assert refused(post(door, "mcn", path, asked | {"cause": "stolen"})) == (422, "request.unusable")
    assert refused(post(door, "mcn", f"{path}/confirm", {"key": address})) == (409, "key.refused")
    assert post(door, "mcn", path, asked).json()["may_confirm"] is False
    shown = signers(door, "brand")["mcn"]
    assert (shown["steps"], shown["asked"]) == ([], None), "what one member asks is the party's own"
    assert refused(post(door, "mcn", f"{path}/confirm", {"key": address})) == (409, "key.refused")
    page = door.client.get("/signers?lang=en", headers=door.as_("mcn") | {"accept": "text/html"}).text
    assert f"A member asks that {address} be revoked" in page
    door.codes["second"] = door.house.members.enrol("second", "Second", [Grant("sign", "mcn")])
    assert post(door, "second", f"{path}/confirm", {"key": address}).json()["state"] == "revoked"
    shown = signers(door, "brand")["mcn"]
    assert (shown["state"], shown["steps"][0]["reason"]) == ("revoked", "left in a taxi")


def test_the_same_by_command_with_keystores(door: Door, tmp_path: Path) -> None:
    data, old = door.world.data, door.world.keys["mcn"]
    password = tmp_path / "password"
    password.write_text("secret\n", encoding="utf-8")
    for name, key in (("old", old), ("new", NEW)):
        write_keystore(tmp_path / f"{name}.json", key, "secret", work_factor=SCRYPT_LIGHT)
    using = ("--password-file", password, "--by", "mcn-member")
    both = ("--keystore", tmp_path / "old.json", "--accepting", tmp_path / "new.json")
    wrong = tally(data, "signer", "change", NEW.address, "--new-key", NEW.address, *both, *using)
    assert (wrong.code, "it has signed no version" in wrong.err) == (2, True)
    ran = tally(data, "signer", "change", old.address, "--new-key", NEW.address, *both, *using)
    assert ran.code == 0, ran.err
    assert f"{NEW.address} signs from" in ran.out
    asked = tally(data, "signer", "stop", old.address, "--key", NEW.address, "--cause", "compromised",
                  "--reason", "not ours", "--by", "mcn-member")  # fmt: skip
    assert "another confirms" in asked.out
    assert tally(data, "signer", "confirm", old.address, "--key", NEW.address, "--by", "mcn-member").code == 2
    (mcn,) = [one for one in tally(data, "signer", "list", "--json").json if one["signer"] == old.address]
    assert (mcn["key"], mcn["cooling"], mcn["asked"]) == (old.address, NEW.address, NEW.address)
    request = tally(data, "signer", "request", old.address, "--revoke", NEW.address, "--by", "mcn-member")
    assert request.json["message"]["number"] == 2
