"""Statements as pages that open to the order line, as JSON and as CSV."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.statements.export import csv_rows
from api.statements.schemas import LineExplained, LinePage, StatementDetail, StatementRow
from api.statements.service import LINES_PER_PAGE

_TAGS = ["statements"]
_LINES_MAX = 1000

After = Annotated[
    int | None, QueryParameter(name="after", ge=0, description="Line number to continue after.")
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=_LINES_MAX, description="Lines to return at most.")
]


@get("/statements", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the statements the viewer may read."""
    return page(request, "statements.html", rows=house.statements.statements(viewer))


@get("/statements/{statement:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    after: After = None,
) -> Response[str]:
    """Show one statement with its first lines; without scripts, further lines come by the address."""
    return page(
        request,
        "statement.html",
        statement=house.statements.statement(viewer, statement),
        lines=house.statements.lines(viewer, statement, after, LINES_PER_PAGE),
    )


@get("/statements/{statement:str}/lines", opt=signed_in(), sync_to_thread=True)
def lines_part(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    after: After = None,
) -> Response[str]:
    """Return further rows of the table of lines."""
    lines = house.statements.lines(viewer, statement, after, LINES_PER_PAGE)
    return page(request, "parts/lines.html", lines=lines)


@get("/statements/{statement:str}/lines/{number:int}", opt=signed_in(), sync_to_thread=True)
def line_page(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    number: PathNumber,
) -> Response[str]:
    """Explain one line: a part of the statement's page for htmx, a page of its own otherwise."""
    explained = house.statements.explain(viewer, statement, number)
    template = "parts/line.html" if request.headers.get("hx-request") == "true" else "line.html"
    return page(request, template, explained=explained)


@post("/statements/{statement:str}/accept", opt=needs("approve"), status_code=303, sync_to_thread=True)
def accept(house: TheHouse, viewer: TheViewer, statement: PathText) -> Redirect:
    """Accept a statement for its party."""
    house.statements.accept(viewer, statement)
    return Redirect(f"/statements/{statement}", status_code=303)


@get("/statements", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def statements(house: TheHouse, viewer: TheViewer) -> tuple[StatementRow, ...]:
    """Return the statements the viewer may read, newest first."""
    return house.statements.statements(viewer)


@get(
    "/statements/{statement:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS
)
def statement_detail(house: TheHouse, viewer: TheViewer, statement: PathText) -> StatementDetail:
    """Return one statement: opening + totals = payable + carried forward."""
    return house.statements.statement(viewer, statement)


@get(
    "/statements/{statement:str}/lines",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def statement_lines(
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    after: After = None,
    limit: Limit = LINES_PER_PAGE,
) -> LinePage:
    """Return lines in statement order; `next_after` is the cursor of the next page."""
    return house.statements.lines(viewer, statement, after, limit)


@get(
    "/statements/{statement:str}/lines.csv",
    opt=signed_in(),
    responses=api_problems(),
    media_type="text/csv",
    sync_to_thread=True,
    tags=_TAGS,
)
def statement_csv(house: TheHouse, viewer: TheViewer, statement: PathText) -> Stream:
    """Return every line as CSV (UTF-8 with a byte order mark; amounts exact, as text and in minor units)."""
    shown = house.statements.statement(viewer, statement)
    return Stream(
        csv_rows(house.statements.all_lines(viewer, shown.id)),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="statement-lines.csv"'},
    )


@get(
    "/statements/{statement:str}/lines/{number:int}",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def statement_line(
    house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber
) -> LineExplained:
    """Return why one line is what it is: clause, version, facts, arithmetic."""
    return house.statements.explain(viewer, statement, number)


pages = Router(
    "/", route_handlers=[list_page, detail_page, lines_part, line_page, accept], include_in_schema=False
)
api = Router(
    "/v1", route_handlers=[statements, statement_detail, statement_lines, statement_csv, statement_line]
)
