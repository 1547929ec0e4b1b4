"""The verifier against independent implementations: rfc8785, eth-hash, eth-account and pymerkle."""

from __future__ import annotations

import importlib
import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.verifier.bundle_maker import path
from verifier import canonical
from verifier.keccak import keccak256
from verifier.notes import Vkey
from verifier.report import Fault
from verifier.tree import leaf_hash, root_of_proof, tree_root
from verifier.typed_data import AgreementVersion, address_of, signature_holds

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.text(st.characters(max_codepoint=127), max_size=6)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@given(values)
def test_canonical_texts_are_those_of_rfc8785(value: Any) -> None:
    text = rfc8785.dumps(value).decode()
    assert canonical.encode(value) == text
    assert canonical.parse(text) == value


@given(values)
def test_spaced_or_escaped_texts_of_a_value_are_refused(value: Any) -> None:
    text = rfc8785.dumps(value).decode()
    for other in (json.dumps(value, indent=1), json.dumps(value), text + " "):
        if other != text:
            with pytest.raises(Fault):
                canonical.parse(other)


@given(st.binary(max_size=500))
def test_keccak_is_that_of_ethereum(data: bytes) -> None:
    assert keccak256(data) == keccak(data)


@given(leaves)
def test_roots_are_those_of_pymerkle(items: list[bytes]) -> None:
    tree = importlib.import_module("pymerkle").InmemoryTree(algorithm="sha256")
    for item in items:
        tree.append_entry(item)
    assert tree_root(items) == tree.get_root()


@given(leaves, st.data())
def test_each_leafs_proof_leads_to_the_root_and_no_other_leafs_does(
    items: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(items) - 1))
    proof, size, root = path(items, index), len(items), tree_root(items)
    assert root_of_proof(leaf_hash(items[index]), index, size, proof) == root
    assert root_of_proof(leaf_hash(items[index] + b"!"), index, size, proof) != root
    for wrong in (proof[:-1], [*proof, bytes(32)]):
        if wrong != proof:
            with pytest.raises(Fault, match="proof is too"):
                root_of_proof(leaf_hash(items[index]), index, size, wrong)
    for at in range(len(proof)):
        altered = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert root_of_proof(leaf_hash(items[index]), index, size, altered) != root


words = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20)
versions = st.builds(
    AgreementVersion,
    agreement=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    version=st.integers(1, 2**53 - 1),
    canonical=st.binary(max_size=60),
    salt=words,
    supersedes=words,
    effective_from=st.integers(0, 2**53 - 1),
    signers=st.lists(addresses, min_size=1, max_size=5, unique=True).map(tuple),
    chain_id=st.integers(0, 2**53 - 1),
    registry=addresses,
)


@given(versions, st.integers(1, 2**200))
def test_typed_data_and_signatures_are_those_of_eth_account(version: AgreementVersion, secret: int) -> None:
    message = {
        "agreement": keccak(version.salt + version.agreement.encode()),
        "version": version.version,
        "commitment": keccak(version.salt + keccak(version.canonical)),
        "supersedes": version.supersedes,
        "effectiveFrom": version.effective_from,
        "parties": [to_checksum_address(signer) for signer in sorted(version.signers)],
    }
    kinds = ("bytes32", "uint256", "bytes32", "bytes32", "uint64", "address[]")
    fields = [{"name": name, "type": kind} for name, kind in zip(message, kinds, strict=True)]
    domain = {
        "name": "Tallystick",
        "version": "1",
        "chainId": version.chain_id,
        "verifyingContract": to_checksum_address(version.registry),
    }
    typed = encode_typed_data(domain, {"AgreementVersion": fields}, message)
    assert version.digest() == keccak(b"\x19\x01" + typed.header + typed.body)
    account = Account.from_key(secret.to_bytes(32))
    public_key = account._key_obj.public_key.to_bytes()
    signature = bytes(account.sign_message(typed).signature)
    assert address_of(public_key).hex() == account.address[2:].lower()
    assert signature_holds(version.digest(), public_key, signature)
    assert not signature_holds(sha256(version.digest()).digest(), public_key, signature)
    assert not signature_holds(version.digest(), public_key, bytes(32) + signature[32:])


@given(words, st.text(max_size=40), st.integers(0, 511))
def test_no_signature_survives_a_flipped_bit(seed: bytes, text: str, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    text = text.encode("utf-8", "replace").decode()
    key = Vkey("log", bytes(4), private.public_key().public_bytes_raw())
    signature = bytearray(private.sign(text.encode()))
    assert key.verifies(text, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not key.verifies(text, bytes(signature))
