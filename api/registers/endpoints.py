"""Registers over the API: what there is, items as the caller may read them, and telling what happened."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from api.access import KEYED, needs, signed_in
from api.given import AfterEntry, Asked, Limit, OnlyOf, PathText, TheHouse, TheViewer
from api.orders.receiving import FileOperation, received
from api.problems import api_problems
from api.registers.schemas import EventTold, ImportAsked, ItemPage, ItemShown, KindShown, TellRequest
from api.registers.tables import EVENT_COLUMNS, event_rows, item_columns, item_rows
from api.sending import table
from api.tables import csv_table
from ledger.registers.importing import Imported

_TAGS = ["registers"]
_ROWS_PER_PAGE = 100


@get("/registers", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def kinds(house: TheHouse) -> tuple[KindShown, ...]:
    """Return every register there is."""
    return house.registers.kinds()


@get(
    "/registers/{register:str}", opt=signed_in(), responses=api_problems(404), sync_to_thread=True, tags=_TAGS
)
def kind(house: TheHouse, register: PathText) -> dict[str, object]:
    """Return one register as it is declared: fields, states, events, checks, clocks, retention."""
    return house.registers.declaration(register)


@get(
    "/registers/{register:str}/items",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def list_items(  # noqa: PLR0913, PLR0917 -- who asks for which of them
    house: TheHouse,
    viewer: TheViewer,
    register: PathText,
    agreement: OnlyOf = None,
    after: AfterEntry = None,
    limit: Limit = _ROWS_PER_PAGE,
) -> ItemPage:
    """Return a register's items that the caller may read, in the order of opening."""
    return house.registers.page(viewer, register, agreement, after, limit)


@csv_table("/registers/{register:str}/items.csv", _TAGS, 404)
def items_csv(house: TheHouse, viewer: TheViewer, register: PathText, agreement: OnlyOf = None) -> Stream:
    """Return a register's items that the caller may read as CSV, a column for each field."""
    rows = item_rows(register, house.registers.rows(viewer, register, agreement))
    return table(rows, register, item_columns(register))


@get(
    "/registers/{register:str}/items/{item:str}",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def one_item(house: TheHouse, viewer: TheViewer, register: PathText, item: PathText) -> ItemShown:
    """Return one item whole: state, fields, checks, clocks, figures, events, and what the caller may tell."""
    return house.registers.item(viewer, register, item)


@csv_table("/registers/{register:str}/items/{item:str}/events.csv", _TAGS, 404)
def events_csv(house: TheHouse, viewer: TheViewer, register: PathText, item: PathText) -> Stream:
    """Return everything that happened to an item as CSV, a row for each field told."""
    rows = event_rows(house.registers.item(viewer, register, item).events)
    return table(rows, f"{register}-{item}", EVENT_COLUMNS)


@post(
    "/registers/{register:str}/items/{item:str}/events",
    opt=needs("draft", "approve", "operator", "arbiter"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def tell(
    house: TheHouse, viewer: TheViewer, register: PathText, item: PathText, data: JSONBody[TellRequest]
) -> EventTold:
    """Tell an event of an item, or open one by it. Needs `draft` or `approve` for the party that tells it."""
    return house.registers.tell(viewer, register, item, data)


By = Annotated[
    str, QueryParameter(name="by", max_length=128, description="In whose name: a party's key or id.")
]
Event = Annotated[
    str | None, QueryParameter(name="event", max_length=40, description="What rows tell that name no event.")
]


@post(
    "/registers/{register:str}/imports",
    opt=needs("draft", "approve", "operator") | KEYED,
    operation_class=FileOperation,
    status_code=200,
    responses=api_problems(404, 413, 415, 422),
    tags=_TAGS,
)
async def take(  # noqa: PLR0913, PLR0917 -- one parameter an option
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    register: PathText,
    agreement: OnlyOf = None,
    by: By = "",
    event: Event = None,
) -> Imported:
    """Tell a register every row of a file, sent as the body. Needs `draft` or `approve` for who tells it."""
    asked = ImportAsked(by, agreement, event)
    await sync_to_thread(partial(house.registers.demand_import, viewer, register, asked))
    async with received(request) as path:
        return await sync_to_thread(partial(house.registers.take, viewer, register, path, asked))


api = Router("/v1", route_handlers=[kinds, kind, list_items, items_csv, one_item, events_csv, tell, take])
