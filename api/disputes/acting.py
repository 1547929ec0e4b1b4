"""Filing a case, having the rules decide it, and confirming what they propose, for those who may."""

from __future__ import annotations

from dataclasses import replace

from api.access import Viewer, demand_arbiter, demand_role, may_read
from api.office.agreements import held_versions
from api.office.disputes import Dispute, confirm_dispute, decide_dispute, file_dispute
from api.office.opening import Office
from policies.decisions.case import Case, read_case
from policies.errors import CaseRejected

_REASON_LENGTH_MAX = 2000


def file_case(office: Office, viewer: Viewer, text: str) -> Dispute:
    """File a case for its claimant; the same case again returns the dispute it opened.

    Needs `approve` for the claimant, under an agreement that the viewer may read. Raises CaseRejected.
    """
    case = read_case(text, name="case")
    if case.orders_path is not None:
        raise case.refuse("orders must stand in the case as rows; no file is read from here", "orders")
    case, claimant = _under(office, viewer, case)
    demand_role(viewer, "approve", claimant)
    return file_dispute(office, case)


def decide_case(office: Office, viewer: Viewer, dispute: Dispute) -> Dispute:
    """Have the rules decide a dispute, once. The respondent may ask, with `approve`, or an impartial arbiter.

    What the rules decide takes effect on the facts as filed, so the claimant whose word they are may not ask.
    """
    respondent = _party(dispute, "respondent")
    if not viewer.has("approve", respondent):
        demand_arbiter(viewer, dispute.parties, case=dispute.id)
    return decide_dispute(office, dispute.id)


def confirm_case(office: Office, viewer: Viewer, dispute: Dispute, reason: str) -> Dispute:
    """Confirm the rules' proposal in an arbiter's name. Raises DisputeState where nothing waits for it."""
    demand_arbiter(viewer, dispute.parties, case=dispute.id)
    words = " ".join(reason.split())
    if not words or len(words) > _REASON_LENGTH_MAX:
        raise CaseRejected(f"give a reason of at most {_REASON_LENGTH_MAX} letters", where="reason")
    return confirm_dispute(office, dispute.id, by=viewer.member, reason=words)


def _party(dispute: Dispute, side: str) -> str:
    """Return the identity of a side, the name itself where it is no party of the agreement."""
    key = dispute.case[side]
    return dispute.agreement.party_id(key) if key in dispute.agreement.parties else key


def _under(office: Office, viewer: Viewer, case: Case) -> tuple[Case, str]:
    """Return the case with its agreement named, and the claimant's identity; only among the viewer's own."""
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
    if claimant not in newest.parties:
        known = ", ".join(newest.parties)
        raise case.refuse(f"'{claimant}' is no party; the parties are {known}", "claim", "claimant")
    named = case.file.model_copy(update={"agreement": wanted or newest.id})
    return replace(case, file=named), newest.party_id(claimant)
