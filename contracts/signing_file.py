"""Requests to sign and signatures, as files that go where no network is and come back.

A request file holds the EIP-712 request and what opens its digests, so that a signer can hold each against
what he reads. `opens` is, for a version of an agreement, `commitment_salt`, `document` (its canonical text)
and `previous` (`document` or `keccak256` of the version before). Nothing in a file is believed: types are
those of this release, and digests are computed. Not for asking or deciding: api/cli/sign.py, consent.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from contracts.addresses import checksum_address
from contracts.dispute_settlement import DisputeSettlement
from contracts.eip712 import Types, hash_struct, typed_data_digest
from contracts.errors import DigestError, SigningFileAltered, SigningFileUnusable
from contracts.exhibit import ExhibitMessage
from contracts.key_changes import KeyRecovery, KeyRevocation, KeyRotation
from contracts.payee_account import PayeeAccount
from contracts.signing import SigningKey
from contracts.termination import AgreementTermination
from contracts.typed_data import (
    DOMAIN_NAME,
    DOMAIN_TYPES,
    DOMAIN_VERSION,
    MESSAGE_TYPES,
    Domain,
    Message,
    request_of,
)
from contracts.vault_terms import VaultAppealDecision, VaultRelease, VaultRuling

REQUEST_FORMAT = "tallystick-signing-request/1"
SIGNATURE_FORMAT = "tallystick-signature/1"

_MESSAGES: tuple[type[Message], ...] = (
    AgreementTermination,
    DisputeSettlement,
    ExhibitMessage,
    KeyRecovery,
    KeyRevocation,
    KeyRotation,
    PayeeAccount,
    VaultAppealDecision,
    VaultRelease,
    VaultRuling,
)
KNOWN_TYPES: Types = {
    **MESSAGE_TYPES,
    **{name: fields for message in _MESSAGES for name, fields in message.types.items()},
}
"""Every message that is signed here, by its EIP-712 type."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to sign: a party, by its key in the document or its id, and its address where one is fixed.

    `key` is the address of the key that signs in its place, where a change on record put one there.
    """

    party: str
    address: str | None = None
    key: str | None = None

    def signs_with(self, address: str) -> bool:
        """Tell whether it signs with an address."""
        return address == (self.key or self.address)


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A request as a signer reads it: the message by field, its domain, and the digest that is signed.

    Fields are bytes, numbers, addresses and text, as the types have them.
    """

    primary_type: str
    domain: Domain
    message: Mapping[str, Any]
    digest: bytes
    opens: Mapping[str, Any]
    signers: tuple[Wanted, ...]

    def wanted(self, address: str) -> Wanted | None:
        """Return who is to sign with an address, None where it is nobody's who must."""
        return next((one for one in self.signers if one.signs_with(address)), None)


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A signature as it comes back: `party` signed the message of a type with this digest, by `method`."""

    primary_type: str
    digest: bytes
    party: str
    address: str
    signature: bytes
    method: str

    def content(self) -> dict[str, Any]:
        """Return the file's content, bytes as 0x hex."""
        plain = {name: value for name, value in asdict(self).items() if name != "primary_type"}
        given = {name: "0x" + one.hex() if isinstance(one, bytes) else one for name, one in plain.items()}
        return {"format": SIGNATURE_FORMAT, "primaryType": self.primary_type, **given}


def request_file(
    request: Mapping[str, Any], opens: Mapping[str, Any], signers: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the content of a request file; a signer has `party`, and `address` where it is fixed."""
    return {
        "format": REQUEST_FORMAT,
        "request": dict(request),
        "opens": dict(opens),
        "signers": [dict(one) for one in signers],
    }


def read_request(text: str, name: str) -> SigningRequest:
    """Read a request file. Raises SigningFileUnusable, DigestError for a field that its type cannot hold."""
    content = _content(text, REQUEST_FORMAT, name)
    request, opens = content.get("request"), content.get("opens")
    primary, domain, message = _typed(request if isinstance(request, dict) else {}, name)
    return SigningRequest(
        primary_type=primary,
        domain=domain,
        message=message,
        digest=_digest(primary, domain, message),
        opens=opens if isinstance(opens, dict) else {},
        signers=tuple(_wanted(one, name) for one in content.get("signers") or ()),
    )


def require_signature_of(request: Mapping[str, Any], given: SignatureFile, name: str) -> None:
    """Refuse a signature file that is over another request than this one. Raises SigningFileAltered."""
    if given.digest != _digest(*_typed(request, name)):
        raise SigningFileAltered("is a signature of another request; sign this one", where=name)


def sign_request(asked: SigningRequest, key: SigningKey, party: str, method: str) -> SignatureFile:
    """Return a key's signature of a request, as the file that goes back."""
    return SignatureFile(asked.primary_type, asked.digest, party, key.address, key.sign(asked.digest), method)


def read_signature(text: str, name: str) -> SignatureFile:
    """Read a signature file. Raises SigningFileUnusable."""
    content = _content(text, SIGNATURE_FORMAT, name)
    try:
        return SignatureFile(
            content["primaryType"],
            bytes.fromhex(content["digest"].removeprefix("0x")),
            content["party"],
            checksum_address(content["address"], where="address"),
            bytes.fromhex(content["signature"].removeprefix("0x")),
            content.get("method", "offline"),
        )
    except (KeyError, AttributeError, TypeError, ValueError):
        raise SigningFileUnusable("is no whole signature file; write it again", where=name) from None


def _typed(request: Mapping[str, Any], name: str) -> tuple[str, Domain, dict[str, Any]]:
    """Return type, domain and message of an EIP-712 request, all by what is known here."""
    primary, told = request.get("primaryType"), request.get("message")
    if not isinstance(primary, str) or primary not in KNOWN_TYPES or not isinstance(told, dict):
        known = ", ".join(sorted(KNOWN_TYPES))
        raise SigningFileUnusable(f"asks for no message that is signed here; those are {known}", where=name)
    kinds = dict(KNOWN_TYPES[primary])
    domain = _domain(request.get("domain"), name)
    message = {
        field: _value(kinds.get(field, "string"), value, f"{primary}.{field}")
        for field, value in told.items()
    }
    hash_struct(KNOWN_TYPES, primary, message)  # refuses fields that the type has not
    expected = request_of({primary: KNOWN_TYPES[primary]}, primary, message, domain)
    if request.get("types") != expected["types"]:
        raise SigningFileUnusable(f"has other types than {primary} here; do not sign it", where=name)
    return primary, domain, message


def _digest(primary: str, domain: Domain, message: Mapping[str, Any]) -> bytes:
    return typed_data_digest(domain.separator(), hash_struct(KNOWN_TYPES, primary, message))


def _content(text: str, wanted: str, name: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != wanted:
        raise SigningFileUnusable(f"is no file of the format {wanted}", where=name)
    return content


def _domain(told: Any, name: str) -> Domain:
    if not isinstance(told, dict) or set(told) != {field for field, _ in DOMAIN_TYPES["EIP712Domain"]}:
        raise SigningFileUnusable("names no domain", where=f"{name}: domain")
    if (told["name"], told["version"]) != (DOMAIN_NAME, DOMAIN_VERSION):
        raise SigningFileUnusable("is for another application; do not sign it", where=f"{name}: domain")
    return Domain(_value("uint256", told["chainId"], "chainId"), str(told["verifyingContract"]))


def _value(kind: str, value: Any, where: str) -> Any:
    """Return a field of a request as its type holds it; the inverse of what a request writes."""
    if kind.endswith("[]"):
        return [_value(kind[:-2], one, where) for one in value] if isinstance(value, list) else value
    if kind.startswith("uint") and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if kind.startswith("bytes") and isinstance(value, str):
        try:
            return bytes.fromhex(value.removeprefix("0x"))
        except ValueError:
            raise DigestError("is not hexadecimal", where=where) from None
    if kind == "address":
        return checksum_address(str(value), where=where)
    return value


def _wanted(told: Any, name: str) -> Wanted:
    party = told.get("party") if isinstance(told, dict) else None
    if not isinstance(party, str) or not party.isprintable():  # it is shown as it stands, on a terminal too
        raise SigningFileUnusable("names a signer by no party", where=f"{name}: signers")
    address, key = (
        None if one is None else checksum_address(str(one), where="signers")
        for one in (told.get("address"), told.get("key"))
    )
    return Wanted(told["party"], address, key)
