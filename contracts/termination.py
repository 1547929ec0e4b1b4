"""The message by which all parties of an agreement end it, as EIP-712 typed data.

It names the newest version by number and commitment, so that a signature ends nothing that was agreed after
it. Pure, as typed_data.py is; the registry computes the same digest, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.eip712 import Types
from contracts.errors import DigestError
from contracts.hashing import ZERO_DIGEST
from contracts.typed_data import Message

PRIMARY_TYPE = "AgreementTermination"
MESSAGE_TYPES: Types = {
    PRIMARY_TYPE: (
        ("agreement", "bytes32"),
        ("version", "uint256"),
        ("commitment", "bytes32"),
        ("endsAt", "uint64"),
        ("terms", "bytes32"),
    ),
}


@dataclass(frozen=True, slots=True)
class AgreementTermination(Message):
    """The end of an agreement after its newest version; digests are 32 bytes (hashing.py says of what).

    `ends_at` is in seconds since 1970 UTC: from then on the agreement no longer applies. `terms` is the
    salted digest (hashing.commitment) of what was agreed about the end, zero where there is nothing. Raises
    DigestError when made of anything else.
    """

    primary_type = PRIMARY_TYPE
    types = MESSAGE_TYPES

    agreement: bytes
    version: int
    commitment: bytes
    ends_at: int
    terms: bytes = ZERO_DIGEST

    def __post_init__(self) -> None:
        for name in ("agreement", "commitment", "terms"):
            if len(getattr(self, name)) != 32:
                raise DigestError("must be 32 bytes", where=name)
        if self.version < 1:
            raise DigestError("versions count from 1", where="version")
        if not 0 <= self.ends_at < 1 << 64:
            raise DigestError("must be seconds since 1970 in 64 bits", where="ends_at")

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields, digests as bytes."""
        return {
            "agreement": self.agreement,
            "version": self.version,
            "commitment": self.commitment,
            "endsAt": self.ends_at,
            "terms": self.terms,
        }
