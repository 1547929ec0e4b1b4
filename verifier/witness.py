"""What a witness does: countersign a checkpoint of a log only if it extends the last one countersigned.

The witness keeps one file, its memory: the last checkpoint it countersigned, with that signature under it. It
is on the disk before a signature is given away, so that no crash makes the witness sign two histories. It
needs neither the log's database nor the network: what it is shown comes as a file, and its line goes back as
text. Lose the memory and the protection is gone: the next checkpoint shown is believed.

Source: c2sp.org/tlog-cosignature; c2sp.org/tlog-witness for what is shown.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.notes import (
    COSIGNATURE,
    TIME_BYTES,
    Checkpoint,
    Note,
    Vkey,
    cosigned_message,
    decode_base64,
    parse_checkpoint,
    parse_note,
    parse_vkey,
)
from verifier.proof_text import is_consistency, parse_consistency
from verifier.report import Fault
from verifier.tree import require_extension
from verifier.trust import Trust

_PRIVATE = "PRIVATE+KEY+"


class WitnessKey:
    """A witness's signing key and its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Make the key of a name and 32 secret bytes. Raises Fault for a name that keys cannot have."""
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = COSIGNATURE + self._private.public_key().public_bytes_raw()
        key_hash = sha256(name.encode() + b"\n" + public).digest()[:4]
        self.verifier: Vkey = parse_vkey(f"{name}+{key_hash.hex()}+{base64.b64encode(public).decode()}")

    @classmethod
    def parse(cls, text: str) -> WitnessKey:
        """Read a key file's text. Raises Fault."""
        pieces = text.strip().removeprefix(_PRIVATE).split("+", 2)
        secret = decode_base64(pieces[2]) if text.startswith(_PRIVATE) and len(pieces) == 3 else b""
        if len(secret) != 33 or secret[:1] != COSIGNATURE:
            raise Fault("is no witness's key file", "不是见证人密钥文件")
        key = cls(pieces[0], secret[1:])
        if key.verifier.key_hash.hex() != pieces[1]:
            raise Fault("is a key file whose hash is not its own", "密钥文件的哈希不符")
        return key

    @property
    def text(self) -> str:
        """The key file's text: secret."""
        verifier = self.verifier
        encoded = base64.b64encode(COSIGNATURE + self._seed).decode()
        return f"{_PRIVATE}{verifier.name}+{verifier.key_hash.hex()}+{encoded}\n"

    @property
    def vkey(self) -> str:
        """The public key as a C2SP vkey, for whoever pins this witness."""
        return f"{self.verifier.label}+{base64.b64encode(COSIGNATURE + self.verifier.public).decode()}"

    def cosign(self, text: str, time_s: int) -> str:
        """Return the signature line over a checkpoint's text at a time."""
        signature = self._private.sign(cosigned_message(text, time_s))
        blob = self.verifier.key_hash + time_s.to_bytes(TIME_BYTES, "big") + signature
        return f"\u2014 {self.verifier.name} {base64.b64encode(blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class Countersigned:
    """What a witness has given: its signature line, and the checkpoint's size."""

    size: int
    line: str


def remembered(memory: Path) -> Checkpoint | None:
    """Return the last checkpoint countersigned, None before the first. Raises Fault for a damaged memory."""
    if not memory.exists():
        return None
    return parse_checkpoint(parse_note(memory.read_text(encoding="utf-8")).text)


def countersign(shown: bytes, memory: Path, trust: Trust, key: WitnessKey, time_s: int) -> Countersigned:
    """Countersign what the log shows: a checkpoint, or a consistency proof that ends in one.

    It must be signed by a pinned key of the log and extend the remembered one. Raises Fault, and gives no
    signature, for anything else.
    """
    try:
        text = shown.decode()
    except UnicodeDecodeError as fault:
        raise Fault("is not UTF-8", "不是 UTF-8") from fault
    proof = parse_consistency(text) if is_consistency(text) else None
    note = parse_note(text if proof is None else proof.note)
    checkpoint = parse_checkpoint(note.text)
    signed_by = trust.require_signed(note, checkpoint.origin, cosigners=True)
    assert signed_by, "a checkpoint nobody pinned signed is refused"
    with _alone(memory):
        last = remembered(memory)
        if last is not None:
            _require_extension(last, checkpoint, proof.hashes if proof and proof.old == last.size else None)
        line = key.cosign(note.text, time_s)
        _keep(memory, _with(note, trust, checkpoint.origin) + line)
    return Countersigned(checkpoint.size, line)


def _require_extension(last: Checkpoint, now: Checkpoint, hashes: list[bytes] | None) -> None:
    if now.origin != last.origin:
        raise Fault(
            f"is of the log '{now.origin}'; this memory is of '{last.origin}': keep one a log",
            f"属于日志 {now.origin},而本记忆文件属于 {last.origin}:每个日志一份",
        )
    if now.size < last.size:
        raise Fault(
            f"shows {now.size} entries, and {last.size} were countersigned: a cut tail, or an old checkpoint",
            f"仅出示 {now.size} 条,而已副署 {last.size} 条:尾部被截断,或为旧检查点",
        )
    if now.size == last.size:
        if now.root != last.root:
            raise Fault(
                f"is a fork: another root of {now.size} entries was countersigned; keep both as evidence",
                f"分叉:{now.size} 条的另一个根已被副署;请保存两份文件作为证据",
            )
        return
    if hashes is None and last.size:
        raise Fault(
            f"comes without a proof from the {last.size} entries countersigned last: ask for one",
            f"缺少从上次副署的 {last.size} 条起的一致性证明:请索取",
            unusable=True,
        )
    require_extension(last.size, last.root, now.size, now.root, hashes or [])


def _with(note: Note, trust: Trust, origin: str) -> str:
    """Return the note with the signatures of the log's pinned keys only."""
    pinned = {key.label for key in trust.log_keys if key.name == origin}
    lines = [
        f"\u2014 {one.name} {base64.b64encode(one.key_hash + one.signature).decode()}\n"
        for one in note.signatures
        if one.label in pinned
    ]
    return "".join([note.text, "\n", *lines])


@contextmanager
def _alone(memory: Path) -> Iterator[None]:
    """Let one countersigning at a time read and change a memory."""
    with memory.with_name(f".{memory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(memory: Path, text: str) -> None:
    """Put the memory on the disk, whole or not at all."""
    fresh = memory.with_name(f".{memory.name}.fresh")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(memory)
    folder = os.open(memory.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
