"""The message by which a party puts its name to a piece of evidence, as EIP-712 typed data.

It names the dispute, who hands what in, its digest and length, and when it was captured, so that a signature
serves for no other case and no other file. Pure, as typed_data.py is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.eip712 import Types
from contracts.errors import DigestError
from contracts.typed_data import Message

PRIMARY_TYPE = "Exhibit"
MESSAGE_TYPES: Types = {
    PRIMARY_TYPE: (
        ("dispute", "string"),
        ("party", "string"),
        ("kind", "string"),
        ("title", "string"),
        ("sha256", "bytes32"),
        ("bytes", "uint256"),
        ("capturedAt", "string"),
    ),
}


@dataclass(frozen=True, slots=True)
class ExhibitMessage(Message):
    """A piece of evidence as its party signs for it: `party` by global id, `captured_at` in RFC 3339.

    Raises DigestError for a digest that is not 32 bytes long.
    """

    primary_type = PRIMARY_TYPE
    types = MESSAGE_TYPES

    dispute: str
    party: str
    kind: str
    title: str
    sha256: bytes
    size: int
    captured_at: str

    def __post_init__(self) -> None:
        if len(self.sha256) != 32:
            raise DigestError("must be 32 bytes", where="sha256")

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields, the digest as bytes."""
        return {
            "dispute": self.dispute,
            "party": self.party,
            "kind": self.kind,
            "title": self.title,
            "sha256": self.sha256,
            "bytes": self.size,
            "capturedAt": self.captured_at,
        }
