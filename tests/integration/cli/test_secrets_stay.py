"""No key, password or access code is ever printed, or lies where others can read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.keystore import read_keystore
from tests.command_line import AGREEMENT, EXAMPLES, PARTIES, tally, tally_process

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("agreement", "list", "--json"),
    ("agreement", "show", "head-streamer@1"),
    ("agreement", "request", "head-streamer@1"),
    ("statement", "list", "--json"),
    ("statement", "show", "head-streamer.3.3", "--json"),
    ("why", "D01-0001", "mcn", "--agreement", "head-streamer"),
    ("dispute", "list", "--json"),
    ("chain", "show", "--json"),
    ("chain", "anchor", "--json"),
    ("doctor", "--json"),
    ("rebuild", "--json"),
    ("example",),
    ("check", str(AGREEMENT), "--json"),
    ("decide", str(AGREEMENT), str(EXAMPLES / "cases" / "D05.yaml"), "--json"),
)


def secrets_of(data: Path) -> list[str]:
    """Return every secret of the installation as text that must appear nowhere."""
    example = data / "example"
    found = [
        (data / "secret").read_text("utf-8").strip(),
        (data / "keys" / "chain.key").read_text("utf-8").strip(),
    ]
    log_key = (data / "keys" / "log.key").read_text("utf-8").strip()
    # PRIVATE+KEY+name+hash+base64: the base64 may hold plus signs of its own.
    found += [log_key, log_key.split("+", 4)[-1]]
    for party in PARTIES:
        password = (example / "keystores" / f"{party}.password").read_text("utf-8").strip()
        key = read_keystore(example / "keystores" / f"{party}.json", password).reveal().hex()
        ciphertext = json.loads((example / "keystores" / f"{party}.json").read_text("utf-8"))["crypto"][
            "ciphertext"
        ]
        found += [password, key, ciphertext]
    codes = (example / "access-codes.txt").read_text("utf-8").splitlines()
    return found + [line.split("\t")[1] for line in codes]


def test_no_command_prints_a_secret(installation: Path) -> None:
    secrets = secrets_of(installation)
    assert len(secrets) == 4 + 3 * 5 + 9
    assert all(len(secret) >= 16 for secret in secrets)
    for command in COMMANDS:
        ran = tally(installation, *command)
        assert ran.code == 0, (command, ran.err)
        assert ran.out, command
        for secret in secrets:
            assert secret not in ran.out + ran.err, command


def test_no_secret_lies_in_the_database_or_in_evidence(example_data: Path) -> None:
    secrets = [secret.encode() for secret in secrets_of(example_data)]
    files = [
        path for path in example_data.rglob("*") if path.suffix in {".db", ".tally", ".parquet", ".db-wal"}
    ]
    assert len(files) > 10
    for path in files:
        data = path.read_bytes()
        assert not any(secret in data for secret in secrets), path


def test_only_its_owner_can_enter_the_data_directory(example_data: Path) -> None:
    assert example_data.stat().st_mode & 0o777 == 0o700
    for path in example_data.rglob("*"):
        inside_private = any(folder.stat().st_mode & 0o077 == 0 for folder in (example_data, *path.parents))
        assert inside_private
        if path.is_file() and path.suffix != ".parquet":
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_the_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: str) -> None:
    import os  # noqa: PLC0415 (beside its only use)

    before = os.umask(int(umask, 8))
    try:
        assert tally_process(tmp_path / "a" / "data", "agreement", "list").code == 0
    finally:
        os.umask(before)
    made = [tmp_path / "a" / "data", *(tmp_path / "a" / "data").rglob("*")]
    assert len(made) >= 5
    for path in made:
        assert path.stat().st_mode & 0o077 == 0, path


def test_an_access_code_is_printed_once_where_it_is_made_and_never_again(installation: Path) -> None:
    made = tally(installation, "member", "enrol", "clerk", "--name", "Clerk", "--role", "mcn:read")
    code = made.out.strip()
    assert made.code == 0
    assert len(code) >= 16
    again = tally(installation, "member", "enrol", "clerk", "--name", "Clerk", "--role", "mcn:read")
    assert again.code == 2
    assert code not in again.out + again.err
    renewed = tally(installation, "member", "renew", "clerk").out.strip()
    assert renewed != code
    assert code not in (installation / "tallystick.db").read_bytes().decode("latin-1")
