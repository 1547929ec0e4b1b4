"""Keystore files are private, never overwritten, open by their password only, and suit other wallets."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import cast

import pytest
from eth_account import Account

from contracts.errors import KeystoreError, KeystoreExists, KeystorePassword, KeystoreUnreadable
from contracts.keystore import (
    SCRYPT_LIGHT,
    SCRYPT_STANDARD,
    create_keystore,
    keystore_address,
    read_keystore,
    write_keystore,
)
from contracts.signing import SigningKey

KEY = SigningKey(b"\x08" * 32)
PASSWORD = "口令 with spaces"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "streamer.json"
    assert write_keystore(path, KEY, PASSWORD, work_factor=SCRYPT_LIGHT) == KEY.address
    return path


def test_a_written_key_is_read_back_by_its_password(written: Path) -> None:
    assert read_keystore(written, PASSWORD).reveal() == KEY.reveal()
    assert keystore_address(written) == KEY.address


def test_a_keystore_is_readable_by_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_keystore(tmp_path / "key.json", "x", work_factor=SCRYPT_LIGHT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600


def test_a_keystore_file_holds_the_key_only_encrypted(written: Path) -> None:
    content = json.loads(written.read_text())
    assert content["version"] == 3
    assert content["crypto"]["kdf"] == "scrypt"
    assert content["crypto"]["kdfparams"]["n"] == SCRYPT_LIGHT
    assert KEY.reveal().hex() not in written.read_text()


def test_a_real_key_is_written_with_the_standard_work_factor(tmp_path: Path) -> None:
    create_keystore(tmp_path / "key.json", "x")
    content = json.loads((tmp_path / "key.json").read_text())
    assert content["crypto"]["kdfparams"]["n"] == SCRYPT_STANDARD


def test_another_wallet_reads_the_file_and_we_read_its(written: Path, tmp_path: Path) -> None:
    ours = Account.decrypt(json.loads(written.read_text()), cast("str", PASSWORD.encode()))
    assert bytes(ours) == KEY.reveal()
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps(Account.encrypt(KEY.reveal(), "x", kdf="scrypt", iterations=2)))
    assert read_keystore(theirs, "x").address == KEY.address


def test_a_file_is_never_overwritten(written: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(KeystoreExists) as caught:
        create_keystore(written, PASSWORD, work_factor=SCRYPT_LIGHT)
    assert caught.value.code == "keystore.exists"
    assert written.read_bytes() == before


def test_a_wrong_password_is_said_to_be_that(written: Path) -> None:
    with pytest.raises(KeystorePassword) as caught:
        read_keystore(written, "hunter2")
    assert caught.value.code == "keystore.password"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", "{}", '{"version": 4}', '{"version": 3}', b"\xff".decode("latin-1")],
)
def test_what_is_no_keystore_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(KeystoreUnreadable):
        read_keystore(path, "x")


@pytest.mark.parametrize("missing", ["crypto", "address"])
def test_a_keystore_without_its_parts_is_refused(written: Path, missing: str) -> None:
    content = json.loads(written.read_text())
    del content[missing]
    written.write_text(json.dumps(content))
    with pytest.raises(KeystoreUnreadable):
        read_keystore(written, PASSWORD)


def test_a_file_that_names_another_address_is_refused(written: Path) -> None:
    content = json.loads(written.read_text())
    content["address"] = "ab" * 20
    written.write_text(json.dumps(content))
    with pytest.raises(KeystoreUnreadable, match="it names"):
        read_keystore(written, PASSWORD)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeystoreError, match=r"nowhere\.json"):
        read_keystore(tmp_path / "nowhere.json", "x")
