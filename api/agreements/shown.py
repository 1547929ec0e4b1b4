"""How a version came to be signed, as its parties read it: who signed on what authority, and every step.

Derived from the log and the document alone. What a viewer may do about it is asked of `access` with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from api.access import Viewer
from api.agreements.schemas import SignatoryShown, SignatureShown, SigningShown, SigningStep
from api.office.agreements import Held
from api.reading import PartyName, Text
from api.worded import local_time, party_name, who
from ledger.signing.proposals import Step
from ledger.signing.signatory import Signatory


def signatures_shown(held: Held, now: datetime) -> tuple[SignatureShown, ...]:
    """Return the signature of everybody who must sign a version, or that it is missing at a time."""
    given = {one.party: one for one in held.signatures}
    turn = held.turn(now)
    leaving = {one.name for one in held.leaving}
    return tuple(
        SignatureShown(
            party=signer_name(held, name),
            address=address,
            leaves=name in leaving,
            may_sign=name in turn,
            signs_after=tuple(signer_name(held, one) for one in held.ahead(name, now)),
            signed_at=local_time(held.agreement, one.given_at) if (one := given.get(name)) else None,
            signature=one.signature if one else None,
            entry_seq=one.seq if one else None,
            signatory=_signatory(held, one.signatory) if one and one.signatory else None,
        )
        for name, (_, address) in held.signers.items()
    )


def signing_shown(held: Held, viewer: Viewer, now: datetime) -> SigningShown:
    """Return how a version is signed, and what the viewer may do about it at a time."""
    process, ended = held.proposal.process, held.ended(now)
    stands = ended is None and bool(held.waiting_for)
    mine = [name for name, (party, _) in held.signers.items() if viewer.has("sign", party)] if stands else []
    return SigningShown(
        order=tuple(tuple(signer_name(held, name) for name in stage) for stage in process.order),
        expires_at=(
            None if process.expires_at is None else local_time(held.agreement, process.expires_at.isoformat())
        ),
        remind_days=process.remind_days,
        ended=ended,
        steps=tuple(_step(held, one) for one in held.proposal.steps),
        may_decline=tuple(signer_name(held, name) for name in mine if name in held.waiting_for),
        may_take_back=tuple(signer_name(held, name) for name in mine if name not in held.waiting_for),
        may_withdraw=stands and process.proposer is not None and viewer.has("draft", process.proposer),
    )


def signer_name(held: Held, name: str) -> PartyName:
    """Return who signs a version under a name: a party of it, or of the version before who leaves."""
    left = next((one for one in held.leaving if one.name == name), None)
    if left is None:
        return party_name(held.agreement, name)
    return replace(party_name(left.was, left.key), key=name)


def _step(held: Held, step: Step) -> SigningStep:
    return SigningStep(
        kind=step.kind,
        who=_named(held, step.by),
        party=None if step.party is None else signer_name(held, step.party),
        member=step.member,
        reason=step.reason,
        at=local_time(held.agreement, step.at),
        entry_seq=step.seq,
    )


def _signatory(held: Held, one: Signatory) -> SignatoryShown:
    identity = one.identity
    return SignatoryShown(
        member=one.member,
        name=one.name,
        method=one.method,
        key=one.key,
        capacity=one.authority.capacity,
        letter_sha256=one.authority.letter_sha256,
        exhibit=one.authority.exhibit,
        identity=identity.standing,
        verified_by=None if identity.verified_by is None else _named(held, identity.verified_by),
        verified_how=identity.method,
        valid_until=identity.valid_until,
    )


def _named(held: Held, asserter: str) -> Text:
    """Return who did something: a party of the version or one that leaves it, the operator, or the name."""
    left = next((one for one in held.leaving if one.party == asserter), None)
    return who(held.agreement if left is None else left.was, asserter)
