"""The agreement registry as Python sees it: register a version that all have signed, and look records up.

The contract is vyper/AgreementRegistry.vy; it checks every signature again and has the last word. Here
each is checked first (consent.py), so that a refusal names its reason and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from contracts.addresses import checksum_address
from contracts.artifacts import load_artifact
from contracts.chain import Chain
from contracts.consent import Consent, History, PartySignature, gather_consent
from contracts.contract import Contract
from contracts.errors import ChainReverted, RegistryConflict
from contracts.hashing import ZERO_DIGEST
from contracts.signing import SigningKey
from contracts.typed_data import AgreementVersion, Domain

ARTIFACT = "AgreementRegistry"


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A registered version: what was signed, the digest of it, and the transaction and block it stands in.

    `registered_at` is the block's time in seconds since 1970, which may run ahead of the clock.
    """

    version: AgreementVersion
    digest: bytes
    registered_at: int
    block: int
    transaction: str


@dataclass(frozen=True, slots=True)
class Registry:
    """A deployed registry."""

    contract: Contract

    @classmethod
    def deploy(cls, chain: Chain, *, key: SigningKey) -> Self:
        """Deploy a registry; the key pays and gains no power over it."""
        return cls(Contract.deploy(chain, load_artifact(ARTIFACT), key=key))

    @classmethod
    def open(cls, chain: Chain, address: str) -> Self:
        """Return the registry at an address; raises ContractUnknown where it is not one."""
        return cls(Contract.open(chain, load_artifact(ARTIFACT), address))

    @classmethod
    def open_or_deploy(cls, chain: Chain, address: str | None, *, key: SigningKey) -> Self:
        """Return the registry at a recorded address, or a new one where none is recorded."""
        return cls.open(chain, address) if address else cls.deploy(chain, key=key)

    @property
    def address(self) -> str:
        """The registry's address, to be recorded."""
        return self.contract.address

    @property
    def domain(self) -> Domain:
        """What signatures for this registry are bound to."""
        return Domain(self.contract.chain.chain_id, self.contract.address)

    def latest_version(self, agreement: bytes) -> int:
        """Return the newest registered version number of an agreement key, 0 where there is none."""
        return int(self.contract.read("latest_version", agreement))

    def record(self, agreement: bytes, version: int) -> VersionRecord | None:
        """Return the record of a version, None where it is not registered."""
        commitment, supersedes, effective, at, block, digest = self.contract.read(
            "version_record", agreement, version
        )
        if commitment == ZERO_DIGEST:
            return None
        parties = self.contract.read("version_parties", agreement, version)
        signed = AgreementVersion(
            agreement=agreement,
            version=version,
            commitment=commitment,
            supersedes=supersedes,
            effective_from=effective,
            parties=tuple(checksum_address(party) for party in parties),
        )
        assert signed.digest(self.domain) == digest, "the registry recorded what was signed"
        (log,) = self.contract.events(
            "VersionRegistered", (agreement, version.to_bytes(32)), first=block, last=block
        )
        return VersionRecord(signed, digest, at, block, log.transaction)

    def history(self, version: AgreementVersion, *, other_domains: Iterable[Domain] = ()) -> History:
        """Return what stands before a version: who leaves with it must sign too, and what was signed then."""
        earlier = [
            record
            for number in range(1, version.version)
            if (record := self.record(version.agreement, number)) is not None
        ]
        return History(
            previous_parties=earlier[-1].version.parties if earlier else (),
            earlier_digests=tuple(record.digest for record in earlier),
            other_domains=tuple(other_domains),
        )

    def check(self, version: AgreementVersion, signatures: Iterable[PartySignature]) -> Consent:
        """Return the complete consent to a version, in order; raises the SignatureRefused of a fault."""
        return gather_consent(version, self.domain, signatures, self.history(version))

    def register(
        self, version: AgreementVersion, signatures: Iterable[PartySignature], *, key: SigningKey
    ) -> VersionRecord:
        """Register a version and return its record; the same version again returns the record it has.

        `key` sends the transaction and may be anybody's: consent is in the signatures. Raises a
        SignatureRefused, RegistryConflict where the number is taken by other content, or ChainReverted
        where the contract refuses for a reason of its own (a skipped number, another commitment superseded).
        """
        standing = self.record(version.agreement, version.version)
        if standing is None:
            consent = self.check(version, signatures)
            fields = version.fields().values()
            try:
                self.contract.write("register", *fields, consent.signatures, key=key)
            except ChainReverted:
                # somebody else may have sent the same a moment before: then the record decides
                standing = self.record(version.agreement, version.version)
                if standing is None:
                    raise
            else:
                standing = self.record(version.agreement, version.version)
            assert standing is not None, "a registration that did not revert has a record"
        if standing.version != version:
            raise RegistryConflict(
                f"version {version.version} stands with other content since block {standing.block}; a change "
                f"needs version {self.latest_version(version.agreement) + 1}",
                where=self.address,
            )
        return standing
