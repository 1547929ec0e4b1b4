"""Monitors over the API, and the page that shows a party what is watched for under its agreements."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response

from api.access import signed_in
from api.given import Asked, Chosen, OnlyOf, TheHouse, TheViewer
from api.monitors.schemas import MonitorsShown
from api.pages import page
from api.problems import api_problems


@get("/monitors", opt=signed_in(), sync_to_thread=True)
def monitors_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None
) -> Response[str]:
    """Show what the versions of one agreement have watched for."""
    known, chosen = house.agreements.choice(viewer, agreement)
    rows = house.monitors.monitors(viewer, chosen).monitors if chosen else ()
    return page(request, "monitors.html", rows=rows, known=known, chosen=chosen)


@get("/monitors", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=["notices"])
def list_monitors(house: TheHouse, viewer: TheViewer, agreement: OnlyOf = None) -> MonitorsShown:
    """Return what the viewer's signed agreements have watched for: clause or law, what, and who is told."""
    return house.monitors.monitors(viewer, agreement)


pages = Router("/", route_handlers=[monitors_page], include_in_schema=False)
api = Router("/v1", route_handlers=[list_monitors])
