"""A key that deploys one contract and does nothing else, so that its address is known before it stands.

On the embedded chain gas is free and nobody else sends transactions: such a key guards nothing, and its seed
is kept beside the address so that the contract can be made later, or again after the chain's file was lost.
Not for a chain that others run: there the address is recorded once the contract stands.
"""

from __future__ import annotations

from contracts.addresses import address_bytes, address_from_bytes
from contracts.hashing import keccak256
from contracts.signing import SigningKey

_PURPOSE = b"tallystick/deployer/v1\x00"
_FIRST_OF = b"\xd6\x94"
_NONCE_ZERO = b"\x80"


def deployer_key(seed: bytes) -> SigningKey:
    """Return the key that a seed of 32 bytes gives."""
    return SigningKey(keccak256(_PURPOSE + seed))


def first_address(deployer: str) -> str:
    """Return the address of the first contract that an account deploys (CREATE): of [account, 0] in RLP."""
    return address_from_bytes(keccak256(_FIRST_OF + address_bytes(deployer) + _NONCE_ZERO))
