"""Agreements from proposal to the last signature. All state is read from the log; no chain is asked.

agreement.proposed     the document, its salt and what exactly is to be signed
signature.given        one party's EIP-712 signature
agreement.signed       every signature is there: the version binds
agreement.registered   a registry on a chain holds the version for good (see registration.py)
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from api.office.errors import AgreementNotReady, AgreementTaken, AgreementUnknown, NotASigner
from api.office.opening import OPERATOR, Office
from api.office.readiness import MayRead, demand_ready, demand_unsettled, draft_findings, version_before
from api.office.registered import REGISTERED_KIND, Registration, registered, registered_as_signed
from contracts.agreement_message import version_message
from contracts.consent import Consent, History, PartySignature, gather_consent
from contracts.errors import SignatureMissing
from contracts.hashing import ZERO_DIGEST
from contracts.typed_data import AgreementVersion, Domain, signing_request
from ledger.appending import append_entries
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.identities import require_to_sign
from ledger.reading import read_contents
from policies.agreement import Agreement
from policies.loading import agreement_from_canonical

SOURCE = "tallystick.agreements"
_KINDS = ("agreement.proposed", "signature.given", "agreement.signed", REGISTERED_KIND)


@dataclass(frozen=True)
class Signature:
    """One party's signature as given: who, by which address, in which entry."""

    party: str
    address: str
    signature: str
    seq: int
    given_at: str


@dataclass(frozen=True)
class Leaver:
    """A signer of the version before who is none of this one and must sign it too (decision 11).

    `name` is what the signature is given as, `mcn@1` for who was `mcn` in version 1.
    """

    name: str
    key: str
    party: str
    address: str
    was: Agreement


@dataclass(frozen=True)
class Held:
    """An agreement version the office holds, from proposal on."""

    agreement: Agreement
    salt: bytes
    proposed_seq: int
    proposed_at: str
    signatures: tuple[Signature, ...]
    signed_seq: int | None
    signed_at: str | None
    consent: dict[str, Any] | None
    leaving: tuple[Leaver, ...] = ()
    registration: Registration | None = None

    @property
    def signers(self) -> dict[str, tuple[str, str]]:
        """Identity and address of everybody who must sign: parties by key, and those who leave by name."""
        agreement = self.agreement
        found = {key: (agreement.party_id(key), one.signer or "") for key, one in agreement.parties.items()}
        return found | {one.name: (one.party, one.address) for one in self.leaving}

    @property
    def concerned(self) -> tuple[str, ...]:
        """Global ids of its parties and of those who leave with it."""
        return tuple(dict.fromkeys(party for party, _ in self.signers.values()))

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Keys of the parties, and names of those who leave, whose signature is still missing."""
        given = {one.party for one in self.signatures}
        return tuple(name for name in self.signers if name not in given)

    @property
    def is_signed(self) -> bool:
        """Tell whether every party signed, so that the version binds. A registry may hold it later."""
        return self.signed_seq is not None


def held_versions(office: Office) -> dict[str, Held]:
    """Return every version the office holds, by reference, in order of proposal."""
    found: dict[str, dict[str, Any]] = {}
    with reading(office.engine) as session:
        told = list(read_contents(session, _KINDS))
    for entry, content in told:
        ref = entry.agreement or ""
        if entry.kind == "agreement.proposed":
            found[ref] = {"proposed": entry, **content, "signatures": []}
        elif entry.kind == "signature.given":
            given = content["signature"]
            one = Signature(
                given["party"], given["address"], given["signature"], entry.seq, entry.occurred_at
            )
            found[ref]["signatures"].append(one)
        elif entry.kind == REGISTERED_KIND:
            found[ref]["registered"] = registered(entry, content["registration"])
        else:
            found[ref] |= {"signed": entry, "consent": content["signing"]}
            if "transaction" in content["agreement"]:
                found[ref]["registered"] = registered_as_signed(entry, content)
    versions = {ref: _held(ref, parts) for ref, parts in found.items()}
    return {ref: _with_leavers(one, versions) for ref, one in versions.items()}


def _with_leavers(one: Held, versions: Mapping[str, Held]) -> Held:
    """Return a version with those who must sign it since they leave: of the signed one before it."""
    before = versions.get(f"{one.agreement.id}@{one.agreement.version - 1}")
    if before is None or not before.is_signed:
        return one
    return replace(one, leaving=leavers(one.agreement, before.agreement))


def leavers(agreement: Agreement, before: Agreement) -> tuple[Leaver, ...]:
    """Return the signers of the version before whose address is no party's of this one."""
    staying = {party.signer for party in agreement.parties.values()}
    return tuple(
        Leaver(f"{key}@{before.version}", key, before.party_id(key), party.signer, before)
        for key, party in before.parties.items()
        if party.signer and party.signer not in staying
    )


def held(office: Office, ref: str) -> Held:
    """Return one version. Raises AgreementUnknown."""
    versions = held_versions(office)
    if ref not in versions:
        raise AgreementUnknown(f"no agreement {ref} is proposed or signed here", where=ref)
    return versions[ref]


def signed_versions(office: Office, agreement_id: str) -> tuple[Held, ...]:
    """Return the signed versions of an agreement, oldest first. Raises AgreementUnknown where none is."""
    versions = [
        one for one in held_versions(office).values() if one.agreement.id == agreement_id and one.is_signed
    ]
    if not versions:
        raise AgreementUnknown(
            "no version of this agreement is signed by all its parties", where=agreement_id
        )
    return tuple(sorted(versions, key=lambda one: one.agreement.version))


def propose(office: Office, agreement: Agreement, may_read: MayRead = lambda _: True) -> Held:
    """Propose a document for signature; the same document again changes nothing.

    It is held against the version before it, and against those it links to which the proposer may read.
    Raises AgreementNotReady when findings or missing signers stop it, AgreementTaken when another document
    stands under this id and version.
    """
    known = held_versions(office)
    if agreement.ref in known and known[agreement.ref].agreement == agreement:
        return known[agreement.ref]
    documents = {ref: one.agreement for ref, one in known.items()}
    demand_free(agreement, documents)
    from api.office.relations import entry_findings  # noqa: PLC0415 (which reads agreements itself)

    before = version_before(agreement, documents)
    found = (
        *draft_findings(agreement, documents, may_read),
        *entry_findings(office, agreement, before, may_read),
    )
    demand_ready(office, agreement, before, found)
    earlier = [one for one in known.values() if one.agreement.id == agreement.id]
    salt = earlier[0].salt if earlier else secrets.token_bytes(32)
    signed = known.get(f"{agreement.id}@{agreement.version - 1}")
    going = leavers(agreement, signed.agreement) if signed is not None and signed.is_signed else ()
    readers = (*(agreement.party_id(key) for key in agreement.parties), *(one.party for one in going))
    content = {
        "agreement": agreement.id,
        "version": agreement.version,
        "sha256": agreement.sha256,
        "keccak256": agreement.keccak256,
        "canonical": agreement.canonical.decode(),
    }
    groups = (
        Group("agreement", readers, content),
        Group("salt", readers, {"commitment_salt": "0x" + salt.hex()}),
    )
    office.log.append([_entry(office, "agreement.proposed", agreement, agreement.ref, groups, readers)])
    return held(office, agreement.ref)


def demand_free(agreement: Agreement, documents: Mapping[str, Agreement]) -> None:
    """Refuse a document where another one stands under its id and version. Raises AgreementTaken."""
    if agreement.ref in documents and documents[agreement.ref] != agreement:
        message = "another document was proposed under this id and version; raise the version"
        raise AgreementTaken(message, where=agreement.ref)


def version_to_sign(office: Office, one: Held) -> AgreementVersion:
    """Return the message that every party of a version signs."""
    agreement = one.agreement
    earlier = held_versions(office).get(f"{agreement.id}@{agreement.version - 1}")
    supersedes = ZERO_DIGEST if earlier is None else version_to_sign(office, earlier).commitment
    return version_message(agreement, one.salt, supersedes)


def request_for(office: Office, one: Held) -> dict[str, Any]:
    """Return the EIP-712 request of a version, as a wallet takes it (`eth_signTypedData_v4`)."""
    return signing_request(version_to_sign(office, one), office.domain)


def consent_to(office: Office, one: Held, offered: Iterable[PartySignature]) -> Consent:
    """Return the complete consent to a version; raises the SignatureRefused that says what is wrong with it.

    Who must sign, and what a signature may have been meant for, follows from the signed versions before.
    """
    number = one.agreement.version
    earlier = {
        each.agreement.version: (each, version_to_sign(office, each), domain_of(each))
        for each in held_versions(office).values()
        if each.agreement.id == one.agreement.id and each.agreement.version < number and each.is_signed
    }
    before = earlier.get(number - 1)
    history = History(
        previous_parties=before[1].parties if before else (),
        earlier_digests=tuple(version.digest(domain) for _, version, domain in earlier.values()),
        other_domains=tuple(domain for _, _, domain in earlier.values() if domain != office.domain),
    )
    return gather_consent(version_to_sign(office, one), office.domain, offered, history)


def domain_of(one: Held) -> Domain:
    """Return what the signatures of a signed version are bound to."""
    assert one.consent is not None, "every signature of the version is there"
    return Domain(one.consent["chain_id"], one.consent["registry"])


def signer_of(one: Held, name: str) -> tuple[str, str]:
    """Return identity and address of who signs a version under a name. Raises NotASigner."""
    if name not in one.signers:
        raise NotASigner(
            f"'{name[:40]}' need not sign {one.agreement.ref}; its signers are {', '.join(one.signers)}",
            where=one.agreement.ref,
        )
    return one.signers[name]


def give_signature(office: Office, ref: str, party: str, signature: bytes) -> Held:
    """Record one party's signature; with the last, the version is signed and binds.

    `party` is a key of the document, or for who leaves with it KEY@VERSION of the version before.

    Raises NotASigner, IdentityNeeded where the gate is on and the party is not verified, or the
    SignatureRefused that says what is wrong with the signature.
    """
    one = held(office, ref)
    agreement = one.agreement
    party_id, address = signer_of(one, party)
    if party in one.waiting_for:
        _require_signature(office, one, PartySignature(address, signature))
        _require_version_before(office, agreement)
        content = {"party": party, "address": address, "signature": "0x" + signature.hex()}
        groups = (Group("signature", one.concerned, content),)
        entry_id = f"{ref}/{party}"
        entry = _entry(office, "signature.given", agreement, entry_id, groups, one.concerned, party_id)

        def require(session: Session) -> None:
            require_to_sign(session, agreement, party_id, entry.occurred_at)

        office.log.append([entry], require=require)
        one = held(office, ref)
    return one if one.waiting_for or one.is_signed else complete(office, one)


def complete(office: Office, one: Held) -> Held:
    """Record that a version whose signatures are all there is signed; again adds nothing.

    Raises AgreementNotReady where it would take effect within what was settled meanwhile.
    """
    agreement = one.agreement
    before = held_versions(office).get(f"{agreement.id}@{agreement.version - 1}")
    demand_unsettled(office, agreement, before.agreement if before else None)
    offered = [PartySignature(given.address, bytes.fromhex(given.signature[2:])) for given in one.signatures]
    consent = consent_to(office, one, offered)
    names = {party.signer or "": key for key, party in agreement.parties.items()}
    content = {
        "agreement": agreement.id,
        "version": agreement.version,
        "sha256": agreement.sha256,
        "keccak256": agreement.keccak256,
    }
    signing = consent.record(one.salt, names)
    groups = (Group("agreement", one.concerned, content), Group("signing", one.concerned, signing))
    from ledger.settlement.opening import opening_entry  # noqa: PLC0415 (loads polars)

    signed_id = f"{agreement.ref}/signed"
    signed = _entry(office, "agreement.signed", agreement, signed_id, groups, one.concerned)
    opening = opening_entry(agreement, source=SOURCE, asserter=OPERATOR)
    append_entries(office.log, [signed] if opening is None else [signed, opening])
    return held(office, agreement.ref)


def _require_signature(office: Office, one: Held, offered: PartySignature) -> None:
    """Refuse a signature that is not this party's of this version, saying what it may have been meant for."""
    try:
        consent_to(office, one, [offered])
    except SignatureMissing:
        return  # the one offered is good; that the others are missing is what signing is for


def _require_version_before(office: Office, agreement: Agreement) -> None:
    """Refuse to sign a version before the one that it follows: a registry counts versions without a gap."""
    before = held_versions(office).get(f"{agreement.id}@{agreement.version - 1}")
    if agreement.version > 1 and (before is None or not before.is_signed):
        raise AgreementNotReady(
            f"version {agreement.version - 1} is not signed by all its parties; it is signed first",
            where=agreement.ref,
        )


def _entry(  # noqa: PLR0913, PLR0917 (the parts of one entry)
    office: Office,
    kind: str,
    agreement: Agreement,
    entry_id: str,
    groups: tuple[Group, ...],
    concerns: tuple[str, ...],
    asserter: str = OPERATOR,
) -> NewEntry:
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=office.clock(),
        asserter=asserter,
        groups=groups,
        agreement=agreement.ref,
        concerns=concerns,
    )


@lru_cache(maxsize=1024)
def _read(canonical: str, ref: str) -> Agreement:
    """Read a document back, once: every request asks for all of them, and signed bytes never change."""
    return agreement_from_canonical(canonical.encode(), name=ref)


def _held(ref: str, parts: dict[str, Any]) -> Held:
    proposed, signed = parts["proposed"], parts.get("signed")
    agreement = _read(parts["agreement"]["canonical"], ref)
    return Held(
        agreement,
        bytes.fromhex(parts["salt"]["commitment_salt"][2:]),
        proposed.seq,
        proposed.occurred_at,
        tuple(parts["signatures"]),
        signed.seq if signed else None,
        signed.occurred_at if signed else None,
        parts.get("consent"),
        registration=parts.get("registered"),
    )
