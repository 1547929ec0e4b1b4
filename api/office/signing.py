"""Signing a proposed version: signatures given and taken back, declining, withdrawing, and being signed.

What may be done when is asked within the transaction that records it, so that of two members who act at once
one is refused. Who may act for a party is decided before. Entries: ledger/signing/proposals.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from api.office.agreements import (
    Held,
    demand_not_ended,
    demand_not_ended_within,
    domain_of,
    entry_about,
    held,
    held_versions,
    signer_of,
    version_to_sign,
)
from api.office.errors import AgreementNotReady
from api.office.keys import demand_key, demand_known, key_change_records, signing_key, signing_keys
from api.office.opening import OPERATOR, Office
from api.office.readiness import demand_unsettled
from api.office.wallets import Asking, answered
from contracts.consent import Consent, History, PartySignature, Wallets, gather_consent
from contracts.errors import SignatureMissing, SignedByStranger
from contracts.key_changes import SignerKeys
from contracts.signing import recover_signer
from ledger.appending import append_entries
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry, require_plain
from ledger.errors import EntryConflict
from ledger.identities import Identity, identity_to_sign, require_to_sign
from ledger.signing.errors import ProposalOver, SigningRefused
from ledger.signing.keys import all_keys, keys_within
from ledger.signing.proposals import (
    AGREEMENT_GROUP,
    GIVEN,
    REASON_LIMIT,
    SIGNATURE_GROUP,
    SIGNED,
    SOURCE,
    STEP_GROUP,
    TAKEN_BACK,
    Proposal,
    end_id,
    proposals_of,
)
from ledger.signing.signatory import SIGNATORY_GROUP, Authority, Method, Signatory, VerifiedAs
from policies.agreement import Agreement


@dataclass(frozen=True, slots=True)
class Handed:
    """Who brings a signature, or takes a step, for a party: the member, how it was made, on what authority.

    `member` is None where the operator brings what a party gave it.
    """

    member: str | None = None
    name: str | None = None
    method: Method = "offline"
    authority: Authority = field(default_factory=Authority)


BY_OPERATOR = Handed()


def give_signature(  # noqa: PLR0913 (what, for whom, how it came, and who is asked about it)
    office: Office,
    ref: str,
    party: str,
    signature: bytes,
    handed: Handed = BY_OPERATOR,
    *,
    asking: Asking | None = None,
) -> Held:
    """Record one party's signature; with the last, the version is signed and binds. Again adds nothing.

    `party` is a key of the document, or for who leaves with it KEY@VERSION of the version before. `asking` is
    who asks a wallet contract; without it none signs.

    Raises NotASigner, ProposalOver, OutOfTurn, AgreementNotReady where it would take effect within what was
    settled meanwhile, IdentityNeeded where the gate is on and the party is not verified, or the
    SignatureRefused that says what is wrong with the signature.
    """
    one = held(office, ref)
    party_id, address = signer_of(one, party)
    if party in one.waiting_for:
        _demand_open(office, one)
        _require_version_before(office, one.agreement)
        _demand_unsettled(office, one.agreement)
        by_wallet = handed.method == "wallet-contract"
        offered = PartySignature(address, signature, wallet=by_wallet)
        _require_signature(office, one, offered, None if asking is None else asking.wallets)
        key = signing_key(office, address)
        block = asking.block if asking is not None and by_wallet else None
        entry = _given(office, one, (party, key), (signature, block), handed)

        def require(session: Session) -> None:
            require_to_sign(session, one.agreement, party_id, entry.occurred_at)
            demand_key(session, address, key, entry.occurred_at)
            _same(session, one, entry.occurred_at).demand_turn(party, one.signers, entry.occurred_at)

        append_entries(office.log, [entry], require)
        one = held(office, ref)
    return one if one.waiting_for or one.is_signed else complete(office, one)


def take_back(office: Office, ref: str, party: str, reason: str, handed: Handed = BY_OPERATOR) -> Held:
    """Take a party's signature back, before the last one is there. Raises NotASigner, SigningRefused.

    The signature itself stays what it is; that it was taken back is on the record, and nothing is made of it.
    """
    one = held(office, ref)
    party_id, _ = signer_of(one, party)
    if party in one.waiting_for:
        raise SigningRefused(f"'{party}' has given no signature to take back", where=ref)
    count = sum(step.kind == TAKEN_BACK and step.party == party for step in one.proposal.steps)
    entry = _step(
        office,
        one,
        TAKEN_BACK,
        f"{one.proposal.id}/{party}/back/{count + 1}",
        party,
        reason,
        handed,
        party_id,
    )
    _append_while_open(office, one, entry)
    return held(office, ref)


def decline(office: Office, ref: str, party: str, reason: str, handed: Handed = BY_OPERATOR) -> Held:
    """Decline to sign for a party, with a reason; the proposal is over. Raises NotASigner, SigningRefused."""
    one = held(office, ref)
    party_id, _ = signer_of(one, party)
    if party not in one.waiting_for:
        raise SigningRefused(f"'{party}' has signed; take the signature back first", where=ref)
    entry = _step(office, one, "agreement.declined", end_id(one.proposal), party, reason, handed, party_id)
    _append_while_open(office, one, entry)
    return held(office, ref)


def withdraw(
    office: Office, ref: str, reason: str, handed: Handed = BY_OPERATOR, party: str | None = None
) -> Held:
    """Withdraw a proposal before everybody has signed. `party` is the global id of who proposed it.

    Raises SigningRefused where another did. Without it the operator does.
    """
    one = held(office, ref)
    if party is not None and party != one.proposal.process.proposer:
        raise SigningRefused("only who proposed it withdraws it; decline to sign it instead", where=ref)
    entry = _step(
        office, one, "agreement.withdrawn", end_id(one.proposal), None, reason, handed, party or OPERATOR
    )
    _append_while_open(office, one, entry)
    return held(office, ref)


def record_expiry(office: Office, one: Held) -> bool:
    """Put on record that a proposal's time is over, once; tell whether it is. For rounds of tending."""
    proposal, now = one.proposal, office.clock()
    if proposal.end is not None or one.ended(now) != "expired":
        return False
    reason = f"not signed by all until {proposal.process.expires_at}"
    entry = _step(office, one, "agreement.expired", end_id(proposal), None, reason, BY_OPERATOR, OPERATOR)

    def require(session: Session) -> None:
        standing = _same(session, one, now)
        if not standing.waiting(one.signers) or standing.end is not None:
            raise ProposalOver("it is over, or signed by everybody", where=one.agreement.ref)

    append_entries(office.log, [entry], require)
    return True


def consent_to(
    office: Office, one: Held, offered: Iterable[PartySignature], wallets: Wallets | None = None
) -> Consent:
    """Return the complete consent to a version; raises the SignatureRefused that says what is wrong with it.

    Who must sign, and what a signature may have been meant for, follows from the signed versions before; by
    which key, from the register of keys: as it is now, or for a signed version as it was then. Wallet
    contracts are asked by `wallets`, else what they answered as they signed is on record.
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
        keys=_keys_for(office, one),
    )
    asked = wallets or answered(one.signatures)
    return gather_consent(version_to_sign(office, one), office.domain, offered, history, asked)


def complete(office: Office, one: Held) -> Held:
    """Record that a version whose signatures are all there is signed; again adds nothing.

    Raises AgreementNotReady where it would take effect within what was settled meanwhile, AgreementEnded
    where all parties ended the agreement, SigningRefused where a signature counts no more.
    """
    agreement = one.agreement
    _demand_unsettled(office, agreement)
    offered = [PartySignature(given.address, bytes.fromhex(given.signature[2:])) for given in one.signatures]
    consent = consent_to(office, one, offered)
    names = {party.signer or "": key for key, party in agreement.parties.items()}
    content = {
        "agreement": agreement.id,
        "version": agreement.version,
        "sha256": agreement.sha256,
        "keccak256": agreement.keccak256,
    }
    changes = key_change_records(all_keys(office.log), consent.addresses, office.clock())
    signing = consent.record(one.salt, names, changes)
    groups = (Group(AGREEMENT_GROUP, one.concerned, content), Group("signing", one.concerned, signing))
    from ledger.settlement.opening import opening_entry  # noqa: PLC0415 (loads polars)

    signed = entry_about(office, agreement, SIGNED, f"{one.proposal.id}/signed", groups, one.concerned)
    opening = opening_entry(agreement, source=SOURCE, asserter=OPERATOR)

    def require(session: Session) -> None:
        demand_not_ended_within(session, agreement.id)
        standing = _same(session, one, signed.occurred_at)
        if standing.end is not None or standing.waiting(one.signers):
            raise SigningRefused("a key signs no more since; look at who is to sign now", where=agreement.ref)

    append_entries(office.log, [signed] if opening is None else [signed, opening], require)
    return held(office, agreement.ref)


def _demand_unsettled(office: Office, agreement: Agreement) -> None:
    before = held_versions(office).get(f"{agreement.id}@{agreement.version - 1}")
    demand_unsettled(office, agreement, before.agreement if before else None)


def _keys_for(office: Office, one: Held) -> dict[str, SignerKeys]:
    if one.signed_at is None:
        return signing_keys(office, office.clock())
    return signing_keys(office, datetime.fromisoformat(one.signed_at), one.signed_seq)


def _given(
    office: Office, one: Held, who: tuple[str, str], what: tuple[bytes, int | None], handed: Handed
) -> NewEntry:
    (party, key), (signature, block) = who, what
    party_id, address = one.signers[party]
    now = office.clock()
    with reading(office.engine) as session:
        identity = identity_to_sign(session, one.agreement, party_id, now)
    signatory = Signatory(
        handed.member, handed.name, "sign" if handed.member else OPERATOR, handed.method, key,
        handed.authority, _verified_as(identity),
    )  # fmt: skip
    content: dict[str, object] = {"party": party, "address": address, "signature": "0x" + signature.hex()}
    if block is not None:
        content["asked_at_block"] = block
    groups = (
        Group(SIGNATURE_GROUP, one.concerned, content),
        Group(SIGNATORY_GROUP, one.concerned, signatory.as_json()),
    )
    entry_id = one.proposal.signature_id(party)
    return entry_about(office, one.agreement, GIVEN, entry_id, groups, one.concerned, party_id)


def _verified_as(identity: Identity) -> VerifiedAs:
    until = identity.valid_until
    return VerifiedAs(
        identity.standing, identity.item, identity.subject, identity.method, identity.verified_by,
        None if until is None else until.isoformat(), identity.seq,
    )  # fmt: skip


def _step(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    office: Office,
    one: Held,
    kind: str,
    entry_id: str,
    party: str | None,
    reason: str,
    handed: Handed,
    asserter: str,
) -> NewEntry:
    folded = " ".join(reason.split())
    require_plain(folded, REASON_LIMIT, "signing, reason")
    content = {"party": party, "member": handed.member, "reason": folded}
    groups: Sequence[Group] = (Group(STEP_GROUP, one.concerned, content),)
    return entry_about(office, one.agreement, kind, entry_id, groups, one.concerned, asserter)


def _append_while_open(office: Office, one: Held, entry: NewEntry) -> None:
    def require(session: Session) -> None:
        _same(session, one, entry.occurred_at).demand_open(one.signers, entry.occurred_at)

    try:
        append_entries(office.log, [entry], require)
    except EntryConflict:  # another end of it stands under the id that all ends share
        raise ProposalOver("it is over already; look at how it ended", where=one.agreement.ref) from None


def _demand_open(office: Office, one: Held) -> None:
    one.proposal.demand_open(one.signers, office.clock())


def _same(session: Session, one: Held, at: datetime) -> Proposal:
    """Return a proposal as a transaction sees it. Raises ProposalOver where another took its place."""
    standing = proposals_of(session, one.agreement.ref)[-1]
    if standing.number != one.proposal.number:
        raise ProposalOver("another proposal took its place; look at that one", where=one.agreement.ref)
    return standing.counting(keys_within(session), at)


def _require_signature(office: Office, one: Held, offered: PartySignature, wallets: Wallets | None) -> None:
    """Refuse a signature that is not this party's of this version, saying what it may have been meant for."""
    try:
        consent_to(office, one, [offered], wallets)
    except SignatureMissing:
        return  # the one offered is good; that the others are missing is what signing is for
    except SignedByStranger:
        by = recover_signer(version_to_sign(office, one).digest(office.domain), offered.signature)
        demand_known(office, offered.address, by.address)
        raise


def _require_version_before(office: Office, agreement: Agreement) -> None:
    """Refuse to sign a version before the one that it follows: a registry counts versions without a gap.

    And after the end of the agreement, which nothing follows.
    """
    demand_not_ended(office, agreement.id)
    before = held_versions(office).get(f"{agreement.id}@{agreement.version - 1}")
    if agreement.version > 1 and (before is None or not before.is_signed):
        raise AgreementNotReady(
            f"version {agreement.version - 1} is not signed by all its parties; it is signed first",
            where=agreement.ref,
        )
