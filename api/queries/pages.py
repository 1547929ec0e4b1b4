"""The query desk as a page: a question as a form, its answer, what was saved, and orders that widen."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Router, get, post
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Done, PathText, TheHouse, TheViewer, Typed
from api.queries.schemas import (
    EntryFound,
    Found,
    GroupFound,
    OrderFound,
    OrderTold,
    PostingFound,
    QueryPage,
    QueryRequest,
    WideningRequest,
)
from api.reading import Money
from api.worded import local_time
from ledger.derive import LINE_EVENTS
from policies.agreement import Agreement
from policies.errors import TallystickError

_ENTRIES_PER_PAGE = 25
_KINDS = {event: kind for kind, event in LINE_EVENTS.items()}


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    dispute: str,
    form: Form = BLANK,
    done: str | None = None,
    found: QueryPage | None = None,
) -> Response[str]:
    agreement = house.disputes.found(viewer, dispute).agreement
    return page_of_forms(
        request,
        "desk.html",
        form,
        shown=house.queries.desk(viewer, dispute),
        title=house.disputes.dispute(viewer, dispute).title,
        found=found,
        rows=[_row(row, agreement) for row in found.rows] if found else [],
        done=done,
    )


@get("/disputes/{dispute:str}/queries", opt=signed_in(), sync_to_thread=True)
def desk_page(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, done: Done = None
) -> Response[str]:
    """Show the query desk; with a question in the address, its answer too."""
    typed = dict(request.query_params.items())
    if "of" not in typed:
        return _answer(request, house, viewer, dispute, done=done)
    try:
        asked = asked_for(QueryRequest, typed)
        after, size = _number(typed.get("after")), _number(typed.get("size"))
        found = house.queries.run(
            viewer, dispute, asked, -1 if after is None else after, _ENTRIES_PER_PAGE, size
        )
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "ask", typed, fault))
    return _answer(request, house, viewer, dispute, Form("ask", typed), done, found)


@post("/disputes/{dispute:str}/queries", opt=needs("arbiter"), status_code=303, sync_to_thread=True)
def save_form(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, data: Typed
) -> Response[str] | Redirect:
    """Save a question from the page."""
    try:
        house.queries.save(viewer, dispute, asked_for(QueryRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "ask", data, fault))
    return Redirect(f"/disputes/{dispute}/queries", query_params={"done": "saved"}, status_code=303)


@post(
    "/disputes/{dispute:str}/queries/{saved:str}/runs",
    opt=needs("arbiter", "auditor"),
    status_code=303,
    sync_to_thread=True,
)
def again_form(house: TheHouse, viewer: TheViewer, dispute: PathText, saved: PathText) -> Redirect:
    """Run a saved question again from the page."""
    outcome = "same" if house.queries.again(viewer, dispute, saved).same else "differs"
    return Redirect(f"/disputes/{dispute}/queries", query_params={"done": outcome}, status_code=303)


@post("/disputes/{dispute:str}/widenings", opt=needs("arbiter"), status_code=303, sync_to_thread=True)
def widen_form(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, data: Typed
) -> Response[str] | Redirect:
    """Open more to the queries of a dispute from the page."""
    try:
        house.queries.widen(viewer, dispute, asked_for(WideningRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "widen", data, fault))
    return Redirect(f"/disputes/{dispute}/queries", query_params={"done": "widened"}, status_code=303)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _row(plain: dict[str, Any], agreement: Agreement) -> Found:
    """Return a row of an answer as the page shows it."""
    if "posting" in plain:
        one = plain["posting"]
        amount = Money(one["amount_minor"], one["currency"])
        return PostingFound(
            plain["seq"], plain["occurred_at"], one["account"], amount, one["clause"], one["kind"]
        )
    if "told" in plain:
        told = tuple(
            OrderTold(
                one["seq"], _KINDS[one["event"]], one["occurred_at"],
                local_time(agreement, one["recorded_at"]),
                _text(one["facts"]), one.get("voided_by"),
            )
            for one in plain["told"]
        )  # fmt: skip
        return OrderFound(plain["seq"], plain["agreement"], plain["order"], plain["line"], told)
    groups = tuple(
        GroupFound(one["name"], _text({"content": one["content"], "postings": one["postings"]}))
        for one in plain["groups"]
    )
    return EntryFound(
        plain["seq"], plain["occurred_at"], plain["kind"], plain["asserter"], plain["id"], groups
    )


def _text(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


pages = Router("/", route_handlers=[desk_page, save_form, again_form, widen_form], include_in_schema=False)
