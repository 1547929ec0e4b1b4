"""The page of exchange: positions, rates, conversions, gains and losses; forms for who keeps the books."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Router, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.fx.schemas import RateRequest
from api.given import Asked, BeforeEntry, Chosen, Done, TheHouse, TheViewer, Typed
from api.office.fx import ConversionAsked
from policies.errors import TallystickError

Table = Annotated[Literal["rates", "conversions", "gains"] | None, QueryParameter(name="table")]


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None,
    form: Form = BLANK,
    cursor: tuple[str | None, int | None] = (None, None),
    done: str | None = None,
) -> Response[str]:
    known, chosen = house.agreements.choice(viewer, agreement)
    may_keep = chosen is not None and house.fx.may_keep(viewer, chosen)
    shown = None
    if chosen is not None and (chosen in known or not may_keep):
        shown = house.fx.overview(viewer, chosen, *cursor)
    return page_of_forms(
        request,
        "fx.html",
        form,
        known=known,
        chosen=chosen,
        shown=shown,
        may_keep=may_keep or viewer.has("operator"),
        done=done,
        table=cursor[0],
    )


@get("/fx", opt=signed_in(), sync_to_thread=True)
def fx_page(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Chosen = None,
    table: Table = None,
    before: BeforeEntry = None,
    done: Done = None,
) -> Response[str]:
    """Show exchange under one agreement; `before` continues one of its tables."""
    return _answer(request, house, viewer, agreement, cursor=(table, before), done=done)


@post("/fx/rates", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def rate_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Record a rate from the page."""
    asked = asked_for(RateRequest, data, capitals=("base", "quote"))
    try:
        house.fx.record(viewer, asked)
    except TallystickError as fault:
        return _answer(request, house, viewer, asked.agreement, refused(request, "rate", data, fault))
    return _back(asked.agreement, "rate")


@post("/fx/conversions", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def conversion_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: Typed
) -> Response[str] | Redirect:
    """Convert from the page."""
    asked = asked_for(ConversionAsked, data, capitals=("currency", "into"))
    try:
        house.fx.convert(viewer, asked)
    except TallystickError as fault:
        return _answer(request, house, viewer, asked.agreement, refused(request, "convert", data, fault))
    return _back(asked.agreement, "conversion")


def _back(agreement: str, done: str) -> Redirect:
    return Redirect("/fx", query_params={"agreement": agreement, "done": done}, status_code=303)


pages = Router("/", route_handlers=[fx_page, rate_form, conversion_form], include_in_schema=False)
