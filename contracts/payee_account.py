"""The message by which a payee says on which account a payer is to pay it, as EIP-712 typed data.

It commits to the account by a salted digest and shows the end of its number, never the whole: what is signed
may be kept, shown and proved after the details were erased. `number` and `previous` put each change in its
place, so that an old one cannot be used again. Pure, as typed_data.py is.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.eip712 import Types
from contracts.errors import DigestError
from contracts.typed_data import Message

PRIMARY_TYPE = "PayeeAccount"
MESSAGE_TYPES: Types = {
    PRIMARY_TYPE: (
        ("payee", "string"),
        ("payer", "string"),
        ("number", "uint256"),
        ("ending", "string"),
        ("commitment", "bytes32"),
        ("previous", "bytes32"),
    ),
}


@dataclass(frozen=True, slots=True)
class PayeeAccount(Message):
    """The how manyth account of a payee toward a payer, both by global id; digests are 32 bytes.

    `ending` is what people know the account by, `previous` the commitment of the one before, zeros for the
    first. Raises DigestError when made of anything else.
    """

    primary_type = PRIMARY_TYPE
    types = MESSAGE_TYPES

    payee: str
    payer: str
    number: int
    ending: str
    commitment: bytes
    previous: bytes

    def __post_init__(self) -> None:
        for name in ("commitment", "previous"):
            if len(getattr(self, name)) != 32:
                raise DigestError("must be 32 bytes", where=name)
        if self.number < 1:
            raise DigestError("accounts count from 1", where="number")
