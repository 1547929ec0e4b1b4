"""The first page, and the same as JSON."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response, Stream

from api.access import signed_in
from api.given import Asked, TheHouse, TheViewer
from api.overview.schemas import Overview
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table

_COLUMNS = ("party", "agreement", "purpose", "balance", "balance_minor", "currency")


@get("/", opt=signed_in(), sync_to_thread=True)
def overview_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show what needs the viewer."""
    names = house.agreements.party_names(viewer)
    return page(request, "overview.html", overview=house.overview.overview(viewer), names=names)


@get("/overview", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=["overview"])
def overview(house: TheHouse, viewer: TheViewer) -> Overview:
    """Return what needs the viewer: signatures, acceptances, deadlines, balances, the latest checkpoint."""
    return house.overview.overview(viewer)


@csv_table("/balances.csv", ["overview"])
def balances_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return where the viewer's accounts stand as CSV."""
    return table(house.overview.overview(viewer).balances, "balances", _COLUMNS)


pages = Router("/", route_handlers=[overview_page], include_in_schema=False)
api = Router("/v1", route_handlers=[overview, balances_csv])
