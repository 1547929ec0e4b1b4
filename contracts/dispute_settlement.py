"""The message by which both sides of a dispute settle it, as EIP-712 typed data.

Both sign the same: which dispute, which proposal of it, what is paid in words that a wallet shows, and the
digest of the terms as they stand in the log. Pure, as typed_data.py is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.eip712 import Types, hash_struct, typed_data_digest
from contracts.errors import DigestError
from contracts.typed_data import Domain, request_of

PRIMARY_TYPE = "DisputeSettlement"
MESSAGE_TYPES: Types = {
    PRIMARY_TYPE: (
        ("dispute", "string"),
        ("agreement", "string"),
        ("number", "uint256"),
        ("payments", "string"),
        ("terms", "bytes32"),
    ),
}


@dataclass(frozen=True, slots=True)
class DisputeSettlement:
    """The how manyth proposal to settle a dispute under a version (id@version); `terms` is 32 bytes.

    `payments` says what is paid, a line a payment. Raises DigestError when made of anything else.
    """

    dispute: str
    agreement: str
    number: int
    payments: str
    terms: bytes

    def __post_init__(self) -> None:
        if len(self.terms) != 32:
            raise DigestError("must be 32 bytes", where="terms")
        if self.number < 1:
            raise DigestError("proposals count from 1", where="number")

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields, digests as bytes."""
        return {name: getattr(self, name) for name, _ in MESSAGE_TYPES[PRIMARY_TYPE]}

    def digest(self, domain: Domain) -> bytes:
        """Return the 32 bytes that both sides sign."""
        return typed_data_digest(domain.separator(), hash_struct(MESSAGE_TYPES, PRIMARY_TYPE, self.fields()))

    def request(self, domain: Domain) -> dict[str, Any]:
        """Return the JSON parameter of `eth_signTypedData_v4`, which a wallet shows and signs."""
        return request_of(MESSAGE_TYPES, PRIMARY_TYPE, self.fields(), domain)
