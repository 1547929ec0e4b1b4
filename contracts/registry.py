"""The agreement registry as Python sees it: versions that all have signed, their end, and who signs for whom.

The contract is vyper/AgreementRegistry.vy; it checks every signature again and has the last word. Here
each is checked first (consent.py), so that a refusal names its reason and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from contracts.addresses import checksum_address
from contracts.artifacts import load_artifact
from contracts.chain import Chain
from contracts.consent import (
    Consent,
    History,
    PartySignature,
    gather_consent,
    gather_signatures,
    required_signers,
)
from contracts.contract import Contract
from contracts.errors import AgreementEnded, ChainReverted, NodeUntrue, RegistryConflict
from contracts.hashing import ZERO_DIGEST
from contracts.key_changes import KeyRevocation, KeyRotation, SignerKeys, own_key
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange, change_keys
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion, Domain
from contracts.wallets import ChainWallets

ARTIFACT = "AgreementRegistry"
Record = TypeVar("Record")


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
class TerminationRecord:
    """How an agreement was ended: what was signed, its digest, and where it stands, as in a VersionRecord."""

    termination: AgreementTermination
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
        self._require_digest(signed.digest(self.domain), digest)
        log = self.contract.event_of("VersionRegistered", (agreement, version.to_bytes(32)), block=block)
        return VersionRecord(signed, digest, at, block, log.transaction)

    def history(self, version: AgreementVersion, *, other_domains: Iterable[Domain] = ()) -> History:
        """Return what stands before a version: who leaves with it must sign too, with which keys, and what
        was signed then.
        """  # noqa: D205
        earlier = [
            record
            for number in range(1, version.version)
            if (record := self.record(version.agreement, number)) is not None
        ]
        previous = earlier[-1].version.parties if earlier else ()
        return History(
            previous_parties=previous,
            earlier_digests=tuple(record.digest for record in earlier),
            other_domains=tuple(other_domains),
            keys={signer: self.keys(signer) for signer in required_signers(version, previous)},
        )

    def check(self, version: AgreementVersion, signatures: Iterable[PartySignature]) -> Consent:
        """Return the complete consent to a version, in order; raises the SignatureRefused of a fault."""
        return gather_consent(version, self.domain, signatures, self.history(version), self.wallets)

    def register(
        self, version: AgreementVersion, signatures: Iterable[PartySignature], *, key: SigningKey
    ) -> VersionRecord:
        """Register a version and return its record; the same version again returns the record it has.

        `key` sends the transaction and may be anybody's: consent is in the signatures. Raises a
        SignatureRefused, RegistryConflict where the number is taken by other content, AgreementEnded, or
        ChainReverted where the contract refuses for a reason of its own (a skipped number, another commitment
        superseded).
        """
        standing = self.record(version.agreement, version.version)
        if standing is None:
            self._require_open(version.agreement)
            consent = self.check(version, signatures)
            call = (*version.fields().values(), consent.signatures)
            standing = self._write_once(
                lambda: self.record(version.agreement, version.version), "register", *call, key=key
            )
        if standing.version != version:
            raise RegistryConflict(
                f"version {version.version} stands with other content since block {standing.block}; a change "
                f"needs version {self.latest_version(version.agreement) + 1}",
                where=self.address,
            )
        return standing

    def termination(self, agreement: bytes) -> TerminationRecord | None:
        """Return how an agreement was ended by all of its parties, None where it was not."""
        if not self.contract.has("termination"):
            return None
        version, ends_at, at, block, terms, digest = self.contract.read("termination", agreement)
        if at == 0:
            return None
        commitment = self.contract.read("version_record", agreement, version)[0]
        ended = AgreementTermination(agreement, version, commitment, ends_at, terms)
        self._require_digest(ended.digest(self.domain), digest)
        log = self.contract.event_of("AgreementTerminated", (agreement, version.to_bytes(32)), block=block)
        return TerminationRecord(ended, digest, at, block, log.transaction)

    def terminate(
        self, ended: AgreementTermination, signatures: Iterable[PartySignature], *, key: SigningKey
    ) -> TerminationRecord:
        """Record the end of an agreement that its newest version's parties signed; again returns the record.

        Raises a SignatureRefused, AgreementEnded where it was ended otherwise, RegistryConflict where it is
        not the newest version as it stands, ContractEarlier where the registry knows no end.
        """
        standing = self.termination(ended.agreement)
        if standing is None:
            ordered = self.check_termination(ended, signatures)
            call = (*ended.fields().values(), ordered)
            standing = self._write_once(
                lambda: self.termination(ended.agreement), "terminate", *call, key=key
            )
        if standing.termination != ended:
            self._require_open(ended.agreement)
        return standing

    def check_termination(
        self, ended: AgreementTermination, signatures: Iterable[PartySignature]
    ) -> tuple[bytes, ...]:
        """Return the signatures of all parties to an end, in order; raises the SignatureRefused of a fault.

        Raises RegistryConflict where it is not the newest version as it stands.
        """
        newest = self.record(ended.agreement, self.latest_version(ended.agreement))
        if newest is None or _named(newest.version) != _named(ended):
            message = "not the newest version as it is registered; all parties end that one"
            raise RegistryConflict(message, where=self.address)
        signers = newest.version.parties
        history = History(keys={signer: self.keys(signer) for signer in signers})
        _, ordered = gather_signatures(ended, signers, self.domain, signatures, history, self.wallets)
        return ordered

    def keys(self, signer: str) -> SignerKeys:
        """Return who signs for an address that versions name; keys before the present one are not told."""
        signer = checksum_address(signer, where="signer")
        if not self.contract.has("signer_keys"):
            return own_key(signer)
        key, revoked_at, recovery, changes = self.contract.read("signer_keys", signer)
        key = checksum_address(key)
        return SignerKeys(
            signer=signer,
            key=key,
            changes=changes,
            recovery=checksum_address(recovery),
            former=() if key == signer else (signer,),
            revoked=(key,) if revoked_at else (),
        )

    def change_keys(self, signed: SignedKeyChange, *, key: SigningKey) -> SignerKeys:
        """Record a change of a signer's keys and return them; one that was made already changes nothing.

        Raises what succession.change_keys raises, ChainReverted where the contract refuses for a reason of
        its own (a key revoked long ago), ContractEarlier where the registry knows no other keys.
        """
        before = self.keys(signed.change.signer)
        if before.changes == signed.change.number and _is_made(before, signed):
            return before
        change_keys(before, signed, self.domain, self.wallets)
        self.contract.write(signed.function, *signed.arguments, key=key)
        return self.keys(signed.change.signer)

    @property
    def wallets(self) -> ChainWallets:
        """Who asks wallet contracts on the registry's chain, as the registry does."""
        return ChainWallets(self.contract)

    def _write_once(
        self, read: Callable[[], Record | None], function: str, *arguments: Any, key: SigningKey
    ) -> Record:
        """Send what makes a record and return it; where that was refused, the one that stands by then."""
        try:
            self.contract.write(function, *arguments, key=key)
        except ChainReverted:
            # somebody else may have sent the same a moment before: then the record decides
            standing = read()
            if standing is None:
                raise
            return standing
        standing = read()
        assert standing is not None, "what did not revert is recorded"
        return standing

    def _require_digest(self, computed: bytes, recorded: bytes) -> None:
        if computed != recorded:  # the registry computes it of the very fields that it records
            raise NodeUntrue("what is told of a record is not what was signed", where=self.address)

    def _require_open(self, agreement: bytes) -> None:
        ended = self.termination(agreement)
        if ended is not None:
            raise AgreementEnded(
                f"all parties ended the agreement after version {ended.termination.version}, as block "
                f"{ended.block} records; nothing follows",
                where=self.address,
            )


def _named(one: AgreementVersion | AgreementTermination) -> tuple[int, bytes]:
    return one.version, one.commitment


def _is_made(keys: SignerKeys, signed: SignedKeyChange) -> bool:
    change = signed.change
    if isinstance(change, KeyRotation):
        return keys.key == change.new_key
    if isinstance(change, KeyRevocation):
        return change.key in keys.revoked
    return keys.recovery == change.recovery
