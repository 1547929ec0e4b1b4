"""Order files over the API. The body is the file as it is: CSV, XLSX, NDJSON, Parquet or Arrow."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, post
from litestar.params import QueryParameter, RawBody

from api.access import needs
from api.given import TheHouse, TheViewer
from api.orders.schemas import ImportAnswer
from api.problems import api_problems

AgreementId = Annotated[str, QueryParameter(name="agreement", max_length=64, description="Agreement id.")]
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


@post(
    "/imports",
    opt=needs("draft", "pay"),
    responses=api_problems(409, 413, 422),
    sync_to_thread=True,
    tags=["orders"],
)
def imports(  # noqa: PLR0913, PLR0917 -- one parameter an option
    house: TheHouse,
    viewer: TheViewer,
    body: RawBody,
    agreement: AgreementId,
    mapping: MappingName,
    file: FileName = "orders",
    strict: Strict = False,  # noqa: FBT002 -- a query parameter
    dry_run: DryRun = False,  # noqa: FBT002 -- a query parameter
) -> ImportAnswer:
    """Import an order file, sent as the body. Needs `draft` or `pay` for the platform whose file it is."""
    return house.orders.take(
        viewer, body, name=file, mapping=mapping, agreement=agreement, strict=strict, dry_run=dry_run
    )


api = Router("/v1", route_handlers=[imports])
