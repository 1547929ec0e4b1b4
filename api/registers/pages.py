"""Pages of registers: what there is, a register's items, and one item with its forms from the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Router, get, post
from litestar.params import MultipartBody
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, page_of_forms, refused
from api.given import Asked, Chosen, Done, PathText, TheHouse, TheViewer, Typed
from api.orders.receiving import handed_in
from api.pages import page
from api.registers.schemas import ImportAsked, TellRequest
from ledger.registers.importing import Imported
from policies.errors import TallystickError

ROWS_SHOWN = 200
"""Items on a page, the newest; all are in the file."""

REFUSALS_SHOWN = 50
"""Rows of a file on a page that were refused, the first."""

EVENTS_SHOWN = 200
"""Events on a page, the last ones; all are in the file."""

_PREFIX = "field."
"""In front of a field's name in a form, whose other names are the request's."""


@get("/registers", opt=signed_in(), sync_to_thread=True)
def kinds_page(request: Asked, house: TheHouse) -> Response[str]:
    """Show what registers there are."""
    return page(request, "registers.html", kinds=house.registers.kinds())


def _list(  # noqa: PLR0913, PLR0917 -- who asks for which, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    register: str,
    agreement: str | None,
    form: Form = BLANK,
    taken: Imported | None = None,
) -> Response[str]:
    kind = house.registers.kind(register)
    known, chosen = house.agreements.choice(viewer, agreement)
    rows = house.registers.rows(viewer, register, chosen if kind.of == "agreement" else None)
    return page_of_forms(
        request,
        "register.html",
        form,
        kind=kind,
        rows=tuple(reversed(rows[-ROWS_SHOWN:])),
        count=len(rows),
        known=known,
        chosen=chosen,
        openings=house.registers.openings(viewer, register, chosen),
        fillers=house.registers.fillers(viewer, register, chosen),
        taken=taken,
        refusals=taken.refusals[:REFUSALS_SHOWN] if taken else (),
        bytes_max=house.settings.body_bytes_max,
        subjects=house.registers.subjects(viewer) if kind.of == "party" else (),
    )


@get("/registers/{register:str}", opt=signed_in(), sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, register: PathText, agreement: Chosen = None
) -> Response[str]:
    """Show a register's items, newest first, with the forms that open one."""
    return _list(request, house, viewer, register, agreement)


def _item(  # noqa: PLR0913, PLR0917 -- who asks for which, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    register: str,
    item: str,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    shown = house.registers.item(viewer, register, item)
    return page_of_forms(
        request,
        "register_item.html",
        form,
        shown=shown,
        events=tuple(reversed(shown.events[-EVENTS_SHOWN:])),
        done=done,
    )


@get("/registers/{register:str}/{item:str}", opt=signed_in(), sync_to_thread=True)
def item_page(  # noqa: PLR0913, PLR0917 -- who asks for which of them
    request: Asked, house: TheHouse, viewer: TheViewer, register: PathText, item: PathText, done: Done = None
) -> Response[str]:
    """Show one item: how it stands, its checks and clocks, what happened, and what may be told."""
    return _item(request, house, viewer, register, item, done=done)


@post(
    "/registers/{register:str}",
    opt=needs("draft", "approve", "operator", "arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def open_form(
    request: Asked, house: TheHouse, viewer: TheViewer, register: PathText, data: Typed
) -> Response[str] | Redirect:
    """Open an item from a register's page."""
    item = data.get("item", "").strip()
    try:
        house.registers.tell(viewer, register, item, _asked(data))
    except TallystickError as fault:
        form = refused(request, data.get("event", ""), data, fault)
        return _list(request, house, viewer, register, data.get("agreement"), form)
    return Redirect(f"/registers/{register}/{item}", query_params={"done": "opened"}, status_code=303)


@post(
    "/registers/{register:str}/{item:str}",
    opt=needs("draft", "approve", "operator", "arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def tell_form(  # noqa: PLR0913, PLR0917 -- who tells what of which of them
    request: Asked, house: TheHouse, viewer: TheViewer, register: PathText, item: PathText, data: Typed
) -> Response[str] | Redirect:
    """Tell an event of an item from its page."""
    try:
        house.registers.tell(viewer, register, item, _asked(data))
    except TallystickError as fault:
        form = refused(request, data.get("event", ""), data, fault)
        return _item(request, house, viewer, register, item, form)
    return Redirect(f"/registers/{register}/{item}", query_params={"done": "told"}, status_code=303)


@post(
    "/registers/{register:str}/_file",
    opt=needs("draft", "approve", "operator"),
    status_code=200,
    sync_to_thread=True,
)
def file_form(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    register: PathText,
    data: MultipartBody[dict[str, Any]],
) -> Response[str]:
    """Tell every row of a file from a register's page; show what came of it."""
    typed = {name: str(data.get(name, "")).strip() for name in ("agreement", "by", "event")}
    agreement, event = typed["agreement"] or None, typed["event"] or None
    try:
        with handed_in(data.get("file")) as (path, _):
            taken = house.registers.take(viewer, register, path, ImportAsked(typed["by"], agreement, event))
    except TallystickError as fault:
        return _list(request, house, viewer, register, agreement, refused(request, "file", typed, fault))
    return _list(request, house, viewer, register, agreement, taken=taken)


def _asked(data: Mapping[str, str]) -> TellRequest:
    """Return what a form asks for; fields left empty are not told."""
    fields = {
        name.removeprefix(_PREFIX): text.strip()
        for name, text in data.items()
        if name.startswith(_PREFIX) and text.strip()
    }
    return TellRequest(
        event=data.get("event", ""),
        fields=fields,
        by=data.get("by", ""),
        agreement=data.get("agreement") or None,
        party=data.get("party") or None,
        occurred_at=data.get("occurred_at", "").strip() or None,
    )


pages = Router(
    "/",
    route_handlers=[kinds_page, list_page, item_page, open_form, tell_form, file_form],
    include_in_schema=False,
)
