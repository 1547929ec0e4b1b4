"""A wallet contract signs by ERC-1271, and one that misbehaves is refused with its own reason.

Calls go to the contract itself, past the checks in Python, unless a test says otherwise.
"""

from __future__ import annotations

import dataclasses

import pytest

from contracts.artifacts import earlier_artifacts
from contracts.chain import Chain
from contracts.consent import PartySignature
from contracts.contract import Contract
from contracts.errors import (
    ChainReverted,
    SignatureRefused,
    SignatureTruncated,
    WalletExhausted,
    WalletRefused,
    WalletReverted,
    WalletSilent,
)
from contracts.hashing import keccak256
from contracts.key_changes import own_key
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.typed_data import Domain
from tests import wallets
from tests.integration.contracts.test_registry import A, B, arguments, first_version, refusal

DIGEST = keccak256(b"anything")


@pytest.fixture(scope="module")
def wallet(chain: Chain, operator: SigningKey) -> str:
    """A's wallet: it counts what A's key signs."""
    return wallets.owned_wallet(chain, A.address, operator)


def ordered(*addresses: str) -> list[str]:
    return sorted(addresses, key=lambda address: int(address, 16))


def test_a_wallet_signs_among_keys(registry: Registry, operator: SigningKey, wallet: str) -> None:
    version = first_version("wallet", (B,))
    parties = ordered(wallet, B.address)
    first = {**version.fields(), "parties": parties}
    digest = registry.contract.read("digest_to_sign", *first.values())
    by = {wallet: A.sign(digest), B.address: B.sign(digest)}
    signatures = [by[each] for each in parties]
    assert registry.contract.write("register", *first.values(), signatures, key=operator).succeeded

    second = {**first, "version": 2, "supersedes": first["commitment"]}
    digest = registry.contract.read("digest_to_sign", *second.values())
    by_b_alone = [*second.values(), [B.sign(digest)] * 2]
    assert refusal(registry, operator, by_b_alone) == "wallet refused the signature"


def test_a_wallet_is_asked_about_this_chain_this_contract_and_this_version(
    registry: Registry, operator: SigningKey, wallet: str
) -> None:
    """The digest binds them, so that a wallet that checks it refuses all else."""
    version = first_version("wallet-elsewhere", (B,))
    fields = {**version.fields(), "parties": [wallet]}
    elsewhere = (Domain(1, registry.address), Domain(registry.domain.chain_id, "0x" + "ac" * 20))
    for domain in elsewhere:
        signature = A.sign(first_version("wallet-elsewhere", (A,)).digest(domain))
        assert refusal(registry, operator, [*fields.values(), [signature]]) == "wallet refused the signature"
    digest = registry.contract.read("digest_to_sign", *fields.values())
    registry.contract.write("register", *fields.values(), [A.sign(digest)], key=operator)
    second = [*{**fields, "version": 2, "supersedes": fields["commitment"]}.values(), [A.sign(digest)]]
    assert refusal(registry, operator, second) == "wallet refused the signature"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (wallets.REVERTS, "wallet reverted"),
        (wallets.REVERTS_LONG, "wallet reverted"),
        (wallets.BURNS_GAS, "wallet used up its gas"),
        (wallets.WRITES, "wallet used up its gas"),
        (wallets.ANSWERS_NOTHING, "wallet gave no answer"),
        (wallets.ANSWERS_FOUR_BYTES, "wallet gave no answer"),
        (wallets.ANSWERS_OTHERWISE, "wallet refused the signature"),
        (wallets.ANSWERS_TRUE, "wallet refused the signature"),
        (wallets.ANSWERS_DIRTY, "wallet refused the signature"),
    ],
)
def test_each_misbehaving_wallet_has_a_reason_of_its_own(
    chain: Chain, registry: Registry, operator: SigningKey, code: str, reason: str
) -> None:
    address = wallets.put(chain, code, operator)
    version = first_version(f"misbehaves-{code[:40]}", (B,))
    fields = {**version.fields(), "parties": [address]}
    assert refusal(registry, operator, [*fields.values(), [b"\x01" * 65]]) == reason


@pytest.mark.parametrize("signature", [b"", b"\x01" * 1024])
def test_a_wallet_takes_whatever_it_calls_a_signature(
    chain: Chain, registry: Registry, operator: SigningKey, signature: bytes
) -> None:
    address = wallets.put(chain, wallets.ACCEPTS_ALL, operator)
    assert int(registry.contract.read("signed_by", address, DIGEST, signature), 16) == int(address, 16)
    with pytest.raises(ChainReverted):
        registry.contract.read("signed_by", address, DIGEST, b"\x01" * 1025)


def test_a_wallet_that_answers_at_length_costs_no_more_than_its_cap(
    chain: Chain, registry: Registry, operator: SigningKey
) -> None:
    version = first_version("long", (B,))
    used = []
    for name, code in (("short", wallets.ACCEPTS_ALL), ("long", wallets.ANSWERS_LONG)):
        address = wallets.put(chain, code, operator)
        fields = {**version.fields(), "agreement": keccak256(name.encode()), "parties": [address]}
        receipt = registry.contract.write("register", *fields.values(), [b""], key=operator)
        used.append(receipt.gas_used)
    assert used[1] - used[0] < registry.contract.read("WALLET_GAS"), "and of the answer one word is read"


def test_a_key_without_code_is_never_asked_and_its_signature_never_lenient(registry: Registry) -> None:
    signature = A.sign(DIGEST)
    assert int(registry.contract.read("signed_by", A.address, DIGEST, signature), 16) == int(A.address, 16)
    for odd in (signature + b"\0", signature[:64], b""):
        with pytest.raises(ChainReverted, match="signature is not 65 bytes"):
            registry.contract.read("signed_by", A.address, DIGEST, odd)


def test_a_signature_of_a_wallets_owner_is_not_his_own(
    registry: Registry, operator: SigningKey, wallet: str
) -> None:
    """Nor the wallet's his: each stands for one address."""
    version = first_version("owner", (A,))
    assert wallet not in version.parties
    for_wallet = {**version.fields(), "parties": [wallet]}
    digest = registry.contract.read("digest_to_sign", *for_wallet.values())
    assert refusal(registry, operator, arguments(version, [A.sign(digest)])) == "not signed by the party"


def test_python_asks_the_wallet_as_the_registry_does_and_says_why_not(
    chain: Chain, registry: Registry, operator: SigningKey, wallet: str
) -> None:
    version = dataclasses.replace(first_version("by-python", (B,)), parties=(wallet,))
    digest = version.digest(registry.domain)
    cases: list[tuple[str, type[SignatureRefused]]] = [
        (wallets.REVERTS, WalletReverted),
        (wallets.BURNS_GAS, WalletExhausted),
        (wallets.ANSWERS_NOTHING, WalletSilent),
        (wallets.ANSWERS_OTHERWISE, WalletRefused),
    ]
    for code, error in cases:
        with pytest.raises(error):
            registry.wallets.require(wallets.put(chain, code, operator), digest, b"")
    with pytest.raises(SignatureTruncated):
        registry.wallets.require(wallet, digest, bytes(1025))
    with pytest.raises(WalletRefused):
        registry.register(version, [PartySignature(wallet, B.sign(digest))], key=operator)
    record = registry.register(version, [PartySignature(wallet, A.sign(digest))], key=operator)
    assert record.version == version
    consent = registry.check(version, [PartySignature(wallet, A.sign(digest), wallet=True)])
    (told,) = consent.record(bytes(32), {wallet: "brand"})["signatures"]
    assert told == {
        "address": wallet, "party": "brand", "signature": "0x" + A.sign(digest).hex(), "wallet": wallet
    }  # fmt: skip


def test_an_earlier_registry_asks_no_wallet(
    chain: Chain, registry: Registry, operator: SigningKey, wallet: str
) -> None:
    (earlier,) = earlier_artifacts("AgreementRegistry")
    old = Registry(Contract.deploy(chain, earlier, key=operator))
    assert registry.wallets.is_wallet(wallet)
    assert not registry.wallets.is_wallet(A.address)
    assert not old.wallets.is_wallet(wallet)
    assert old.keys(A.address) == own_key(A.address)
    assert old.termination(DIGEST) is None
