"""The messages by which a signer changes who signs for it, as EIP-712 typed data.

A *signer* is the address that a version names. Its *key* signs for it: the signer's own until another is put
in its place. A key is replaced and revoked by itself or by the *recovery* that it named beforehand, and by
nobody else. Changes of one signer are numbered from 1, so that none serves twice. Pure, as typed_data.py is;
the registry computes the same digests, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.addresses import checksum_address
from contracts.errors import DigestError
from contracts.typed_data import Message

NOBODY = "0x" + "00" * 20
"""The recovery of who has none, and what a KeyRecovery names to take it back."""


@dataclass(frozen=True, slots=True)
class KeyRotation(Message):
    """`new_key` signs for the signer where `old_key` did. The old key or the recovery signs, and the new key.

    Raises DigestError for what is no address, a number below 1, or one key in both places.
    """

    primary_type = "KeyRotation"
    types = {  # noqa: RUF012 (a ClassVar, as its base says)
        "KeyRotation": (
            ("signer", "address"),
            ("oldKey", "address"),
            ("newKey", "address"),
            ("number", "uint256"),
        )
    }

    signer: str
    old_key: str
    new_key: str
    number: int

    def __post_init__(self) -> None:
        _check(self, "signer", "old_key", "new_key")
        if self.new_key in {self.old_key, NOBODY}:
            raise DigestError("must be another key than the old one", where="new_key")

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields."""
        return {
            "signer": self.signer,
            "oldKey": self.old_key,
            "newKey": self.new_key,
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class KeyRecovery(Message):
    """`recovery` may replace and revoke the signer's key; NOBODY takes back who was named.

    The key signs, and the recovery named before, if there is one. Raises DigestError for what is no address,
    or a number below 1.
    """

    primary_type = "KeyRecovery"
    types = {  # noqa: RUF012 (as above)
        "KeyRecovery": (("signer", "address"), ("recovery", "address"), ("number", "uint256"))
    }

    signer: str
    recovery: str
    number: int

    def __post_init__(self) -> None:
        _check(self, "signer", "recovery")


@dataclass(frozen=True, slots=True)
class KeyRevocation(Message):
    """`key` no longer signs for the signer, and never will again. The key or the recovery signs.

    Raises DigestError for what is no address, or a number below 1.
    """

    primary_type = "KeyRevocation"
    types = {  # noqa: RUF012 (as above)
        "KeyRevocation": (("signer", "address"), ("key", "address"), ("number", "uint256"))
    }

    signer: str
    key: str
    number: int

    def __post_init__(self) -> None:
        _check(self, "signer", "key")


KeyChange = KeyRotation | KeyRecovery | KeyRevocation
"""A change of who signs for a signer."""


@dataclass(frozen=True, slots=True)
class SignerKeys:
    """Who signs for a signer after the changes of its keys so far, `changes` of them.

    `key` signs now, unless it is among those `revoked`; `former` are the keys that were replaced. `recovery`
    is NOBODY where none is named. Addresses are checksummed.
    """

    signer: str
    key: str
    changes: int = 0
    recovery: str = NOBODY
    former: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()

    @property
    def may_sign(self) -> bool:
        """Tell whether the signer has a key that counts."""
        return self.key not in self.revoked


def own_key(signer: str) -> SignerKeys:
    """Return the keys of a signer who has changed nothing: its own address signs."""
    address = checksum_address(signer, where="signer")
    return SignerKeys(address, address)


def _check(change: KeyChange, *addresses: str) -> None:
    for name in addresses:
        object.__setattr__(change, name, checksum_address(getattr(change, name), where=name))
    if change.signer == NOBODY:
        raise DigestError("the empty address signs nothing", where="signer")
    if not 1 <= change.number < 1 << 256:
        raise DigestError("changes of a signer's keys are numbered from 1", where="number")
