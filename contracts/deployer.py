"""A key that deploys one contract and does nothing else, so that its address is known before it stands.

On the embedded chain gas is free and nobody else sends transactions: such a key guards nothing, and its seed
is kept beside the address so that the contract can be made later, or again after the chain's file was lost.
Not for a chain that others run: there the address is recorded once the contract stands.
"""

from __future__ import annotations

from contracts.hashing import keccak256
from contracts.signing import SigningKey

_PURPOSE = b"tallystick/deployer/v1\x00"


def deployer_key(seed: bytes) -> SigningKey:
    """Return the key that a seed gives; what it deploys first stands at `created_address(address, 0)`."""
    return SigningKey(keccak256(_PURPOSE + seed))
