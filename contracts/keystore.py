"""Keystore files: a private key under a password, in the Web3 Secret Storage format, version 3.

Any Ethereum wallet reads and writes them. Files are made with mode 0600 and never overwritten; addresses
are returned, keys stay inside SigningKey. Source: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from contracts.addresses import checksum_address
from contracts.errors import DigestError, KeystoreExists, KeystorePassword, KeystoreUnreadable
from contracts.signing import SigningKey

SCRYPT_STANDARD = 1 << 18
"""Work factor of a real key: about a second to open, for the owner and for each guess of a thief."""

SCRYPT_LIGHT = 1 << 12
"""Work factor for tests and for the keys of a demonstration, which guard nothing."""


def write_keystore(path: Path, key: SigningKey, password: str, *, work_factor: int = SCRYPT_STANDARD) -> str:
    """Write a key to a new file, readable by its owner only, and return its address.

    `work_factor` is scrypt's N. Raises KeystoreExists where the file is there already: a key lost by
    overwriting is lost for good.
    """
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415  (half a second others need not pay)

    content = create_keyfile_json(key.reveal(), _password(password), kdf="scrypt", iterations=work_factor)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise KeystoreExists("a file is there already; name another", where=str(path)) from fault
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return key.address


def create_keystore(path: Path, password: str, *, work_factor: int = SCRYPT_STANDARD) -> str:
    """Make a new key, write it to a new file and return its address."""
    return write_keystore(path, SigningKey.generate(), password, work_factor=work_factor)


def keystore_address(path: Path) -> str:
    """Return the address that a keystore file names, without opening it."""
    address = str(_content(path).get("address", ""))
    try:
        return checksum_address("0x" + address.removeprefix("0x").lower())
    except DigestError as fault:
        raise KeystoreUnreadable("the file names no address", where=str(path)) from fault


def read_keystore(path: Path, password: str) -> SigningKey:
    """Open a keystore file.

    Raises KeystorePassword where the password does not fit and KeystoreUnreadable where the file is no
    version 3 keystore, or names another address than its key has.
    """
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415  (as above)

    named = keystore_address(path)
    content = _content(path)
    try:
        raw = decode_keyfile_json(content, _password(password))
    except ValueError as fault:
        if "MAC mismatch" in str(fault):
            raise KeystorePassword("the password does not open it", where=str(path)) from None
        raise KeystoreUnreadable("not a version 3 keystore", where=str(path)) from fault
    except (KeyError, TypeError, NotImplementedError) as fault:
        raise KeystoreUnreadable("not a version 3 keystore", where=str(path)) from fault
    key = SigningKey(raw)
    if key.address != named:
        raise KeystoreUnreadable(f"its key is that of {key.address}, it names {named}", where=str(path))
    return key


def _content(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise KeystoreUnreadable(f"cannot be read: {fault.strerror}", where=str(path)) from fault
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise KeystoreUnreadable("not a JSON file", where=str(path)) from fault
    if not isinstance(content, dict) or content.get("version") != 3:
        raise KeystoreUnreadable("not a version 3 keystore", where=str(path))
    return content


def _password(password: str) -> Any:
    # as bytes, though the library says text: it would make Latin-1 of text, and wallets use UTF-8
    return password.encode()
