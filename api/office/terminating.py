"""Ending an agreement by the word of all its parties: what they sign, the record of it, and its registration.

The end is a day to come, so that nothing is settled anew. From then on no order is taken under the agreement;
what was sold before is settled, returned and disputed as ever. One party alone does not end it here: that is
a matter for the clause that allows it and for whoever decides disputes (docs/decisions/0050).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from api.office.agreements import Held, domain_of, signed_versions, version_to_sign
from api.office.errors import AgreementNotReady, NotASigner
from api.office.keys import signing_keys
from api.office.opening import OPERATOR, Office
from contracts.consent import History, PartySignature, gather_signatures
from contracts.errors import AgreementEnded
from contracts.hashing import ZERO_DIGEST, commitment, keccak256
from contracts.signing_file import request_file
from contracts.termination import AgreementTermination
from ledger.appending import append_once
from ledger.database import Session, reading
from ledger.settlement.events import recorded_events
from ledger.signing.proposals import proposals_of
from ledger.terminations import REGISTERED, TERMINATED, Termination, termination_entry, termination_within
from policies.versions.timeline import ENDED, starts_at, timeline

if TYPE_CHECKING:
    from contracts.key_changes import SignerKeys
    from contracts.registry import TerminationRecord

TERMS_LIMIT = 20_000
"""The longest text of what was agreed about an end, in characters."""


def termination_of(office: Office, agreement_id: str) -> Termination | None:
    """Return how an agreement was ended, None where it was not."""
    with reading(office.engine) as session:
        return termination_within(session, agreement_id)


def termination_request(office: Office, agreement_id: str, ends_on: date, terms: str) -> dict[str, Any]:
    """Return the file by which every party signs the end of an agreement, as `tallystick sign` takes it.

    Raises AgreementUnknown, AgreementEnded, AgreementNotReady for a day on which it cannot end.
    """
    newest, message = _message(office, agreement_id, ends_on, terms)
    opens = {"commitment_salt": "0x" + newest.salt.hex(), "terms": terms, "ends_on": ends_on.isoformat()}
    signers = [{"party": name, "address": address} for name, address in _parties(newest).items()]
    return request_file(message.request(office.domain), opens, signers)


def terminate(
    office: Office, agreement_id: str, ends_on: date, terms: str, signatures: Mapping[str, bytes]
) -> Termination:
    """Record that all parties end an agreement; the same again changes nothing. `signatures` are by party.

    Raises what termination_request raises, NotASigner for a name that is no party's, and the SignatureRefused
    that says which signature does not count, or that one is missing.
    """
    standing = termination_of(office, agreement_id)
    if standing is not None and (standing.ends_on, standing.content["terms"]) == (ends_on, terms):
        return standing
    newest, message = _message(office, agreement_id, ends_on, terms)
    parties = _parties(newest)
    unknown = [name for name in signatures if name not in parties]
    if unknown:
        refused = f"'{unknown[0][:40]}' is no party; they are {', '.join(parties)}"
        raise NotASigner(refused, where=agreement_id)
    offered = [PartySignature(parties[name], raw) for name, raw in signatures.items()]
    version = version_to_sign(office, newest)
    keys = signing_keys(office, office.clock())
    history = History(earlier_digests=(version.digest(office.domain),), keys=keys)
    gather_signatures(message, version.parties, office.domain, offered, history)
    content = {
        "agreement": agreement_id,
        "version": message.version,
        "ends_on": ends_on.isoformat(),
        "ends_at": message.ends_at,
        "terms": terms,
        "chain_id": office.domain.chain_id,
        "registry": office.domain.contract,
        "digest": "0x" + message.digest(office.domain).hex(),
        "signatures": [_told(name, parties[name], keys, signatures[name]) for name in sorted(signatures)],
    }
    entry = termination_entry(
        TERMINATED, agreement_id, newest.agreement.ref, content,
        readers=newest.concerned, asserter=OPERATOR, occurred_at=office.clock(),
    )  # fmt: skip

    def require(session: Session) -> None:
        later = proposals_of(session, f"{agreement_id}@{message.version + 1}")
        if any(one.signed is not None for one in later):
            raise AgreementNotReady("another version was signed meanwhile; end that one", where=agreement_id)

    append_once(office.log, entry, require)
    ended = termination_of(office, agreement_id)
    assert ended is not None, "what was appended is on record"
    return ended


def registered_message(office: Office, one: Termination) -> tuple[AgreementTermination, list[PartySignature]]:
    """Return what was signed to end an agreement, and the signatures, as a registry takes them."""
    newest = signed_versions(office, one.agreement)[-1]
    version = version_to_sign(office, newest)
    message = AgreementTermination(
        version.agreement, version.version, version.commitment, one.content["ends_at"],
        _terms_digest(newest, one.content["terms"]),
    )  # fmt: skip
    signatures = [
        PartySignature(each["address"], bytes.fromhex(each["signature"][2:]))
        for each in one.content["signatures"]
    ]
    return message, signatures


def record_termination(office: Office, one: Termination, record: TerminationRecord) -> None:
    """Record where a registry holds the end of an agreement; again, wherever by then, adds nothing."""
    if one.registered is not None:
        return
    newest = signed_versions(office, one.agreement)[-1]
    domain = domain_of(newest)
    content = {
        "agreement": one.agreement,
        "chain_kind": office.chain.kind,
        "chain_id": domain.chain_id,
        "registry": domain.contract,
        "block": record.block,
        "transaction": record.transaction,
        "digest": "0x" + record.digest.hex(),
    }
    entry = termination_entry(
        REGISTERED, one.agreement, one.ref, content,
        readers=newest.concerned, asserter=OPERATOR, occurred_at=office.clock(),
    )  # fmt: skip
    append_once(office.log, entry)


def _message(
    office: Office, agreement_id: str, ends_on: date, terms: str
) -> tuple[Held, AgreementTermination]:
    versions = signed_versions(office, agreement_id)
    newest = versions[-1]
    agreement = newest.agreement
    standing = termination_of(office, agreement_id)
    if standing is not None:
        raise AgreementEnded(f"all parties ended it with {standing.ends_on}", where=agreement_id)
    today = office.clock().astimezone(agreement.zone).date()
    if ends_on <= today:
        raise AgreementNotReady(f"an agreement ends on a day to come, after {today}", where=agreement_id)
    events = {**recorded_events(office.log, agreement), ENDED: ends_on}
    if not timeline((one.agreement for one in versions), events):
        raise AgreementNotReady("no version is in force before that day", where=agreement_id)
    if len(terms) > TERMS_LIMIT:
        raise AgreementNotReady(f"the terms are longer than {TERMS_LIMIT:,} characters", where=agreement_id)
    version = version_to_sign(office, newest)
    at = int(starts_at(agreement, ends_on).timestamp())
    digest = _terms_digest(newest, terms)
    return newest, AgreementTermination(version.agreement, version.version, version.commitment, at, digest)


def _terms_digest(newest: Held, terms: str) -> bytes:
    return commitment(newest.salt, keccak256(terms.encode())) if terms else ZERO_DIGEST


def _told(party: str, address: str, keys: Mapping[str, SignerKeys], signature: bytes) -> dict[str, str]:
    told = {"party": party, "address": address, "signature": "0x" + signature.hex()}
    by = keys[address].key if address in keys else address
    return told if by == address else told | {"key": by}


def _parties(newest: Held) -> dict[str, str]:
    return {name: one.signer or "" for name, one in newest.agreement.parties.items()}
