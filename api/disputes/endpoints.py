"""Disputes as pages and as JSON."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response

from api.access import signed_in
from api.disputes.schemas import DisputeDetail, DisputeRow
from api.given import Asked, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems

_TAGS = ["disputes"]


@get("/disputes", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the disputes the viewer may read."""
    return page(request, "disputes.html", rows=house.disputes.disputes(viewer))


@get("/disputes/{dispute:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText) -> Response[str]:
    """Show one dispute as a timeline, with its decision."""
    return page(request, "dispute.html", dispute=house.disputes.dispute(viewer, dispute))


@get("/disputes", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def disputes(house: TheHouse, viewer: TheViewer) -> tuple[DisputeRow, ...]:
    """Return the disputes the viewer may read."""
    return house.disputes.disputes(viewer)


@get("/disputes/{dispute:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def dispute_detail(house: TheHouse, viewer: TheViewer, dispute: PathText) -> DisputeDetail:
    """Return one dispute whole."""
    return house.disputes.dispute(viewer, dispute)


pages = Router("/", route_handlers=[list_page, detail_page], include_in_schema=False)
api = Router("/v1", route_handlers=[disputes, dispute_detail])
