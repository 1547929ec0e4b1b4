"""Holds over the API."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.given import PathText, TheHouse, TheViewer
from api.holds.schemas import HoldRequest, HoldShown, ReleaseRequest
from api.problems import api_problems

_TAGS = ["accounts"]


@get("/holds", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def holds(house: TheHouse, viewer: TheViewer) -> tuple[HoldShown, ...]:
    """Return the holds the viewer may read, as they stand now, in the order of placing."""
    return house.holds.holds(viewer)


@post(
    "/holds",
    opt=needs("arbiter", "operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def place(house: TheHouse, viewer: TheViewer, data: JSONBody[HoldRequest]) -> HoldShown:
    """Place a hold. Needs the operator, or an arbiter who acts for no party to the agreement."""
    return house.holds.place(viewer, data)


@post(
    "/holds/{hold:str}/releases",
    opt=needs("arbiter", "operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def release(house: TheHouse, viewer: TheViewer, hold: PathText, data: JSONBody[ReleaseRequest]) -> HoldShown:
    """Release a hold, whole or in part. Needs the operator, or an arbiter who acts for no party to it."""
    return house.holds.release(viewer, hold, data)


api = Router("/v1", route_handlers=[holds, place, release])
