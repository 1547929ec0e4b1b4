"""EIP-712 hashing against the figures of the EIP itself and against eth-account."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from contracts.eip712 import Types, encode_type, hash_struct, typed_data_digest
from contracts.errors import DigestError
from contracts.hashing import keccak256
from contracts.signing import SigningKey
from contracts.typed_data import DOMAIN_TYPES

MAIL_TYPES: Types = {
    "Person": (("name", "string"), ("wallet", "address")),
    "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
}
MAIL: dict[str, Any] = {
    "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
    "contents": "Hello, Bob!",
}
MAIL_DOMAIN: dict[str, Any] = {
    "name": "Ether Mail",
    "version": "1",
    "chainId": 1,
    "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
}
COW = SigningKey(keccak256(b"cow"))


def mail_digest() -> bytes:
    separator = hash_struct(DOMAIN_TYPES, "EIP712Domain", MAIL_DOMAIN)
    return typed_data_digest(separator, hash_struct(MAIL_TYPES, "Mail", MAIL))


def test_types_are_written_with_the_types_they_refer_to() -> None:
    expected = "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    assert encode_type(MAIL_TYPES, "Mail") == expected


def test_mail_example_of_the_eip_has_the_figures_of_the_eip() -> None:
    assert hash_struct(DOMAIN_TYPES, "EIP712Domain", MAIL_DOMAIN).hex() == (
        "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    )
    assert hash_struct(MAIL_TYPES, "Mail", MAIL).hex() == (
        "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    )
    assert mail_digest().hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"


def test_mail_example_is_signed_as_in_the_eip() -> None:
    assert COW.address == "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
    assert COW.sign(mail_digest()).hex() == (
        "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
        "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562"
        "1c"
    )


def test_eth_account_reaches_the_same_digest_for_the_mail_example() -> None:
    fields = {name: [{"name": n, "type": t} for n, t in fields] for name, fields in MAIL_TYPES.items()}
    signable = encode_typed_data(MAIL_DOMAIN, fields, MAIL)
    assert typed_data_digest(signable.header, signable.body) == mail_digest()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint64", 1 << 64),
        ("uint64", -1),
        ("uint256", True),
        ("uint256", "1"),
        ("bytes32", b"short"),
        ("address", "0x12"),
        ("string", b"bytes"),
        ("bool", 1),
        ("int256", 1),
    ],
)
def test_a_value_that_its_type_cannot_hold_is_refused_by_field(kind: str, value: Any) -> None:
    with pytest.raises(DigestError) as caught:
        hash_struct({"Thing": (("field", kind),)}, "Thing", {"field": value})
    assert caught.value.where == "Thing.field"


def test_missing_and_unknown_fields_are_refused() -> None:
    types: Types = {"Thing": (("field", "bool"),)}
    for value in ({}, {"field": True, "other": True}):
        with pytest.raises(DigestError, match="exactly field"):
            hash_struct(types, "Thing", value)


def test_bytes_and_arrays_of_structs_hash_as_eth_account_hashes_them() -> None:
    types: Types = {
        "Basket": (("items", "Item[]"), ("note", "bytes"), ("paid", "bool"), ("tag", "bytes4")),
        "Item": (("count", "uint8"),),
    }
    value = {"items": [{"count": 1}, {"count": 255}], "note": b"\x00\x01", "paid": True, "tag": b"abcd"}
    fields = {name: [{"name": n, "type": t} for n, t in fields] for name, fields in types.items()}
    signable = encode_typed_data(MAIL_DOMAIN, fields, value)
    assert signable.body == hash_struct(types, "Basket", value)
