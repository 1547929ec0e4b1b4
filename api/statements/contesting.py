"""Statements served and contested, over the API and from a statement's page; contests ended."""

from __future__ import annotations

from litestar import get, post
from litestar.params import JSONBody, URLEncodedBody
from litestar.response import Redirect

from api.access import Role, needs, signed_in
from api.forms import asked_for
from api.given import PathNumber, PathText, TheHouse, TheViewer, Typed
from api.problems import api_problems
from api.statements.schemas import (
    ContestForm,
    ContestRequest,
    ContestShown,
    EndRequest,
    ServiceRequest,
    ServiceShown,
    StatementLife,
)

_TAGS = ["statements"]


def _end(how: str, role: Role) -> post:
    """Declare one of the ways to end a contest, and the role that it needs."""
    return post(
        f"/statements/{{statement:str}}/contests/{{number:int}}/{how}",
        opt=needs(role),
        responses=api_problems(404, 409, 422),
        sync_to_thread=True,
        tags=_TAGS,
    )


@post("/statements/{statement:str}/contest", opt=needs("approve"), status_code=303, sync_to_thread=True)
def contest_form(
    house: TheHouse, viewer: TheViewer, statement: PathText, data: URLEncodedBody[ContestForm]
) -> Redirect:
    """Contest a line, a figure or the whole from the statement's page."""
    house.statements.contest(viewer, statement, data.asked())
    return Redirect(f"/statements/{statement}#contests", status_code=303)


@post(
    "/statements/{statement:str}/contests/{number:int}/withdraw",
    opt=needs("approve"),
    status_code=303,
    sync_to_thread=True,
)
def withdraw_form(
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    number: PathNumber,
    data: Typed,
) -> Redirect:
    """Withdraw a contest from the statement's page."""
    house.statements.end_contest(viewer, statement, number, "withdrawn", asked_for(EndRequest, data))
    return Redirect(f"/statements/{statement}#contests", status_code=303)


@post(
    "/statements/{statement:str}/services",
    opt=needs("operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def services(
    house: TheHouse, viewer: TheViewer, statement: PathText, data: JSONBody[ServiceRequest]
) -> tuple[ServiceShown, ...]:
    """Record that a statement reached its party. The operator's; the same means again changes nothing."""
    return house.statements.serve(viewer, statement, data)


@post(
    "/statements/{statement:str}/contests",
    opt=needs("approve"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def contest(
    house: TheHouse, viewer: TheViewer, statement: PathText, data: JSONBody[ContestRequest]
) -> StatementLife:
    """Contest lines, figures or the whole, for the statement's party; what of it is above zero is held.

    Needs `approve` for the party. The same contest again, while it stands, changes nothing.
    """
    return house.statements.contest(viewer, statement, data)


@get("/contests", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def contests(house: TheHouse, viewer: TheViewer) -> tuple[ContestShown, ...]:
    """Return the contests that the viewer may read, newest first."""
    return house.statements.contests(viewer)


@_end("withdrawal", "approve")
def withdrawal(
    house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber, data: JSONBody[EndRequest]
) -> ContestShown:
    """Withdraw a contest, for the statement's party; what it held is released. Needs `approve`."""
    return house.statements.end_contest(viewer, statement, number, "withdrawn", data)


@_end("answer", "operator")
def answer(
    house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber, data: JSONBody[EndRequest]
) -> ContestShown:
    """Answer a contest by the statement that corrects this one; what it held is released. The operator's."""
    return house.statements.end_contest(viewer, statement, number, "answered", data)


@_end("dismissal", "arbiter")
def dismissal(
    house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber, data: JSONBody[EndRequest]
) -> ContestShown:
    """Dismiss a contest; what it held is released. For an arbiter who acts for no party to the agreement."""
    return house.statements.end_contest(viewer, statement, number, "dismissed", data)


pages = (contest_form, withdraw_form)
api = (services, contest, contests, withdrawal, answer, dismissal)
