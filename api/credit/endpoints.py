"""Credit over the API, and on its page: scores with their points, giving, appealing and deciding."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.credit.schemas import (
    CreditShown,
    PointsShown,
    PointsTyped,
    StepRequest,
    StepTyped,
)
from api.forms import BLANK, Form, asked_for, refused
from api.given import Asked, Done, PathText, TheHouse, TheViewer, Typed
from api.office.credit import PointsRequest
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.credit.model import standard_model
from policies.errors import TallystickError

_TAGS = ["credit"]
_COLUMNS = ("party", "keeper", "score", "exact", "band", "band_text_zh", "band_text_en")


def _answer(
    request: Asked, house: TheHouse, viewer: TheViewer, form: Form = BLANK, done: str | None = None
) -> Response[str]:
    return page(
        request,
        "credit.html",
        status=form.status,
        rows=house.credit.credit(viewer),
        kept=house.credit.kept(viewer),
        model=standard_model(),
        form=form,
        done=done,
    )


@get("/credit", opt=signed_in(), sync_to_thread=True)
def credit_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show the credit that the viewer may read, each point with its reason."""
    return _answer(request, house, viewer, done=done)


@post("/credit/points", opt=needs("approve"), status_code=303, sync_to_thread=True)
def give_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Give points from the page."""
    try:
        house.credit.give_typed(viewer, asked_for(PointsTyped, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "give", data, fault))
    return Redirect("/credit", query_params={"done": "given"}, status_code=303)


@post("/credit/steps", opt=needs("approve", "arbiter"), status_code=303, sync_to_thread=True)
def step_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Appeal against points from the page, or decide an appeal."""
    try:
        house.credit.step_typed(viewer, asked_for(StepTyped, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "step", data, fault))
    return Redirect("/credit", query_params={"done": "said"}, status_code=303)


@get("/credit", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def credit(house: TheHouse, viewer: TheViewer) -> tuple[CreditShown, ...]:
    """Return the credit of every party that the viewer may read, with each point and its reason."""
    return house.credit.credit(viewer)


@csv_table("/credit.csv", _TAGS)
def credit_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the scores that the viewer may read as CSV."""
    return table(house.credit.credit(viewer), "credit", _COLUMNS)


@post(
    "/credit/points",
    opt=needs("approve"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def give(house: TheHouse, viewer: TheViewer, data: JSONBody[PointsRequest]) -> PointsShown:
    """Give points by a rule, with the clause, the reason and the entries that show it."""
    return house.credit.give(viewer, data)


@post(
    "/credit/points/{points:str}/steps",
    opt=needs("approve", "arbiter"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def step(house: TheHouse, viewer: TheViewer, points: PathText, data: JSONBody[StepRequest]) -> PointsShown:
    """Appeal against points for their party, or as somebody else uphold, remove or restore them."""
    return house.credit.step(viewer, points, data)


pages = Router("/", route_handlers=[credit_page, give_form, step_form], include_in_schema=False)
api = Router("/v1", route_handlers=[credit, credit_csv, give, step])
