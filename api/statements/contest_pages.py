"""The page of contests: open ones first, with forms for who dismisses them and who answers."""

from __future__ import annotations

from litestar import get, post
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Done, PathNumber, PathText, TheHouse, TheViewer, Typed
from api.sending import table
from api.statements.schemas import EndRequest
from api.tables import csv_table
from ledger.statements.acts import End
from policies.errors import TallystickError

_COLUMNS = (
    "statement", "agreement", "party", "number", "status", "reason", "contested_at", "contested_by", "amount",
    "amount_minor", "held", "held_minor", "currency", "end_reason", "correction", "entry_seq", "ended_seq",
)  # fmt: skip


def _answer(
    request: Asked, house: TheHouse, viewer: TheViewer, form: Form = BLANK, done: str | None = None
) -> Response[str]:
    rows = house.statements.contests(viewer)
    shown = [one for one in rows if one.status == "open"], [one for one in rows if one.status != "open"]
    return page_of_forms(
        request,
        "contests.html",
        form,
        tables=(("open", shown[0]), ("past", shown[1])),
        done=done,
    )


@get("/contests", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show the contests the viewer may read, open ones first."""
    return _answer(request, house, viewer, done=done)


@post(
    "/contests/{statement:str}/{number:int}/dismiss",
    opt=needs("arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def dismiss_form(  # noqa: PLR0913, PLR0917 -- which contest, for whom, and the form
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber, data: Typed
) -> Response[str] | Redirect:
    """Dismiss a contest from the page."""
    return _ended(request, house, viewer, (statement, number, "dismissed"), data)


@post(
    "/contests/{statement:str}/{number:int}/answer",
    opt=needs("operator"),
    status_code=303,
    sync_to_thread=True,
)
def answer_form(  # noqa: PLR0913, PLR0917 -- as above
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber, data: Typed
) -> Response[str] | Redirect:
    """Answer a contest from the page by the statement that corrects."""
    return _ended(request, house, viewer, (statement, number, "answered"), data)


def _ended(
    request: Asked, house: TheHouse, viewer: TheViewer, which: tuple[str, int, End], data: Typed
) -> Response[str] | Redirect:
    statement, number, how = which
    try:
        house.statements.end_contest(viewer, statement, number, how, asked_for(EndRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, f"{statement}.{number}", data, fault))
    return Redirect("/contests", query_params={"done": how}, status_code=303)


@csv_table("/contests.csv", ["statements"])
def contests_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the contests that the viewer may read as CSV."""
    return table(house.statements.contests(viewer), "contests", _COLUMNS)


pages = (list_page, dismiss_form, answer_form)
api = (contests_csv,)
