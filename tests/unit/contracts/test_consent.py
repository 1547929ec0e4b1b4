"""Everyone must sign, each for himself, this version, this registry, this chain; every refusal says which."""

from __future__ import annotations

import dataclasses

import pytest

from contracts.consent import (
    History,
    PartySignature,
    gather_consent,
    required_signers,
    sign_version,
)
from contracts.errors import (
    SignatureMalleable,
    SignatureMissing,
    SignatureRefused,
    SignatureReplayed,
    SignatureTruncated,
    SignedByOtherParty,
    SignedByStranger,
    SignedForOtherChain,
    SignedForOtherContract,
    SignerDuplicated,
    SignerNotParty,
)
from contracts.hashing import keccak256
from contracts.signing import CURVE_ORDER, SigningKey
from contracts.typed_data import AgreementVersion, Domain

SALT = b"\x5a" * 32
A, B, C, STRANGER = sorted(
    (SigningKey(bytes([n]) * 32) for n in (1, 2, 3, 9)), key=lambda key: int(key.address, 16)
)
DOMAIN = Domain(1413565529, "0x" + "ab" * 20)
OTHER_CONTRACT = Domain(DOMAIN.chain_id, "0x" + "ac" * 20)
PRIVATE_CHAIN = Domain(987_654_321, DOMAIN.contract)


def a_version(number: int, text: bytes, parties: tuple[SigningKey, ...]) -> AgreementVersion:
    first = number == 1
    return AgreementVersion.of(
        salt=SALT,
        agreement_id="head-streamer",
        version=number,
        document_keccak256=keccak256(text),
        supersedes=bytes(32) if first else b"\x01" * 32,
        effective_from=1_790_000_000,
        parties=[key.address for key in parties],
    )


FIRST = a_version(1, b"first", (A, B, C))
SECOND = a_version(2, b"second", (A, B, C))
ALL = tuple(sign_version(key, SECOND, DOMAIN) for key in (A, B, C))
HISTORY = History(
    previous_parties=FIRST.parties,
    earlier_digests=(FIRST.digest(DOMAIN),),
    other_domains=(OTHER_CONTRACT, PRIVATE_CHAIN),
)


def twin(signature: bytes) -> bytes:
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


def offered_for_a(signature: PartySignature) -> tuple[PartySignature, ...]:
    return (PartySignature(A.address, signature.signature), *ALL[1:])


def test_signatures_in_any_order_come_out_in_the_registrys() -> None:
    consent = gather_consent(SECOND, DOMAIN, reversed(ALL), HISTORY)
    assert consent.signatures == tuple(each.signature for each in ALL)
    assert [signer.address for signer in consent.signers] == list(SECOND.parties)
    assert [signer.public_key for signer in consent.signers] == [key.public_key for key in (A, B, C)]


@pytest.mark.parametrize(
    ("offered", "error", "code"),
    [
        (ALL[:2], SignatureMissing, "signature.missing"),
        ((), SignatureMissing, "signature.missing"),
        ((*ALL, sign_version(STRANGER, SECOND, DOMAIN)), SignerNotParty, "signature.not-a-party"),
        ((*ALL, ALL[0]), SignerDuplicated, "signature.duplicate"),
        (offered_for_a(ALL[1]), SignedByOtherParty, "signature.other-party"),
        (offered_for_a(sign_version(STRANGER, SECOND, DOMAIN)), SignedByStranger, "signature.stranger"),
        (offered_for_a(sign_version(A, FIRST, DOMAIN)), SignatureReplayed, "signature.replayed"),
        (
            offered_for_a(sign_version(A, SECOND, Domain(1, DOMAIN.contract))),
            SignedForOtherChain,
            "signature.other-chain",
        ),
        (offered_for_a(sign_version(A, SECOND, PRIVATE_CHAIN)), SignedForOtherChain, "signature.other-chain"),
        (
            offered_for_a(sign_version(A, SECOND, OTHER_CONTRACT)),
            SignedForOtherContract,
            "signature.other-contract",
        ),
        (
            offered_for_a(PartySignature(A.address, twin(ALL[0].signature))),
            SignatureMalleable,
            "signature.malleable",
        ),
        (
            offered_for_a(PartySignature(A.address, ALL[0].signature[:-1])),
            SignatureTruncated,
            "signature.length",
        ),
    ],
)
def test_each_wrong_signature_is_refused_with_its_own_reason(
    offered: tuple[PartySignature, ...], error: type[SignatureRefused], code: str
) -> None:
    with pytest.raises(error) as caught:
        gather_consent(SECOND, DOMAIN, offered, HISTORY)
    assert type(caught.value) is error
    assert caught.value.code == code


def test_who_has_not_signed_is_named() -> None:
    with pytest.raises(SignatureMissing) as caught:
        gather_consent(SECOND, DOMAIN, ALL[:1], HISTORY)
    assert caught.value.data["missing"] == [B.address, C.address]


def test_a_changed_term_voids_the_signatures() -> None:
    changed = dataclasses.replace(SECOND, effective_from=SECOND.effective_from + 1)
    with pytest.raises(SignedByStranger):
        gather_consent(changed, DOMAIN, ALL, HISTORY)


def test_nobody_is_written_out_without_signing() -> None:
    without_b = a_version(2, b"without b", (A, C))
    assert required_signers(without_b, FIRST.parties) == (A.address, C.address, B.address)
    signatures = [sign_version(key, without_b, DOMAIN) for key in (A, C)]
    with pytest.raises(SignatureMissing) as caught:
        gather_consent(without_b, DOMAIN, signatures, HISTORY)
    assert caught.value.data["missing"] == [B.address]
    consent = gather_consent(without_b, DOMAIN, [*signatures, sign_version(B, without_b, DOMAIN)], HISTORY)
    assert consent.signers[-1].address == B.address


def test_the_record_lists_parties_by_their_key_and_who_left_apart() -> None:
    without_b = a_version(2, b"without b", (A, C))
    signatures = [sign_version(key, without_b, DOMAIN) for key in (A, B, C)]
    consent = gather_consent(without_b, DOMAIN, signatures, HISTORY)
    record = consent.record(SALT, {A.address: "streamer", C.address: "brand"})
    assert [each["party"] for each in record["signatures"]] == ["brand", "streamer"]
    assert [each["address"] for each in record["leaving"]] == [B.address]
    assert record["commitment_salt"] == "0x" + SALT.hex()
    assert len(record["signatures"][0]["public_key"]) == 2 + 128
    assert len(record["signatures"][0]["signature"]) == 2 + 130
