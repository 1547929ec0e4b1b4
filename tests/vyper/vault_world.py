"""A vault between a brand, its streamer and a platform, with arbiters, a reviewer, and all of their keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.consent import sign_version
from contracts.hashing import keccak256
from contracts.signing import SigningKey
from contracts.typed_data import AgreementVersion, Domain, Message
from contracts.vault_terms import VaultAppealDecision, VaultRelease, VaultRuling, VaultTerms, ascending
from tests.vyper.evm import boa, deploy, deploy_artifact
from tests.vyper.tokens import token

BRAND, STREAMER, PLATFORM = (SigningKey(bytes([n]) * 32) for n in (1, 2, 3))
FIRST, SECOND, THIRD = (SigningKey(bytes([n]) * 32) for n in (11, 12, 13))
PRESIDENT = SigningKey(b"\x21" * 32)
STRANGER = SigningKey(b"\x31" * 32)
PARTIES = (BRAND, STREAMER, PLATFORM)
DAY = 86_400
AGREEMENT = keccak256(b"agreement")


def by_address(*keys: SigningKey) -> tuple[SigningKey, ...]:
    """Return keys in the order in which contracts want their signatures."""
    return tuple(sorted(keys, key=lambda key: int(key.address, 16)))


def addresses(*keys: SigningKey) -> tuple[str, ...]:
    """Return the addresses of keys, ascending."""
    return ascending({key.address for key in keys})


def salted(name: str) -> bytes:
    """Return a key of 32 bytes for a ruling or a contest."""
    return keccak256(name.encode())


@dataclass(frozen=True)
class VaultWorld:
    """The contracts: a registry with a signed version, a token in the brand's hands, the vault."""

    registry: Any
    token: Any
    vault: Any
    terms: VaultTerms

    def domain(self, contract: Any) -> Domain:
        """Return what signatures for a contract are bound to."""
        return Domain(int(boa.env.evm.patch.chain_id), contract.address)

    def signed(self, message: Message, *keys: SigningKey) -> list[bytes]:
        """Return signatures of a message for the vault, in the order of the keys."""
        digest = message.digest(self.domain(self.vault))
        return [key.sign(digest) for key in keys]

    def seated(self, message: Message, seats: tuple[str, ...], *keys: SigningKey) -> list[bytes]:
        """Return a signature a seat, empty of those whose key is not given."""
        held = {key.address: key for key in keys}
        return [self.signed(message, held[seat])[0] if seat in held else b"" for seat in seats]

    def put_in(self, amount: int, by: SigningKey = BRAND) -> int:
        """Have a party put something in, and return what arrived."""
        self.token.mint(by.address, amount)
        self.token.approve(self.vault.address, amount, sender=by.address)
        digest = self.terms.digest()
        return int(self.vault.put_in(by.address, amount, digest, sender=by.address))

    def rule(
        self, name: str, amount: int, *, payee: SigningKey = STREAMER, contest: str = "",
        by: tuple[SigningKey, ...] = (FIRST, SECOND),
    ) -> None:  # fmt: skip
        """Have the arbiters file a ruling."""
        answered = salted(contest) if contest else bytes(32)
        message = VaultRuling(salted(name), answered, payee.address, amount)
        signatures = self.seated(message, self.terms.arbiters, *by)
        self.vault.rule(salted(name), answered, payee.address, amount, signatures)

    def decide(self, name: str, *, stands: bool, by: tuple[SigningKey, ...] = (PRESIDENT,)) -> None:
        """Have the reviewers decide an appeal."""
        message = VaultAppealDecision(salted(name), stands)
        self.vault.decide_appeal(salted(name), stands, self.seated(message, self.terms.reviewers, *by))

    def release_by_all(
        self, *payments: tuple[str, int], by: tuple[SigningKey, ...] = PARTIES, number: int | None = None
    ) -> None:
        """Have all parties let something go."""
        payees, amounts = zip(*payments, strict=True)
        message = VaultRelease(self.vault.releases() if number is None else number, payees, amounts)
        self.vault.release_by_all(payees, amounts, self.signed(message, *by_address(*by)))

    def withdraw(self, by: SigningKey = STREAMER, to: str | None = None) -> int:
        """Have a payee fetch what is credited."""
        return int(self.vault.withdraw(by.address, to or by.address, sender=by.address))


def registered() -> Any:
    """Return a registry with one version that all parties have signed."""
    registry = deploy("AgreementRegistry")
    domain = Domain(int(boa.env.evm.patch.chain_id), registry.address)
    version = AgreementVersion(AGREEMENT, 1, salted("document"), bytes(32), 0, addresses(*PARTIES))
    signatures = [sign_version(key, version, domain).signature for key in by_address(*PARTIES)]
    registry.register(*version.fields().values(), signatures)
    return registry


def usual_terms(registry: Any, coin: Any) -> VaultTerms:
    """Return terms with every way out: 30 days to hold, rulings to 500 in all, 10 days to appeal."""
    return VaultTerms(
        token=coin.address, registry=registry.address, agreement=AGREEMENT, version=1, payer=BRAND.address,
        payees=addresses(BRAND, STREAMER), arbiters=addresses(FIRST, SECOND, THIRD), quorum=2,
        reviewers=addresses(PRESIDENT), review_quorum=1, cap=500, hold_seconds=30 * DAY, after_end=False,
        appeal_seconds=10 * DAY, review_seconds=20 * DAY, contest_seconds=15 * DAY,
    )  # fmt: skip


def a_vault(coin: str = "OddToken", registry: Any = None, **changed: Any) -> VaultWorld:
    """Return a vault with the usual terms but for what is changed."""
    registry = registry or registered()
    made = deploy_artifact(token(coin))
    terms = replace(usual_terms(registry, made), **changed)
    return VaultWorld(registry, made, deploy("DepositVault", _fields(terms)), terms)


def _fields(terms: VaultTerms) -> tuple[Any, ...]:
    return tuple(getattr(terms, name) for name in terms.__slots__)
