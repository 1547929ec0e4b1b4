"""Registers over the API: what there is, items as the caller may read them, and telling what happened."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from api.access import needs, signed_in
from api.given import AfterEntry, Limit, OnlyOf, PathText, TheHouse, TheViewer
from api.problems import api_problems
from api.registers.schemas import EventTold, ItemPage, ItemShown, KindShown, TellRequest
from api.registers.tables import EVENT_COLUMNS, event_rows, item_columns, item_rows
from api.sending import table
from api.tables import csv_table

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


api = Router("/v1", route_handlers=[kinds, kind, list_items, items_csv, one_item, events_csv, tell])
