"""Signers over the API, and on their page, with the forms by which their keys are changed and stopped."""

from __future__ import annotations

from typing import Any

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Done, PathText, TheHouse, TheViewer, Typed
from api.problems import api_problems
from api.signers.schemas import (
    ChangeAsked,
    ChangeSigned,
    RevocationAsked,
    RevocationConfirmed,
    SignerShown,
)
from api.to_sign import RequestFile
from policies.errors import TallystickError

_TAGS = ["agreements"]


def _answer(
    request: Asked, house: TheHouse, viewer: TheViewer, form: Form = BLANK, done: str | None = None
) -> Response[str]:
    return page_of_forms(request, "signers.html", form, rows=house.signers.signers(viewer), done=done)


@get("/signers", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show which key signs for whom, and what became of each."""
    return _answer(request, house, viewer, done=done)


@post("/signers/{signer:str}/changes/to-sign", opt=needs("sign"), status_code=200, sync_to_thread=True)
def to_sign_form(house: TheHouse, viewer: TheViewer, signer: PathText, data: Typed) -> RequestFile:
    """Return what the page signs for a change of keys that stands in its form."""
    return house.signers.to_sign(viewer, signer, asked_for(ChangeAsked, data))


@post("/signers/{signer:str}/changes", opt=needs("sign"), status_code=303, sync_to_thread=True)
def change_form(
    request: Asked, house: TheHouse, viewer: TheViewer, signer: PathText, data: Typed
) -> Response[str] | Redirect:
    """Record from the page a change of keys, with the signatures made there."""
    given = asked_for(ChangeSigned, data)
    name = "replace" if given.new_key else "name" if given.recovery else "stop"
    try:
        house.signers.change(viewer, signer, given)
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, f"{name}-{signer}", data, fault))
    return Redirect("/signers", query_params={"done": name}, status_code=303)


@post("/signers/{signer:str}/revocation", opt=needs("sign"), status_code=303, sync_to_thread=True)
def ask_form(
    request: Asked, house: TheHouse, viewer: TheViewer, signer: PathText, data: Typed
) -> Response[str] | Redirect:
    """Ask from the page that a key be revoked."""
    try:
        house.signers.ask(viewer, signer, asked_for(RevocationAsked, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, f"ask-{signer}", data, fault))
    return Redirect("/signers", query_params={"done": "asked"}, status_code=303)


@post("/signers/{signer:str}/revocation/confirm", opt=needs("sign"), status_code=303, sync_to_thread=True)
def confirm_form(
    request: Asked, house: TheHouse, viewer: TheViewer, signer: PathText, data: Typed
) -> Response[str] | Redirect:
    """Revoke from the page what another member asked for."""
    try:
        house.signers.confirm(viewer, signer, asked_for(RevocationConfirmed, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, f"confirm-{signer}", data, fault))
    return Redirect("/signers", query_params={"done": "revoked"}, status_code=303)


@get("/signers", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def signers(house: TheHouse, viewer: TheViewer) -> tuple[SignerShown, ...]:
    """Return which key signs for whom, as far as the viewer may read it, with every change."""
    return house.signers.signers(viewer)


@post(
    "/signers/{signer:str}/request",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
)
def request_change(
    house: TheHouse, viewer: TheViewer, signer: PathText, data: JSONBody[ChangeAsked]
) -> dict[str, Any]:
    """Return the EIP-712 request of a change of keys, for key, recovery and new key to sign. Needs `sign`."""
    return house.signers.request(viewer, signer, data)


@post(
    "/signers/{signer:str}/changes",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def change(house: TheHouse, viewer: TheViewer, signer: PathText, data: JSONBody[ChangeSigned]) -> SignerShown:
    """Record a change of keys that was signed over its request. Needs `sign` for the signer's party."""
    return house.signers.change(viewer, signer, data)


@post(
    "/signers/{signer:str}/revocation",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def ask_revocation(
    house: TheHouse, viewer: TheViewer, signer: PathText, data: JSONBody[RevocationAsked]
) -> SignerShown:
    """Ask that a key be revoked; another member confirms. Needs `sign` for the signer's party."""
    return house.signers.ask(viewer, signer, data)


@post(
    "/signers/{signer:str}/revocation/confirm",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def confirm_revocation(
    house: TheHouse, viewer: TheViewer, signer: PathText, data: JSONBody[RevocationConfirmed]
) -> SignerShown:
    """Revoke the key of which another member asked it. Needs `sign` for the signer's party."""
    return house.signers.confirm(viewer, signer, data)


pages = Router(
    "/",
    route_handlers=[list_page, to_sign_form, change_form, ask_form, confirm_form],
    include_in_schema=False,
)
api = Router("/v1", route_handlers=[signers, request_change, change, ask_revocation, confirm_revocation])
