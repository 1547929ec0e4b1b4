"""Relationships over the API, and on their pages."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response, Stream

from api.access import signed_in
from api.given import Asked, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.relations.schemas import BreadthShown, RelationRow, RelationShown
from api.sending import table
from api.tables import csv_table

_TAGS = ["relations"]
_COLUMNS = (
    "agreement", "version", "title_zh", "title_en", "stage", "stage_title_zh", "stage_title_en", "following",
    "ready", "parties",
)  # fmt: skip


@get("/relations", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the relationships the viewer may read."""
    return page(
        request,
        "relations.html",
        rows=house.relations.relations(viewer),
        breadth=house.relations.breadth(viewer),
    )


@get("/relations/{agreement:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText) -> Response[str]:
    """Show one relationship: stage, history, what the next stage asks."""
    return page(request, "relation.html", relation=house.relations.relation(viewer, agreement))


@get("/relations", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def relations(house: TheHouse, viewer: TheViewer) -> tuple[RelationRow, ...]:
    """Return the relationships of the signed agreements that the viewer may read."""
    return house.relations.relations(viewer)


@csv_table("/relations.csv", _TAGS)
def relations_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the relationships that the viewer may read as CSV."""
    return table(house.relations.relations(viewer), "relations", _COLUMNS)


@get("/relations/breadth", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def breadth(house: TheHouse, viewer: TheViewer) -> tuple[BreadthShown, ...]:
    """Return with how many others each of the viewer's parties deals in force, and how long."""
    return house.relations.breadth(viewer)


@get("/relations/{agreement:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def relation_detail(house: TheHouse, viewer: TheViewer, agreement: PathText) -> RelationShown:
    """Return one relationship: its stage, how it came there with who signed, and what the next one asks."""
    return house.relations.relation(viewer, agreement)


@get(
    "/relations/{agreement:str}/pack",
    opt=signed_in(),
    responses=api_problems(),
    media_type="application/yaml",
    sync_to_thread=True,
    tags=_TAGS,
)
def pack(house: TheHouse, viewer: TheViewer, agreement: PathText) -> Response[str]:
    """Return the pack of clauses that the next stage opens, with facts, tables and cases, as YAML to add."""
    return Response(house.relations.pack(viewer, agreement), media_type="application/yaml")


pages = Router("/", route_handlers=[list_page, detail_page], include_in_schema=False)
api = Router("/v1", route_handlers=[relations, relations_csv, breadth, relation_detail, pack])
