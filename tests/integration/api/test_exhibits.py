"""Evidence over the API and on its page: filed by a side, kept from the other, ordered by the arbiter."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.office.agreements import held_versions
from api.office.arbiters import seat
from api.office.dispute_process import confirm_dispute
from api.office.disputes import dispute, file_dispute
from api.office.disputes import heard as told
from api.office.erasing import erase
from api.office.evidence import decision_bundle, trust_file
from api.office.exhibits import FOLDER, LEFT_OVER, drop_left_over, exhibit_faults, exhibit_files
from api.office.keeping import back_up_office, restore_office
from api.settings import Settings
from contracts.exhibit import ExhibitMessage
from ledger.cases.record import append_step, case_record
from ledger.errors import ErasureRefused
from policies.decisions.case import read_case
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import HTML, enter, send, shown
from tests.world import EXAMPLES, decided, heard, unappealed
from verifier.checks import verify

FILE = b"%PDF-1.4 what was promised in the studio"
MADE = "2026-03-02T20:00:00+08:00"


CASE = (EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8").replace("4141250.00", "4141251.00")


@pytest.fixture
def door(door: Door) -> Door:
    """The world with one more dispute, which takes evidence still: it stands for the one that is decided."""
    filed = file_dispute(door.office, read_case(CASE, name="case"))
    seat(door.office, filed, "arbiter", by="operator")
    return replace(door, world=replace(door.world, d05=filed.id))


def path(door: Door, rest: str = "") -> str:
    return f"/v1/disputes/{door.world.d05}/exhibits{rest}"


def file(door: Door, who: str = "brand", data: bytes = FILE, **more: str) -> Any:
    form = {"party": who, "kind": "document", "title": "the promise", "captured_at": MADE, **more}
    return door.client.post(
        path(door), data=form, files={"file": ("promise.pdf", data)}, headers=door.as_(who)
    )


def without_a_file(door: Door, **form: str) -> Any:
    fields = {name: (None, text) for name, text in form.items()}
    return door.client.post(path(door), files=fields, headers=door.as_("brand"))


def read(door: Door, who: str, rest: str) -> Any:
    return door.client.get(path(door, rest), headers=door.as_(who))


def order(door: Door, rest: str, body: dict[str, str], who: str = "arbiter") -> Any:
    return door.client.post(path(door, rest), json=body, headers=door.as_(who))


def test_a_party_signs_for_what_it_files_and_the_other_side_reads_it(door: Door) -> None:
    sha256 = hashlib.sha256(FILE).hexdigest()
    words = {"party": "brand", "kind": "document", "title": "the promise", "captured_at": MADE}
    asked = door.client.post(
        path(door, "/request"),
        json={**words, "sha256": sha256, "bytes": len(FILE)},
        headers=door.as_("brand"),
    )
    assert asked.status_code == 200, asked.text
    message = asked.json()["request"]["message"]
    assert (message["dispute"], message["sha256"]) == (door.world.d05, "0x" + sha256)
    signed = ExhibitMessage(
        door.world.d05, "brand", "document", "the promise", bytes.fromhex(sha256), len(FILE), MADE
    )
    digest = signed.digest(door.office.domain)
    other = file(door, signature="0x" + door.world.keys["mcn"].sign(digest).hex())
    assert (other.status_code, other.json()["code"]) == (422, "signature.stranger")
    filed = file(door, signature="0x" + door.world.keys["brand"].sign(digest).hex())
    assert filed.status_code == 201, filed.text
    assert filed.json()["signer"] == door.world.keys["brand"].address
    assert file(door, signature="0x" + door.world.keys["brand"].sign(digest).hex()).json() == filed.json()

    for who in ("streamer", "arbiter", "auditor"):
        got = read(door, who, "/1/file")
        assert (got.status_code, got.content) == (200, FILE), who
        assert got.headers["content-disposition"] == 'attachment; filename="promise.pdf"'
    assert read(door, "streamer", "/1/erc-1497").json()["tallystick"]["sha256"] == sha256
    meta = door.client.get(f"/v1/disputes/{door.world.d05}/erc-1497", headers=door.as_("streamer")).json()
    assert meta["aliases"][door.world.keys["brand"].address] == "Brand"
    assert (meta["fileHash"][:2], "9.1" in meta["question"]) == ("Qm", True)
    assert read(door, "streamer", ".csv").text.count("\n") >= 2
    for who in ("leader", "mcn", "outsider"):
        for rest in ("", "/1", "/1/file", "/1/erc-1497", ".csv"):
            assert read(door, who, rest).status_code == 403, (who, rest)
    assert file(door, "leader").status_code == 403


def test_what_is_sealed_or_redacted_is_closed_to_the_other_side_alone(door: Door) -> None:
    assert file(door, under_seal="yes").status_code == 201
    closed = read(door, "streamer", "/1").json()
    assert (closed["open"], closed["title"], closed["awaits_order"]) == (False, None, True)
    assert closed["sha256"] == hashlib.sha256(FILE).hexdigest()
    assert read(door, "streamer", "/1/file").status_code == 403
    for who in ("brand", "arbiter"):
        assert read(door, who, "/1/file").content == FILE

    for who in ("brand", "streamer"):
        assert order(door, "/1/unseal", {"reason": "r"}, who).status_code == 403, who
    assert order(door, "/1/unseal", {"reason": ""}).json()["code"] == "exhibit.refused"
    assert order(door, "/1/unseal", {"reason": "both must answer it"}).status_code == 201
    assert read(door, "streamer", "/1/file").content == FILE
    assert order(door, "/1/seal", {"reason": "a trade secret after all"}).json()["sealed_from"]
    assert read(door, "streamer", "/1/file").status_code == 403

    copy, name = b"%PDF-1.4 what was [...]", "C:\\cases\\Li Lei\\redacted.pdf"
    done = door.client.post(
        path(door, "/1/redaction"), data={"reason": "names"}, files={"file": (name, copy)},
        headers=door.as_("arbiter"),
    )  # fmt: skip
    assert done.status_code == 201, done.text
    groups = door.office.log.groups(door.office.log.size() - 1)
    assert [group.content["file"] for group in groups if group.name == "case"] == ["redacted.pdf"]
    assert order(door, "/1/unseal", {"reason": "as redacted"}).status_code == 201
    assert read(door, "streamer", "/1/file").content == copy
    assert read(door, "streamer", "/1/file?original=true").status_code == 403
    assert read(door, "arbiter", "/1/file?original=true").content == FILE
    assert read(door, "streamer", "/1").json()["sha256"] == hashlib.sha256(FILE).hexdigest()
    orders = [one["order"] for one in read(door, "brand", "/1").json()["orders"]]
    assert orders == ["unsealed", "sealed", "redacted", "unsealed"]


def test_what_nobody_has_ordered_on_yet_shows_nothing_to_the_rules(door: Door) -> None:
    def shown_by() -> Any:
        one = dispute(door.office, door.world.d05)
        return told(one, one.record.steps).file.facts["malicious"].evidence

    assert file(door, under_seal="yes", supports="malicious").status_code == 201
    assert "exhibit 1" not in shown_by()
    assert order(door, "/1/unseal", {"reason": "to be answered"}).status_code == 201
    assert "exhibit 1" in shown_by()


def test_an_entry_that_the_party_reads_is_evidence_and_another_is_not(door: Door) -> None:
    form = {"party": "brand", "kind": "record", "title": "the filing", "captured_at": MADE}
    seq = door.house.disputes.dispute(
        door.house.members.viewer_of_member("auditor"), door.world.d05
    ).filed_seq
    filed = without_a_file(door, **form, record=str(seq))
    assert (filed.status_code, filed.json().get("record")) == (201, seq), filed.text
    assert read(door, "streamer", "/1/file").content == door.office.log.entry(seq).leaf
    none = without_a_file(door, **form, record="999999")
    assert (none.status_code, none.json()["code"]) == (422, "exhibit.refused")
    for more in ({}, {"record": "one"}, {"record": "\u00b2"}):
        assert without_a_file(door, **form, **more).status_code == 422


def test_files_are_in_a_backup_and_go_with_the_words_when_these_are_erased(
    door: Door, tmp_path: Path
) -> None:
    filed = file(door, under_seal="yes").json()
    order(door, "/1/unseal", {"reason": "to be answered"})
    name, data = tmp_path / "backup.tar.gz", tmp_path / "restored"
    back_up_office(door.office, name, lambda _done, _total: None)
    shutil.copytree(door.office.key_folder, data / "keys")
    settings = Settings(data, f"sqlite:///{data / 'tallystick.db'}", "secret")
    restore_office(settings, name, key_lost=False, known=[], progress=lambda _done, _total: None)
    (restored,) = (data / FOLDER).glob("??/*")
    assert restored.read_bytes() == FILE

    asked: dict[str, Any] = {"reason": "asked for by the person", "asserter": "brand", "request": "R1"}
    with pytest.raises(ErasureRefused, match="is not over"):
        erase(door.office, filed["entry_seq"], "evidence", **asked)
    heard(door.office, door.world.d05)
    late = file(door, title="another")
    assert (late.status_code, late.json()["code"]) == (409, "dispute.state")
    record = case_record(door.office.log, door.world.d05)
    append_step(door.office.log, record, "withdrawn", "withdrawn", {}, by="streamer", at=door.office.clock())
    erase(door.office, filed["entry_seq"], "evidence", **asked)
    assert list(exhibit_files(door.office).digests()) == []
    erased = read(door, "streamer", "/1").json()
    assert (erased["erased"], erased["title"]) == (True, None)
    assert erased["sha256"] == hashlib.sha256(FILE).hexdigest()
    assert read(door, "streamer", "/1/file").status_code == 503
    for seq in (filed["entry_seq"], filed["entry_seq"] + 1):
        assert [one.erased_by is None for one in door.office.log.groups(seq) if one.name == "evidence"] == [
            False
        ]
    assert list(exhibit_faults(door.office)) == []


def test_a_file_that_no_entry_names_is_told_of_and_goes_after_a_day(door: Door) -> None:
    assert file(door).status_code == 201
    files = exhibit_files(door.office)
    left = files.keep(b"filed, and then the power went")
    assert [one.code for one in exhibit_faults(door.office)] == ["exhibit.unnamed"]
    assert drop_left_over(door.office) == int(files.kept_since(left.sha256) < door.office.clock() - LEFT_OVER)
    door.office.clock = lambda: files.kept_since(left.sha256) + 2 * LEFT_OVER
    drop_left_over(door.office)
    assert list(files.digests()) == [hashlib.sha256(FILE).hexdigest()]


def handed_in(door: Door, address: str, token: str, **form: str) -> Any:
    return door.client.post(
        address, data={"_csrf_token": token, **form}, files={"file": ("promise.pdf", FILE)}, headers=HTML,
        follow_redirects=False,
    )  # fmt: skip


def test_the_page_takes_evidence_and_keeps_what_was_typed_when_it_is_refused(door: Door) -> None:
    page = f"/disputes/{door.world.d05}/exhibits"
    token = enter(door, "brand")
    form = {"party": "brand", "kind": "document", "title": "the <promise>", "held": "Li | then | so"}
    refused = handed_in(door, page, token, **form, captured_at=MADE)
    assert refused.status_code == 422
    assert "the &lt;promise&gt;" in refused.text
    done = handed_in(door, page, token, **{**form, "held": "", "under_seal": "yes"}, captured_at=MADE)
    assert (done.status_code, done.headers["location"]) == (303, f"{page}?done=filed")
    moved = handed_in(door, f"{page}/1/custody", token, party="brand", to="Wang", how="by hand", at=MADE)
    assert moved.status_code == 303, moved.text
    assert "the &lt;promise&gt;" in shown(door, page)

    enter(door, "streamer")
    assert "kept from you" in shown(door, page)
    assert "promise&gt;" not in shown(door, page)
    token = enter(door, "arbiter")
    assert send(door, f"{page}/1/unseal", token, reason="to be answered").status_code == 303
    assert send(door, f"{page}/1/unseal", token, reason="again").status_code == 422
    assert send(door, f"{page}/1/seal", token, reason="names in it").status_code == 303
    other = {"reason": "names", "original": "kept", "_csrf_token": token}
    redacted = door.client.post(
        f"{page}/1/redaction", data=other, files={"file": ("r.pdf", b"blacked out")}, headers=HTML,
        follow_redirects=False,
    )  # fmt: skip
    assert redacted.status_code == 303, redacted.text
    for lang in ("zh", "en"):
        text = shown(door, page, lang)
        assert "Wang" in text
        assert ("已遮盖" if lang == "zh" else "redacted") in text


def test_a_decision_is_exported_with_its_exhibits_and_verified_offline(door: Door) -> None:
    assert file(door).status_code == 201
    assert file(door, title="prices", under_seal="yes").status_code == 201
    decided(door.office, door.world.d05)
    confirm_dispute(door.office, door.world.d05, by="arbiter", reason="the promise is plain")
    one = unappealed(door.office, door.world.d05)
    data = decision_bundle(door.office, one, "streamer")
    report = verify(data, trust_file(door.office, held_versions(door.office).values()))
    assert report.exit_code == 0, report.lines()
    entries = json.loads(json.loads(data)["parts"]["entries.json"])
    opened = [json.loads(one["opened"]) for entry in entries for one in entry["groups"] if "opened" in one]
    lines = {one["content"]["exhibit"]: one for one in opened if "exhibit" in one["content"]}
    assert {one["content"]["sha256"] for one in lines.values()} == {hashlib.sha256(FILE).hexdigest()}
    assert [one["content"]["title"] for one in opened if one["name"] == "evidence"] == ["the promise"]
