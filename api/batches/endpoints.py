"""Batches over the API: list them, propose to void one, confirm it as another person."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter

from api.access import needs, signed_in
from api.batches.schemas import BatchShown, VoidAsked, VoidConfirmed, VoidProposed
from api.given import PathText, TheHouse, TheViewer
from api.problems import api_problems

_TAGS = ["orders"]

AgreementId = Annotated[str, QueryParameter(name="agreement", max_length=64, description="Agreement id.")]


@get("/batches", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def batches(house: TheHouse, viewer: TheViewer, agreement: AgreementId) -> tuple[BatchShown, ...]:
    """Return what each imported file brought to an agreement, oldest first."""
    return house.batches.list(viewer, agreement)


@post(
    "/batches/{batch:str}/void",
    opt=needs("approve"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def propose(
    house: TheHouse, viewer: TheViewer, batch: PathText, agreement: AgreementId, data: JSONBody[VoidAsked]
) -> VoidProposed:
    """Propose to void a batch. Needs `approve` for the platform whose file it was."""
    return house.batches.propose(viewer, agreement, batch, data.reason)


@post(
    "/batches/{batch:str}/void/confirm",
    opt=needs("approve"),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def confirm(house: TheHouse, viewer: TheViewer, batch: PathText, agreement: AgreementId) -> VoidConfirmed:
    """Void what another member proposed to void. Needs `approve` for the platform whose file it was."""
    return house.batches.confirm(viewer, agreement, batch)


api = Router("/v1", route_handlers=[batches, propose, confirm])
