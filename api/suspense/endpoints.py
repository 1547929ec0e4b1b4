"""Lines in suspense over the API, and on their page: how long they wait, and claims to them."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Chosen, Done, PathText, TheHouse, TheViewer, Typed
from api.problems import api_problems
from api.sending import table
from api.suspense.schemas import (
    AcceptRequest,
    ClaimRequest,
    ClaimShown,
    RulingRequest,
    Suspense,
    SuspenseTyped,
)
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["orders"]
_COLUMNS = (
    "order", "line", "sold_at", "days", "amount", "amount_minor", "currency", "reason", "words_zh",
    "words_en", "missing", "may_claim",
)  # fmt: skip


@get(
    "/agreements/{agreement:str}/suspense",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def suspense(house: TheHouse, viewer: TheViewer, agreement: PathText) -> Suspense:
    """Return the order lines of an agreement that are nobody's yet, oldest first, and their ages."""
    return house.suspense.suspense(viewer, agreement)


@csv_table("/agreements/{agreement:str}/suspense.csv", _TAGS, 404)
def suspense_csv(house: TheHouse, viewer: TheViewer, agreement: PathText) -> Stream:
    """Return the order lines of an agreement that are nobody's yet as CSV."""
    return table(house.suspense.suspense(viewer, agreement).lines, f"{agreement}-suspense", _COLUMNS)


@post(
    "/agreements/{agreement:str}/claims",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def claim(
    house: TheHouse, viewer: TheViewer, agreement: PathText, data: JSONBody[ClaimRequest]
) -> ClaimShown:
    """Claim a line in suspense. Needs `approve` for the party; the same claim again adds nothing."""
    return house.suspense.claim(viewer, agreement, data)


@post(
    "/agreements/{agreement:str}/claims/{claim_id:str}/acceptances",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def accept(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    claim_id: PathText,
    data: JSONBody[AcceptRequest],
) -> ClaimShown:
    """Accept a claim for one of those it waits for. Needs `approve` for that party."""
    return house.suspense.accept(viewer, agreement, claim_id, data)


@post(
    "/agreements/{agreement:str}/claims/{claim_id:str}/ruling",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def rule(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    claim_id: PathText,
    data: JSONBody[RulingRequest],
) -> ClaimShown:
    """Record what a decided dispute means for a claim. Needs `approve` for who keeps the escrow."""
    return house.suspense.rule(viewer, agreement, claim_id, data)


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    known, chosen = house.agreements.choice(viewer, agreement)
    return page_of_forms(
        request,
        "suspense.html",
        form,
        known=known,
        chosen=chosen,
        shown=house.suspense.suspense(viewer, chosen) if chosen else None,
        parties=house.suspense.parties(viewer, chosen) if chosen else (),
        done=done,
    )


@get("/suspense", opt=signed_in(), sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None, done: Done = None
) -> Response[str]:
    """Show the order lines of one agreement that are nobody's yet, and claims to them."""
    return _answer(request, house, viewer, agreement, done=done)


@post("/suspense", opt=needs("approve"), status_code=303, sync_to_thread=True)
def say_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Claim a line from the page, or accept a claim where one is named."""
    asked = asked_for(SuspenseTyped, data)
    try:
        if asked.claim:
            acceptance = AcceptRequest(asked.party, asked.reason)
            house.suspense.accept(viewer, asked.agreement, asked.claim, acceptance)
        else:
            wanted = ClaimRequest(asked.order, asked.line, asked.party, asked.reason)
            house.suspense.claim(viewer, asked.agreement, wanted)
    except TallystickError as fault:
        return _answer(request, house, viewer, asked.agreement, refused(request, "say", data, fault))
    query = {"agreement": asked.agreement, "done": "accepted" if asked.claim else "claimed"}
    return Redirect("/suspense", query_params=query, status_code=303)


pages = Router("/", route_handlers=[list_page, say_form], include_in_schema=False)
api = Router("/v1", route_handlers=[suspense, suspense_csv, claim, accept, rule])
