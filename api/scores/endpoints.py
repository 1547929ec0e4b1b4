"""Scores over the API, and on their page, with the form by which a platform records one."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, refused
from api.given import Asked, Done, TheHouse, TheViewer, Typed
from api.pages import page
from api.problems import api_problems
from api.scores.schemas import ScoreRequest, ScoreShown
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["scores"]
_COLUMNS = ("agreement", "party", "period", "scorecard", "total", "tier", "credit", "entry_seq", "at")


def _answer(
    request: Asked, house: TheHouse, viewer: TheViewer, form: Form = BLANK, done: str | None = None
) -> Response[str]:
    return page(
        request,
        "scores.html",
        status=form.status,
        rows=house.scores.scores(viewer),
        scored=house.scores.scored(viewer),
        form=form,
        done=done,
    )


@get("/scores", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show the recorded scores that the viewer may read, with all they rest on."""
    return _answer(request, house, viewer, done=done)


@post("/scores", opt=needs("approve"), status_code=303, sync_to_thread=True)
def record_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Record a score from the page."""
    try:
        house.scores.record(viewer, asked_for(ScoreRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "record", data, fault))
    return Redirect("/scores", query_params={"done": "recorded"}, status_code=303)


@get("/scores", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def scores(house: TheHouse, viewer: TheViewer) -> tuple[ScoreShown, ...]:
    """Return the recorded scores that the viewer may read, newest first."""
    return house.scores.scores(viewer)


@csv_table("/scores.csv", _TAGS)
def scores_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the recorded scores that the viewer may read as CSV."""
    return table(house.scores.scores(viewer), "scores", _COLUMNS)


@post("/scores", opt=needs("approve"), responses=api_problems(404, 422), sync_to_thread=True, tags=_TAGS)
def record(house: TheHouse, viewer: TheViewer, data: JSONBody[ScoreRequest]) -> ScoreShown:
    """Work out and record a party's score of a period. Needs `approve` for the platform."""
    return house.scores.record(viewer, data)


pages = Router("/", route_handlers=[list_page, record_form], include_in_schema=False)
api = Router("/v1", route_handlers=[scores, scores_csv, record])
