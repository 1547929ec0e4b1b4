"""The steps of a dispute, over the API and from its page: answered, extended, appealed, settled and more.

Each answers with the dispute as it is then. Who may is decided in acting.py, what the process allows in the
ledger; a form that was refused comes back with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from litestar import get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response

from api.access import Role, Viewer, needs
from api.disputes import acting
from api.disputes.schemas import (
    Acceptance,
    AnswerGiven,
    DisputeDetail,
    DisputeRow,
    ExtensionGrant,
    ExtensionRequest,
    FactAnswered,
    OfSide,
    Reasoned,
    ServedAs,
    SettlementAsked,
    SettlementSigned,
    SettlementToSign,
    SettlementTyped,
)
from api.errors import RequestUnusable
from api.forms import BLANK, Form, asked_for, number_of, page_of_forms, refused
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer, Typed
from api.house import House
from api.office.disputes import Dispute
from api.problems import api_problems
from api.rulings.acting import TypedRuling, rule_as_typed
from policies.errors import TallystickError

_TAGS = ["disputes"]
_FACT = "fact."


def _step(path: str, *roles: Role) -> post:
    """Declare the route of a step, and the roles of which one is needed."""
    return post(
        f"/disputes/{{dispute:str}}/{path}",
        opt=needs(*roles),
        responses=api_problems(409, 422),
        sync_to_thread=True,
        tags=_TAGS,
    )


@_step("services", "operator")
def services(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[ServedAs]) -> DisputeRow:
    """Record that a dispute reached its respondent; from then on its windows run. The operator's.

    Answers with the dispute's row alone: what is claimed and shown in it is not the operator's to read here.
    """
    return house.disputes.serve(viewer, dispute, data)


@_step("answer", "approve")
def answer(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[AnswerGiven]
) -> DisputeDetail:
    """Answer the claim, fact by fact. Needs `approve` for the respondent."""
    return house.disputes.act(viewer, dispute, acting.answer_case, data)


@_step("rest", "approve")
def rest(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[OfSide]) -> DisputeDetail:
    """Say that a side has nothing to add; once both have, the rules may be asked. Needs `approve` for it."""
    return house.disputes.act(viewer, dispute, acting.rest_case, data)


@_step("extensions", "approve", "arbiter")
def extensions(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[ExtensionRequest]
) -> DisputeDetail:
    """Ask for more days of the window that runs, for a side; an arbiter gives them at once."""
    return house.disputes.act(viewer, dispute, acting.extend_case, data)


@_step("extensions/grant", "approve", "arbiter")
def grant(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[ExtensionGrant]
) -> DisputeDetail:
    """Grant an extension that was asked for: the other side, or an arbiter."""
    return house.disputes.act(viewer, dispute, acting.grant_case, data)


@_step("appeal", "approve")
def appeal(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[Reasoned]) -> DisputeDetail:
    """Appeal the ruling to the next of the document's ladder. Needs `approve` for the side."""
    return house.disputes.act(viewer, dispute, acting.appeal_case, data)


@_step("waiver", "approve")
def waiver(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[OfSide]) -> DisputeDetail:
    """Say that a side will not appeal; once both have, the ruling stands and is posted."""
    return house.disputes.act(viewer, dispute, acting.waive_case, data)


@_step("withdrawal", "approve")
def withdrawal(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[Reasoned]
) -> DisputeDetail:
    """Withdraw the claim; what was held is released. Needs `approve` for the claimant."""
    return house.disputes.act(viewer, dispute, acting.withdraw_case, data)


@_step("closing", "arbiter")
def closing(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[Reasoned]) -> DisputeDetail:
    """Close a dispute whose decision is posted, once what else it asks for was done. Arbiters only."""
    return house.disputes.act(viewer, dispute, acting.close_case, data)


@_step("settlement-request", "approve")
def settlement_request(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[SettlementAsked]
) -> SettlementToSign:
    """Return what a side signs to propose a settlement; nothing is recorded."""
    return house.disputes.to_sign(viewer, dispute, data)


@_step("settlements", "approve")
def settlements(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[SettlementSigned]
) -> DisputeDetail:
    """Propose a settlement with the signature of the side's key. The last of each side can be accepted."""
    return house.disputes.act(viewer, dispute, acting.offer_case, data)


@get(
    "/disputes/{dispute:str}/settlements/{number:int}/signing-request",
    opt=needs("approve"),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def acceptance_request(
    house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber
) -> SettlementToSign:
    """Return what the other side signs to accept a proposal."""
    return house.disputes.offer_to_sign(viewer, dispute, number)


@_step("settlements/{number:int}/acceptance", "approve")
def acceptance(
    house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: JSONBody[Acceptance]
) -> DisputeDetail:
    """Accept a proposal with the signature of the other side's key; it is posted and the case closed."""
    return house.disputes.act(viewer, dispute, acting.accept_case, number, data)


# ---- from the page


def dispute_page(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: House,
    viewer: Viewer,
    dispute: str,
    form: Form = BLANK,
    done: str | None = None,
    to_sign: SettlementToSign | None = None,
) -> Response[str]:
    """Return the page of a dispute, with a form that was sent where it was refused or is to be signed."""
    shown, behind = house.disputes.dispute(viewer, dispute), house.rulings.behind(viewer, dispute)
    told = None if to_sign is None else asdict(to_sign)
    return page_of_forms(request, "dispute.html", form, dispute=shown, behind=behind, done=done, to_sign=told)


def _answer_of(typed: Mapping[str, str]) -> AnswerGiven:
    said = {name.removeprefix(_FACT): value for name, value in typed.items() if name.startswith(_FACT)}
    facts = {name: FactAnswered(admitted=value == "admitted") for name, value in said.items() if value}
    return AnswerGiven(typed.get("words", ""), facts)


def _extension_of(typed: Mapping[str, str]) -> ExtensionRequest:
    days = number_of(typed.get("days", ""), "days")
    return ExtensionRequest(typed.get("of", ""), days, typed.get("reason", ""), typed.get("side"))


def _accepted_of(typed: Mapping[str, str]) -> tuple[int, Acceptance]:
    return number_of(typed.get("number", ""), "number"), Acceptance(typed.get("signature", "").strip())


_Do = Callable[..., Dispute]
_FORMS: Mapping[str, tuple[_Do, Callable[[Mapping[str, str]], tuple[object, ...]]]] = {
    "confirm": (acting.confirm_case, lambda typed: (typed.get("reason", ""),)),
    "answer": (acting.answer_case, lambda typed: (_answer_of(typed),)),
    "rest": (acting.rest_case, lambda typed: (asked_for(OfSide, typed),)),
    "extend": (acting.extend_case, lambda typed: (_extension_of(typed),)),
    "grant": (acting.grant_case, lambda typed: (asked_for(ExtensionGrant, typed),)),
    "decide": (acting.decide_case, lambda _typed: ()),
    "appeal": (acting.appeal_case, lambda typed: (asked_for(Reasoned, typed),)),
    "waive": (acting.waive_case, lambda typed: (asked_for(OfSide, typed),)),
    "withdraw": (acting.withdraw_case, lambda typed: (asked_for(Reasoned, typed),)),
    "rule": (rule_as_typed, lambda typed: (asked_for(TypedRuling, typed),)),
    "close": (acting.close_case, lambda typed: (asked_for(Reasoned, typed),)),
    "serve": (acting.serve_case, lambda _typed: (ServedAs("inbox"),)),
    "settle": (acting.offer_as_typed, lambda typed: (asked_for(SettlementTyped, typed),)),
    "accept": (acting.accept_case, _accepted_of),
}
"""The forms of a dispute's page by their name: what each does, and what it reads from what was typed."""


@post(
    "/disputes/{dispute:str}/{act:str}",
    opt=needs("approve", "arbiter", "operator"),
    status_code=303,
    sync_to_thread=True,
)
def act_form(  # noqa: PLR0913, PLR0917 -- who does what to which dispute
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, act: PathText, data: Typed
) -> Response[Any] | Redirect:
    """Do something to a dispute from its page."""
    try:
        if act not in _FORMS:
            raise RequestUnusable("the page has no such form", where="act")
        if act == "settle" and not data.get("signature", "").strip():
            proposed = acting.settlement_typed(
                house.disputes.found(viewer, dispute), asked_for(SettlementTyped, data)
            )
            to_sign = house.disputes.to_sign(viewer, dispute, proposed)
            return dispute_page(request, house, viewer, dispute, Form(act, data), to_sign=to_sign)
        do, read = _FORMS[act]
        house.disputes.act(viewer, dispute, do, *read(data))
    except TallystickError as fault:
        return dispute_page(request, house, viewer, dispute, refused(request, act, data, fault))
    return Redirect(f"/disputes/{dispute}", query_params={"done": act}, status_code=303)


api = (
    services, answer, rest, extensions, grant, appeal, waiver, withdrawal, closing, settlement_request,
    settlements, acceptance_request, acceptance,
)  # fmt: skip
