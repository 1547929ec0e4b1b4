"""Identities over the API, and on their page, with the form by which the operator sets the gate."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, refused
from api.given import Asked, Done, TheHouse, TheViewer, Typed
from api.identities.schemas import GateRequest, GateShown, GateTyped, IdentitiesShown
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["identities"]
_COLUMNS = ("party", "standing", "item", "subject", "valid_until", "recheck_by", "entry_seq")


def _answer(
    request: Asked, house: TheHouse, viewer: TheViewer, form: Form = BLANK, done: str | None = None
) -> Response[str]:
    found = house.identities.identities(viewer)
    return page(
        request,
        "identities.html",
        status=form.status,
        gate=found.gate,
        rows=found.identities,
        may_set=viewer.has("operator"),
        form=form,
        done=done,
    )


@get("/identities", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show how the identities stand that the viewer may read, and what the gate is on for."""
    return _answer(request, house, viewer, done=done)


@post("/identities/gate", opt=needs("operator"), status_code=303, sync_to_thread=True)
def gate_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Set the gate from the page."""
    try:
        house.identities.set_typed(asked_for(GateTyped, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "gate", data, fault))
    return Redirect("/identities", query_params={"done": "set"}, status_code=303)


@get("/identities", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def identities(house: TheHouse, viewer: TheViewer) -> IdentitiesShown:
    """Return the gate, and how the identities stand that the viewer may read."""
    return house.identities.identities(viewer)


@csv_table("/identities.csv", _TAGS)
def identities_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return how the identities stand that the viewer may read as CSV."""
    return table(house.identities.identities(viewer).identities, "identities", _COLUMNS)


@post("/identities/gate", opt=needs("operator"), responses=api_problems(422), sync_to_thread=True, tags=_TAGS)
def set_gate(house: TheHouse, data: JSONBody[GateRequest]) -> GateShown:
    """Set what the gate is on for. Needs the operator."""
    return house.identities.set_gate(data)


pages = Router("/", route_handlers=[list_page, gate_form], include_in_schema=False)
api = Router("/v1", route_handlers=[identities, identities_csv, set_gate])
