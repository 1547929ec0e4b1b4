"""The message that a party signs for a version of an agreement, as EIP-712 typed data.

Pure: it makes digests and the request a wallet is shown; it holds no keys and signs nothing. The Vyper
AgreementRegistry computes the same digest, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from contracts.addresses import checksum_address
from contracts.eip712 import Types, hash_struct, typed_data_digest
from contracts.errors import DigestError, PartiesUnsorted
from contracts.hashing import ZERO_DIGEST, agreement_key, commitment

DOMAIN_NAME = "Tallystick"
DOMAIN_VERSION = "1"
PRIMARY_TYPE = "AgreementVersion"
MAX_PARTIES = 16
"""The most parties that one version can have, as in the registry."""

DOMAIN_TYPES: Types = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ),
}
MESSAGE_TYPES: Types = {
    PRIMARY_TYPE: (
        ("agreement", "bytes32"),
        ("version", "uint256"),
        ("commitment", "bytes32"),
        ("supersedes", "bytes32"),
        ("effectiveFrom", "uint64"),
        ("parties", "address[]"),
    ),
}


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: one contract, by its 0x address, on one chain."""

    chain_id: int
    contract: str

    def __post_init__(self) -> None:
        if not 0 < self.chain_id < 1 << 256:
            raise DigestError("a chain id is a positive number", where="chain_id")
        object.__setattr__(self, "contract", checksum_address(self.contract, where="contract"))

    def separator(self) -> bytes:
        """Return the EIP-712 domain separator."""
        return hash_struct(DOMAIN_TYPES, "EIP712Domain", self.fields())

    def fields(self) -> dict[str, Any]:
        """Return the domain as EIP-712 names its fields."""
        return {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """What is signed and registered: salted digests, a number, a time and the signers' addresses.

    `agreement`, `commitment` and `supersedes` are 32 bytes (hashing.py says of what), `version` counts
    from 1, `effective_from` is in seconds since 1970 UTC, `parties` are checksummed addresses, strictly
    ascending by value. Raises DigestError, or PartiesUnsorted, when made of anything else.
    """

    agreement: bytes
    version: int
    commitment: bytes
    supersedes: bytes
    effective_from: int
    parties: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("agreement", "commitment", "supersedes"):
            if len(getattr(self, name)) != 32:
                raise DigestError("must be 32 bytes", where=name)
        if self.version < 1:
            raise DigestError("versions count from 1", where="version")
        if (self.version == 1) != (self.supersedes == ZERO_DIGEST):
            raise DigestError("version 1 supersedes nothing, later ones a commitment", where="supersedes")
        if not 0 <= self.effective_from < 1 << 64:
            raise DigestError("must be seconds since 1970 in 64 bits", where="effective_from")
        if not 1 <= len(self.parties) <= MAX_PARTIES:
            raise DigestError(f"a version has 1 to {MAX_PARTIES} parties", where="parties")
        parties = tuple(checksum_address(party, where="parties") for party in self.parties)
        values = [int(party, 16) for party in parties]
        if any(a >= b for a, b in zip([0, *values], values, strict=False)):
            raise PartiesUnsorted("addresses must be strictly ascending, nobody twice", where="parties")
        object.__setattr__(self, "parties", parties)

    @classmethod
    def of(  # noqa: PLR0913  (one argument a field of the signed message)
        cls,
        *,
        salt: bytes,
        agreement_id: str,
        version: int,
        document_keccak256: bytes,
        supersedes: bytes = ZERO_DIGEST,
        effective_from: int,
        parties: Iterable[str],
    ) -> Self:
        """Return the message for a document, its digests salted and its parties put in order."""
        return cls(
            agreement=agreement_key(salt, agreement_id),
            version=version,
            commitment=commitment(salt, document_keccak256),
            supersedes=supersedes,
            effective_from=effective_from,
            parties=tuple(sorted(parties, key=lambda party: int(party, 16))),
        )

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields, digests as bytes."""
        return {
            "agreement": self.agreement,
            "version": self.version,
            "commitment": self.commitment,
            "supersedes": self.supersedes,
            "effectiveFrom": self.effective_from,
            "parties": list(self.parties),
        }

    def digest(self, domain: Domain) -> bytes:
        """Return the 32 bytes that every party signs."""
        return typed_data_digest(domain.separator(), hash_struct(MESSAGE_TYPES, PRIMARY_TYPE, self.fields()))


def signing_request(version: AgreementVersion, domain: Domain) -> dict[str, Any]:
    """Return the JSON parameter of `eth_signTypedData_v4`, which a wallet shows and signs."""
    return request_of(MESSAGE_TYPES, PRIMARY_TYPE, version.fields(), domain)


class Message:
    """A message of one EIP-712 type, which parties sign within a domain."""

    __slots__ = ()
    primary_type: ClassVar[str]
    types: ClassVar[Types]

    def fields(self) -> dict[str, Any]:
        """Return the message as EIP-712 names its fields, digests as bytes."""
        return {name: getattr(self, name) for name, _ in self.types[self.primary_type]}

    def digest(self, domain: Domain) -> bytes:
        """Return the 32 bytes that are signed."""
        return typed_data_digest(
            domain.separator(), hash_struct(self.types, self.primary_type, self.fields())
        )

    def request(self, domain: Domain) -> dict[str, Any]:
        """Return the JSON parameter of `eth_signTypedData_v4`, which a wallet shows and signs."""
        return request_of(self.types, self.primary_type, self.fields(), domain)


def request_of(types: Types, primary: str, fields: Mapping[str, Any], domain: Domain) -> dict[str, Any]:
    """Return the JSON parameter of `eth_signTypedData_v4` for a message of these types.

    Digests are 0x hex. Numbers that JavaScript cannot hold exactly are decimal text, as wallets accept.
    """
    return {
        "types": {
            name: [{"name": field, "type": kind} for field, kind in parts]
            for name, parts in {**DOMAIN_TYPES, **types}.items()
        },
        "primaryType": primary,
        "domain": {key: _json_value(value) for key, value in domain.fields().items()},
        "message": json_fields(fields),
    }


def json_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a message as JSON holds them, as in a request."""
    return {key: _json_value(value) for key, value in fields.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and value >= 1 << 53:
        return str(value)
    return value
