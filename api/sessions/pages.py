"""Pages of sessions in figures: the report of a session, of a promotion, and how a lottery was drawn."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, page_of_forms, refused
from api.given import Asked, Done, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from api.sessions.schemas import CloseRequest, DrawRequest
from ledger.sessions.lottery import Redone
from policies.errors import TallystickError

SAID_SHOWN = 500
"""Parts of a transcript on a page; all are in the file."""


@get("/sessions/{session:str}", opt=signed_in(), sync_to_thread=True)
def session_page(request: Asked, house: TheHouse, viewer: TheViewer, session: PathText) -> Response[str]:
    """Show how a session went."""
    shown = house.sessions.session(viewer, session)
    return page(request, "session.html", shown=shown, listed=shown.items, said=shown.said[:SAID_SHOWN])


@get("/promotions/{promotion:str}", opt=signed_in(), sync_to_thread=True)
def promotion_page(request: Asked, house: TheHouse, viewer: TheViewer, promotion: PathText) -> Response[str]:
    """Show what a promotion cost and brought."""
    return page(request, "promotion.html", shown=house.sessions.promotion(viewer, promotion))


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for which, and what came of the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    lottery: str,
    form: Form = BLANK,
    redone: Redone | None = None,
    done: str | None = None,
) -> Response[str]:
    record = house.sessions.fairness(viewer, lottery)
    return page_of_forms(
        request,
        "lottery.html",
        form,
        record=record,
        redone=redone,
        done=done,
        steps={"announced": "close", "closed": "draw"}.get(record.state) if _may_tell(viewer.roles) else None,
    )


def _may_tell(roles: frozenset[str]) -> bool:
    return bool(roles & {"draft", "approve"})


@get("/lotteries/{lottery:str}", opt=signed_in(), sync_to_thread=True)
def lottery_page(
    request: Asked, house: TheHouse, viewer: TheViewer, lottery: PathText, done: Done = None
) -> Response[str]:
    """Show what a draw rests on, with the form that draws it again."""
    return _answer(request, house, viewer, lottery, done=done)


@post("/lotteries/{lottery:str}/redraws", opt=signed_in(), status_code=200, sync_to_thread=True)
def redraw_form(
    request: Asked, house: TheHouse, viewer: TheViewer, lottery: PathText, data: Typed
) -> Response[str]:
    """Draw a lottery again from its page; nothing is written."""
    try:
        redone = house.sessions.redraw(viewer, lottery, _entrants(data))
    except TallystickError as fault:
        return _answer(request, house, viewer, lottery, refused(request, "redraw", data, fault))
    return _answer(request, house, viewer, lottery, redone=redone)


@post("/lotteries/{lottery:str}", opt=needs("draft", "approve"), status_code=303, sync_to_thread=True)
def tell_form(
    request: Asked, house: TheHouse, viewer: TheViewer, lottery: PathText, data: Typed
) -> Response[str] | Redirect:
    """Close a lottery from its page with a list of entrants, or draw it with its seed."""
    step = "draw" if "seed" in data else "close"
    try:
        if step == "draw":
            asked = DrawRequest(data["seed"].strip(), _entrants(data))
            house.sessions.draw(viewer, lottery, asked)
        else:
            house.sessions.close(viewer, lottery, CloseRequest(_entrants(data)))
    except TallystickError as fault:
        return _answer(request, house, viewer, lottery, refused(request, step, data, fault))
    return Redirect(f"/lotteries/{lottery}", query_params={"done": step}, status_code=303)


def _entrants(data: Typed) -> tuple[str, ...]:
    return tuple(data.get("entrants", "").splitlines())


pages = Router(
    "/",
    route_handlers=[session_page, promotion_page, lottery_page, redraw_form, tell_form],
    include_in_schema=False,
)
