"""Canonical bytes of the log, version 1: opened groups, salted commitments and leaves.

These formats are for ever: golden vectors in tests/golden/ hold them, and the verifier has its own second
implementation. Not here: what makes an entry valid (entries.py), the tree over leaves (tree.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ledger.entries import AUDITOR, CONCERNS, Group
from ledger.errors import EntryInvalid
from policies.canonical import canonical_bytes
from policies.errors import CanonicalError

LEAF_FORMAT = "tallystick/leaf/v1"
SALT_BYTES = 32
OPENED_LIMIT_BYTES = 1 << 20
"""An opened group is at most this long, and so is a leaf."""

_COMMITMENT_PREFIX = b"tallystick/commitment/v1\x00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Opened(msgspec.Struct, frozen=True):
    """An opened group as read back from its bytes; `content` keeps its exact bytes."""

    content: msgspec.Raw
    name: str
    postings: list[dict[str, Any]]
    readers: list[str]


class Leaf(msgspec.Struct, frozen=True):
    """A leaf as read back from its bytes. `groups` are commitments in hex, in group order."""

    agreement: str | None
    asserter: str
    format: str
    groups: list[str]
    id: str
    kind: str
    occurred_at: str
    recorded_at: str
    seq: int
    source: str


_opened_decoder = msgspec.json.Decoder(Opened)
_leaf_decoder = msgspec.json.Decoder(Leaf)


def microseconds(instant: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(us: int) -> datetime:
    """Return microseconds since 1970 as an aware datetime in UTC."""
    return _EPOCH + us * _MICROSECOND


def occurred_text(instant: datetime) -> str:
    """Write when something happened: RFC 3339 with its own offset, Z for UTC, no empty fraction."""
    text = instant.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def recorded_text(us: int) -> str:
    """Write when the log took something: RFC 3339 in UTC, always six decimals and Z."""
    return instant_of(us).isoformat(timespec="microseconds")[:-6] + "Z"


def opened_bytes(group: dict[str, Any], where: str) -> bytes:
    """Return the canonical bytes of an opened group given as JSON. Raises EntryInvalid."""
    try:
        data = canonical_bytes(group)
    except CanonicalError as fault:
        raise EntryInvalid(fault.message, where=f"{where}, group {group['name']}, {fault.where}") from fault
    if len(data) > OPENED_LIMIT_BYTES:
        raise EntryInvalid(
            f"group {group['name']} takes {len(data)} bytes, more than {OPENED_LIMIT_BYTES}", where=where
        )
    return data


def concerns_group(parties: Sequence[str]) -> Group:
    """Return the group that says whom an entry concerns, to auditors only."""
    return Group(CONCERNS, (AUDITOR,), {"parties": list(parties)})


def commitment(salt: bytes, opened: bytes) -> bytes:
    """Return the 32-byte commitment to an opened group: SHA-256 over a domain prefix, the salt and it."""
    assert len(salt) == SALT_BYTES
    return hashlib.sha256(_COMMITMENT_PREFIX + salt + opened).digest()


def leaf_bytes(header: dict[str, Any], commitments: Sequence[str], seq: int, recorded_at: str) -> bytes:
    """Return the canonical leaf. `header` has agreement, asserter, id, kind, occurred_at and source."""
    return canonical_bytes(
        {**header, "format": LEAF_FORMAT, "groups": commitments, "recorded_at": recorded_at, "seq": seq}
    )


def read_opened(data: bytes) -> Opened:
    """Read an opened group back from its bytes."""
    return _opened_decoder.decode(data)


def read_leaf(data: bytes) -> Leaf:
    """Read a leaf back from its bytes."""
    return _leaf_decoder.decode(data)
