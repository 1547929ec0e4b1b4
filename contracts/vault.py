"""A deployed deposit vault (experimental): put in, contest, rule, appeal, release, fetch.

The contract is vyper/DepositVault.vy and refuses with its own words, in ChainReverted; each call is tried
before it is sent. Messages and terms are vault_terms.py's, where terms come from is vault_plan.py's.
Amounts are in the token's own units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from typing import Self

from contracts import token
from contracts.addresses import checksum_address
from contracts.artifacts import load_artifact
from contracts.chain import Chain, Receipt
from contracts.contract import Contract
from contracts.signing import SigningKey
from contracts.typed_data import Domain
from contracts.vault_terms import VaultAppealDecision, VaultRelease, VaultRuling, VaultTerms

ARTIFACT = "DepositVault"


class Stage(IntEnum):
    """Where a ruling is, as the contract counts it."""

    NONE = 0
    FILED = 1
    APPEALED = 2
    UPHELD = 4
    OVERTURNED = 8
    DRAWN = 16


@dataclass(frozen=True, slots=True)
class FiledRuling:
    """A ruling as the vault has it; `drawable_from` in seconds since 1970, `contest` what it answers."""

    stage: Stage
    payee: str
    amount: int
    drawable_from: int
    contest: bytes


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """What a vault holds: to nobody's credit, of it what `release` gives back now, and what rulings award.

    `owed` is what each party would fetch now, by address. `releases` counts those that all parties signed.
    """

    held: int
    releasable: int
    reserved: int
    awarded: int
    owed: Mapping[str, int]
    releases: int


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault at an address, and the terms that it goes by."""

    contract: Contract
    terms: VaultTerms

    @classmethod
    def deploy(cls, chain: Chain, terms: VaultTerms, *, key: SigningKey) -> Self:
        """Deploy a vault; the key pays and gains no power over it. Raises ChainReverted for unfit terms."""
        return cls(Contract.deploy(chain, load_artifact(ARTIFACT), astuple(terms), key=key), terms)

    @classmethod
    def open(cls, chain: Chain, address: str) -> Self:
        """Return the vault at an address with the terms it has; raises ContractUnknown where it is none."""
        contract = Contract.open(chain, load_artifact(ARTIFACT), address)
        read = dict(zip((each.name for each in fields(VaultTerms)), contract.read("terms"), strict=True))
        for name in ("token", "registry", "payer"):
            read[name] = checksum_address(read[name])
        for name in ("payees", "arbiters", "reviewers"):
            read[name] = tuple(checksum_address(each) for each in read[name])
        terms = VaultTerms(**read)
        assert terms.digest() == contract.read("terms_digest"), "a vault names its terms by their digest"
        return cls(contract, terms)

    @property
    def address(self) -> str:
        """The vault's address, to be recorded."""
        return self.contract.address

    @property
    def domain(self) -> Domain:
        """What signatures for this vault are bound to."""
        return Domain(self.contract.chain.chain_id, self.contract.address)

    def consenting(self) -> tuple[str, ...]:
        """Return whose signatures a release by all needs, in their order."""
        return tuple(checksum_address(each) for each in self.contract.read("consenting"))

    def status(self, parties: Sequence[str]) -> VaultStatus:
        """Return what the vault holds and what it owes each of these addresses."""
        names = ("held", "releasable", "reserved", "awarded")
        figures = {name: int(self.contract.read(name)) for name in names}
        owed = {party: int(self.contract.read("owed", party)) for party in parties}
        return VaultStatus(**figures, owed=owed, releases=self.next_release())

    def next_release(self) -> int:
        """Return the number of the next release that all parties may sign."""
        return int(self.contract.read("releases"))

    def ruling(self, key: bytes) -> FiledRuling | None:
        """Return a ruling by its key, None where none was filed."""
        stage, payee, *rest = self.contract.read("ruling", key)
        return FiledRuling(Stage(stage), checksum_address(payee), *rest) if stage else None

    def is_contested(self, contest: bytes) -> bool:
        """Tell whether a contest waits for a ruling."""
        _, amount, _, ruled, _ = self.contract.read("contested", contest)
        return bool(amount) and not ruled

    def put_in(self, party: str, amount: int, *, key: SigningKey) -> Receipt:
        """Put so much of the key's tokens in for a party, by these terms."""
        token.approve(self.contract.chain, self.terms.token, self.address, amount, key=key)
        return self.contract.write("put_in", party, amount, self.terms.digest(), key=key)

    def contest(self, party: str, contest: bytes, amount: int, *, key: SigningKey) -> Receipt:
        """Claim so much for a party, so that it stays until it is ruled on."""
        return self.contract.write("contest", party, contest, amount, key=key)

    def rule(self, ruling: VaultRuling, signed: Mapping[str, bytes], *, key: SigningKey) -> Receipt:
        """File a ruling with the arbiters' signatures, by their addresses in the terms."""
        signatures = _seated(self.terms.arbiters, signed)
        return self.contract.write("rule", *ruling.fields().values(), signatures, key=key)

    def appeal(self, party: str, ruling: bytes, *, key: SigningKey) -> Receipt:
        """Take a ruling to the reviewers for a party."""
        return self.contract.write("appeal", party, ruling, key=key)

    def decide_appeal(
        self, decision: VaultAppealDecision, signed: Mapping[str, bytes], *, key: SigningKey
    ) -> Receipt:
        """Uphold or overturn a ruling with the reviewers' signatures, by their addresses in the terms."""
        signatures = _seated(self.terms.reviewers, signed)
        return self.contract.write("decide_appeal", *decision.fields().values(), signatures, key=key)

    def draw(self, ruling: bytes, *, key: SigningKey) -> Receipt:
        """Have what a ruling awards credited."""
        return self.contract.write("draw", ruling, key=key)

    def release(self, *, key: SigningKey) -> Receipt:
        """Have what its time has freed credited to the payer."""
        return self.contract.write("release", key=key)

    def release_by_all(
        self, release: VaultRelease, signed: Mapping[str, bytes], *, key: SigningKey
    ) -> Receipt:
        """Have credited what all parties signed, by their addresses in the registry."""
        signatures = [signed[each] for each in self.consenting() if each in signed]
        return self.contract.write("release_by_all", release.payees, release.amounts, signatures, key=key)

    def withdraw(self, payee: str, to: str, *, key: SigningKey) -> Receipt:
        """Fetch what a payee is credited, to an address of its choice."""
        return self.contract.write("withdraw", payee, to, key=key)


def _seated(seats: Sequence[str], signed: Mapping[str, bytes]) -> list[bytes]:
    return [signed.get(seat, b"") for seat in seats]
