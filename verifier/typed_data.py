"""What a party signs: EIP-712 typed data over salted digests of a version, of settlements, of changed keys.

Only salted digests go into the typed data, because it may stand on a shared chain; the salt is known to
the parties. Sources: EIP-712, EIP-2 (low s), SEC 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from verifier.keccak import keccak256

_DOMAIN = (
    keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    + keccak256(b"Tallystick")
    + keccak256(b"1")
)
_VERSION = keccak256(
    b"AgreementVersion(bytes32 agreement,uint256 version,bytes32 commitment,"
    b"bytes32 supersedes,uint64 effectiveFrom,address[] parties)"
)
_SETTLEMENT = keccak256(
    b"DisputeSettlement(string dispute,string agreement,uint256 number,string payments,bytes32 terms)"
)
_KEY_CHANGES = {
    "KeyRotation": keccak256(b"KeyRotation(address signer,address oldKey,address newKey,uint256 number)"),
    "KeyRecovery": keccak256(b"KeyRecovery(address signer,address recovery,uint256 number)"),
    "KeyRevocation": keccak256(b"KeyRevocation(address signer,address key,uint256 number)"),
}
KEY_MESSAGES: dict[str, tuple[str, ...]] = {
    "KeyRotation": ("signer", "oldKey", "newKey"),
    "KeyRecovery": ("signer", "recovery"),
    "KeyRevocation": ("signer", "key"),
}
"""The addresses that each change of a signer's keys names, before its number."""

_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """What the typed data is made of. `canonical` are the agreement's bytes, `signers` 20 bytes each."""

    agreement: str
    version: int
    canonical: bytes
    salt: bytes
    supersedes: bytes
    effective_from: int
    signers: tuple[bytes, ...]
    chain_id: int
    registry: bytes

    @property
    def commitment(self) -> bytes:
        """Return the salted digest that a chain sees instead of the agreement."""
        return keccak256(self.salt + keccak256(self.canonical))

    def digest(self) -> bytes:
        """Return the 32 bytes that every party signs."""
        domain = _separator(self.chain_id, self.registry)
        parties = b"".join(signer.rjust(32, b"\0") for signer in sorted(self.signers))
        message = keccak256(
            _VERSION
            + keccak256(self.salt + self.agreement.encode())
            + _word(self.version)
            + self.commitment
            + self.supersedes
            + _word(self.effective_from)
            + keccak256(parties)
        )
        return keccak256(b"\x19\x01" + domain + message)


@dataclass(frozen=True, slots=True)
class DisputeSettlement:
    """What both sides sign to settle: a proposal, its payments in words, and a digest of its terms."""

    dispute: str
    agreement: str
    number: int
    payments: str
    terms: bytes

    def digest(self, chain_id: int, registry: bytes) -> bytes:
        """Return the 32 bytes that both sides sign, in the domain of a registry (20 bytes) on a chain."""
        message = keccak256(
            _SETTLEMENT
            + keccak256(self.dispute.encode())
            + keccak256(self.agreement.encode())
            + _word(self.number)
            + keccak256(self.payments.encode())
            + self.terms
        )
        return keccak256(b"\x19\x01" + _separator(chain_id, registry) + message)


def key_change_digest(
    kind: str, addresses: tuple[bytes, ...], number: int, chain_id: int, registry: bytes
) -> bytes:
    """Return the 32 bytes that are signed of a change of keys; `addresses` are those of KEY_MESSAGES."""
    words = b"".join(address.rjust(32, b"\0") for address in addresses)
    message = keccak256(_KEY_CHANGES[kind] + words + _word(number))
    return keccak256(b"\x19\x01" + _separator(chain_id, registry) + message)


def address_of(public_key: bytes) -> bytes:
    """Return the 20-byte address of a 64-byte public key."""
    return keccak256(public_key)[-20:]


def signature_holds(digest: bytes, public_key: bytes, signature: bytes) -> bool:
    """Tell whether r, s, v (32, 32 and 1 bytes) is a low-s signature of the digest by the public key."""
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if not (0 < r < _ORDER and 0 < s <= _ORDER // 2 and v in {27, 28}):
        return False
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), b"\x04" + public_key)
        key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(SHA256())))
    except (InvalidSignature, ValueError):
        return False
    return True


def _separator(chain_id: int, registry: bytes) -> bytes:
    return keccak256(_DOMAIN + _word(chain_id) + registry.rjust(32, b"\0"))


def _word(number: int) -> bytes:
    return number.to_bytes(32)
