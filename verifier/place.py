"""Where a party stands under a checkpoint: the first line of a completeness proof, which is worth keeping.

By itself it shows how many entries concern the party, and the root of the tree over them: whoever keeps it
can hold every later proof against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from verifier import canonical
from verifier.check_log import Signed, signed_of
from verifier.notes import Checkpoint, decode_base64
from verifier.report import Fault
from verifier.tree import leaf_hash, root_of_proof

FORMAT = "tallystick/completeness/v1"

_KEY = b"tallystick/party/v1\x00"
_PATH_MIN, _PATH_MAX = 10, 40


@dataclass(frozen=True, slots=True)
class Place:
    """What the first line says: a party, the number of its entries, their tree's root, where it stands."""

    party: str
    salt: bytes
    count: int
    root: bytes
    index: int
    path: list[bytes]
    shown: Signed

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint under which the party stands there."""
        return self.shown.checkpoint


def is_completeness(data: bytes) -> bool:
    """Tell whether a file's first line is that of a completeness proof."""
    try:
        head = canonical.decode(data.partition(b"\n")[0].decode())
    except (Fault, UnicodeDecodeError):
        return False
    return isinstance(head, dict) and head.get("format") == FORMAT


def read_place(line: bytes) -> Place:
    """Read the first line of a completeness proof. Raises Fault."""
    head = canonical.parse(text_of(line))
    if canonical.field(head, "format", str) != FORMAT:
        raise Fault(f"does not call itself '{FORMAT}'", f"格式标识不是 {FORMAT}")
    return Place(
        party=canonical.field(head, "party", str),
        salt=canonical.hex_field(head, "salt", 32),
        count=canonical.count_field(head, "count"),
        root=canonical.hex_field(head, "root", 32),
        index=canonical.count_field(head, "index"),
        path=hashes_field(head, "path"),
        shown=signed_of(canonical.field(head, "checkpoint", str)),
    )


def require_place(place: Place) -> None:
    """Raise Fault unless the party stands under the checkpoint with this count and root."""
    checkpoint = place.checkpoint
    if checkpoint.parties is None:
        raise Fault("the checkpoint signs nothing of parties", "该检查点未签署当事方信息")
    if not 0 < place.count <= checkpoint.size or not _PATH_MIN <= len(place.path) <= _PATH_MAX:
        raise Fault("no such count or path is possible", "条数或路径不可能成立")
    key = sha256(_KEY + place.salt + checkpoint.size.to_bytes(8, "big") + place.party.encode()).digest()
    leaf = leaf_hash(key + place.count.to_bytes(8, "big") + place.root)
    if root_of_proof(leaf, place.index, 1 << len(place.path), place.path) != checkpoint.parties:
        raise Fault(
            f"{place.party} does not stand under the checkpoint with {place.count} entries of this root",
            f"检查点并未载明 {place.party} 有 {place.count} 条这样的记录",
        )


def hashes_field(record: Any, name: str) -> list[bytes]:
    """Return a member that is a list of 32-byte hashes in base64. Raises Fault otherwise."""
    hashes = [decode_base64(one) for one in canonical.texts_field(record, name)]
    if any(len(one) != 32 for one in hashes):
        raise Fault(f"'{name}' holds a hash that is not 32 bytes", f"{name} 中的哈希不是 32 字节")
    return hashes


def text_of(line: bytes) -> str:
    """Return a line as text. Raises Fault if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as fault:
        raise Fault("is not UTF-8", "不是 UTF-8") from fault
