"""Versions and ends of agreements for the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from api.office.agreements import Held, domain_of, version_to_sign
from api.office.chain_worker.standing import Call, Standing
from api.office.opening import Office
from api.office.registration import record_registration
from api.office.signing import consent_to
from api.office.terminating import record_termination, registered_message
from contracts.consent import PartySignature
from contracts.errors import (
    ContractEarlier,
    NodeUntrue,
    RegistryConflict,
    SignedForOtherChain,
    SignedForOtherContract,
)
from ledger.terminations import Termination

if TYPE_CHECKING:
    from contracts.registry import TerminationRecord, VersionRecord

Found = TypeVar("Found", "VersionRecord", "TerminationRecord")

VERSION = "register/"
"""How the names of tasks begin that register a version; its reference follows."""


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """A signed version for the registry."""

    version: Held
    behind: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The version, as a task."""
        return f"{VERSION}{self.version.agreement.ref}"

    @property
    def after(self) -> tuple[str, ...]:
        """The version before, which the registry wants first, and what it is `behind`."""
        agreement = self.version.agreement
        return (f"{VERSION}{agreement.id}@{agreement.version - 1}", *self.behind)

    @property
    def signers(self) -> frozenset[str]:
        """The addresses that the version names, and those who leave with it."""
        return frozenset(address for _, address in self.version.signers.values())

    def standing(self, office: Office) -> Standing | None:
        """Return where the registry holds it. Raises RegistryConflict where it holds another."""
        found = self._found(office)
        return None if found is None else Standing(found.block, found.transaction)

    def call(self, office: Office) -> Call:
        """Return the call with every signature in the registry's order."""
        contract = office.registry.contract
        if not contract.has("signer_keys") and self._by_other_keys():
            raise ContractEarlier(
                "the registry that stands here is an earlier release's and knows no keys but those that the"
                " version names; the log does",
                where=self.version.agreement.ref,
            )
        consent = consent_to(office, self.version, self._signatures())
        fields = consent.version.fields().values()
        return Call(contract.address, contract.call_data("register", *fields, consent.signatures))

    def record(self, office: Office, standing: Standing) -> None:
        """Append the entry of registration."""
        found = still_there(self._found(office), standing)
        record_registration(office, self.version, found)

    def _found(self, office: Office) -> VersionRecord | None:
        domain = domain_of(self.version)
        if domain != office.domain:
            elsewhere = domain.chain_id != office.domain.chain_id
            raise (SignedForOtherChain if elsewhere else SignedForOtherContract)(
                f"it was signed for registry {domain.contract} on chain {domain.chain_id}, which this"
                " installation does not work with",
                where=self.version.agreement.ref,
            )
        version = version_to_sign(office, self.version)
        found = office.registry.record(version.agreement, version.version)
        if found is not None and found.version != version:
            raise RegistryConflict(
                f"the registry holds another content since block {found.block}",
                where=self.version.agreement.ref,
            )
        return found

    def _by_other_keys(self) -> bool:
        return any("key" in each or "wallet" in each for each in self._signed())

    def _signatures(self) -> Iterator[PartySignature]:
        for each in self._signed():
            yield PartySignature(each["address"], bytes.fromhex(each["signature"][2:]))

    def _signed(self) -> tuple[dict[str, str], ...]:
        consent = self.version.consent
        assert consent is not None, "every signature of the version is there"
        return (*consent["signatures"], *consent["leaving"])


@dataclass(frozen=True, slots=True)
class RegisterTermination:
    """The end of an agreement for the registry."""

    ended: Termination
    behind: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The agreement that ends, as a task."""
        return f"terminate/{self.ended.agreement}"

    @property
    def after(self) -> tuple[str, ...]:
        """The newest version, which the registry ends, and what it is `behind`."""
        return (f"{VERSION}{self.ended.ref}", *self.behind)

    @property
    def signers(self) -> frozenset[str]:
        """The addresses of all parties to it."""
        return frozenset(each["address"] for each in self.ended.content["signatures"])

    def standing(self, office: Office) -> Standing | None:
        """Return where the registry holds the end. Raises RegistryConflict where it holds another."""
        found = self._found(office)
        return None if found is None else Standing(found.block, found.transaction)

    def call(self, office: Office) -> Call:
        """Return the call with the signatures of all parties."""
        message, signatures = registered_message(office, self.ended)
        contract = office.registry.contract
        ordered = office.registry.check_termination(message, signatures)
        return Call(contract.address, contract.call_data("terminate", *message.fields().values(), ordered))

    def record(self, office: Office, standing: Standing) -> None:
        """Append the entry of its registration."""
        found = still_there(self._found(office), standing)
        record_termination(office, self.ended, found)

    def _found(self, office: Office) -> TerminationRecord | None:
        if not office.registry.contract.has("terminate"):
            raise ContractEarlier(
                "the registry that stands here is an earlier release's and records no end; the log does",
                where=self.ended.agreement,
            )
        message, _ = registered_message(office, self.ended)
        found = office.registry.termination(message.agreement)
        if found is not None and found.termination != message:
            raise RegistryConflict(
                f"the registry holds another end since block {found.block}", where=self.ended.agreement
            )
        return found


def still_there(found: Found | None, standing: Standing) -> Found:
    """Return a record that was seen to stand a moment ago. Raises NodeUntrue where it no longer does."""
    if found is None or found.block != standing.block:
        raise NodeUntrue(f"what stood in block {standing.block} a moment ago does not stand there")
    return found
