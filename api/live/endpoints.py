"""Sales and feedback as they come in: a page that asks again every two seconds, and the same as JSON."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response

from api.access import signed_in
from api.given import AfterEntry, Asked, Chosen, Of, TheHouse, TheViewer
from api.live.schemas import LiveView
from api.pages import page
from api.problems import api_problems


@get("/live", opt=signed_in(), sync_to_thread=True)
def live_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None, after: AfterEntry = None
) -> Response[str]:
    """Show what comes in; to htmx, which says what was shown already, the part that changes."""
    known, chosen = house.agreements.choice(viewer, agreement)
    view = house.live.view(viewer, chosen, seen=after) if chosen else None
    part = request.headers.get("hx-request") == "true"
    return page(request, "parts/live.html" if part else "live.html", view=view, known=known, chosen=chosen)


@get("/live", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=["data"])
def live(house: TheHouse, viewer: TheViewer, agreement: Of, after: AfterEntry = None) -> LiveView:
    """Return what came in beyond entry `after`, what the day has brought, and how late it is seen.

    At most 500 events, newest first. Ask again with `next_after`, every few seconds.
    """
    return house.live.view(viewer, agreement, after=after)


pages = Router("/", route_handlers=[live_page], include_in_schema=False)
api = Router("/v1", route_handlers=[live])
