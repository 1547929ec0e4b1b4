"""Holds over the API, and on their page: open and past ones, with forms for the house."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import AfterEntry, Asked, Done, Limit, PathText, TheHouse, TheViewer, Typed
from api.holds.schemas import Expired, HoldPage, HoldShown, ReleaseRequest
from api.office.holds import HoldAsked
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["accounts"]
_ROWS_PER_PAGE = 100
_COLUMNS = (
    "id", "entry_seq", "agreement", "owner", "purpose", "label_zh", "label_en", "amount", "amount_minor",
    "held", "held_minor", "currency", "state", "placed_at", "expires_at", "clause", "reason", "placed_by",
    "case",
)  # fmt: skip

Chosen = Annotated[str | None, QueryParameter(name="hold", max_length=64)]


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    form: Form = BLANK,
    done: str | None = None,
    chosen: str | None = None,
) -> Response[str]:
    rows = house.holds.holds(viewer)
    shown = [one for one in rows if one.state == "open"], [one for one in rows if one.state != "open"]
    releasing = next((one for one in rows if one.id == chosen), None)
    return page_of_forms(
        request,
        "holds.html",
        form,
        tables=(("open", shown[0]), ("past", shown[1])),
        done=done,
        chosen=chosen,
        releasing=releasing,
        may_place=viewer.has("operator") or viewer.has("arbiter"),
        may_expire=viewer.has("operator"),
    )


@get("/holds", opt=signed_in(), sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None, hold: Chosen = None
) -> Response[str]:
    """Show the holds the viewer may read, open ones first."""
    return _answer(request, house, viewer, done=done, chosen=hold)


@post("/holds", opt=needs("arbiter", "operator"), status_code=303, sync_to_thread=True)
def place_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Place a hold from the page."""
    try:
        house.holds.place(viewer, asked_for(HoldAsked, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "place", data, fault))
    return Redirect("/holds", query_params={"done": "placed"}, status_code=303)


@post("/holds/releases", opt=needs("arbiter", "operator"), status_code=303, sync_to_thread=True)
def release_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Release a hold from the page."""
    hold = data.get("hold", "").strip()
    try:
        house.holds.release(viewer, hold, asked_for(ReleaseRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "release", data, fault), chosen=hold)
    return Redirect("/holds", query_params={"done": "released"}, status_code=303)


@post("/holds/expiries", opt=needs("operator"), status_code=303, sync_to_thread=True)
def expire_form(house: TheHouse) -> Redirect:
    """Write down from the page which holds have expired."""
    house.holds.expire()
    return Redirect("/holds", query_params={"done": "expired"}, status_code=303)


@get("/holds", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def holds(
    house: TheHouse, viewer: TheViewer, after: AfterEntry = None, limit: Limit = _ROWS_PER_PAGE
) -> HoldPage:
    """Return the holds the viewer may read, as they stand now, in the order of placing."""
    return house.holds.page(viewer, after, limit)


@csv_table("/holds.csv", _TAGS)
def holds_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the holds the viewer may read as CSV."""
    return table(house.holds.holds(viewer), "holds", _COLUMNS)


@post(
    "/holds",
    opt=needs("arbiter", "operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def place(house: TheHouse, viewer: TheViewer, data: JSONBody[HoldAsked]) -> HoldShown:
    """Place a hold. Needs the operator, or an arbiter who acts for no party to the agreement."""
    return house.holds.place(viewer, data)


@post(
    "/holds/{hold:str}/releases",
    opt=needs("arbiter", "operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def release(house: TheHouse, viewer: TheViewer, hold: PathText, data: JSONBody[ReleaseRequest]) -> HoldShown:
    """Release a hold, whole or in part. Needs the operator, or an arbiter who acts for no party to it."""
    return house.holds.release(viewer, hold, data)


@post("/holds/expiries", opt=needs("operator"), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def expiries(house: TheHouse) -> Expired:
    """Write down the holds that have expired. What is held does not wait for it. Needs the operator."""
    return house.holds.expire()


pages = Router(
    "/", route_handlers=[list_page, place_form, release_form, expire_form], include_in_schema=False
)
api = Router("/v1", route_handlers=[holds, holds_csv, place, release, expiries])
