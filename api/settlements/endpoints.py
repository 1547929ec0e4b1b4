"""Settlement runs over the API."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter

from api.access import needs
from api.given import TheHouse, TheViewer
from api.problems import api_problems
from api.settlements.schemas import CorrectionAsked, SettlementAsked, SettlementPreview, SettlementRun

Until = Annotated[str, QueryParameter(name="until", max_length=40, description="A day, or a time.")]
OfAgreement = Annotated[str, QueryParameter(name="agreement", max_length=100, description="Its id.")]


@get(
    "/settlements/preview",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=["settlements"],
)
def previewed(house: TheHouse, viewer: TheViewer, agreement: OfAgreement, until: Until) -> SettlementPreview:
    """Say what settling an agreement up to a cut-off would issue; nothing is written.

    Needs `pay` for its platform, or the operator.
    """
    return house.settlements.preview(viewer, agreement, until)


@post(
    "/settlements",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=["settlements"],
)
def settlements(house: TheHouse, viewer: TheViewer, data: JSONBody[SettlementAsked]) -> SettlementRun:
    """Settle an agreement up to a cut-off. Needs `pay` for its platform, or the operator."""
    return house.settlements.settle(viewer, data.agreement, data.until)


@post(
    "/corrections",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=["settlements"],
)
def corrections(house: TheHouse, viewer: TheViewer, data: JSONBody[CorrectionAsked]) -> SettlementRun:
    """Correct the statements of an agreement's last run by new ones that say what differs and why.

    Needs `pay` for its platform, or the operator. With nothing new in the log the correction that stands.
    """
    return house.settlements.correct(viewer, data.agreement, data.reason)


api = Router("/v1", route_handlers=[settlements, previewed, corrections])
