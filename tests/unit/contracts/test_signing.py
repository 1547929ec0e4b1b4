"""Keys stay hidden, and a signature that is not strictly formed is refused with its own reason."""

from __future__ import annotations

import copy
import pickle

import pytest

from contracts.addresses import address_of_public_key, checksum_address
from contracts.errors import (
    DigestError,
    SignatureMalleable,
    SignatureParity,
    SignatureRefused,
    SignatureTruncated,
    SignatureUnrecoverable,
)
from contracts.hashing import keccak256
from contracts.signing import CURVE_ORDER, SigningKey, recover_signer

KEY = SigningKey(b"\x07" * 32)
DIGEST = keccak256(b"what is signed")
SIGNATURE = KEY.sign(DIGEST)


def twin(signature: bytes) -> bytes:
    """Return the other signature that the curve's arithmetic accepts: s negated, parity flipped."""
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


def test_a_signature_recovers_to_its_signer_and_public_key() -> None:
    signer = recover_signer(DIGEST, SIGNATURE)
    assert signer.address == KEY.address
    assert signer.public_key == KEY.public_key
    assert len(signer.public_key) == 64
    assert address_of_public_key(signer.public_key) == KEY.address


def test_signing_again_gives_the_same_bytes() -> None:
    assert KEY.sign(DIGEST) == SIGNATURE


@pytest.mark.parametrize(
    ("signature", "error", "code"),
    [
        (SIGNATURE[:64], SignatureTruncated, "signature.length"),
        (SIGNATURE + b"\0", SignatureTruncated, "signature.length"),
        (b"", SignatureTruncated, "signature.length"),
        (twin(SIGNATURE), SignatureMalleable, "signature.malleable"),
        (SIGNATURE[:64] + bytes([SIGNATURE[64] - 27]), SignatureParity, "signature.parity"),
        (bytes(32) + SIGNATURE[32:], SignatureUnrecoverable, "signature.unrecoverable"),
        (b"\xff" * 32 + SIGNATURE[32:], SignatureUnrecoverable, "signature.unrecoverable"),
        (SIGNATURE[:32] + bytes(32) + SIGNATURE[64:], SignatureUnrecoverable, "signature.unrecoverable"),
        # 5 is no x coordinate on secp256k1: 5^3 + 7 is not a square
        ((5).to_bytes(32) + SIGNATURE[32:], SignatureUnrecoverable, "signature.unrecoverable"),
    ],
)
def test_each_malformed_signature_is_refused_with_its_own_code(
    signature: bytes, error: type[SignatureRefused], code: str
) -> None:
    with pytest.raises(error) as caught:
        recover_signer(DIGEST, signature)
    assert caught.value.code == code


def test_only_digests_of_32_bytes_are_signed() -> None:
    with pytest.raises(DigestError, match="32 bytes"):
        KEY.sign(b"a message that was not hashed")


@pytest.mark.parametrize("raw", [bytes(32), CURVE_ORDER.to_bytes(32), b"short"])
def test_what_is_no_private_key_is_refused_without_repeating_it(raw: bytes) -> None:
    with pytest.raises(DigestError) as caught:
        SigningKey(raw)
    assert raw.hex() not in str(caught.value)


def test_a_key_shows_its_address_and_never_itself() -> None:
    secret = (b"\x07" * 32).hex()
    for shown in (repr(KEY), str(KEY), f"{KEY}", repr([KEY]), repr({"key": KEY})):
        assert KEY.address in shown
        assert secret not in shown
    assert not hasattr(KEY, "__dict__")


def test_a_key_is_neither_pickled_nor_copied() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="keystore"):
            attempt(KEY)


def test_new_keys_come_from_the_randomness_passed_in() -> None:
    assert SigningKey.generate(lambda n: b"\x07" * n).address == KEY.address
    assert SigningKey.generate().address != SigningKey.generate().address


def test_checksums_are_those_of_eip_55() -> None:
    for address in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert checksum_address(address) == address
        assert checksum_address(address.lower()) == address
        assert checksum_address("0x" + address[2:].upper()) == address
        with pytest.raises(DigestError, match="mistyped"):
            checksum_address("0x" + address[2:].swapcase())
