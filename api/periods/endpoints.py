"""Months of accounts over the API."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.given import PathText, TheHouse, TheViewer
from api.periods.schemas import CloseAsked, PeriodShown
from api.problems import api_problems

_TAGS = ["accounts"]


@get(
    "/periods/{agreement:str}/{period:str}",
    opt=signed_in(),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def period_detail(house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText) -> PeriodShown:
    """Return a month such as 2026-03 with the caller's accounts: opening + moved + late = closing."""
    return house.periods.show(viewer, agreement, period)


@post(
    "/periods",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def close(house: TheHouse, viewer: TheViewer, data: JSONBody[CloseAsked]) -> PeriodShown:
    """Close a month for good. Needs `pay` for the agreement's platform, or the operator."""
    return house.periods.close(viewer, data.agreement, data.period)


api = Router("/v1", route_handlers=[period_detail, close])
