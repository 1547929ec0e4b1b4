"""Drafting a document and giving signatures, for members who may act for its parties."""

from __future__ import annotations

import re

from api.access import Viewer, demand_any_role, demand_role
from api.errors import RequestUnusable
from api.office.agreements import Held, give_signature, held, held_versions, signer_of
from api.office.errors import NotASigner
from api.office.opening import Office
from contracts.addresses import checksum_address
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


def sign_version(office: Office, viewer: Viewer, ref: str, party: str, signature: str) -> Held:
    """Give a party's signature over a version's signing request; with the last one the version binds.

    Needs `sign` for that very party. Raises SignatureRefused and what give_signature raises.
    """
    party_id, _ = signer_of(held(office, ref), party)
    demand_role(viewer, "sign", party_id)
    if not _SIGNATURE.fullmatch(signature):
        raise RequestUnusable("a signature is 0x and 130 hex digits (r, s, v)", where="signature")
    return give_signature(office, ref, party, bytes.fromhex(signature[2:]))
