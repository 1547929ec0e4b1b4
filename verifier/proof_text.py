"""The text of proofs: C2SP `tlog-proof` for one entry, and for consistency what a C2SP witness is sent.

Parsing is strict: one spelling each. Nothing is verified here; check_proof.py does that.

Sources: c2sp.org/tlog-proof; c2sp.org/tlog-witness, the body of `add-checkpoint`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.notes import decode_base64
from verifier.report import Fault

TLOG_PROOF = "c2sp.org/tlog-proof@v1"
HASHES_LIMIT = 63
_NUMBER = "(0|[1-9][0-9]{0,15})"


@dataclass(frozen=True, slots=True)
class InclusionText:
    """A proof that an entry stands at `index`: its hashes, the checkpoint's note, and opaque extra bytes."""

    index: int
    hashes: list[bytes]
    note: str
    extra: bytes | None


@dataclass(frozen=True, slots=True)
class ConsistencyText:
    """A proof that the log under a checkpoint's note begins with its first `old` entries."""

    old: int
    hashes: list[bytes]
    note: str


def is_inclusion(text: str) -> bool:
    """Tell whether a text says that it is a tlog-proof."""
    return text.startswith(f"{TLOG_PROOF}\n")


def is_consistency(text: str) -> bool:
    """Tell whether a text begins as a consistency proof does."""
    return text.startswith("old ")


def parse_inclusion(text: str) -> InclusionText:
    """Read a tlog-proof. Raises Fault for any deviation from the format."""
    (magic, *lines), note = _parts(text)
    extra = decode_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    index = re.fullmatch(f"index {_NUMBER}", lines[0]) if lines else None
    if magic != TLOG_PROOF or index is None:
        raise Fault(f"is no {TLOG_PROOF} with an index", f"不是 {TLOG_PROOF},或缺少序号")
    return InclusionText(int(index[1]), _hashes(lines[1:]), note, extra)


def parse_consistency(text: str) -> ConsistencyText:
    """Read a consistency proof. Raises Fault for any deviation from the format."""
    (first, *lines), note = _parts(text)
    old = re.fullmatch(f"old {_NUMBER}", first)
    if old is None:
        raise Fault("is no consistency proof: it begins 'old SIZE'", "不是一致性证明:应以 old 条数 开头")
    return ConsistencyText(int(old[1]), _hashes(lines), note)


def _parts(text: str) -> tuple[list[str], str]:
    head, blank, note = text.partition("\n\n")
    if not blank:
        raise Fault("holds no checkpoint after a blank line", "空行之后没有检查点")
    return head.split("\n"), note


def _hashes(lines: list[str]) -> list[bytes]:
    hashes = [decode_base64(line) for line in lines]
    if len(hashes) > HASHES_LIMIT or any(len(one) != 32 for one in hashes):
        raise Fault(
            "the proof holds other than up to 63 hashes of 32 bytes", "证明应为至多 63 个 32 字节的哈希"
        )
    return hashes
