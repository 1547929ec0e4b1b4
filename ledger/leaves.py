"""Canonical bytes of the log, version 1: opened groups, salted commitments and leaves.

These formats are for ever: golden vectors in tests/golden/ hold them, and the verifier has its own second
implementation. Not here: what makes an entry valid (entries.py), the tree over leaves (tree.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from ledger.entries import AUDITOR, CONCERNS, Group, Posting
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


class _Content(msgspec.Struct, frozen=True):
    content: msgspec.Raw


class Leaf(msgspec.Struct, frozen=True):
    """A leaf. `groups` are commitments in hex, in group order.

    The fields are declared in the order of their names, as canonical JSON wants them.
    """

    agreement: str | None
    asserter: str
    format: str
    groups: tuple[str, ...]
    id: str
    kind: str
    occurred_at: str
    recorded_at: str
    seq: int
    source: str


_TEXT = {str}
_encoder = msgspec.json.Encoder(order="sorted")
_leaf_encoder = msgspec.json.Encoder()
_opened_decoder = msgspec.json.Decoder(Opened)
_content_decoder = msgspec.json.Decoder(_Content)
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


def opened_bytes(group: Group, where: str) -> bytes:
    """Return the canonical bytes of an opened group. Raises EntryInvalid.

    Name, readers and postings were validated with the group, so only the content is checked here; content
    that is flat text, as order facts are, needs no walk.
    """
    content = group.content
    try:
        if _are_plain_keys(tuple(content)) and set(map(type, content.values())) <= _TEXT:
            encoded = _encoder.encode(content)
        else:
            encoded = canonical_bytes(content)
    except CanonicalError as fault:
        raise EntryInvalid(fault.message, where=f"{where}, group {group.name}, {fault.where}") from fault
    except UnicodeEncodeError as fault:
        raise EntryInvalid("text holds a lone surrogate", where=f"{where}, group {group.name}") from fault
    name, readers = _encoded_header(group.name, group.readers)
    postings = b",".join([_posting_bytes(posting) for posting in group.postings])
    data = b"".join(
        (
            b'{"content":',
            encoded,
            b',"name":',
            name,
            b',"postings":[',
            postings,
            b'],"readers":',
            readers,
            b"}",
        )
    )
    if len(data) > OPENED_LIMIT_BYTES:
        raise EntryInvalid(
            f"group {group.name} takes {len(data)} bytes, more than {OPENED_LIMIT_BYTES}", where=where
        )
    return data


@lru_cache(maxsize=8192)
def _are_plain_keys(keys: tuple[Any, ...]) -> bool:
    return all(type(key) is str and key.isascii() for key in keys)


@lru_cache(maxsize=8192)
def _encoded_header(name: str, readers: tuple[str, ...]) -> tuple[bytes, bytes]:
    return _encoder.encode(name), _encoder.encode(readers)


def _posting_bytes(posting: Posting) -> bytes:
    if posting.reverses is not None:
        return _encoder.encode(posting.as_json())
    before, after = _around_amount(
        posting.account, posting.agreement, posting.clause, posting.currency, posting.kind
    )
    return b"%b%d%b" % (before, posting.amount_minor, after)


@lru_cache(maxsize=8192)
def _around_amount(
    account: str, agreement: str, clause: str, currency: str, kind: str
) -> tuple[bytes, bytes]:
    """Return the canonical bytes of a posting before and after its amount; accounts and clauses repeat."""
    before = _encoder.encode({"account": account, "agreement": agreement})
    after = _encoder.encode({"clause": clause, "currency": currency, "kind": kind})
    return before[:-1] + b',"amount_minor":', b"," + after[1:]


def concerns_group(parties: Sequence[str]) -> Group:
    """Return the group that says whom an entry concerns, to auditors only."""
    return Group(CONCERNS, (AUDITOR,), {"parties": list(parties)})


def commitment(salt: bytes, opened: bytes) -> bytes:
    """Return the 32-byte commitment to an opened group: SHA-256 over a domain prefix, the salt and it."""
    assert len(salt) == SALT_BYTES
    return hashlib.sha256(_COMMITMENT_PREFIX + salt + opened).digest()


def leaf_bytes(leaf: Leaf) -> bytes:
    """Return the canonical bytes of a leaf whose parts are valid: its fields stand in canonical order."""
    return _leaf_encoder.encode(leaf)


def read_opened(data: bytes) -> Opened:
    """Read an opened group back from its bytes."""
    return _opened_decoder.decode(data)


def read_content(data: bytes) -> bytes:
    """Return the exact bytes of the content within an opened group's bytes, the rest unread."""
    return bytes(_content_decoder.decode(data).content)


def read_leaf(data: bytes) -> Leaf:
    """Read a leaf back from its bytes."""
    return _leaf_decoder.decode(data)
