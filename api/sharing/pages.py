"""Data of orders on its page: which grants there are, who received what, and a form to ask with."""

from __future__ import annotations

import re
from typing import Any

from litestar import Router, get, post
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.errors import RequestUnusable
from api.forms import BLANK, Form, page_of_forms, refused
from api.given import Asked, Chosen, Done, TheHouse, TheViewer, Typed
from api.office.data_requests import DataAsked
from api.pages import language_of
from api.sharing.schemas import DataAnswer, GoneRequest
from policies.errors import TallystickError

_SHOWN_MAX = 100
_LISTS = ("fields", "orders", "by")
_APART = re.compile(r"[\s,;，；、]+")


def _page(  # noqa: PLR0913, PLR0917 -- who asks for what, the form that they sent, and its answer
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None = None,
    form: Form = BLANK,
    done: str | None = None,
    answer: DataAnswer | None = None,
    asked_fields: tuple[str, ...] = (),
) -> Response[str]:
    known, chosen = house.agreements.choice(viewer, agreement)
    language = language_of(request)
    grants = house.sharing.grants(viewer, chosen) if chosen else ()
    mine = [one for one in grants if viewer.parties & {party.id for party in one.recipients}]
    labels = house.sharing.labels(viewer, chosen) if chosen else {}
    return page_of_forms(
        request,
        "data.html",
        form,
        known=known,
        chosen=chosen,
        grants=grants,
        purposes=list(dict.fromkeys(one.purpose for one in mine if not one.only_groups)),
        group_purposes=list(dict.fromkeys(one.purpose for one in mine if one.aggregates_at_least)),
        labels={name: words.spoken(language) for name, words in labels.items()},
        rows=house.sharing.page(viewer, chosen, None, _SHOWN_MAX).sharings,
        done=done,
        answer=answer,
        asked_fields=asked_fields,
    )


@get("/data", opt=signed_in(), sync_to_thread=True)
def data_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None, done: Done = None
) -> Response[str]:
    """Show the grants of an agreement, and who received what."""
    return _page(request, house, viewer, agreement, done=done)


@post("/data", opt=needs("read"), status_code=200, sync_to_thread=True)
def ask_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str]:
    """Answer a request for data on the page; it is on record before the page is made."""
    agreement = data.get("agreement", "").strip()
    fields, orders, by = (tuple(filter(None, _APART.split(data.get(name, "")))) for name in _LISTS)
    in_groups = data.get("level") == "aggregate"
    asked = DataAsked(
        agreement=agreement,
        purpose=data.get("purpose", "").strip(),
        fields=tuple(dict.fromkeys((*fields, *by))),
        level="aggregate" if in_groups else "order",
        orders=orders,
        by=by,
        from_day=data.get("from_day", "").strip() or None,
        to_day=data.get("to_day", "").strip() or None,
    )
    form = "groups" if in_groups else "ask"
    try:
        answer = house.sharing.access(viewer, asked)
    except TallystickError as fault:
        return _page(request, house, viewer, agreement, refused(request, form, data, fault))
    shown = Form(form, data)
    return _page(request, house, viewer, agreement, shown, answer=answer, asked_fields=fields)


@post("/data/gone", opt=needs("approve"), status_code=303, sync_to_thread=True)
def gone_form(house: TheHouse, viewer: TheViewer, data: Typed) -> Redirect:
    """Record from the page that what was received is gone."""
    how: Any = data.get("how")
    if how not in {"deleted", "returned"}:
        raise RequestUnusable("say whether it was deleted or returned", where="how")
    house.sharing.gone(viewer, data.get("sharing", "").strip(), GoneRequest(how))
    agreement = {"agreement": data["agreement"]} if data.get("agreement") else {}
    return Redirect("/data", query_params={"done": "gone", **agreement}, status_code=303)


pages = Router("/", route_handlers=[data_page, ask_form, gone_form], include_in_schema=False)
