"""What may be done to a dispute, and by whom: a side, an arbiter who acts for nobody, the operator.

A side acts through a member with `approve` for its party; to settle, with the party's key. For a class of
payees, such as buyers, the agreement's platform acts.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import msgspec

from api.access import Viewer, demand_any_role, demand_arbiter, demand_role, may_read
from api.disputes.schemas import (
    Acceptance,
    AnswerGiven,
    ExtensionGrant,
    ExtensionRequest,
    OfSide,
    PaymentAsked,
    Reasoned,
    ServedAs,
    SettlementAsked,
    SettlementSigned,
    SettlementTyped,
)
from api.errors import AccessDenied
from api.office.agreements import held_versions
from api.office.dispute_process import (
    acting,
    answer_dispute,
    appeal_dispute,
    close_dispute,
    confirm_dispute,
    decide_dispute,
    of_house,
    open_dispute,
    rest_dispute,
    serve_dispute,
    waive_appeal,
    withdraw_dispute,
)
from api.office.dispute_settlements import (
    Payment,
    Proposal,
    ToSign,
    accept_settlement,
    offer_settlement,
    proposal_to_sign,
)
from api.office.disputes import Dispute, book_of, dispute, represented_by
from api.office.opening import Office
from ledger.cases.acts import MEANS
from ledger.cases.errors import DisputeState
from policies.decisions.case import Case, read_case
from policies.errors import AgreementRejected, CaseRejected
from policies.process.terms import SIDES, Side
from policies.source import read_source

_REASON_LENGTH_MAX = 2000
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


def file_case(office: Office, viewer: Viewer, text: str) -> Dispute:
    """File a case for its claimant; the same case again returns the dispute it opened.

    Needs `approve` for the claimant, under an agreement that the viewer may read. Raises CaseRejected.
    """
    case = read_case(text, name="case")
    if case.orders_path is not None:
        raise case.refuse("orders must stand in the case as rows; no file is read from here", "orders")
    case, claimant = _under(office, viewer, case)
    demand_role(viewer, "approve", claimant)
    return open_dispute(office, case)


def decide_case(office: Office, viewer: Viewer, one: Dispute) -> Dispute:
    """Have the rules decide a dispute. The respondent may ask, with `approve`, or an impartial arbiter.

    Where a document gives no time to be heard the rules decide on the facts as filed, so the claimant whose
    word they are may not ask.
    """
    if not viewer.has("approve", one.party_of("respondent")):
        demand_arbiter(viewer, one.parties, case=one.id)
    return decide_dispute(office, one.id)


def confirm_case(office: Office, viewer: Viewer, one: Dispute, reason: str) -> Dispute:
    """Confirm the rules' proposal, or a ruling on appeal, in an arbiter's name. Raises DisputeState."""
    demand_arbiter(viewer, one.parties, case=one.id)
    return confirm_dispute(office, one.id, by=viewer.member, reason=worded(reason))


def serve_case(office: Office, viewer: Viewer, one: Dispute, asked: ServedAs) -> Dispute:
    """Record that a dispute reached its respondent: the operator's. Raises DisputeState."""
    demand_any_role(viewer, ["operator"], [])
    return served(office, one, asked)


def served(office: Office, one: Dispute, asked: ServedAs) -> Dispute:
    """Record a service as it is asked for. Raises DisputeState, CaseRejected for a time it cannot read."""
    means = next((means for means in MEANS if means == asked.means), None)
    if means is None:
        raise DisputeState(f"'{asked.means[:40]}' is neither {' nor '.join(MEANS)}", where=one.id)
    delivered = None if asked.delivered_at is None else _time(asked.delivered_at)
    reference = None if asked.reference is None else worded(asked.reference)
    return serve_dispute(office, one.id, means, delivered_at=delivered, reference=reference)


def answer_case(office: Office, viewer: Viewer, one: Dispute, given: AnswerGiven) -> Dispute:
    """Answer for the respondent. Raises CaseRejected for facts that do not read, DisputeState."""
    demand_role(viewer, "approve", one.party_of("respondent"))
    facts = {
        name: {key: value for key, value in asdict(said).items() if value is not None}
        for name, said in given.facts.items()
    }
    return answer_dispute(office, one.id, facts, worded(given.words), member=viewer.member)


def answer_of(text: str, name: str) -> AnswerGiven:
    """Read an answer from a file, JSON or YAML. Raises CaseRejected."""
    plain = _plain(text, name)
    try:
        return msgspec.convert(plain, AnswerGiven, strict=False)
    except msgspec.ValidationError as fault:
        raise CaseRejected(str(fault), where=name) from None


def proposal_read(text: str, name: str, side: str | None) -> SettlementAsked:
    """Read a proposal to settle from a file, JSON or YAML. Raises CaseRejected."""
    plain = _plain(text, name)
    try:
        return msgspec.convert({**plain, "side": side}, SettlementAsked)
    except msgspec.ValidationError as fault:
        raise CaseRejected(str(fault), where=name) from None


def _plain(text: str, name: str) -> dict[str, Any]:
    try:
        return dict(read_source(text, name).plain)
    except AgreementRejected as fault:
        raise CaseRejected(fault.findings[0].message, where=name) from None


def rest_case(office: Office, viewer: Viewer, one: Dispute, asked: OfSide) -> Dispute:
    """Say for a side that it has nothing to add."""
    return rest_dispute(office, one.id, side_of(viewer, one, asked.side), member=viewer.member)


def extend_case(office: Office, viewer: Viewer, one: Dispute, asked: ExtensionRequest) -> Dispute:
    """Ask for more time for a side; an arbiter gives it at once."""
    book, reason = book_of(office, one), worded(asked.reason)
    if _sides(viewer, one):
        doer = acting(office, one, side_of(viewer, one, asked.side), viewer.member)
        book.ask_extension(asked.of, asked.days, reason, doer)
    else:
        demand_arbiter(viewer, one.parties, case=one.id)
        book.extend(asked.of, asked.days, reason, of_house(office, viewer.member))
    return dispute(office, one.id)


def grant_case(office: Office, viewer: Viewer, one: Dispute, grant: ExtensionGrant) -> Dispute:
    """Grant an extension that was asked for: the other side, or an arbiter."""
    book, asked = book_of(office, one), one.record.named(grant.asked)
    sides = [side for side in _sides(viewer, one) if asked is None or asked.content.get("side") != side]
    if sides:
        book.grant_extension(grant.asked, acting(office, one, sides[0], viewer.member))
    else:
        demand_arbiter(viewer, one.parties, case=one.id)
        book.grant_extension(grant.asked, of_house(office, viewer.member))
    return dispute(office, one.id)


def appeal_case(office: Office, viewer: Viewer, one: Dispute, asked: Reasoned) -> Dispute:
    """Appeal the ruling for a side."""
    side = side_of(viewer, one, asked.side)
    return appeal_dispute(office, one.id, side, worded(asked.reason), member=viewer.member)


def waive_case(office: Office, viewer: Viewer, one: Dispute, asked: OfSide) -> Dispute:
    """Say for a side that it will not appeal; what stands then is posted."""
    return waive_appeal(office, one.id, side_of(viewer, one, asked.side), member=viewer.member)


def withdraw_case(office: Office, viewer: Viewer, one: Dispute, asked: Reasoned) -> Dispute:
    """Withdraw for the claimant; what was held is released."""
    demand_role(viewer, "approve", one.party_of("claimant"))
    return withdraw_dispute(office, one.id, worded(asked.reason), member=viewer.member)


def close_case(office: Office, viewer: Viewer, one: Dispute, asked: Reasoned) -> Dispute:
    """Close a dispute whose decision is posted: an arbiter's, once what else it asks for was done."""
    demand_arbiter(viewer, one.parties, case=one.id)
    return close_dispute(office, one.id, worded(asked.reason), by=viewer.member)


def settlement_to_sign(office: Office, viewer: Viewer, one: Dispute, asked: SettlementAsked) -> ToSign:
    """Return what a side signs to propose a settlement."""
    return proposal_to_sign(office, one.id, side_of(viewer, one, asked.side), proposal_of(asked))


def offer_case(office: Office, viewer: Viewer, one: Dispute, given: SettlementSigned) -> Dispute:
    """Propose a settlement for a side, with its signature."""
    side, signature = side_of(viewer, one, given.proposal.side), _signature(given.signature)
    proposal = proposal_of(given.proposal)
    return offer_settlement(office, one.id, side, proposal, signature, member=viewer.member)


def offer_as_typed(office: Office, viewer: Viewer, one: Dispute, typed: SettlementTyped) -> Dispute:
    """Propose a settlement from the page, with the signature typed beside it."""
    given = SettlementSigned(settlement_typed(one, typed), (typed.signature or "").strip())
    return offer_case(office, viewer, one, given)


def settlement_typed(one: Dispute, typed: SettlementTyped) -> SettlementAsked:
    """Return what a typed form proposes: one payment from side to side, or none. Raises CaseRejected."""
    payer = next((side for side in SIDES if side == typed.pays), None)
    if payer is None and typed.amount is not None:
        raise CaseRejected("say which side pays the amount", where="pays")
    if payer is None:
        return SettlementAsked(typed.words, side=typed.side)
    other: Side = "claimant" if payer == "respondent" else "respondent"
    paid = PaymentAsked(_balance_of(one, payer), _balance_of(one, other), typed.amount or "")
    return SettlementAsked(typed.words, (paid,), typed.side)


def _balance_of(one: Dispute, side: Side) -> str:
    """Return the account of a side: a party's balance; a class of payees is named alone."""
    key = str(one.case[side])
    return f"{key}.balance" if key in one.agreement.parties else key


def accept_case(office: Office, viewer: Viewer, one: Dispute, number: int, given: Acceptance) -> Dispute:
    """Accept the other side's proposal, with a signature; it is posted and the case closed."""
    side = side_of(viewer, one, given.side)
    return accept_settlement(office, one.id, side, number, _signature(given.signature), member=viewer.member)


def side_of(viewer: Viewer, one: Dispute, named: str | None) -> Side:
    """Return the side for which a viewer acts: the one named, else the only one they may approve for.

    Raises AccessDenied where there is none, CaseRejected where there are two and none is named.
    """
    mine = _sides(viewer, one)
    if named is not None:
        mine = tuple(side for side in mine if side == named)
    if not mine:
        raise AccessDenied("this needs the role 'approve' for a side of the dispute")
    if len(mine) > 1:
        raise CaseRejected("you act for both sides; say for which: claimant or respondent", where="side")
    return mine[0]


def worded(text: str) -> str:
    """Return words as they will stand in the log, white space folded. Raises CaseRejected."""
    words = " ".join(text.split())
    if not words or len(words) > _REASON_LENGTH_MAX:
        raise CaseRejected(f"give a reason of at most {_REASON_LENGTH_MAX} letters", where="reason")
    return words


def proposal_of(asked: SettlementAsked) -> Proposal:
    """Return what is proposed as the office takes it."""
    payments = tuple(Payment(one.source, one.target, one.amount) for one in asked.payments)
    return Proposal(payments, worded(asked.words))


def _sides(viewer: Viewer, one: Dispute) -> tuple[Side, ...]:
    approving = frozenset(party for party in viewer.parties if viewer.has("approve", party))
    return one.sides_of(approving)


def _signature(text: str) -> bytes:
    if not _SIGNATURE.fullmatch(text):
        raise CaseRejected("a signature is 0x and 130 hex digits", where="signature")
    return bytes.fromhex(text[2:])


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CaseRejected(f"'{text[:40]}' is no time with its offset", where="delivered_at")
    return found


def _under(office: Office, viewer: Viewer, case: Case) -> tuple[Case, str]:
    """Return the case with its agreement named, and who acts for the claimant; among the viewer's own."""
    wanted = case.file.agreement
    holding = [
        one.agreement
        for one in held_versions(office).values()
        if one.is_signed
        and may_read(viewer, [one.agreement.party_id(key) for key in one.agreement.parties])
        and wanted in {None, one.agreement.id, one.agreement.ref}
        and case.file.clause in one.agreement.clauses
    ]
    if not holding:
        raise case.refuse(f"no agreement of yours holds clause {case.file.clause}", "clause")
    if len({one.id for one in holding}) > 1:
        names = ", ".join(sorted({one.id for one in holding}))
        raise case.refuse(f"the clause stands in {names}; say which with 'agreement'", "agreement")
    newest = max(holding, key=lambda one: one.version)
    claimant = case.file.claim.claimant
    if claimant not in newest.parties and claimant not in newest.document.payees:
        known = ", ".join(newest.parties)
        raise case.refuse(f"'{claimant}' is no party; the parties are {known}", "claim", "claimant")
    named = case.file.model_copy(update={"agreement": wanted or newest.id})
    return replace(case, file=named), represented_by(newest, claimant)
