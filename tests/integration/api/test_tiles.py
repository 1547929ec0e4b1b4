"""The log over HTTP as C2SP has it: a reader written by others finds checkpoint, tiles and entries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from ledger.checkpoints import make_checkpoint
from tests.integration.api.conftest import Client, Door
from verifier.files import verify_file


class HttpReader:
    """Reads tiles by their C2SP addresses, for a second implementation."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def get(self, path: str) -> bytes | None:
        answer = self.door.client.get(f"/{path}", headers=self.door.as_("auditor"))
        assert answer.status_code in {200, 404}, answer.text
        return answer.content if answer.status_code == 200 else None

    def read_tile(self, level: int, index: int, width: int | None) -> bytes | None:
        return self.get(pytest.importorskip("aics_tlog.tiles").tile_path(level, index, width))

    def read_entry_bundle(self, index: int, width: int | None) -> bytes | None:
        return self.get(pytest.importorskip("aics_tlog.tiles").entry_bundle_path(index, width))


def test_another_implementation_audits_the_whole_log(door: Door) -> None:
    aics: Any = pytest.importorskip("aics_tlog", reason="aics-tlog runs on Python 3.12 and later")
    signed = make_checkpoint(door.office.log, door.office.log_key)
    reader = HttpReader(door)
    note = aics.parse_note(reader.get("checkpoint"))
    found = aics.verify_checkpoint(note, aics.parse_vkey(door.office.log_key.vkey))
    assert found.ok, found
    assert (found.size, found.root) == (signed.size, signed.root)
    assert signed.size > 256, "full and partial tiles both"
    aics.audit_tiles(reader, signed.size, signed.root)
    verified = aics.VerifiedTileReader(reader, signed.size, signed.root)
    for seq in (0, 255, 256, signed.size - 1):
        path = aics.inclusion_proof_from_tiles(verified, seq, signed.size)
        assert path == door.office.log.inclusion_proof(seq, signed.size)
        assert verified.entry(seq) == door.office.log.entry(seq).leaf
    old = 300
    steps = aics.consistency_proof_from_tiles(verified, old, signed.size)
    assert steps == door.office.log.consistency_proof(old, signed.size)


def test_what_does_not_exist_has_no_second_spelling(door: Door) -> None:
    size = make_checkpoint(door.office.log, door.office.log_key).size
    full, part = divmod(size, 256)
    tiles = [f"0/{full:03}.p/{part}", f"0/{full:03}.p/1", "0/000", "0/000.p/7", f"1/000.p/{full}"]
    wrong = [f"0/{full:03}", f"0/{full:03}.p/{part + 1}", f"1/000.p/{full + 1}", "00/000", "64/000", "0/0",
             "0/x000/000", "0/000.p/0", "0/000.p/256", "0/000.p/07", "0", "entries/000/000"]  # fmt: skip
    headers = door.as_("auditor")
    for path in tiles:
        answer = door.client.get(f"/tile/{path}", headers=headers)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
    for path in wrong:
        assert door.client.get(f"/tile/{path}", headers=headers).status_code == 404, path


def test_hashes_are_for_members_and_leaves_for_auditors(door: Door) -> None:
    make_checkpoint(door.office.log, door.office.log_key)
    paths = ("/checkpoint", "/tile/0/000", "/tile/entries/000")
    assert [door.client.get(path).status_code for path in paths] == [401, 401, 401]
    seen = [door.client.get(path, headers=door.as_("mcn")).status_code for path in paths]
    assert seen == [200, 200, 403]


def test_an_installation_may_open_its_hashes_but_never_its_leaves(door: Door) -> None:
    make_checkpoint(door.office.log, door.office.log_key)
    opened = replace(door.house, settings=replace(door.house.settings, public_log=True))
    with TestClient(create_app(opened)) as anybody:
        paths = ("/checkpoint", "/tile/0/000", "/tile/entries/000")
        assert [anybody.get(path).status_code for path in paths] == [200, 200, 401]


def test_a_member_takes_the_proof_of_an_entry_home(door: Door) -> None:
    own = door.client.get("/v1/log", headers=door.as_("mcn")).json()["entries"][0]["seq"]
    answer = door.client.get(f"/v1/log/{own}/tlog-proof", headers=door.as_("mcn"))
    assert answer.status_code == 200
    assert f'filename="entry-{own}.tlog-proof"' in answer.headers["content-disposition"]
    report = verify_file(answer.content, door.office.log_key.vkey)
    assert report.exit_code == 0, report.lines()
    assert door.client.get(f"/v1/log/{own}/tlog-proof", headers=door.as_("outsider")).status_code == 403
    assert f"/v1/log/{own}/tlog-proof" in door.client.get(f"/log/{own}", headers=door.as_("mcn")).text


def test_a_member_proves_that_the_log_extends_what_they_kept(door: Door, client: Client) -> None:
    kept = client.get("/checkpoint", headers=door.as_("mcn")).content
    size = kept.split(b"\n")[1].decode()
    client.post(f"/v1/statements/{'head-streamer.1.3'}/acceptance", headers=door.as_("mcn"))
    make_checkpoint(door.office.log, door.office.log_key)
    answer = client.get(f"/v1/log/consistency?old={size}", headers=door.as_("mcn"))
    assert answer.status_code == 200, answer.text
    report = verify_file(answer.content, door.office.log_key.vkey, kept=[kept])
    assert report.exit_code == 0, report.lines()
    beyond = client.get("/v1/log/consistency?old=999999999", headers=door.as_("mcn"))
    assert (beyond.status_code, beyond.json()["code"]) == (409, "evidence.not-ready")
    unsigned = client.get("/v1/log/consistency?old=1&size=2", headers=door.as_("mcn"))
    assert (unsigned.status_code, unsigned.json()["code"]) == (409, "evidence.not-ready")
    assert TestClient(create_app(door.house)).get("/v1/log/consistency?old=1").status_code == 401
