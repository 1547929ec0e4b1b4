"""A party's witness from its key to the countersigned checkpoint, over the API and by the command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from ledger.checkpoints import make_checkpoint
from ledger.notes import LogKey
from tests.command_line import tally
from tests.integration.api.conftest import Door
from verifier.files import verify_file
from verifier.witness import WitnessKey

KEY = WitnessKey("mcn.example/witness", bytes([3] * 32))


def register(door: Door, who: str = "mcn", party: str = "mcn") -> int:
    body = {"party": party, "vkey": KEY.vkey}
    return door.client.post("/v1/witnesses", json=body, headers=door.as_(who)).status_code


def note(door: Door) -> str:
    return door.client.get("/checkpoint", headers=door.as_("mcn")).text


def line(text: str) -> str:
    return KEY.cosign(text.partition("\n\n")[0] + "\n", 1_790_000_000).rstrip("\n")


def hand_in(door: Door, size: int, given: str, who: str = "mcn") -> tuple[int, str]:
    answer = door.client.post(
        f"/v1/checkpoints/{size}/cosignatures", json={"line": given}, headers=door.as_(who)
    )
    return answer.status_code, answer.json().get("code", "")


def test_only_who_signs_for_a_party_registers_its_witness_and_hands_in(door: Door) -> None:
    assert [register(door, who) for who in ("reader", "brand", "operator")] == [403, 403, 403]
    assert register(door) == 201
    assert register(door) == 201, "the same again"
    size = make_checkpoint(door.office.log, door.office.log_key).size
    given = line(note(door))
    assert hand_in(door, size, given, "brand") == (403, "access.denied")
    assert hand_in(door, size, given)[0] == 201
    assert hand_in(door, size, given)[0] == 201
    assert hand_in(door, size + 1, given) == (422, "cosignature.refused")
    assert hand_in(door, size, KEY.cosign("other\n", 5).rstrip("\n")) == (422, "cosignature.refused")
    assert hand_in(door, size, "garbage") == (422, "note.invalid")
    assert given in note(door)
    listed = door.client.get("/v1/witnesses", headers=door.as_("streamer")).json()
    assert [(one["witness"], one["party"]) for one in listed] == [(KEY.verifier.label, "mcn")]
    withdrawal = {"witness": KEY.verifier.label}
    for who, status in (("brand", 403), ("mcn", 201)):
        answer = door.client.post("/v1/witnesses/withdrawal", json=withdrawal, headers=door.as_(who))
        assert answer.status_code == status
    assert hand_in(door, size, line(note(door)))[0] == 422
    unknown = LogKey("nobody.example", bytes(32)).sign("text\n").splitlines()[-1]
    assert hand_in(door, size, unknown) == (422, "request.unusable")


@contextmanager
def served(door: Door) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(door.app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_a_witness_visits_the_log_and_refuses_it_once_its_tail_is_cut(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.witness.time.time", lambda: 1_790_000_000)  # the world's clock stands still
    key, code, trust, memory = (tmp_path / name for name in ("key", "code", "trust", "memory"))
    made = tally(tmp_path, "witness", "key", "mcn.example/w", "--out", key)
    assert (made.code, key.stat().st_mode & 0o777) == (0, 0o600)
    assert tally(tmp_path, "witness", "key", "mcn.example/w", "--out", key).code == 2
    code.write_text(door.codes["mcn"] + "\n", encoding="utf-8")
    trust.write_text(f"{door.office.log_key.vkey}\n{made.out}witnesses 1\n", encoding="utf-8")
    body = {"party": "mcn", "vkey": made.out.strip()}
    assert door.client.post("/v1/witnesses", json=body, headers=door.as_("mcn")).status_code == 201
    files = ("--key", key, "--memory", memory, "--trust", trust)
    with served(door) as url:
        for _ in range(2):
            make_checkpoint(door.office.log, door.office.log_key)
            ran = tally(tmp_path, "witness", "visit", url, "--code-file", code, *files)
            assert ran.code == 0, ran.err
            assert "countersigned" in ran.out
            report = verify_file(note(door).encode(), trust.read_text(encoding="utf-8"))
            assert report.exit_code == 0, report.lines()
            door.client.post("/v1/statements/head-streamer.1.3/acceptance", headers=door.as_("streamer"))
        kept = memory.read_bytes()
        key.chmod(0o644)
        assert tally(tmp_path, "witness", "visit", url, "--code-file", code, *files).code == 2
        key.chmod(0o600)
    size = int(kept.split(b"\n")[1])
    older = door.client.get("/v1/checkpoints", headers=door.as_("mcn")).json()[-1]["checkpoint"]
    assert int(older.split("\n")[1]) < size
    (tmp_path / "older").write_text(older, encoding="utf-8")
    cut = tally(tmp_path, "witness", "sign", tmp_path / "older", *files)
    assert (cut.code, "cut tail" in cut.err, cut.out) == (1, True, "")
    assert memory.read_bytes() == kept
    again = tally(tmp_path, "witness", "sign", memory, *files)
    assert again.code == 0, "the same checkpoint may be countersigned anew"
    unpinned = tmp_path / "unpinned"
    unpinned.write_text(LogKey("another.example", bytes(32)).vkey, encoding="utf-8")
    ran = tally(tmp_path, "witness", "sign", memory, "--key", key, "--memory", memory, "--trust", unpinned)
    assert ran.code == 2


@pytest.mark.parametrize("url", ["ftp://here", "nowhere", "http://127.0.0.1:1"])
def test_a_server_that_is_none_is_a_usage_error(tmp_path: Path, url: str) -> None:
    key, code, trust = (tmp_path / name for name in ("key", "code", "trust"))
    tally(tmp_path, "witness", "key", "mcn.example/w", "--out", key)
    code.write_text("tly_x", encoding="utf-8")
    trust.write_text(LogKey("log.example", bytes(32)).vkey, encoding="utf-8")
    files = ("--key", key, "--memory", tmp_path / "memory", "--trust", trust)
    ran = tally(tmp_path, "witness", "visit", url, "--code-file", code, *files)
    assert (ran.code, ran.out) == (2, "")


def test_the_installation_registers_takes_and_lists_witnesses(installation: Path, tmp_path: Path) -> None:
    key, shown = tmp_path / "key", tmp_path / "shown"
    vkey = tally(tmp_path, "witness", "key", "brand.example/w", "--out", key).out.strip()
    label = "+".join(vkey.split("+")[:2])
    assert tally(installation, "witness", "register", "brand", vkey).code == 0
    assert tally(installation, "witness", "register", "mcn", vkey).code == 2
    assert tally(installation, "export", "checkpoint", "--out", shown).code == 0
    trust = installation / "example" / "keys.txt"
    files = ("--key", key, "--memory", tmp_path / "memory", "--trust", trust)
    ran = tally(tmp_path, "witness", "sign", shown, *files)
    assert ran.code == 0, ran.err
    given = tmp_path / "line"
    given.write_text(ran.out, encoding="utf-8")
    size = shown.read_text(encoding="utf-8").splitlines()[1]
    took = tally(installation, "witness", "take", size, given)
    assert (took.code, "countersigned" in took.out) == (0, True), took.err
    assert tally(installation, "witness", "take", "1", given).code == 2
    assert tally(installation, "witness", "list", "--json").json[0]["party"] == "brand"
    assert tally(installation, "witness", "withdraw", label).code == 0
    assert "withdrawn" in tally(installation, "witness", "list").out
    assert tally(installation, "witness", "withdraw", "nobody").code == 2
    memory = tmp_path / "memory"
    assert tally(installation, "doctor", "--kept", memory).code == 0
    memory.write_text(
        memory.read_text(encoding="utf-8").replace(f"\n{size}\n", "\n999999\n"), encoding="utf-8"
    )
    ran = tally(installation, "doctor", "--kept", memory, "--json")
    assert (ran.code, [one["code"] for one in ran.json["findings"]]) == (1, ["kept.note"])
