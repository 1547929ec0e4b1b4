"""`tallystick chain status` and `work`: what waits, what holds it up, for people and for scripts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from api.office.chain_worker.kept import FILE, lease
from contracts.keystore import SCRYPT_LIGHT, create_keystore
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at, tally
from tests.signing import sign_by_all

REF = "head-streamer@1"


@pytest.fixture(scope="module")
def signed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("signed") / "data"
    with office_at(data) as office:
        sign_by_all(office, load_agreement(AGREEMENT.read_text(encoding="utf-8"), name="document.yaml"))
    return data


@pytest.fixture
def data(signed_data: Path, tmp_path: Path) -> Path:
    """A signed version that nothing was put on a chain of yet."""
    return Path(shutil.copytree(signed_data, tmp_path / "data"))


def test_a_round_registers_what_is_signed_and_says_so(data: Path) -> None:
    before = tally(data, "chain", "status")
    assert (before.code, before.out.splitlines()[0].split(":")[0]) == (0, "working")
    assert f"register/{REF}" in before.out
    assert "to send" in before.out
    assert not (data / "chain.db").stat().st_size, "asking for the state opens no chain"
    worked = tally(data, "chain", "work")
    assert worked.code == 0
    assert worked.out.splitlines()[0] == f"final: register/{REF}"
    assert "embedded chain, block 2, final 2" in worked.out
    assert tally(data, "chain", "work").out.splitlines()[0] == "nothing new is final"
    after = tally(data, "chain", "status", "--json").json
    assert (after["standing"], after["tasks"], after["anchored"]) == ("idle", [], None)
    assert after["seen"]["kind"] == "embedded"
    assert tally(data, "chain", "anchor").out.splitlines()[-1].startswith("anchored in block ")
    assert tally(data, "chain", "status", "--json").json["anchored"] > 0


def test_the_anchor_checks_that_an_entry_is_in_the_log(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = tally(data, "chain", "prove", "0")
    assert (early.code, "no anchor covers it yet" in early.err) == (2, True)
    size = tally(data, "chain", "anchor", "--json").json["size"]
    proved = tally(data, "chain", "prove", str(size - 1))
    assert (proved.code, proved.out.splitlines()[0]) == (
        0,
        f"entry {size - 1} is in the log as anchored at {size} entries",
    )
    call = tally(data, "chain", "prove", "0", "--json").json
    with office_at(data) as office:  # as anybody asks it of a node
        assert office.chain.call(call["to"], bytes.fromhex(call["data"][2:])) == b""
    assert tally(data, "chain", "prove", "99999").code == 2, "there is no such entry"
    monkeypatch.setattr("api.office.anchor_proofs.leaf_hash", lambda _leaf: b"\x01" * 32)
    altered = tally(data, "chain", "prove", "0")
    words = "ledger_anchor: proof leads to another root"
    assert (altered.code, altered.out) == (1, f"entry 0 is not proved: {words}\n")
    assert tally(data, "chain", "prove", "0", "--json").json == {"entry": 0, "refused": words}


def test_who_comes_second_is_told_that_another_works(data: Path) -> None:
    with office_at(data) as office, lease(office):
        ran = tally(data, "chain", "work")
    assert ran.code == 2, "it could not run"
    assert "another process works the chain" in ran.err


def test_a_node_that_does_not_answer_is_named_and_the_doctor_warns(data: Path, tmp_path: Path) -> None:
    create_keystore(tmp_path / "sender.json", "sender", work_factor=SCRYPT_LIGHT)
    (tmp_path / "password").write_text("sender")
    node = {
        "TALLYSTICK_CHAIN": "http://127.0.0.1:9/secret", "TALLYSTICK_CHAIN_ID": "5",
        "TALLYSTICK_CHAIN_KEYSTORE": str(tmp_path / "sender.json"),
        "TALLYSTICK_CHAIN_PASSWORD_FILE": str(tmp_path / "password"),
    }  # fmt: skip
    ran = tally(data, "chain", "work", **node)
    assert (ran.code, "[chain.unreachable]" in ran.out) == (1, True), ran.out
    assert "tried 1 time(s), again at" in ran.out
    told = tally(data, "chain", "status", "--json", **node)
    assert (told.code, told.json["standing"], told.json["registry"]) == (1, "held_up", None)
    assert "secret" not in ran.out + ran.err + told.out
    doctor = tally(data, "doctor", **node)
    assert (doctor.code, "chain.unreachable" in doctor.out) == (0, True)


def test_a_file_of_the_worker_that_is_damaged_is_made_again(data: Path) -> None:
    (data / FILE).write_text("{", encoding="utf-8")
    assert tally(data, "chain", "status").code == 0
    assert tally(data, "chain", "work").code == 0
    assert json.loads((data / FILE).read_text(encoding="utf-8"))["fault"] is None
    assert (data / FILE).stat().st_mode & 0o777 == 0o600


def test_there_is_no_other_word(data: Path) -> None:
    assert tally(data, "chain", "wrok").code == 2
