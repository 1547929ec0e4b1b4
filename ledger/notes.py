"""Signed notes by Ed25519: the log's key, its file, its public text, signing and verifying.

Formats: C2SP signed-note (text, blank line, signature lines beginning with an em dash) and its vkey text
NAME+HASH+BASE64. What a note says is for others: checkpoints.py, and the manifest of an evidence bundle.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import NoteInvalid

ED25519 = b"\x01"
"""Signature type of a log's own key."""

COSIGNATURE = b"\x04"
"""Signature type of a witness: an Ed25519 signature with the time at which it was given."""

_TIME_BYTES = 8
_NAME = re.compile(r"[^\s+\x00-\x20]{1,255}")
_SIGNATURE_LINE = re.compile(r"\u2014 (\S+) (\S+)")


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise NoteInvalid(f"'{name[:60]}' must have no spaces and no plus sign", where="key name")


def strict_base64(text: str, where: str) -> bytes:
    """Decode standard base64 that is written in its one canonical way. Raises NoteInvalid."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NoteInvalid("not base64", where=where) from fault
    if base64.b64encode(data).decode() != text:
        raise NoteInvalid("base64 with stray bits or padding", where=where)
    return data


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that notes are checked with: its name, its 4-byte hash, its 32 bytes, its type."""

    name: str
    key_hash: bytes
    public: bytes
    algorithm: bytes = ED25519

    @classmethod
    def of(cls, name: str, public: bytes, algorithm: bytes = ED25519) -> VerifierKey:
        """Return the key of a name and 32 public bytes. Raises NoteInvalid for an unusable name."""
        _require_name(name)
        key_hash = hashlib.sha256(name.encode() + b"\n" + algorithm + public).digest()[:4]
        return cls(name, key_hash, public, algorithm)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a vkey line. Raises NoteInvalid when it is malformed or its hash is not its own."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteInvalid("wants NAME+HASH+BASE64", where=f"vkey {text[:60]!r}")
        name, hash_text, encoded = parts
        data = strict_base64(encoded, "vkey")
        if len(data) != 33 or data[:1] not in {ED25519, COSIGNATURE}:
            raise NoteInvalid("neither an Ed25519 key nor one of a witness", where=f"vkey {name}")
        key = cls.of(name, data[1:], data[:1])
        if key.key_hash.hex() != hash_text:
            raise NoteInvalid("its hash is not that of its name and key", where=f"vkey {name}")
        return key

    @property
    def label(self) -> str:
        """`NAME+HASH`, by which signature lines name the key."""
        return f"{self.name}+{self.key_hash.hex()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Tell whether a signature, without the key's hash, is this key's over the text.

        A witness signs the text of a checkpoint under a line with the time, which its signature begins with.
        """
        signed = text.encode()
        if self.algorithm == COSIGNATURE:
            signed = f"cosignature/v1\ntime {cosigned_at(signature)}\n".encode() + signed
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.label}+{base64.b64encode(self.algorithm + self.public).decode()}"


def cosigned_at(signature: bytes) -> int:
    """Return the time that a witness's signature begins with, in seconds since 1970 UTC."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")


class LogKey:
    """The private key that a log signs its notes with; its name is the log's origin."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Make the key of a name and a 32-byte secret seed. Raises NoteInvalid."""
        _require_name(name)
        if len(seed) != 32:
            raise NoteInvalid("a seed has 32 bytes", where="log key")
        self.name = name
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> VerifierKey:
        """The public key, to be pinned by whoever verifies."""
        return VerifierKey.of(self.name, self._private.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        """The public key as a vkey line."""
        return str(self.verifier)

    def sign(self, text: str) -> str:
        """Return a signed note over a text, which ends with a newline."""
        return signed_by(text, [self])

    def line(self, text: str) -> str:
        """Return this key's signature line over a text."""
        signature = base64.b64encode(self.verifier.key_hash + self._private.sign(text.encode())).decode()
        return f"\u2014 {self.name} {signature}\n"

    def save(self, path: Path) -> None:
        """Write the key, whole or not at all, to a new file that only its owner may read.

        Raises FileExistsError.
        """
        encoded = base64.b64encode(ED25519 + self._seed).decode()
        line = f"PRIVATE+KEY+{self.name}+{self.verifier.key_hash.hex()}+{encoded}\n"
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # unlike a rename, it replaces nothing
        finally:
            fresh.unlink()

    @classmethod
    def load(cls, path: Path) -> LogKey:
        """Read a key file. Raises NoteInvalid when it is malformed, or open to others than its owner."""
        if path.stat().st_mode & 0o077:
            raise NoteInvalid("others may read it; run chmod 600 on it", where=str(path))
        parts = path.read_text().strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteInvalid("not a log key file", where=str(path))
        data = strict_base64(parts[4], str(path))
        if data[:1] != ED25519:
            raise NoteInvalid("not an Ed25519 key", where=str(path))
        key = cls(parts[2], data[1:])
        if key.verifier.key_hash.hex() != parts[3]:
            raise NoteInvalid("its hash is not that of its name and key", where=str(path))
        return key


class Signer(Protocol):
    """Whoever signs in a log's name: one key of it, or all that sign now."""

    @property
    def name(self) -> str:
        """The log's name."""

    def sign(self, text: str) -> str:
        """Return a signed note over a text, which ends with a newline."""


def signed_by(text: str, keys: Sequence[LogKey]) -> str:
    """Return a note over a text, which ends with a newline, signed by each of the keys."""
    assert text.endswith("\n"), "a note's text ends with a newline"
    return "".join([text, "\n", *(key.line(text) for key in keys)])


def open_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """Return the text of a note signed by at least one of the keys, once their signatures verify.

    Signature lines of unknown keys are passed over, as C2SP has it. Raises NoteInvalid when the note is
    malformed, when none of the keys signed it, or when a signature of one of them is wrong.
    """
    text, signatures = split_note(note)
    known = {(key.name, key.key_hash): key for key in keys}
    signed = False
    for name, data in signatures:
        key = known.get((name, data[:4]))
        if key is None:
            continue
        if not key.verifies(text, data[4:]):
            raise NoteInvalid("the signature does not fit the text", where=f"note, key {name}")
        signed = True
    if not signed:
        raise NoteInvalid("none of the trusted keys signed it", where="note")
    return text


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text and its signatures as (name, hash and signature). Raises NoteInvalid."""
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteInvalid("no text, blank line and signature lines", where="note")
    return text + "\n", [split_signature(line) for line in tail[:-1].split("\n")]


def split_signature(line: str) -> tuple[str, bytes]:
    """Return a signature line's name, and hash and signature. Raises NoteInvalid."""
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise NoteInvalid(f"'{line[:60]}' is no signature line", where="note")
    data = strict_base64(match[2], f"note, signature of {match[1]}")
    if len(data) < 5:
        raise NoteInvalid("too short", where=f"note, signature of {match[1]}")
    return match[1], data
