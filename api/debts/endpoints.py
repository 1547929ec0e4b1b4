"""Debts over the API: what is owed, and write-offs by two members of who bears them."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.debts.schemas import Debts, WriteOffAsked, WriteOffShown
from api.given import Of, PathText, TheHouse, TheViewer
from api.problems import api_problems

_TAGS = ["accounts"]


@get("/debts", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def debts(house: TheHouse, viewer: TheViewer, agreement: Of) -> Debts:
    """Return what parties owe under an agreement, and write-offs: one's own, all for its platform."""
    return house.debts.debts(viewer, agreement)


@post(
    "/debts/write-offs", opt=needs("pay"), responses=api_problems(409, 422), sync_to_thread=True, tags=_TAGS
)
def propose(
    house: TheHouse, viewer: TheViewer, agreement: Of, data: JSONBody[WriteOffAsked]
) -> WriteOffShown:
    """Propose to write off a debt. Needs `pay` for the party that bears it."""
    return house.debts.propose(viewer, agreement, data)


@post(
    "/debts/write-offs/{name:str}/confirm",
    opt=needs("pay"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def confirm(house: TheHouse, viewer: TheViewer, agreement: Of, name: PathText) -> WriteOffShown:
    """Write off what another member proposed to. Needs `pay` for the party that bears it."""
    return house.debts.confirm(viewer, agreement, name)


api = Router("/v1", route_handlers=[debts, propose, confirm])
