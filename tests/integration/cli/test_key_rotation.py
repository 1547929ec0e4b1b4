"""The log's key is replaced: what was made before holds, what is made after is followed, no crash hurts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.checkpoints import make_checkpoint
from tests.command_line import ROOT, environment, office_at, tally

KILLED = """
import os, signal, sys
import api.office.log_keys as keys
calls, fatal = 0, int(sys.argv[1])
def dying(module, name):
    true = getattr(module, name)
    def step(*given, **named):
        global calls
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return true(*given, **named)
    setattr(module, name, step)
# every step after which the files or the log are different
for module, name in ((os, "link"), (keys, "record_rotation"), (keys, "_sync"), (os, "unlink")):
    dying(module, name)
replace = keys.Path.replace
keys.Path.replace = lambda self, to: (dying_step(), replace(self, to))[1]
def dying_step():
    global calls
    calls += 1
    if calls == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
from api.cli import main
sys.argv = ["tallystick", "key", "rotate"]
main()
"""


def statement_bundle(data: Path, to: Path) -> Path:
    assert tally(data, "export", "statement", "head-streamer.3.3", "--out", to).code == 0
    return to


def grow(data: Path) -> None:
    with office_at(data) as office:
        sale = office.log.entries(kinds=["sale.recorded"], limit=1)[0].seq
    reason = ("--reason", "asked", "--by", "platform", "--id", "r1")
    assert tally(data, "erase", str(sale), "buyer", *reason).code == 0


def test_evidence_of_every_time_verifies_by_the_key_pinned_first(installation: Path, tmp_path: Path) -> None:
    keys, rotations = installation / "example" / "keys.txt", tmp_path / "rotations"
    before = statement_bundle(installation, tmp_path / "before")
    with office_at(installation) as office:
        old, signed = office.log_key.vkey, make_checkpoint(office.log, office.log_key)
        rotated = tally(installation, "key", "rotate")
        assert rotated.code == 0, rotated.err
        new = office.log_key.vkey
        assert new in rotated.out
        assert new != old
        assert office.log_key.name == old.split("+")[0]
    grow(installation)
    during = statement_bundle(installation, tmp_path / "during")
    retired = tally(installation, "key", "retire")
    assert (retired.code, "destroyed" in retired.out) == (0, True)
    assert "nothing to destroy" in tally(installation, "key", "retire").out
    assert sorted(path.name for path in (installation / "keys").glob("*log*")) == ["log.key"]
    after = tmp_path / "after"
    assert tally(installation, "export", "entry", "3", "--out", after).code == 0
    latest = tmp_path / "latest"
    with office_at(installation) as office:
        office.log.erase(5, "buyer", reason="asked", asserter="platform", source="ops", id="2") if any(
            group.name == "buyer" for group in office.log.groups(5)
        ) else None
    assert tally(installation, "export", "checkpoint", "--out", latest).code == 0
    assert tally(installation, "export", "rotations", "--out", rotations).code == 0
    for path in (before, during, after):
        assert tally(tmp_path, "verify", path, "--trust", keys).code == 0, path
    listing_both = tmp_path / "both.txt"
    listing_both.write_text(f"{keys.read_text(encoding='utf-8')}\n{new}\n", encoding="utf-8")
    for path in (before, during, latest):
        assert tally(tmp_path, "verify", path, "--trust", listing_both).code == 0
        followed = tally(tmp_path, "verify", path, "--trust", keys, "--rotation", rotations)
        assert followed.code == 0, followed.out
    assert tally(installation, "doctor").code == 0
    with office_at(installation) as office:
        assert office.log.root(signed.size) == signed.root


def test_a_witness_follows_the_log_to_the_key_that_its_pinned_one_names(
    installation: Path, tmp_path: Path
) -> None:
    key, memory, shown, rotations = (tmp_path / name for name in ("key", "memory", "shown", "rotations"))
    assert tally(tmp_path, "witness", "key", "mcn.example/w", "--out", key).code == 0
    keys = installation / "example" / "keys.txt"
    sign = ("witness", "sign", shown, "--key", key, "--memory", memory, "--trust", keys)
    assert tally(installation, "export", "checkpoint", "--out", shown).code == 0
    assert tally(tmp_path, *sign).code == 0
    for command in ("rotate", "retire"):
        assert tally(installation, "key", command).code == 0
    size = memory.read_text(encoding="utf-8").splitlines()[1]
    assert tally(installation, "export", "checkpoint", "--out", shown).code == 0
    assert tally(installation, "export", "consistency", size, "--out", shown).code == 0
    assert tally(installation, "export", "rotations", "--out", rotations).code == 0
    unled = tally(tmp_path, *sign)
    assert (unled.code, "the trust file pins" in unled.err, unled.out) == (1, True, "")
    led = tally(tmp_path, *sign, "--rotation", rotations)
    assert (led.code, led.out.startswith("\u2014 mcn.example/w ")) == (0, True), led.err
    kept = memory.read_bytes()
    statement = rotations.read_text(encoding="utf-8")
    for text, code, said in (
        ("nothing\n", 2, "no statement"),
        ("".join(statement.splitlines(keepends=True)[:-1]), 1, "is not signed by"),
    ):
        rotations.write_text(text, encoding="utf-8")
        ran = tally(tmp_path, *sign, "--rotation", rotations)
        assert (ran.code, said in ran.err, ran.out) == (code, True, ""), ran.err
    assert memory.read_bytes() == kept


@pytest.mark.parametrize("step", [2, 3, 4, 5, 6])
def test_a_rotation_killed_anywhere_has_happened_or_has_not(
    example_data: Path, tmp_path: Path, step: int
) -> None:
    data = tmp_path / "data"
    with office_at(data) as office:
        old = office.log_key.vkey
        make_checkpoint(office.log, office.log_key)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(step)], env=environment(data) | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode in {0, -signal.SIGKILL}, ran.stderr
    with office_at(data) as office:
        now, size = office.log_key.vkey, office.log.size()
        assert (now == old) == (size == 0), "the key is the new one exactly where the log says so"
        assert len({key.label for key in office.log_key.verifiers}) == len(office.log_key.verifiers)
        make_checkpoint(office.log, office.log_key)
    assert tally(data, "key", "rotate").code == 0
    assert tally(data, "key", "retire").code == 0
    with office_at(data) as office:
        assert office.log_key.vkey not in {old, now} or now == old
        assert office.log.size() == size + 1
    assert tally(data, "doctor").code == 0
    kept = sorted(path.name for path in (data / "keys").iterdir())
    assert kept == [".lock", "log.key"]
