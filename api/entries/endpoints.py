"""Entries over the API: one as JSON, or many as NDJSON."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, post
from litestar.exceptions import HTTPException
from litestar.params import QueryParameter, RawBody

from api.access import KEYED, needs
from api.entries.direct import JSON, direct, media_type_of
from api.entries.schemas import EntriesTaken, EntryTaken
from api.entries.service import EntryService
from api.errors import RequestUnusable
from api.given import Asked
from api.problems import api_problems

NDJSON = "application/x-ndjson"

Partial = Annotated[
    bool,
    QueryParameter(name="partial", description="Take what can be taken, and report the rest. NDJSON only."),
]


def api(service: EntryService, body_bytes_max: int) -> Router:
    """Return the route over its service; `body_bytes_max` is that of every other request."""

    @post(
        "/entries",
        opt=needs("write") | KEYED,
        responses=api_problems(409, 413, 415, 422, 503),
        tags=["log"],
    )
    async def entries(
        request: Asked,
        body: RawBody,
        partial: Partial = False,  # noqa: FBT002 -- a query parameter
    ) -> EntryTaken | EntriesTaken:
        """Write one entry (`application/json`) or up to 10,000, one a line (`application/x-ndjson`).

        Answered once they are durable. Needs a grant for their source. Of many all are taken or none, unless
        `partial` is asked for. The same entry again returns where it stands.
        """
        kind = media_type_of(request.scope)
        if kind == NDJSON:
            return await service.take_many(request.user, body, partial=partial)
        if kind != JSON:
            raise HTTPException(status_code=415)
        if partial:
            raise RequestUnusable("one entry is taken or not; send many as NDJSON", where="partial")
        return await service.take(request.user, body)

    return Router("/v1", route_handlers=[entries], middleware=[direct(service, body_bytes_max)])
