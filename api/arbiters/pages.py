"""The bench of a dispute as a page with forms, and the docket of an arbiter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Router, get, post
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.arbiters.schemas import (
    AppointmentRequest,
    ChallengeDecision,
    ChallengeRequest,
    CostsRequest,
    DeclarationRequest,
    FeeRequest,
    ReplacementRequest,
)
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Done, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from policies.errors import TallystickError


@get("/docket", opt=needs("arbiter"), sync_to_thread=True)
def docket_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the disputes in which the viewer sits."""
    return page(request, "docket.html", rows=house.bench.docket(viewer))


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    dispute: str,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    shown = house.bench.bench(viewer, dispute)
    return page_of_forms(request, "bench.html", form, shown=shown, done=done)


@get("/disputes/{dispute:str}/arbiters", opt=signed_in(), sync_to_thread=True)
def bench_page(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, done: Done = None
) -> Response[str]:
    """Show who decides a dispute, with the forms of what the viewer may do about it."""
    return _answer(request, house, viewer, dispute, done=done)


_Act = Callable[[Any, Any, str, Mapping[str, str]], object]
_ACTS: Mapping[str, _Act] = {
    "appoint": lambda bench, viewer, dispute, typed: bench.appoint(
        viewer, dispute, asked_for(AppointmentRequest, typed)
    ),
    "declare": lambda bench, viewer, dispute, typed: bench.declare(
        viewer, dispute, asked_for(DeclarationRequest, typed)
    ),
    "challenge": lambda bench, viewer, dispute, typed: bench.challenge(
        viewer, dispute, typed.get("arbiter", ""), asked_for(ChallengeRequest, typed)
    ),
    "decide": lambda bench, viewer, dispute, typed: bench.decide_challenge(
        viewer, dispute, typed.get("arbiter", ""), typed.get("of", ""), asked_for(ChallengeDecision, typed)
    ),
    "replace": lambda bench, viewer, dispute, typed: bench.replace(
        viewer, dispute, typed.get("arbiter", ""), asked_for(ReplacementRequest, typed)
    ),
    "fee": lambda bench, viewer, dispute, typed: bench.set_fee(
        viewer, dispute, typed.get("arbiter", ""), asked_for(FeeRequest, typed)
    ),
    "costs": lambda bench, viewer, dispute, typed: bench.rule_on_costs(
        viewer, dispute, asked_for(CostsRequest, typed)
    ),
}
"""What can be done from the page, by the name of its form; each is demanded by the service."""


@post(
    "/disputes/{dispute:str}/arbiters/{act:str}",
    opt=needs("operator", "arbiter", "approve"),
    status_code=303,
    sync_to_thread=True,
)
def act_form(  # noqa: PLR0913, PLR0917 -- who does what, and the form that they sent
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, act: PathText, data: Typed
) -> Response[str] | Redirect:
    """Do what a form of the page asks for."""
    if act not in _ACTS:
        return Redirect(f"/disputes/{dispute}/arbiters", status_code=303)
    try:
        _ACTS[act](house.bench, viewer, dispute, data)
    except TallystickError as fault:
        return _answer(request, house, viewer, dispute, refused(request, act, data, fault))
    return Redirect(f"/disputes/{dispute}/arbiters", query_params={"done": act}, status_code=303)


pages = Router("/", route_handlers=[docket_page, bench_page, act_form], include_in_schema=False)
