"""Notices over the API, and on their pages: what is open first, each with the form that dismisses it."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, refused
from api.given import Asked, BeforeEntry, Done, Limit, PathText, TheHouse, TheViewer, Typed
from api.notices.schemas import DismissalRequest, FilingRequest, NoticePage, NoticeShown
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["notices"]
_ROWS_PER_PAGE = 100
_COLUMNS = (
    "id", "entry_seq", "code", "severity", "state", "agreement", "version", "clause", "text_zh", "text_en",
    "cites", "given_at", "readers", "dispute",
)  # fmt: skip

Open = Annotated[bool, QueryParameter(name="open", description="Only those that are still open.")]


@get("/notices", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the notices the viewer may read, open ones first."""
    rows = house.notices.notices(viewer)
    shown = [one for one in rows if one.state == "open"], [one for one in rows if one.state != "open"]
    return page(request, "notices.html", tables=(("open", shown[0]), ("past", shown[1])))


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    notice: str,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    found = house.notices.notice(viewer, notice)
    return page(request, "notice.html", status=form.status, notice=found, form=form, done=done)


@get("/notices/{notice:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(
    request: Asked, house: TheHouse, viewer: TheViewer, notice: PathText, done: Done = None
) -> Response[str]:
    """Show one notice: what it says, the clause, the entries it rests on, what was done about it."""
    return _answer(request, house, viewer, notice, done=done)


@post("/notices/{notice:str}/dismissals", opt=needs("approve"), status_code=303, sync_to_thread=True)
def dismiss_form(
    request: Asked, house: TheHouse, viewer: TheViewer, notice: PathText, data: Typed
) -> Response[str] | Redirect:
    """Dismiss a notice from its page."""
    try:
        house.notices.dismiss(viewer, notice, asked_for(DismissalRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, notice, refused(request, "dismiss", data, fault))
    return Redirect(f"/notices/{notice}", query_params={"done": "dismissed"}, status_code=303)


@post("/notices/{notice:str}/cases", opt=needs("approve"), status_code=303, sync_to_thread=True)
def file_form(
    request: Asked, house: TheHouse, viewer: TheViewer, notice: PathText, data: Typed
) -> Response[str] | Redirect:
    """Make a case of a notice from its page."""
    try:
        shown = house.notices.file(viewer, notice, asked_for(FilingRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, notice, refused(request, "file", data, fault))
    return Redirect(f"/disputes/{shown.dispute}", status_code=303)


@get("/notices", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def list_notices(
    house: TheHouse,
    viewer: TheViewer,
    before: BeforeEntry = None,
    limit: Limit = _ROWS_PER_PAGE,
    open_only: Open = False,  # noqa: FBT002 -- a flag of the address
) -> NoticePage:
    """Return the notices the viewer may read, newest first."""
    return house.notices.page(viewer, before, limit, open_only=open_only)


@csv_table("/notices.csv", _TAGS)
def notices_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the notices the viewer may read as CSV."""
    return table(house.notices.notices(viewer), "notices", _COLUMNS)


@get("/notices/{notice:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def one_notice(house: TheHouse, viewer: TheViewer, notice: PathText) -> NoticeShown:
    """Return one notice."""
    return house.notices.notice(viewer, notice)


@post(
    "/notices/{notice:str}/dismissals",
    opt=needs("approve"),
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def dismiss_notice(
    house: TheHouse, viewer: TheViewer, notice: PathText, data: JSONBody[DismissalRequest]
) -> NoticeShown:
    """Dismiss a notice for one of the caller's parties; other readers keep it. Needs `approve` within it."""
    return house.notices.dismiss(viewer, notice, data)


@post(
    "/notices/{notice:str}/cases",
    opt=needs("approve"),
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def file_notice(
    house: TheHouse, viewer: TheViewer, notice: PathText, data: JSONBody[FilingRequest]
) -> NoticeShown:
    """Make a case of a notice, with the facts that it cites. Needs `approve` within the party that files."""
    return house.notices.file(viewer, notice, data)


pages = Router("/", route_handlers=[list_page, detail_page, dismiss_form, file_form], include_in_schema=False)
api = Router("/v1", route_handlers=[list_notices, notices_csv, one_notice, dismiss_notice, file_notice])
