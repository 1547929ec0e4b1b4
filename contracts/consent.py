"""Whether everyone who must sign a version has signed it, and if not, exactly why not.

The registry decides the same on the chain with fewer words: it can only see that a signature is not the
party's. Here each signature is also tried against what it might have been meant for (another chain, another
contract, an earlier version, another party), so that a person is told what to do. No chain is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.addresses import checksum_address
from contracts.errors import (
    SignatureMissing,
    SignatureRefused,
    SignatureReplayed,
    SignatureUnrecoverable,
    SignedByOtherParty,
    SignedByStranger,
    SignedForOtherChain,
    SignedForOtherContract,
    SignerDuplicated,
    SignerNotParty,
)
from contracts.signing import Signer, SigningKey, recover_signer
from contracts.typed_data import AgreementVersion, Domain

FAMILIAR_CHAIN_IDS = (1, 10, 56, 100, 137, 324, 1337, 8453, 17000, 31337, 42161, 59144, 560048, 11155111)
"""Public networks and usual test chains, tried when a signature does not fit (https://chainlist.org)."""


@dataclass(frozen=True, slots=True)
class PartySignature:
    """A signature and the address it is offered for."""

    address: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Consent:
    """Every signature a version needs, in the registry's order, with the public keys they recover to."""

    version: AgreementVersion
    domain: Domain
    signers: tuple[Signer, ...]
    signatures: tuple[bytes, ...]

    def record(self, salt: bytes, names: Mapping[str, str]) -> dict[str, Any]:
        """Return the consent as an evidence bundle holds it, bytes as 0x hex.

        `salt` opens the commitment; `names` gives each party's key in the document by its checksummed
        address. Signatures stand in the order of those keys; those who leave have none and stand apart.
        """
        signatures = [
            {
                "address": signer.address,
                "party": names.get(signer.address, ""),
                "public_key": "0x" + signer.public_key.hex(),
                "signature": "0x" + signature.hex(),
            }
            for signer, signature in zip(self.signers, self.signatures, strict=True)
        ]
        return {
            "chain_id": self.domain.chain_id,
            "commitment_salt": "0x" + salt.hex(),
            "effective_from": self.version.effective_from,
            "leaving": [each for each in signatures if not each["party"]],
            "registry": self.domain.contract,
            "signatures": sorted((each for each in signatures if each["party"]), key=lambda e: e["party"]),
            "supersedes": "0x" + self.version.supersedes.hex(),
        }


@dataclass(frozen=True, slots=True)
class History:
    """What stands before a version is signed. The parties of the version before decide who must sign.

    Digests of earlier versions, and other domains (registries, chains) in which the parties sign, only
    sharpen the reason given for a refusal.
    """

    previous_parties: tuple[str, ...] = ()
    earlier_digests: tuple[bytes, ...] = ()
    other_domains: tuple[Domain, ...] = ()


NO_HISTORY = History()


def sign_version(key: SigningKey, version: AgreementVersion, domain: Domain) -> PartySignature:
    """Return a key's signature of a version, for one registry on one chain."""
    return PartySignature(key.address, key.sign(version.digest(domain)))


def required_signers(version: AgreementVersion, previous_parties: Sequence[str] = ()) -> tuple[str, ...]:
    """Return who must sign: the version's parties, then those of the version before who leave with it.

    Both in ascending order; this is the order in which the registry wants signatures.
    """
    leaving = {checksum_address(party) for party in previous_parties} - set(version.parties)
    return (*version.parties, *sorted(leaving, key=lambda party: int(party, 16)))


def gather_consent(
    version: AgreementVersion,
    domain: Domain,
    offered: Iterable[PartySignature],
    history: History = NO_HISTORY,
) -> Consent:
    """Check signatures offered in any order and return them complete and in the registry's order.

    Raises the SignatureRefused that names the first fault; SignatureMissing last, when all that was
    offered counts.
    """
    signers = required_signers(version, history.previous_parties)
    digest = version.digest(domain)
    taken: dict[str, tuple[Signer, bytes]] = {}
    for each in offered:
        address = checksum_address(each.address, where="address")
        if address not in signers:
            raise SignerNotParty(f"{address} need not sign {_what(version)}; take its signature out")
        if address in taken:
            raise SignerDuplicated(f"{address} has two signatures; each signer gives one")
        signer = recover_signer(digest, each.signature)
        if signer.address != address:
            if signer.address in signers:
                raise SignedByOtherParty(
                    f"the signature offered for {address} is {signer.address}'s; put each in its place"
                )
            raise _why_not(version, domain, PartySignature(address, each.signature), history)
        taken[address] = (signer, each.signature)
    missing = [address for address in signers if address not in taken]
    if missing:
        raise SignatureMissing(
            f"{_what(version)} is not signed by {', '.join(missing)}; ask each to sign", missing=missing
        )
    ordered = [taken[address] for address in signers]
    return Consent(version, domain, tuple(s for s, _ in ordered), tuple(raw for _, raw in ordered))


def _why_not(
    version: AgreementVersion, domain: Domain, offered: PartySignature, history: History
) -> SignatureRefused:
    who = offered.address

    def is_his(digest: bytes) -> bool:
        try:
            return recover_signer(digest, offered.signature).address == who
        except SignatureUnrecoverable:
            return False

    if any(is_his(digest) for digest in history.earlier_digests):
        return SignatureReplayed(f"{who} signed an earlier version, not {_what(version)}; ask for a new one")
    for chain_id in {*FAMILIAR_CHAIN_IDS, *(d.chain_id for d in history.other_domains)} - {domain.chain_id}:
        if is_his(version.digest(Domain(chain_id, domain.contract))):
            return SignedForOtherChain(f"{who} signed for chain {chain_id}, not for {domain.chain_id}")
    for other in history.other_domains:
        if is_his(version.digest(other)):
            return SignedForOtherContract(f"{who} signed for {other.contract}, not for {domain.contract}")
    return SignedByStranger(f"the signature offered for {who} is by another key or over other content")


def _what(version: AgreementVersion) -> str:
    return f"version {version.version} of agreement 0x{version.agreement.hex()[:12]}…"
