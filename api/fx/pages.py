"""The page of exchange: positions, rates, conversions, gains and losses; forms for who keeps the books."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from litestar import Router, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, refused
from api.fx.schemas import ConversionForm, ConversionRequest, RateForm, RateRequest
from api.given import Asked, TheHouse, TheViewer
from api.pages import page
from policies.errors import TallystickError

Chosen = Annotated[str | None, QueryParameter(name="agreement", max_length=64)]
Before = Annotated[int | None, QueryParameter(name="before", ge=0)]
Table = Annotated[Literal["rates", "conversions", "gains"] | None, QueryParameter(name="table")]
Done = Annotated[str | None, QueryParameter(name="done", max_length=20)]


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None,
    form: Form = BLANK,
    cursor: tuple[str | None, int | None] = (None, None),
    done: str | None = None,
) -> Response[str]:
    known = house.agreements.signed_ids(viewer)
    chosen = agreement or (known[0] if known else None)
    may_keep = chosen is not None and house.fx.may_keep(viewer, chosen)
    shown = None
    if chosen is not None and (chosen in known or not may_keep):
        shown = house.fx.overview(viewer, chosen, *cursor)
    return page(
        request,
        "fx.html",
        status=form.status,
        known=known,
        chosen=chosen,
        shown=shown,
        may_keep=may_keep or viewer.has("operator"),
        form=form,
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
    before: Before = None,
    done: Done = None,
) -> Response[str]:
    """Show exchange under one agreement; `before` continues one of its tables."""
    return _answer(request, house, viewer, agreement or None, cursor=(table, before), done=done)


@post("/fx/rates", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def rate_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: URLEncodedBody[RateForm]
) -> Response[str] | Redirect:
    """Record a rate from the page."""
    asked = RateRequest(
        agreement=data.agreement.strip(),
        base=data.base.strip().upper(),
        quote=data.quote.strip().upper(),
        rate=data.rate.strip(),
        at=data.at.strip() or None,
        source=data.source.strip() or None,
    )
    try:
        house.fx.record(viewer, asked)
    except TallystickError as fault:
        return _answer(request, house, viewer, asked.agreement, refused(request, "rate", asdict(data), fault))
    return _back(asked.agreement, "rate")


@post("/fx/conversions", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def conversion_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: URLEncodedBody[ConversionForm]
) -> Response[str] | Redirect:
    """Convert from the page."""
    asked = ConversionRequest(
        id=data.id.strip(),
        agreement=data.agreement.strip(),
        account=data.account.strip(),
        amount=data.amount.strip(),
        currency=data.currency.strip().upper(),
        into=data.into.strip().upper(),
        sum=data.sum.strip() or None,
    )
    try:
        house.fx.convert(viewer, asked)
    except TallystickError as fault:
        return _answer(
            request, house, viewer, asked.agreement, refused(request, "convert", asdict(data), fault)
        )
    return _back(asked.agreement, "conversion")


def _back(agreement: str, done: str) -> Redirect:
    return Redirect("/fx", query_params={"agreement": agreement, "done": done}, status_code=303)


pages = Router("/", route_handlers=[fx_page, rate_form, conversion_form], include_in_schema=False)
