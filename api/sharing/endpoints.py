"""Data of orders under grants: asked for, who received what, and that it is gone again."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from api.access import KEYED, needs, signed_in
from api.given import BeforeEntry, Limit, Of, OnlyOf, PathText, TheHouse, TheViewer
from api.office.data_requests import DataAsked
from api.problems import api_problems
from api.sending import table
from api.sharing.schemas import DataAnswer, GoneRequest, GrantShown, SharingPage, SharingShown
from api.tables import csv_table

OfOrder = Annotated[
    str | None,
    QueryParameter(name="order", max_length=128, description="Only answers that this order was in."),
]

_TAGS = ["data"]
_ROWS_PER_PAGE = 100
_COLUMNS = (
    "id", "entry_seq", "at", "agreement", "recipient", "member", "purpose", "fields", "level", "asked",
    "clause", "reason", "given", "withheld", "state", "until", "settled_seq",
)  # fmt: skip


@post(
    "/data/access",
    opt=needs("read") | KEYED,
    status_code=200,
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def access(house: TheHouse, viewer: TheViewer, data: JSONBody[DataAsked]) -> DataAnswer:
    """Permit or deny a request for data of orders, with the clause, and hand over what is permitted.

    Needs `read` for the party that asks. Each answer is an entry of the log before it leaves, a refusal too;
    none is kept under an Idempotency-Key, so asking again is another answer on record.
    """
    return house.sharing.access(viewer, data)


@get("/data/grants", opt=signed_in(), responses=api_problems(404), sync_to_thread=True, tags=_TAGS)
def grants(house: TheHouse, viewer: TheViewer, agreement: Of) -> tuple[GrantShown, ...]:
    """Return the data grants of the version in force."""
    return house.sharing.grants(viewer, agreement)


@get("/data/sharings", opt=signed_in(), responses=api_problems(422), sync_to_thread=True, tags=_TAGS)
def sharings(  # noqa: PLR0913, PLR0917 -- one parameter a filter
    house: TheHouse,
    viewer: TheViewer,
    agreement: OnlyOf = None,
    before: BeforeEntry = None,
    limit: Limit = _ROWS_PER_PAGE,
    order: OfOrder = None,
) -> SharingPage:
    """Return who received what, newest first: answers to the caller's parties, and under their grants."""
    return house.sharing.page(viewer, agreement, before, limit, order)


@csv_table("/data/sharings.csv", _TAGS)
def sharings_csv(house: TheHouse, viewer: TheViewer, agreement: OnlyOf = None) -> Stream:
    """Return who received what as CSV, newest first."""
    return table(house.sharing.sharings(viewer, agreement), "sharings", _COLUMNS)


@post(
    "/data/sharings/{sharing:str}/gone",
    opt=needs("approve"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def gone(house: TheHouse, viewer: TheViewer, sharing: PathText, data: JSONBody[GoneRequest]) -> SharingShown:
    """Record that what was received is deleted, or was given back. Needs `approve` for its recipient."""
    return house.sharing.gone(viewer, sharing, data)


api = Router("/v1", route_handlers=[access, grants, sharings, sharings_csv, gone])
