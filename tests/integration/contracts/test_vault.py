"""A vault is used alike on a chain of each kind, and says in words what it refuses."""

from __future__ import annotations

import pytest

from contracts.chain import Chain
from contracts.consent import sign_version
from contracts.contract import Contract
from contracts.errors import ChainReverted, ContractUnknown
from contracts.hashing import keccak256
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.token import balance_of, decimals_of
from contracts.typed_data import AgreementVersion
from contracts.vault import Vault
from contracts.vault_terms import LONGEST_SECONDS, VaultRelease, VaultTerms, ascending
from tests.vyper.tokens import token

BRAND, STREAMER, ARBITER = (SigningKey(bytes([n]) * 32) for n in (41, 42, 43))
AGREEMENT = keccak256(b"an agreement with a vault")


@pytest.fixture(scope="module")
def coin(chain: Chain, operator: SigningKey) -> Contract:
    return Contract.deploy(chain, token("OddToken"), key=operator)


@pytest.fixture(scope="module")
def vault(chain: Chain, registry: Registry, coin: Contract, operator: SigningKey) -> Vault:
    parties = ascending({BRAND.address, STREAMER.address})
    version = AgreementVersion(AGREEMENT, 1, keccak256(b"document"), bytes(32), 0, parties)
    signatures = [sign_version(key, version, registry.domain) for key in (BRAND, STREAMER)]
    registry.register(version, signatures, key=operator)
    terms = VaultTerms(
        token=coin.address, registry=registry.address, agreement=AGREEMENT, version=1, payer=BRAND.address,
        payees=parties, arbiters=(ARBITER.address,), quorum=1, reviewers=(), review_quorum=0, cap=500,
        hold_seconds=60, after_end=False, appeal_seconds=0, review_seconds=0, contest_seconds=LONGEST_SECONDS,
    )  # fmt: skip
    return Vault.deploy(chain, terms, key=operator)


def test_what_is_put_in_is_released_by_all_and_fetched(
    chain: Chain, vault: Vault, coin: Contract, operator: SigningKey
) -> None:
    assert Vault.open(chain, vault.address) == vault
    assert decimals_of(chain, coin.address) == 6
    coin.write("mint", BRAND.address, 1_000, key=operator)
    vault.put_in(BRAND.address, 1_000, key=BRAND)
    vault.contest(STREAMER.address, keccak256(b"claim"), 100, key=STREAMER)
    assert vault.is_contested(keccak256(b"claim"))
    release = VaultRelease(vault.next_release(), (STREAMER.address,), (300,))
    signed = {key.address: key.sign(release.digest(vault.domain)) for key in (BRAND, STREAMER)}
    with pytest.raises(ChainReverted, match="deposit_vault: signature missing"):
        vault.release_by_all(release, {BRAND.address: signed[BRAND.address]}, key=operator)
    vault.release_by_all(release, signed, key=operator)
    vault.withdraw(STREAMER.address, STREAMER.address, key=STREAMER)
    assert balance_of(chain, coin.address, STREAMER.address) == 300
    status = vault.status((BRAND.address,))
    assert (status.held, status.releasable, status.owed, status.releases) == (700, 0, {BRAND.address: 0}, 1)


def test_a_vault_is_opened_nowhere_else(chain: Chain, registry: Registry) -> None:
    with pytest.raises(ContractUnknown, match="another contract"):
        Vault.open(chain, registry.address)
