"""The query desk over the API."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Response

from api.access import needs, signed_in
from api.given import PathText, TheHouse, TheViewer
from api.log.service import SEQ_MAX
from api.problems import api_problems
from api.queries.schemas import (
    DeskShown,
    QueryPage,
    QueryRequest,
    RunAgainShown,
    SavedShown,
    WideningRequest,
)
from api.sending import download
from ledger.queries.answering import PAGE_MAX

_TAGS = ["disputes"]

After = Annotated[
    int, QueryParameter(name="after", ge=-1, le=SEQ_MAX, description="The cursor of the page before.")
]
Rows = Annotated[int, QueryParameter(name="limit", ge=1, le=PAGE_MAX, description="Entries to find at most.")]
Size = Annotated[
    int | None, QueryParameter(name="size", ge=0, description="How many entries of the log to look at.")
]


@get(
    "/disputes/{dispute:str}/queries",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def desk(house: TheHouse, viewer: TheViewer, dispute: PathText) -> DeskShown:
    """Return what was asked of the ledger for a dispute, and what is open to it."""
    return house.queries.desk(viewer, dispute)


@post(
    "/disputes/{dispute:str}/searches",
    opt=needs("arbiter", "auditor"),
    responses=api_problems(409, 422),
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
)
def search(  # noqa: PLR0913, PLR0917 -- who asks what, and where a page begins
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    data: JSONBody[QueryRequest],
    after: After = -1,
    limit: Rows = 100,
    size: Size = None,
) -> QueryPage:
    """Search the ledger for a dispute, oldest first; nothing is kept. Needs its arbiter or an auditor."""
    return house.queries.run(viewer, dispute, data, after, limit, size)


@post(
    "/disputes/{dispute:str}/queries",
    opt=needs("arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def save(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[QueryRequest]) -> SavedShown:
    """Run a question over the log as a checkpoint signs it now, and save it with the digest of its answer."""
    return house.queries.save(viewer, dispute, data)


@post(
    "/disputes/{dispute:str}/queries/{saved:str}/runs",
    opt=needs("arbiter", "auditor"),
    responses=api_problems(404, 409),
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
)
def again(house: TheHouse, viewer: TheViewer, dispute: PathText, saved: PathText) -> RunAgainShown:
    """Run a saved query again, over the same entries, and hold it against what was saved."""
    return house.queries.again(viewer, dispute, saved)


@get(
    "/disputes/{dispute:str}/queries/{saved:str}/evidence",
    opt=needs("arbiter", "auditor"),
    responses=api_problems(404, 409),
    sync_to_thread=True,
    tags=_TAGS,
)
def evidence(house: TheHouse, viewer: TheViewer, dispute: PathText, saved: PathText) -> Response[bytes]:
    """Return a saved query with the proofs of its rows, as a bundle that `tallystick verify` checks."""
    data = house.queries.evidence(viewer, dispute, saved)
    return download(data, f"{saved}.tally", "application/json")


@post(
    "/disputes/{dispute:str}/widenings",
    opt=needs("arbiter"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def widen(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[WideningRequest]
) -> DeskShown:
    """Order that further agreements or parties be open to the queries of a dispute; all of them are told."""
    return house.queries.widen(viewer, dispute, data)


api = Router("/v1", route_handlers=[desk, search, save, again, evidence, widen])
