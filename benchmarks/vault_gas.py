"""What a deposit vault costs in gas, on a token for tests: part of benchmarks.gas, which prints it."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.artifacts import load_artifact
from contracts.chain import Chain
from contracts.consent import sign_version
from contracts.contract import Contract, deploying_code
from contracts.hashing import ZERO_DIGEST, keccak256
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.token import approve
from contracts.typed_data import AgreementVersion
from contracts.vault import Vault
from contracts.vault_terms import VaultRelease, VaultRuling, VaultTerms, ascending
from tests.vyper.tokens import token

SENDER = SigningKey(b"\x0f" * 32)
BRAND, STREAMER, PLATFORM, FIRST, SECOND, THIRD = (SigningKey(bytes([0x51 + n]) * 32) for n in range(6))
AMOUNT = 1_000_000


def vault_costs(chain: Chain) -> Iterator[tuple[str, int]]:
    """Yield what is done with a vault of three parties and three arbiters, and its gas."""
    registry = Registry.deploy(chain, key=SENDER)
    parties = ascending({key.address for key in (BRAND, STREAMER, PLATFORM)})
    version = AgreementVersion(keccak256(b"vault"), 1, keccak256(b"document"), ZERO_DIGEST, 0, parties)
    signatures = [sign_version(key, version, registry.domain) for key in (BRAND, STREAMER, PLATFORM)]
    registry.register(version, signatures, key=SENDER)
    coin = Contract.deploy(chain, token("OddToken"), key=SENDER)
    terms = VaultTerms(
        token=coin.address, registry=registry.address, agreement=version.agreement, version=1,
        payer=BRAND.address, payees=ascending({BRAND.address, STREAMER.address}),
        arbiters=ascending({key.address for key in (FIRST, SECOND, THIRD)}), quorum=2, reviewers=(),
        review_quorum=0, cap=AMOUNT, hold_seconds=0, after_end=False, appeal_seconds=0, review_seconds=0,
        contest_seconds=0,
    )  # fmt: skip
    fields = tuple(getattr(terms, name) for name in terms.__slots__)
    code = deploying_code(load_artifact("DepositVault"), fields)
    yield "deploy, for 3 parties and 3 arbiters", chain.deploy(code, key=SENDER).gas_used
    yield from _used(Vault.deploy(chain, terms, key=SENDER), coin)


def _used(vault: Vault, coin: Contract) -> Iterator[tuple[str, int]]:
    coin.write("mint", BRAND.address, AMOUNT, key=SENDER)
    approve(coin.chain, coin.address, vault.address, AMOUNT, key=BRAND)
    terms = vault.terms.digest()
    put_in = vault.contract.write("put_in", BRAND.address, AMOUNT, terms, key=BRAND)
    yield "put in", put_in.gas_used
    claim, key = keccak256(b"claim"), keccak256(b"ruling")
    yield "contest", vault.contest(STREAMER.address, claim, 1_000, key=STREAMER).gas_used
    ruling = VaultRuling(key, claim, STREAMER.address, 1_000)
    signed = {each.address: each.sign(ruling.digest(vault.domain)) for each in (FIRST, SECOND)}
    yield "file a ruling of 2 arbiters", vault.rule(ruling, signed, key=SENDER).gas_used
    yield "draw a ruling", vault.draw(key, key=SENDER).gas_used
    release = VaultRelease(0, (STREAMER.address,), (1_000,))
    signed = {each.address: each.sign(release.digest(vault.domain)) for each in (BRAND, STREAMER, PLATFORM)}
    yield "release to 1 payee by all 3 parties", vault.release_by_all(release, signed, key=SENDER).gas_used
    yield "release by time", vault.release(key=SENDER).gas_used
    withdrawn = vault.withdraw(STREAMER.address, STREAMER.address, key=STREAMER)
    yield "withdraw", withdrawn.gas_used
