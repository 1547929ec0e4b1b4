"""The signed message: salted digests, order of parties, and what a wallet is shown."""

from __future__ import annotations

import dataclasses
import json

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

import verifier.typed_data
from contracts.errors import DigestError, PartiesUnsorted
from contracts.hashing import agreement_key, commitment, keccak256, log_key
from contracts.signing import SigningKey
from contracts.typed_data import AgreementVersion, Domain, signing_request

SALT = bytes(range(32))
KEYS = tuple(SigningKey(bytes([n]) * 32) for n in (1, 2, 3))
DOMAIN = Domain(1413565529, "0x" + "ab" * 20)


def a_version(number: int = 1, *, supersedes: bytes = bytes(32)) -> AgreementVersion:
    return AgreementVersion.of(
        salt=SALT,
        agreement_id="head-streamer",
        version=number,
        document_keccak256=keccak256(b"document"),
        supersedes=supersedes,
        effective_from=1_790_000_000,
        parties=[key.address for key in KEYS],
    )


def test_digests_on_a_chain_are_salted_as_the_bundle_says() -> None:
    document = keccak256(b"document")
    assert agreement_key(SALT, "head-streamer") == keccak256(SALT + b"head-streamer")
    assert commitment(SALT, document) == keccak256(SALT + document)
    assert log_key(SALT, "tallystick.example/log") == keccak256(SALT + b"tallystick.example/log")


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(DigestError, match="32 random bytes"):
        agreement_key(salt, "head-streamer")
    with pytest.raises(DigestError, match="32 random bytes"):
        commitment(salt, bytes(32))
    with pytest.raises(DigestError, match="keccak-256"):
        commitment(SALT, b"short")


def test_parties_are_put_in_ascending_order_and_checksummed() -> None:
    parties = a_version().parties
    assert list(parties) == sorted(parties, key=lambda party: int(party, 16))
    assert set(parties) == {key.address for key in KEYS}


def test_parties_out_of_order_or_named_twice_are_refused() -> None:
    version = a_version()
    for parties in (version.parties[::-1], (version.parties[0],) * 2, ("0x" + "00" * 20,)):
        with pytest.raises(PartiesUnsorted) as caught:
            dataclasses.replace(version, parties=parties)
        assert caught.value.code == "typed-data.parties-unsorted"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreement", b"short"),
        ("commitment", bytes(33)),
        ("version", 0),
        ("version", 2),
        ("supersedes", b"\x01" * 32),
        ("effective_from", -1),
        ("effective_from", 1 << 64),
        ("parties", ()),
        ("parties", tuple(f"0x{n:040x}" for n in range(1, 18))),
        ("parties", ("0x12",)),
        ("parties", ("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD82f",)),
    ],
)
def test_a_field_that_cannot_be_signed_is_refused(field: str, value: object) -> None:
    changes: dict[str, object] = {field: value}
    with pytest.raises(DigestError):
        dataclasses.replace(a_version(), **changes)  # type: ignore[arg-type]


def test_chain_and_contract_are_part_of_what_is_signed() -> None:
    version = a_version()
    others = (Domain(1, DOMAIN.contract), Domain(DOMAIN.chain_id, "0x" + "ac" * 20))
    assert len({version.digest(domain) for domain in (DOMAIN, *others)}) == 3


@pytest.mark.parametrize("chain_id", [0, -1, 1 << 256])
def test_a_chain_id_that_is_none_is_refused(chain_id: int) -> None:
    with pytest.raises(DigestError, match="chain id"):
        Domain(chain_id, DOMAIN.contract)


def test_the_signed_digest_of_a_fixed_version_never_changes() -> None:
    assert (
        a_version().digest(DOMAIN).hex() == "dcdc434dcb4ddc093e9a6b5b9717992467480769aaa6b6610fff094865efb8ef"
    )


def test_the_verifier_computes_the_digest_on_its_own_and_agrees() -> None:
    version = a_version()
    alone = verifier.typed_data.AgreementVersion(
        agreement="head-streamer",
        version=1,
        canonical=b"document",
        salt=SALT,
        supersedes=bytes(32),
        effective_from=version.effective_from,
        signers=tuple(bytes.fromhex(key.address[2:]) for key in KEYS),
        chain_id=DOMAIN.chain_id,
        registry=bytes.fromhex(DOMAIN.contract[2:]),
    )
    digest = version.digest(DOMAIN)
    assert alone.digest() == digest
    for key in KEYS:
        assert verifier.typed_data.signature_holds(digest, key.public_key, key.sign(digest))


def test_a_wallet_shown_the_request_signs_the_digest_that_the_registry_checks() -> None:
    version = dataclasses.replace(a_version(), effective_from=(1 << 64) - 1)
    request = json.loads(json.dumps(signing_request(version, DOMAIN)))
    assert request["message"]["effectiveFrom"] == str((1 << 64) - 1), "exact where JavaScript would round"
    signed = Account.sign_message(encode_typed_data(full_message=request), KEYS[0].reveal())
    assert bytes(signed.signature) == KEYS[0].sign(version.digest(DOMAIN))
