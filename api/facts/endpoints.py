"""Facts of what falls due over the API."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.facts.schemas import FactsRequest, FactsTaken, RecordedFact
from api.given import PathText, TheHouse, TheViewer
from api.problems import api_problems

_TAGS = ["agreements"]


@get(
    "/agreements/{agreement:str}/facts",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def facts(house: TheHouse, viewer: TheViewer, agreement: PathText) -> tuple[RecordedFact, ...]:
    """Return what counts of every fact recorded of an agreement, and who said what."""
    return house.facts.facts(viewer, agreement)


@post(
    "/agreements/{agreement:str}/facts",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def record(
    house: TheHouse, viewer: TheViewer, agreement: PathText, data: JSONBody[FactsRequest]
) -> FactsTaken:
    """Record or contest facts that what falls due rests on. Needs `approve` for the party named."""
    return house.facts.record(viewer, agreement, data)


api = Router("/v1", route_handlers=[facts, record])
