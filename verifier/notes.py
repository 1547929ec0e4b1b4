"""C2SP signed notes with Ed25519, and the log's checkpoint inside one. Parsing is strict: one spelling each.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.report import Fault

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
TIME_BYTES = 8
_PARTIES = "tallystick/parties/v1 "


@dataclass(frozen=True, slots=True)
class Vkey:
    """A verifier key: its name, the four bytes that notes know it by, the Ed25519 public key, its type.

    The type is that of a log's key, or of a witness's (`COSIGNATURE`), whose signatures begin with a time.
    """

    name: str
    key_hash: bytes
    public: bytes
    kind: bytes = ED25519

    @property
    def label(self) -> str:
        """Return `name+hash`, short for people."""
        return f"{self.name}+{self.key_hash.hex()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Tell whether the signature of the text is this key's."""
        signed = text.encode()
        if self.kind == COSIGNATURE:
            signed = cosigned_message(text, signed_at(signature))
            signature = signature[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


def cosigned_message(text: str, time_s: int) -> bytes:
    """Return what a witness signs of a checkpoint's text at a time, in seconds since 1970 UTC."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def signed_at(signature: bytes) -> int:
    """Return the time that a witness's signature begins with, in seconds since 1970 UTC."""
    return int.from_bytes(signature[:TIME_BYTES], "big")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line of a note, not yet verified."""

    name: str
    key_hash: bytes
    signature: bytes

    @property
    def label(self) -> str:
        """Return `name+hash`, short for people."""
        return f"{self.name}+{self.key_hash.hex()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed text, its last newline included, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: who it is, how many entries it has, and the root of their tree.

    `parties` is the root of the map of its parties' own trees, None where it signs none.
    """

    origin: str
    size: int
    root: bytes
    parties: bytes | None = None


def parse_vkey(text: str) -> Vkey:
    """Read `name+hash+key`. Raises Fault if it is no Ed25519 key or its hash is not that of the key."""
    pieces = text.split("+", 2)
    if len(pieces) != 3 or not _is_name(pieces[0]):
        raise Fault("is no verifier key (name+hash+key)", "不是验证密钥(名称+哈希+公钥)")
    name, key_hash, encoded = pieces
    key = decode_base64(encoded)
    if len(key) != 33 or key[:1] not in {ED25519, COSIGNATURE}:
        raise Fault("is no Ed25519 key", "不是 Ed25519 公钥")
    expected = sha256(name.encode() + b"\n" + key).digest()[:4]
    if key_hash != expected.hex():
        raise Fault(f"has the key hash {key_hash}, not {expected.hex()}", f"密钥哈希应为 {expected.hex()}")
    return Vkey(name, expected, key[1:], key[:1])


def parse_note(note: str) -> Note:
    """Split a note into text and signatures. Raises Fault for any deviation from the format."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Fault("is no signed note", "不是签名文本(signed note)")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len({s.label for s in signatures}) != len(signatures):
        raise Fault("is signed twice by one key", "同一密钥重复签名")
    return Note(text + "\n", signatures)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint note; of further lines only that of the parties is read. Raises Fault."""
    origin, size, root, *extensions = [*text.split("\n"), "", ""]
    if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,15}", size) or not all(extensions[:-3]):
        raise Fault("is no checkpoint: origin, size, root", "不是检查点(日志名、条数、根)")
    parties = [line.removeprefix(_PARTIES) for line in extensions if line.startswith(_PARTIES)]
    if len(parties) > 1:
        raise Fault("has two roots of its parties' trees", "含有两个当事方根")
    return Checkpoint(origin, int(size), _root(root), _root(parties[0]) if parties else None)


def _root(text: str) -> bytes:
    decoded = decode_base64(text)
    if len(decoded) != 32:
        raise Fault("has a root that is not 32 bytes", "根不是 32 字节")
    return decoded


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one canonical spelling. Raises Fault otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Fault("holds bad base64", "base64 编码有误") from fault
    if base64.b64encode(data).decode() != text:
        raise Fault("holds base64 in another than its one spelling", "base64 编码不规范")
    return data


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or not c.isprintable() for c in name)


def _signature(line: str) -> Signature:
    pieces = line.split(" ")
    if len(pieces) != 3 or pieces[0] != "—" or not _is_name(pieces[1]):
        raise Fault("has a signature line that does not read '— name base64'", "签名行格式有误")
    blob = decode_base64(pieces[2])
    if len(blob) < 5:
        raise Fault("has a signature that is too short", "签名过短")
    return Signature(pieces[1], blob[:4], blob[4:])
