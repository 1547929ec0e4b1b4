"""Exhibits and the case they are for as ERC-1497 writes them, for tools of arbitration that read that form.

Only what fits: names of the standard where it has them, and under `tallystick` what it has no name for. The
digest is given as the standard's examples give it, a multihash in base58 (SHA-256), and in hex beside it.
`selfHash` is such a digest of the canonical JSON of all the rest.
Source: https://github.com/ethereum/EIPs/issues/1497
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ledger.exhibits.exhibit import Exhibit
from policies.canonical import canonical_bytes

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHA256_MULTIHASH = b"\x12\x20"
"""The multihash code of SHA-256, and the length of its digest (https://multiformats.io/multihash)."""


def evidence_json(one: Exhibit, address: str) -> dict[str, Any]:
    """Return an exhibit as evidence by ERC-1497; `address` is where its file is read."""
    described = one.described
    shown: dict[str, Any] = {
        "fileURI": address,
        "fileHash": multihash(bytes.fromhex(one.shown_sha256)),
        "fileTypeExtension": PurePosixPath(described.file).suffix.removeprefix(".") if described else "",
        "category": one.kind,
        "name": described.title if described else one.name,
        "description": described.description if described else "",
        "tallystick": {
            "dispute": one.dispute,
            "exhibit": one.number,
            "entry_seq": one.seq,
            "submitter": one.by,
            "signer": described.address if described else "",
            "signature": described.signature if described else "",
            "captured_at": one.captured_at,
            "sha256": one.sha256,
            "bytes": one.size,
            "shown_sha256": one.shown_sha256,
            "supports": list(one.supports),
        },
    }
    return _with_self_hash(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a case asks: its words, how it can be ruled, who is who by address, the document behind it."""

    title: str
    description: str
    question: str
    rulings: Mapping[str, str]
    aliases: Mapping[str, str]
    document: str
    sha256: str


def meta_evidence_json(asked: Question) -> dict[str, Any]:
    """Return what a case is about as meta-evidence by ERC-1497, the agreement's document as its file."""
    return _with_self_hash(
        {
            "category": "agreement",
            "title": asked.title,
            "description": asked.description,
            "question": asked.question,
            "rulingOptions": {
                "type": "single-select",
                "titles": list(asked.rulings),
                "descriptions": list(asked.rulings.values()),
            },
            "aliases": dict(asked.aliases),
            "fileURI": asked.document,
            "fileHash": multihash(bytes.fromhex(asked.sha256)),
            "fileTypeExtension": "json",
        }
    )


def _with_self_hash(shown: dict[str, Any]) -> dict[str, Any]:
    return {**shown, "selfHash": multihash(hashlib.sha256(canonical_bytes(shown)).digest())}


def multihash(digest: bytes) -> str:
    """Return a SHA-256 digest as a multihash in base58."""
    number, text = int.from_bytes(_SHA256_MULTIHASH + digest), ""
    while number:
        number, place = divmod(number, 58)
        text = _ALPHABET[place] + text
    return text
