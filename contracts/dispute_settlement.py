"""The message by which both sides of a dispute settle it, as EIP-712 typed data.

Both sign the same: which dispute, which proposal of it, what is paid in words that a wallet shows, and the
digest of the terms as they stand in the log. Pure, as typed_data.py is.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.eip712 import Types
from contracts.errors import DigestError
from contracts.typed_data import Message

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
class DisputeSettlement(Message):
    """The how manyth proposal to settle a dispute under a version (id@version); `terms` is 32 bytes.

    `payments` says what is paid, a line a payment. Raises DigestError when made of anything else.
    """

    primary_type = PRIMARY_TYPE
    types = MESSAGE_TYPES

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
