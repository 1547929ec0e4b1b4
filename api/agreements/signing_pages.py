"""Signing in the browser: the page of a version to sign, and the page of one's own keys.

Keys are made, kept and used by the browser alone (static/signing); what comes back is a signature.
"""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.agreements.schemas import SignatureGiven
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from policies.errors import TallystickError

OfParty = Annotated[str | None, QueryParameter(name="party", max_length=80)]


def _sign_page(  # noqa: PLR0913, PLR0917 -- who signs what, and the form that was sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str,
    version: int,
    party: str | None,
    form: Form = BLANK,
) -> Response[str]:
    shown = house.agreements.agreement(viewer, agreement, version)
    mine = shown.needs_signature_of
    chosen = next((one for one in mine if one.key == party), mine[0] if mine else None)
    return page_of_forms(request, "sign.html", form, agreement=shown, party=chosen)


@get("/agreements/{agreement:str}/{version:int}/sign", opt=needs("sign"), sync_to_thread=True)
def sign_page(  # noqa: PLR0913, PLR0917 -- a route names each part of its address
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    party: OfParty = None,
) -> Response[str]:
    """Show a version to sign: its terms beside the exact bytes, and the exact message field by field."""
    return _sign_page(request, house, viewer, agreement, version, party)


@post(
    "/agreements/{agreement:str}/{version:int}/sign",
    opt=needs("sign"),
    status_code=303,
    sync_to_thread=True,
)
def sign_form(  # noqa: PLR0913, PLR0917 -- as above
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    data: Typed,
) -> Response[str] | Redirect:
    """Take a signature that was made in the page, or handed in there."""
    party = data.get("party", "")
    try:
        held = house.agreements.held(viewer, agreement, version)
        house.agreements.sign(viewer, held, asked_for(SignatureGiven, data))
    except TallystickError as fault:
        form = refused(request, "sign", data, fault)
        return _sign_page(request, house, viewer, agreement, version, party, form)
    return Redirect(f"/agreements/{agreement}/{version}", query_params={"done": "signed"}, status_code=303)


@get("/keys", opt=signed_in(), sync_to_thread=False)
def keys_page(request: Asked) -> Response[str]:
    """Show the page on which a browser makes and keeps its owner's keys; the server sees none of them."""
    return page(request, "keys.html")


pages = Router("/", route_handlers=[sign_page, sign_form, keys_page], include_in_schema=False)
