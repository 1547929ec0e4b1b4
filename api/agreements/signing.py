"""Drafting a document, and signing it or not, for members who may act for its parties."""

from __future__ import annotations

import re

from api.access import Viewer, demand_any_role, demand_role
from api.agreements.schemas import ProposalGiven, SignatureGiven, SigningEnded
from api.errors import RequestUnusable
from api.forms import instant
from api.office.agreements import Held, held, held_versions, signer_of
from api.office.errors import NotASigner
from api.office.opening import Office
from api.office.signing import Handed, decline, give_signature, take_back, withdraw
from contracts.addresses import checksum_address
from ledger.signing.errors import SigningRefused
from ledger.signing.proposals import Process
from ledger.signing.signatory import METHODS, Authority
from policies.agreement import Agreement
from policies.loading import load_agreement

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


def drafted(office: Office, viewer: Viewer, document: str, signers: dict[str, str]) -> Agreement:
    """Read a document that a viewer may propose, with signers. Needs `draft` for one of its parties.

    Where the id is taken, `draft` for one of the parties that stand under it is needed too.
    Raises AgreementRejected with findings by line, NotASigner, AccessDenied.
    """
    agreement = load_agreement(document, name="document")
    unknown = sorted(signers.keys() - agreement.parties.keys())
    if unknown:
        known = ", ".join(agreement.parties)
        raise NotASigner(f"'{unknown[0]}' is no party; the parties are {known}", where="signers")
    addresses = {key: checksum_address(address, where=f"signers.{key}") for key, address in signers.items()}
    agreement = agreement.with_signers(addresses)
    demand_any_role(viewer, ("draft",), [agreement.party_id(key) for key in agreement.parties])
    standing = _standing(office, agreement.id)
    if standing is not None:
        demand_any_role(viewer, ("draft",), [standing.party_id(key) for key in standing.parties])
    return agreement


def _standing(office: Office, agreement_id: str) -> Agreement | None:
    """Return the version whose parties alone may propose the next: the newest signed, else the first.

    Who proposes under an id is shown its salt, and takes a version's place.
    """
    known = [one for one in held_versions(office).values() if one.agreement.id == agreement_id]
    signed = [one.agreement for one in known if one.is_signed]
    if signed:
        return max(signed, key=lambda one: one.version)
    return known[0].agreement if known else None


def process_of(viewer: Viewer, agreement: Agreement, asked: ProposalGiven) -> Process:
    """Return how a proposal is to be signed, as asked for, with who proposes it. Raises RequestUnusable."""
    mine = [agreement.party_id(key) for key in agreement.parties]
    proposer = next((one for one in mine if viewer.has("draft", one)), None)
    until = None if asked.expires_at is None else instant(asked.expires_at, "expires_at")
    return Process(asked.order, until, asked.remind_days, proposer, viewer.member)


def sign_version(office: Office, viewer: Viewer, ref: str, given: SignatureGiven) -> Held:
    """Give a party's signature over a version's signing request; with the last one the version binds.

    Needs `sign` for that very party. Raises SignatureRefused and what give_signature raises.
    """
    party_id, _ = signer_of(held(office, ref), given.party)
    demand_role(viewer, "sign", party_id)
    if not _SIGNATURE.fullmatch(given.signature):
        raise RequestUnusable("a signature is 0x and 130 hex digits (r, s, v)", where="signature")
    method = next((one for one in METHODS if one == given.method), None)
    if method is None:
        raise RequestUnusable(f"a signature is made by one of {', '.join(METHODS)}", where="method")
    authority = Authority(given.capacity, given.letter_sha256, given.exhibit)
    handed = Handed(viewer.member, viewer.name, method, authority)
    return give_signature(office, ref, given.party, bytes.fromhex(given.signature[2:]), handed)


def decline_version(office: Office, viewer: Viewer, ref: str, asked: SigningEnded) -> Held:
    """Decline to sign for a party; the proposal is over. Needs `sign` for that very party."""
    return decline(office, ref, asked.party, asked.reason, _for(office, viewer, ref, asked.party))


def take_back_signature(office: Office, viewer: Viewer, ref: str, asked: SigningEnded) -> Held:
    """Take a party's signature back. Needs `sign` for that very party."""
    return take_back(office, ref, asked.party, asked.reason, _for(office, viewer, ref, asked.party))


def withdraw_proposal(office: Office, viewer: Viewer, ref: str, reason: str) -> Held:
    """Withdraw a proposal. Needs `draft` for the party that proposed it."""
    proposer = held(office, ref).proposal.process.proposer
    if proposer is None:
        raise SigningRefused("who proposed it was not recorded; decline to sign it instead", where=ref)
    demand_role(viewer, "draft", proposer)
    return withdraw(office, ref, reason, Handed(viewer.member, viewer.name), proposer)


def _for(office: Office, viewer: Viewer, ref: str, party: str) -> Handed:
    party_id, _ = signer_of(held(office, ref), party)
    demand_role(viewer, "sign", party_id)
    return Handed(viewer.member, viewer.name)
