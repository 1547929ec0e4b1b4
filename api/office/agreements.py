"""Agreements as the log has them, and proposing one. All state is read from the log; no chain is asked.

The entries are described in ledger/signing/proposals.py. Signing, declining and taking back is signing.py's,
registering on a chain registration.py's.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from api.office.errors import AgreementTaken, AgreementUnknown, NotASigner
from api.office.opening import OPERATOR, Office
from api.office.readiness import MayRead, demand_ready, draft_findings, version_before
from api.office.registered import Registration, registered, registered_as_signed
from contracts.agreement_message import version_message
from contracts.errors import AgreementEnded
from contracts.hashing import ZERO_DIGEST
from contracts.typed_data import AgreementVersion, Domain, signing_request
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.signing.keys import keys_within
from ledger.signing.proposals import (
    AGREEMENT_GROUP,
    NO_PROCESS,
    PROCESS_GROUP,
    PROPOSED,
    SALT_GROUP,
    SOURCE,
    Given,
    How,
    Process,
    Proposal,
    all_proposals,
    demand_process,
    proposal_id,
)
from ledger.terminations import termination_within
from policies.agreement import Agreement
from policies.loading import agreement_from_canonical


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
    """An agreement version the office holds, from its newest proposal on."""

    agreement: Agreement
    salt: bytes
    proposal: Proposal
    leaving: tuple[Leaver, ...] = ()
    registration: Registration | None = None

    @property
    def proposed_seq(self) -> int:
        """The entry that proposed it."""
        return self.proposal.proposed.seq

    @property
    def proposed_at(self) -> str:
        """When it was proposed, as recorded."""
        return self.proposal.proposed.occurred_at

    @property
    def signatures(self) -> tuple[Given, ...]:
        """The signatures that stand, in the order in which they were given."""
        return self.proposal.given

    @property
    def signed_seq(self) -> int | None:
        """The entry which says that everybody signed it."""
        return None if self.proposal.signed is None else self.proposal.signed[0].seq

    @property
    def signed_at(self) -> str | None:
        """When everybody had signed it, as recorded."""
        return None if self.proposal.signed is None else self.proposal.signed[0].occurred_at

    @property
    def consent(self) -> dict[str, Any] | None:
        """The consent of everybody who signed it, as recorded."""
        return None if self.proposal.signed is None else self.proposal.signed[1]["signing"]

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

    def turn(self, now: datetime) -> tuple[str, ...]:
        """Return the names under which it may be signed now: nobody's once the proposal is over."""
        return () if self.ended(now) is not None else self.proposal.process.turn(self.waiting_for)

    def ahead(self, name: str, now: datetime) -> tuple[str, ...]:
        """Return whose missing signatures somebody waits for before it may sign; nobody's once it is over."""
        if self.ended(now) is not None or name not in self.waiting_for:
            return ()
        return self.proposal.process.ahead(name, self.waiting_for)

    def ended(self, now: datetime) -> How | None:
        """Return how the proposal is over by a time without everybody having signed; None while it stands."""
        return self.proposal.ended(now) if self.waiting_for or self.proposal.end is not None else None

    @property
    def is_signed(self) -> bool:
        """Tell whether every party signed, so that the version binds. A registry may hold it later."""
        return self.signed_seq is not None


def held_versions(office: Office) -> dict[str, Held]:
    """Return every version the office holds, by reference, in order of proposal.

    One that was declined, withdrawn or has expired is held until it is proposed anew.
    """
    with reading(office.engine) as session:
        proposals = {ref: ones[-1] for ref, ones in all_proposals(session).items()}
        keys = keys_within(session)
    if keys:
        now = office.clock()
        proposals = {ref: one.counting(keys, now) for ref, one in proposals.items()}
    versions = {ref: _held(one) for ref, one in proposals.items()}
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
        name = "" if "@" in ref else f"; a version is named ID@VERSION, such as {ref}@1"
        raise AgreementUnknown(f"no agreement {ref} is proposed or signed here{name}", where=ref)
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


def newest_signed(office: Office) -> dict[str, Agreement]:
    """Return the newest signed version of every agreement by id, in whatever order they were proposed."""
    signed = (one.agreement for one in held_versions(office).values() if one.is_signed)
    return {one.id: one for one in sorted(signed, key=lambda one: one.version)}


def standing_documents(office: Office, known: Mapping[str, Held]) -> dict[str, Agreement]:
    """Return the documents that stand by reference: those of proposals which are not over."""
    now = office.clock()
    return {ref: one.agreement for ref, one in known.items() if one.ended(now) is None}


def propose(
    office: Office,
    agreement: Agreement,
    may_read: MayRead = lambda _: True,
    process: Process = NO_PROCESS,
) -> Held:
    """Propose a document for signature, to be signed as `process` says; the same again changes nothing.

    It is held against the version before it, and against those it links to which the proposer may read.
    Raises AgreementNotReady when findings or missing signers stop it, AgreementTaken when another document
    stands under this id and version, and SigningRefused for a process that cannot be.
    """
    known = held_versions(office)
    documents = standing_documents(office, known)
    if documents.get(agreement.ref) == agreement:
        return known[agreement.ref]
    demand_free(agreement, documents)
    demand_not_ended(office, agreement.id)
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
    demand_process(process, [*agreement.parties, *(one.name for one in going)], office.clock())
    groups = [
        Group(AGREEMENT_GROUP, readers, content),
        Group(SALT_GROUP, readers, {"commitment_salt": "0x" + salt.hex()}),
    ]
    if process != NO_PROCESS:
        groups.append(Group(PROCESS_GROUP, readers, process.content()))
    number = known[agreement.ref].proposal.number + 1 if agreement.ref in known else 1
    entry = entry_about(office, agreement, PROPOSED, proposal_id(agreement.ref, number), groups, readers)
    office.log.append([entry])
    return held(office, agreement.ref)


def demand_not_ended(office: Office, agreement_id: str) -> None:
    """Refuse what would follow the end of an agreement. Raises AgreementEnded."""
    with reading(office.engine) as session:
        demand_not_ended_within(session, agreement_id)


def demand_not_ended_within(session: Session, agreement_id: str) -> None:
    """Refuse the same as a transaction sees it. Raises AgreementEnded."""
    ended = termination_within(session, agreement_id)
    if ended is not None:
        raise AgreementEnded(f"all parties ended it with {ended.ends_on}; nothing follows", where=ended.ref)


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


def entry_about(  # noqa: PLR0913, PLR0917 (the parts of one entry)
    office: Office,
    agreement: Agreement,
    kind: str,
    entry_id: str,
    groups: Sequence[Group],
    concerns: Iterable[str],
    asserter: str = OPERATOR,
) -> NewEntry:
    """Return an entry about a version, not yet appended."""
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=office.clock(),
        asserter=asserter,
        groups=tuple(groups),
        agreement=agreement.ref,
        concerns=tuple(concerns),
    )


@lru_cache(maxsize=1024)
def _read(canonical: str, ref: str) -> Agreement:
    """Read a document back, once: every request asks for all of them, and signed bytes never change."""
    return agreement_from_canonical(canonical.encode(), name=ref)


def _held(proposal: Proposal) -> Held:
    told = proposal.contents
    registration = None
    if proposal.registered is not None:
        entry, groups = proposal.registered
        registration = registered(entry, groups["registration"])
    elif proposal.signed is not None and "transaction" in proposal.signed[1]["agreement"]:
        registration = registered_as_signed(*proposal.signed)
    return Held(
        _read(told[AGREEMENT_GROUP]["canonical"], proposal.ref),
        bytes.fromhex(told[SALT_GROUP]["commitment_salt"][2:]),
        proposal,
        registration=registration,
    )
