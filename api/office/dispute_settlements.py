"""Disputes settled by consent: proposed by one side, accepted by the other, each with the key it signed with.

Both sign the same EIP-712 message over the terms. What is agreed is posted as the decision that stands, in
the transaction that records the acceptance, releases what was held and closes the case.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from api.office.dispute_process import acting
from api.office.disputes import Dispute, book_of, dispute
from api.office.keys import SignedFor, demand_signed_by, signs_for_any
from api.office.opening import Office
from contracts.dispute_settlement import DisputeSettlement
from contracts.errors import SignerKeyReplaced, SignerKeyRevoked
from contracts.signing import recover_signer
from contracts.typed_data import Domain
from ledger.cases.closing import settle
from ledger.cases.errors import DisputeState
from ledger.cases.record import Step, append_step
from ledger.settlement.decisions import decision_entry
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.decisions.moves import Move, postings
from policies.errors import CaseRejected
from policies.money import from_minor, to_minor
from policies.process.terms import SIDES, Side

SETTLED_KIND = "agreed_settlement"
"""The kind of the postings of a settlement by consent."""

PAYMENTS_MAX = 50
WORDS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a settlement: from and to accounts as the document names them, decimal text."""

    source: str
    target: str
    amount: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a side proposes: what is paid, and in which words."""

    payments: tuple[Payment, ...]
    words: str


@dataclass(frozen=True, slots=True)
class ToSign:
    """What both sides sign of a proposal: the EIP-712 request and its digest, by the proposal's number.

    `opens` is what its `terms` are the digest of; `signers` are the addresses of each side's party.
    """

    number: int
    request: dict[str, Any]
    digest: bytes
    opens: dict[str, Any]
    signers: tuple[tuple[str, str], ...]


def proposal_to_sign(office: Office, dispute_id: str, side: Side, proposal: Proposal) -> ToSign:
    """Return what a side signs to propose a settlement. Raises CaseRejected, SettlementRefused."""
    one = dispute(office, dispute_id)
    return _to_sign(office, one, _number(office, one, side, proposal), proposal)


def offer_to_sign(office: Office, dispute_id: str, number: int) -> ToSign:
    """Return what the other side signs to accept a proposal. Raises DisputeState where there is none."""
    one = dispute(office, dispute_id)
    return _to_sign(office, one, number, proposed_in(_offer(one, number)))


def offer_settlement(  # noqa: PLR0913 -- which dispute, for which side, what, the signature, by whom
    office: Office, dispute_id: str, side: Side, proposal: Proposal, signature: bytes, *, member: str
) -> Dispute:
    """Propose a settlement for a side, signed; the same again adds nothing.

    Raises DisputeState, CaseRejected, SettlementRefused for accounts that the document does not know, and the
    SignatureRefused that says what is wrong with the signature.
    """
    one = dispute(office, dispute_id)
    number = _number(office, one, side, proposal)
    signed = _to_sign(office, one, number, proposal)
    by = _signed_by(office, one, side, signed, signature).by
    doer = acting(office, one, side, member)
    content = doer.told(
        offer=number,
        payments=[asdict(payment) for payment in proposal.payments],
        words=proposal.words,
        address=by.address,
        signature="0x" + signature.hex(),
    )
    book = book_of(office, one)
    standing = one.record.named(f"settlement_offered/{number}")
    if standing is None:
        append_step(
            office.log, one.record, "settlement_offered", f"settlement_offered/{number}", content,
            by=doer.by, at=doer.at, require=book.require("settle", side),
        )  # fmt: skip
    return dispute(office, dispute_id)


def accept_settlement(  # noqa: PLR0913 -- which dispute, for which side, which offer, the signature, by whom
    office: Office, dispute_id: str, side: Side, number: int, signature: bytes, *, member: str
) -> Dispute:
    """Accept the other side's last proposal, signed; it is posted and the case closed. Again adds nothing.

    Raises DisputeState, also where the key that signed the proposal signs no more, and the SignatureRefused
    that says what is wrong with the signature.
    """
    one = dispute(office, dispute_id)
    accepted = one.record.named("settlement_accepted")
    if accepted is not None and accepted.content["offer"] == number:
        return one
    offer = _offer(one, number)
    if offer.content["side"] == side:
        raise DisputeState("the other side accepts a proposal", where=dispute_id)
    if offer is not _last_of(one, offer.content["side"]):
        raise DisputeState("its side has made another proposal since", where=dispute_id)
    signed = _to_sign(office, one, number, proposed_in(offer))
    by = (_offered_by(office, one, offer, signed), _signed_by(office, one, side, signed, signature))
    doer = acting(office, one, side, member)
    told = doer.told(offer=number, address=by[1].by.address, signature="0x" + signature.hex())
    signatures = [
        {name: each[name] for name in ("side", "address", "signature")} | signer.told()
        for each, signer in zip((offer.content, told), by, strict=True)
    ]
    content = _decision(one, offer, signatures, office.domain)
    entry = decision_entry(
        one.agreement,
        case=one.id,
        decision=content,
        decided_at=doer.at,
        asserter=doer.by,
        parties=one.record.readers,
        clause=one.case["clause"],
    )
    settle(book_of(office, one), told, entry, doer)
    return dispute(office, dispute_id)


def standing_offers(office: Office, one: Dispute) -> tuple[Step, ...]:
    """Return the proposals that may be accepted: the last of each side, while the key that signed it does."""
    found = (_last_of(one, side) for side in SIDES)
    return tuple(step for step in found if step is not None and _counts(office, one, step))


def proposed_in(offer: Step) -> Proposal:
    """Return what the step of a proposal proposes."""
    payments = tuple(Payment(**each) for each in offer.content["payments"])
    return Proposal(payments, offer.content["words"])


def _last_of(one: Dispute, side: str) -> Step | None:
    mine = [step for step in one.record.of("settlement_offered") if step.content["side"] == side]
    return mine[-1] if mine else None


def _offer(one: Dispute, number: int) -> Step:
    found = one.record.named(f"settlement_offered/{number}")
    if found is None:
        raise DisputeState(f"there is no proposal {number} to settle it", where=one.id)
    return found


def _number(office: Office, one: Dispute, side: Side, proposal: Proposal) -> int:
    """Return the number of a proposal: that of the side's last one where it says the same, else the next.

    Also the next where the key that signed the last one signs no more: it is proposed anew.
    """
    last = _last_of(one, side)
    if last is not None and proposed_in(last) == proposal and _counts(office, one, last):
        return int(last.content["offer"])
    return len(one.record.of("settlement_offered")) + 1


def _to_sign(office: Office, one: Dispute, number: int, proposal: Proposal) -> ToSign:
    _require_usable(one, proposal)
    terms = {"payments": [asdict(each) for each in proposal.payments], "words": proposal.words}
    paid = [
        f"{each.source} -> {each.target} {each.amount} {one.agreement.currency}" for each in proposal.payments
    ]
    message = DisputeSettlement(
        one.id, one.agreement.ref, number, "\n".join(paid), hashlib.sha256(canonical_bytes(terms)).digest()
    )
    domain = office.domain
    signers = [
        (party, address)
        for party in dict.fromkeys(one.party_of(side) for side in SIDES)
        for address in _addresses(one.agreement, party)
    ]
    opens = {**terms, "currency": one.agreement.currency}
    return ToSign(number, message.request(domain), message.digest(domain), opens, tuple(signers))


def _require_usable(one: Dispute, proposal: Proposal) -> None:
    """Refuse words or payments that cannot stand; the sides of a dispute dispose of their own alone."""
    if not proposal.words.strip() or len(proposal.words) > WORDS_MAX:
        raise CaseRejected(f"say what is agreed, in at most {WORDS_MAX} letters", where="words")
    if len(proposal.payments) > PAYMENTS_MAX:
        raise CaseRejected(f"a settlement has at most {PAYMENTS_MAX} payments", where="payments")
    sides = {one.case["claimant"], one.case["respondent"]}
    receiving = sides | set(one.agreement.document.payees)
    for place, each in enumerate(proposal.payments):
        if each.source.partition(".")[0] not in sides or each.target.partition(".")[0] not in receiving:
            raise CaseRejected(
                f"it is paid from an account of {' or '.join(sorted(sides))}, to one of theirs or of buyers",
                where=f"payments[{place}]",
            )
        if to_minor(each.amount, one.agreement.currency) <= 0:
            raise CaseRejected("an amount above 0 is paid", where=f"payments[{place}]")


def _offered_by(office: Office, one: Dispute, offer: Step, signed: ToSign) -> SignedFor:
    """Return who signed a proposal. Raises DisputeState where that key does not sign for its side any more.

    A proposal is half of an agreement: what a stolen key proposed ends with the key, as what it signed of a
    version does while somebody is missing.
    """
    try:
        return _signed_by(office, one, offer.content["side"], signed, _raw(offer))
    except (SignerKeyRevoked, SignerKeyReplaced) as fault:
        raise DisputeState(
            f"its side proposes it anew: {fault.message}", where=f"proposal {signed.number}"
        ) from fault


def _raw(offer: Step) -> bytes:
    return bytes.fromhex(offer.content["signature"][2:])


def _counts(office: Office, one: Dispute, offer: Step) -> bool:
    """Tell whether the key that signed a proposal still signs for its side."""
    party = one.party_of(offer.content["side"])
    return signs_for_any(office, _addresses(one.agreement, party), offer.content["address"])


def _signed_by(office: Office, one: Dispute, side: Side, signed: ToSign, signature: bytes) -> SignedFor:
    """Return who signed for a side. Raises SignatureRefused where it does not sign for it."""
    signer = recover_signer(signed.digest, signature)
    party = one.party_of(side)
    wrong = f"the signature is not by the key of {party} in {one.agreement.ref}, or over other terms"
    return demand_signed_by(office, _addresses(one.agreement, party), signer, wrong)


def _addresses(agreement: Agreement, party: str) -> list[str]:
    return [
        one.signer
        for key, one in agreement.parties.items()
        if agreement.party_id(key) == party and one.signer is not None
    ]


def _decision(one: Dispute, offer: Step, signatures: list[dict[str, Any]], domain: Domain) -> dict[str, Any]:
    """Return the decision by consent, as every other, with what both signed and in which domain."""
    agreement, clause = one.agreement, one.case["clause"]
    moves = [
        Move(each.source, each.target, SETTLED_KIND, to_minor(each.amount, agreement.currency), clause)
        for each in proposed_in(offer).payments
    ]
    claimant = one.case["claimant"]
    gained = sum(move.minor for move in moves if move.target.partition(".")[0] == claimant)
    gained -= sum(move.minor for move in moves if move.source.partition(".")[0] == claimant)
    amount = max(0, gained)
    return {
        "dispute": one.id,
        "filed_seq": one.filed.seq,
        "agreement": agreement.ref,
        "agreement_sha256": agreement.sha256,
        "clause": clause,
        "outcome": "agreed",
        "amount_minor": amount,
        "amount": from_minor(amount, agreement.currency),
        "currency": agreement.currency,
        "components": {SETTLED_KIND: amount} if amount else {},
        "beside_claim": {},
        "figures": {},
        "clauses": [clause],
        "law": [],
        "postings": list(postings(moves, agreement.currency)),
        "uncovered": {},
        "effects": [],
        "missing": [],
        "trace": [],
        "human_review": False,
        "review": [],
        "settlement": {
            "offer": offer.content["offer"],
            "words": offer.content["words"],
            "payments": offer.content["payments"],
            "chain_id": domain.chain_id,
            "registry": domain.contract,
            "signatures": signatures,
        },
    }
