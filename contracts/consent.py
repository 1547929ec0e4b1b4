"""Whether everyone who must sign has signed, and if not, exactly why not.

The registry decides the same on the chain with fewer words: it can only see that a signature is not the
party's. Here each signature is also tried against what it might have been meant for (another chain, another
contract, an earlier version, another party), so that a person is told what to do. No chain is asked, unless
somebody passes in who asks it about wallet contracts (registry.py): nothing else can say what they accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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
    SignerKeyReplaced,
    SignerKeyRevoked,
    SignerNotParty,
    WalletUndecided,
)
from contracts.key_changes import SignerKeys, own_key
from contracts.signing import Signer, SigningKey, recover_signer
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion, Domain

FAMILIAR_CHAIN_IDS = (1, 10, 56, 100, 137, 324, 1337, 8453, 17000, 31337, 42161, 59144, 560048, 11155111)
"""Public networks and usual test chains, tried when a signature does not fit (https://chainlist.org)."""


class Signable(Protocol):
    """A message that is signed within a domain."""

    def digest(self, domain: Domain) -> bytes:
        """Return the 32 bytes to sign."""


class Wallets(Protocol):
    """Who asks wallet contracts on their chain (ERC-1271)."""

    def is_wallet(self, address: str) -> bool:
        """Tell whether a wallet contract stands at an address."""

    def require(self, wallet: str, digest: bytes, signature: bytes) -> None:
        """Hold that the wallet takes the signature for its own; raises the SignatureRefused of why not."""


@dataclass(frozen=True, slots=True)
class PartySignature:
    """A signature and the address it is offered for; `wallet` where it is said to be a wallet contract's."""

    address: str
    signature: bytes
    wallet: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """Every signature a version needs, in the registry's order.

    `addresses` are those that the version names, `signers` whoever signed for each: the same address, or the
    key that took its place. A wallet contract has an empty public key.
    """

    version: AgreementVersion
    domain: Domain
    addresses: tuple[str, ...]
    signers: tuple[Signer, ...]
    signatures: tuple[bytes, ...]

    def record(
        self, salt: bytes, names: Mapping[str, str], key_changes: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """Return the consent as an evidence bundle holds it, bytes as 0x hex.

        `salt` opens the commitment; `names` gives each party's key in the document by its checksummed
        address; `key_changes` are the records (succession.py) of how other keys came to sign. Signatures
        stand in the order of those keys; those who leave have none and stand apart.
        """
        signatures = [
            _recorded(address, names.get(address, ""), signer, signature)
            for address, signer, signature in zip(self.addresses, self.signers, self.signatures, strict=True)
        ]
        changes = {"key_changes": list(key_changes)} if key_changes else {}
        return {
            "chain_id": self.domain.chain_id,
            "commitment_salt": "0x" + salt.hex(),
            "effective_from": self.version.effective_from,
            "leaving": [each for each in signatures if not each["party"]],
            "registry": self.domain.contract,
            "signatures": sorted((each for each in signatures if each["party"]), key=lambda e: e["party"]),
            "supersedes": "0x" + self.version.supersedes.hex(),
        } | changes


@dataclass(frozen=True, slots=True)
class History:
    """What stands before something is signed. The parties of the version before decide who must sign.

    `keys` gives, by the address that a version names, who signs for it where that is not the address itself.
    Digests of earlier versions, and other domains (registries, chains) in which the parties sign, only
    sharpen the reason given for a refusal.
    """

    previous_parties: tuple[str, ...] = ()
    earlier_digests: tuple[bytes, ...] = ()
    other_domains: tuple[Domain, ...] = ()
    keys: Mapping[str, SignerKeys] = field(default_factory=dict)

    def keys_of(self, address: str) -> SignerKeys:
        """Return who signs for an address."""
        return self.keys.get(address) or own_key(address)


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
    wallets: Wallets | None = None,
) -> Consent:
    """Check what is offered for a version in any order; return it complete and in the registry's order.

    Raises what `gather_signatures` raises.
    """
    signers = required_signers(version, history.previous_parties)
    gathered = gather_signatures(version, signers, domain, offered, history, wallets)
    return Consent(version, domain, signers, *gathered)


def gather_signatures(  # noqa: PLR0913, PLR0917 (what, by whom, where, the signatures, and what they are held against)
    message: Signable,
    signers: Sequence[str],
    domain: Domain,
    offered: Iterable[PartySignature],
    history: History = NO_HISTORY,
    wallets: Wallets | None = None,
) -> tuple[tuple[Signer, ...], tuple[bytes, ...]]:
    """Check what is offered in any order; return who signed and their signatures in the order of `signers`.

    Raises the SignatureRefused that names the first fault; SignatureMissing last, when all that was offered
    counts.
    """
    taken: dict[str, tuple[Signer, bytes]] = {}
    for each in offered:
        address = checksum_address(each.address, where="address")
        if address not in signers:
            raise SignerNotParty(f"{address} need not sign {_what(message)}; take its signature out")
        if address in taken:
            raise SignerDuplicated(f"{address} has two signatures; each signer gives one")
        own = PartySignature(address, each.signature, each.wallet)
        signer = require_signature(message, domain, own, history, wallets, others=signers)
        taken[address] = (signer, each.signature)
    missing = [address for address in signers if address not in taken]
    if missing:
        raise SignatureMissing(
            f"{_what(message)} is not signed by {', '.join(missing)}; ask each to sign", missing=missing
        )
    ordered = [taken[address] for address in signers]
    return tuple(signer for signer, _ in ordered), tuple(raw for _, raw in ordered)


def require_signature(  # noqa: PLR0913 (as above)
    message: Signable,
    domain: Domain,
    offered: PartySignature,
    history: History = NO_HISTORY,
    wallets: Wallets | None = None,
    *,
    others: Sequence[str] = (),
) -> Signer:
    """Return who signed a message for the address that a signature is offered for.

    `others` are addresses whose signature might have been put here by mistake. Raises the SignatureRefused
    that names the fault; WalletUndecided for a wallet's where no `wallets` are passed in.
    """
    keys = history.keys_of(offered.address)
    if not keys.may_sign:
        raise SignerKeyRevoked(
            f"{keys.key}, which signs for {offered.address}, is revoked; its recovery names another"
        )
    digest = message.digest(domain)
    if wallets is not None and wallets.is_wallet(keys.key):
        wallets.require(keys.key, digest, offered.signature)
        return Signer(keys.key, b"")
    if offered.wallet:
        raise WalletUndecided(
            f"only chain {domain.chain_id} can say whether {keys.key} takes this for its own, and it was not"
            " asked, or no wallet contract stands there"
        )
    signer = recover_signer(digest, offered.signature)
    if signer.address == keys.key:
        return signer
    if signer.address in keys.revoked:
        raise SignerKeyRevoked(f"{signer.address} is revoked; {keys.key} signs for {offered.address}")
    if signer.address in keys.former:
        raise SignerKeyReplaced(f"{keys.key} has replaced {signer.address}; sign with that key")
    elsewhere = [other for other in others if signer.address == history.keys_of(other).key]
    if elsewhere:
        raise SignedByOtherParty(
            f"the signature offered for {offered.address} is {elsewhere[0]}'s; put each in its place"
        )
    raise _why_not(message, domain, PartySignature(keys.key, offered.signature), history)


def _recorded(address: str, party: str, signer: Signer, signature: bytes) -> dict[str, Any]:
    told: dict[str, Any] = {"address": address, "party": party, "signature": "0x" + signature.hex()}
    if not signer.public_key:
        return told | {"wallet": signer.address}
    told |= {"public_key": "0x" + signer.public_key.hex()}
    return told if signer.address == address else told | {"key": signer.address}


def _why_not(
    message: Signable, domain: Domain, offered: PartySignature, history: History
) -> SignatureRefused:
    who = offered.address

    def is_his(digest: bytes) -> bool:
        try:
            return recover_signer(digest, offered.signature).address == who
        except SignatureUnrecoverable:
            return False

    if any(is_his(digest) for digest in history.earlier_digests):
        return SignatureReplayed(f"{who} signed an earlier version, not {_what(message)}; ask for a new one")
    for chain_id in {*FAMILIAR_CHAIN_IDS, *(d.chain_id for d in history.other_domains)} - {domain.chain_id}:
        if is_his(message.digest(Domain(chain_id, domain.contract))):
            return SignedForOtherChain(f"{who} signed for chain {chain_id}, not for {domain.chain_id}")
    for other in history.other_domains:
        if is_his(message.digest(other)):
            return SignedForOtherContract(f"{who} signed for {other.contract}, not for {domain.contract}")
    return SignedByStranger(f"the signature offered for {who} is by another key or over other content")


def _what(message: Signable) -> str:
    if isinstance(message, AgreementVersion):
        return f"version {message.version} of agreement 0x{message.agreement.hex()[:12]}…"
    if isinstance(message, AgreementTermination):
        return f"the end of agreement 0x{message.agreement.hex()[:12]}…"
    return f"the {type(message).__name__}"
