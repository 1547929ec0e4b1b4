"""Keys and signatures: sign a digest, and say strictly whose a signature is.

It knows digests, not messages (see typed_data.py), and whether a signature counts for an agreement is
decided in consent.py. A signature is 65 bytes: r, s, v with s in the lower half of the order (EIP-2) and
v 27 or 28.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from contracts.addresses import address_of_public_key
from contracts.errors import (
    DigestError,
    SignatureMalleable,
    SignatureParity,
    SignatureTruncated,
    SignatureUnrecoverable,
)

SIGNATURE_BYTES = 65
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1 (SEC 2, section 2.4.1)."""


class SigningKey:
    """A secp256k1 private key that shows its address and never itself.

    It has no text form but the address, and refuses to be pickled or copied into a log.
    """

    __slots__ = ("__raw", "address", "public_key")

    def __init__(self, raw: bytes) -> None:
        """Take the key's 32 bytes; raises DigestError where they are no private key."""
        from eth_keys.datatypes import PrivateKey  # noqa: PLC0415  (a third of a second that readers need not pay)

        if len(raw) != 32 or not 0 < int.from_bytes(raw) < CURVE_ORDER:
            raise DigestError("a private key is 32 bytes between zero and the curve's order")
        self.__raw = bytes(raw)
        self.public_key: bytes = PrivateKey(self.__raw).public_key.to_bytes()
        self.address: str = address_of_public_key(self.public_key)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Return a new key from the operating system's randomness, or from what a test passes in."""
        return cls(random(32))

    def sign(self, digest: bytes) -> bytes:
        """Return the 65 byte signature of a 32 byte digest; the same each time (RFC 6979)."""
        from eth_keys.datatypes import PrivateKey  # noqa: PLC0415  (as above)

        signature: Any = PrivateKey(self.__raw).sign_msg_hash(_digest(digest))
        r, s, v = int(signature.r), int(signature.s), int(signature.v)
        return r.to_bytes(32) + s.to_bytes(32) + bytes([27 + v])

    def reveal(self) -> bytes:
        """Return the raw key. For keystore files and chain adapters only; never print or keep it."""
        return self.__raw

    def __repr__(self) -> str:
        return f"SigningKey({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled; write a keystore file")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made a signature: checksummed address, and public key of 64 bytes (x and y)."""

    address: str
    public_key: bytes


def recover_signer(digest: bytes, signature: bytes) -> Signer:
    """Return whose signature of a digest this is.

    Raises the SignatureRefused that names the fault: SignatureTruncated, SignatureParity,
    SignatureMalleable or SignatureUnrecoverable. Any well-formed signature recovers to some address:
    compare it with the one that was expected.
    """
    from eth_keys.datatypes import Signature  # noqa: PLC0415  (as above)
    from eth_keys.exceptions import BadSignature  # noqa: PLC0415  (as above)
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415  (as above)

    r, s, v = split_signature(signature)
    try:
        public_key = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(_digest(digest))
    except (BadSignature, ValidationError) as fault:
        raise SignatureUnrecoverable("no public key belongs to this signature; sign again") from fault
    return Signer(address_of_public_key(public_key.to_bytes()), public_key.to_bytes())


def split_signature(signature: bytes) -> tuple[int, int, int]:
    """Return r, s and v of a strictly formed signature; raises a SignatureRefused as recover_signer does."""
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureTruncated(f"must be {SIGNATURE_BYTES} bytes, not {len(signature)}; copy it whole")
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if v not in {27, 28}:
        raise SignatureParity(f"v must be 27 or 28, not {v}")
    if s > CURVE_ORDER // 2:
        raise SignatureMalleable("s is in the upper half of the order; only its lower twin is accepted")
    if not 0 < r < CURVE_ORDER or s == 0:
        raise SignatureUnrecoverable("r or s is outside the curve's order; sign again")
    return r, s, v


def _digest(digest: bytes) -> bytes:
    if len(digest) != 32:
        raise DigestError(f"a digest to sign is 32 bytes, not {len(digest)}")
    return digest
