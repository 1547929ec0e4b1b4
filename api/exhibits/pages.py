"""The exhibits of a dispute as a page: all of them, who had each, and the forms of parties and arbiter."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from litestar import Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import MultipartBody
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.errors import RequestUnusable
from api.exhibits.receiving import hand_on, redact, take
from api.exhibits.schemas import (
    CustodyForm,
    ExhibitForm,
    ExhibitRequest,
    ExhibitToSign,
    RedactionForm,
    SealRequest,
    UnsealRequest,
)
from api.forms import BLANK, Form, asked_for, number_of, refused
from api.given import Asked, Done, PathNumber, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from ledger.exhibits.exhibit import KINDS, RECORD
from ledger.exhibits.files import FILE_BYTES_MAX
from policies.errors import TallystickError

Handed = MultipartBody[dict[str, Any]]
Wanted = TypeVar("Wanted", ExhibitForm, RedactionForm, CustodyForm)


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    dispute: str,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    return page(
        request,
        "exhibits.html",
        status=form.status,
        shown=house.exhibits.exhibits(viewer, dispute),
        dispute=house.disputes.dispute(viewer, dispute),
        kinds=[one for one in KINDS if one != RECORD],
        bytes_max=FILE_BYTES_MAX,
        form=form,
        done=done,
    )


@get("/disputes/{dispute:str}/exhibits", opt=signed_in(), sync_to_thread=True)
def exhibits_page(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, done: Done = None
) -> Response[str]:
    """Show the exhibits of a dispute."""
    return _answer(request, house, viewer, dispute, done=done)


@post("/disputes/{dispute:str}/exhibits", opt=needs("approve"), status_code=303, sync_to_thread=True)
def file_form(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, data: Handed
) -> Response[str] | Redirect:
    """File an exhibit from the page."""
    try:
        take(house.exhibits, viewer, dispute, _form_of(ExhibitForm, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "file", _typed(data), fault))
    return _done(dispute, "filed")


@post("/disputes/{dispute:str}/exhibits/to-sign", opt=needs("approve"), status_code=200, sync_to_thread=True)
def to_sign_form(house: TheHouse, viewer: TheViewer, dispute: PathText, data: Typed) -> ExhibitToSign:
    """Return what the page signs for an exhibit that stands in its form."""
    size = number_of(data.get("bytes", ""), "bytes")
    words = {name: data.get(name, "").strip() for name in ("party", "kind", "title", "captured_at", "sha256")}
    return house.exhibits.to_sign(viewer, dispute, ExhibitRequest(**words, bytes=size))


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/seal",
    opt=needs("arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def seal_form(  # noqa: PLR0913, PLR0917 -- which exhibit, and the form
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: Typed
) -> Response[str] | Redirect:
    """Order from the page that an exhibit is kept from the others."""
    try:
        house.exhibits.seal(viewer, dispute, number, asked_for(SealRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "order", data, fault))
    return _done(dispute, "sealed")


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/unseal",
    opt=needs("arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def unseal_form(  # noqa: PLR0913, PLR0917 -- which exhibit, and the form
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: Typed
) -> Response[str] | Redirect:
    """Order from the page that an exhibit is opened to all."""
    try:
        house.exhibits.unseal(viewer, dispute, number, asked_for(UnsealRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "order", data, fault))
    return _done(dispute, "unsealed")


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/redaction",
    opt=needs("arbiter"),
    status_code=303,
    sync_to_thread=True,
)
def redact_form(  # noqa: PLR0913, PLR0917 -- which exhibit, and the form
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: Handed
) -> Response[str] | Redirect:
    """Order from the page that a redacted copy takes the place of a file."""
    try:
        redact(house.exhibits, viewer, dispute, number, _form_of(RedactionForm, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "order", _typed(data), fault))
    return _done(dispute, "redacted")


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/custody",
    opt=needs("approve"),
    status_code=303,
    sync_to_thread=True,
)
def custody_form(  # noqa: PLR0913, PLR0917 -- which exhibit, and the form
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: Handed
) -> Response[str] | Redirect:
    """Record from the page who has an exhibit now."""
    try:
        hand_on(house.exhibits, viewer, dispute, number, _form_of(CustodyForm, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, "custody", _typed(data), fault))
    return _done(dispute, "passed")


def _done(dispute: str, what: str) -> Redirect:
    return Redirect(f"/disputes/{dispute}/exhibits", query_params={"done": what}, status_code=303)


def _typed(data: dict[str, Any]) -> dict[str, str]:
    return {name: text for name, text in data.items() if isinstance(text, str)}


def _form_of(kind: type[Wanted], data: dict[str, Any]) -> Wanted:
    """Return what a form asks for, its file if one was chosen. Raises RequestUnusable for what is missing."""
    known = {one.name: one for one in fields(kind)}
    given: dict[str, Any] = {name: text.strip() for name, text in _typed(data).items() if name in known}
    file = data.get("file")
    if isinstance(file, UploadFile) and file.filename:
        given["file"] = file
    try:
        return kind(**given)
    except TypeError:
        missing = sorted(known.keys() - given.keys())
        raise RequestUnusable("something is missing in the form", where=", ".join(missing)) from None


pages = Router(
    "/",
    route_handlers=[
        exhibits_page,
        file_form,
        to_sign_form,
        seal_form,
        unseal_form,
        redact_form,
        custody_form,
    ],
    include_in_schema=False,
)
