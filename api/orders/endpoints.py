"""Order files over the API. The body is the file as it is: CSV, XLSX, NDJSON, Parquet or Arrow."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from litestar import Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter
from litestar.response import Response

from api.access import KEYED, needs, signed_in
from api.given import Asked, Of, TheHouse, TheViewer
from api.orders.receiving import FileOperation, received
from api.orders.schemas import DifferencePage, ImportAnswer
from api.problems import api_problems

MappingName = Annotated[
    str, QueryParameter(name="mapping", max_length=64, description="Name of a shipped column mapping.")
]
FileName = Annotated[
    str, QueryParameter(name="file", max_length=100, description="What to call the file in the report.")
]
Strict = Annotated[
    bool, QueryParameter(name="strict", description="Refuse the file whole if it contradicts the log (409).")
]
DryRun = Annotated[bool, QueryParameter(name="dry_run", description="Write nothing; say what would be.")]
Form = Annotated[
    Literal["csv", "xlsx"],
    QueryParameter(name="form", description="Of the answer; NDJSON is always answered as NDJSON."),
]

After = Annotated[
    str | None, QueryParameter(name="after", max_length=1_024, description="Cursor: `next_after`.")
]


@post(
    "/imports",
    opt=needs("draft", "pay"),
    operation_class=FileOperation,
    responses=api_problems(409, 413, 415, 422),
    tags=["orders"],
)
async def imports(  # noqa: PLR0913, PLR0917 -- one parameter an option
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Of,
    mapping: MappingName,
    file: FileName = "orders",
    strict: Strict = False,  # noqa: FBT002 -- a query parameter
    dry_run: DryRun = False,  # noqa: FBT002 -- a query parameter
) -> ImportAnswer:
    """Import an order file, sent as the body. Needs `draft` or `pay` for the platform whose file it is."""
    await sync_to_thread(house.orders.demand, viewer, agreement)
    async with received(request) as path:
        take = partial(
            house.orders.take, viewer, path, name=file, mapping=mapping, agreement=agreement,
            strict=strict, dry_run=dry_run,
        )  # fmt: skip
        return await sync_to_thread(take)


@post(
    "/imports/rejects",
    opt=needs("draft", "pay") | KEYED,
    operation_class=FileOperation,
    status_code=200,
    responses=api_problems(413, 415, 422),
    tags=["orders"],
)
async def rejects(  # noqa: PLR0913, PLR0917 -- one parameter an option
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Of,
    mapping: MappingName,
    form: Form = "csv",
) -> Response[bytes]:
    """Answer with the rows of a file that an import does not take, to be mended and imported; write nothing.

    Of a file that was imported already these are the rows that are missing still. Nothing of it is kept.
    """
    await sync_to_thread(house.orders.demand, viewer, agreement)
    async with received(request) as path:
        found = await sync_to_thread(
            partial(house.orders.rejects, viewer, path, mapping=mapping, agreement=agreement, form=form)
        )
    name = f'attachment; filename="rejected.{found.ending}"'
    return Response(found.data, media_type=found.media_type, headers={"content-disposition": name})


@get("/differences", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=["orders"])
def differences(house: TheHouse, viewer: TheViewer, agreement: Of, after: After = None) -> DifferencePage:
    """Return the sales that several sources tell otherwise, as the log stands now, by order and line."""
    return house.orders.differences(viewer, agreement, after)


api = Router("/v1", route_handlers=[imports, rejects, differences])
