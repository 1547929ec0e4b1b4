"""Statements as pages that open to the order line, as JSON and as CSV."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer
from api.pages import language_of, page
from api.problems import api_problems
from api.sending import download, is_known, streamed, table, unchanging
from api.statements import contest_pages, contesting, dues
from api.statements.papers.file import MEDIA_TYPES, paper_file
from api.statements.papers.paper import FORMS
from api.statements.schemas import LineExplained, LinePage, StatementDetail, StatementRow
from api.statements.service import LINES_PER_PAGE, LinesAsked
from api.tables import csv_table

_TAGS = ["statements"]
_LINES_MAX = 1000
_COLUMNS = (
    "id", "agreement", "party", "period", "status", "payable", "payable_minor", "currency", "issued_at",
)  # fmt: skip
_TOTAL_COLUMNS = (
    "clause", "leg", "kind", "label_zh", "label_en", "lines", "amount", "amount_minor", "currency",
    "entry_seq",
)  # fmt: skip
_LINE_COLUMNS = (
    "number", "order", "line", "clause", "version", "leg", "kind", "entries", "amount", "amount_minor",
    "currency",
)  # fmt: skip

After = Annotated[
    int | None, QueryParameter(name="after", ge=0, description="Line number to continue after.")
]
Order = Annotated[
    str | None, QueryParameter(name="order", max_length=200, description="Only the lines of this order.")
]
Leg = Annotated[str | None, QueryParameter(name="leg", max_length=200, description="Only those of this leg.")]
Kind = Annotated[
    str | None,
    QueryParameter(name="kind", max_length=64, description="Only those of this kind."),
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=_LINES_MAX, description="Lines to return at most.")
]


def of_lines(
    after: After = None,
    limit: Limit = LINES_PER_PAGE,
    order: Order = None,
    leg: Leg = None,
    kind: Kind = None,
) -> LinesAsked:
    """Return which lines are asked for; a form's empty fields ask for nothing."""
    return LinesAsked(after, limit, order or None, leg or None, kind or None)


TheLines = NamedDependency[LinesAsked]
_LINES = {"asked": Provide(of_lines, sync_to_thread=False)}


@get("/statements", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the statements the viewer may read."""
    return page(request, "statements.html", rows=house.statements.statements(viewer))


@get("/statements/{statement:str}", opt=signed_in(), dependencies=_LINES, sync_to_thread=True)
def detail_page(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    asked: TheLines,
) -> Response[str]:
    """Show one statement with its first lines; without scripts, further lines come by the address."""
    return page(
        request,
        "statement.html",
        statement=house.statements.statement(viewer, statement),
        lines=house.statements.lines(viewer, statement, asked),
        match=house.invoices.match(viewer, house.statements.readable(viewer, statement)),
    )


@get("/statements/{statement:str}/lines", opt=signed_in(), dependencies=_LINES, sync_to_thread=True)
def lines_part(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    asked: TheLines,
) -> Response[str]:
    """Return further rows of the table of lines."""
    lines = house.statements.lines(viewer, statement, asked)
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
def statement_detail(
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText
) -> StatementDetail | Response[Any]:
    """Return one statement: opening + totals = payable + carried forward.

    With `.pdf`, `.xlsx`, `.csv` or `.json` behind its id, the statement as a file that never changes, in the
    language of the request.
    """
    name, _, ending = statement.rpartition(".")
    form = next((one for one in FORMS if one == ending), None)
    if form is None:
        return house.statements.statement(viewer, statement)
    paper, language = house.statements.paper(viewer, name), language_of(request)
    tag = f"{form}-{language}-{paper.digest}"
    if is_known(request, tag):
        return unchanging(request, tag, Response(b""))
    return unchanging(request, tag, streamed(paper_file(paper, form, language), statement, MEDIA_TYPES[form]))


@get(
    "/statements/{statement:str}/lines",
    opt=signed_in(),
    dependencies=_LINES,
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def statement_lines(
    house: TheHouse,
    viewer: TheViewer,
    statement: PathText,
    asked: TheLines,
) -> LinePage:
    """Return lines in statement order; `next_after` is the cursor of the next page."""
    return house.statements.lines(viewer, statement, asked)


@csv_table("/statements/{statement:str}/lines.csv", _TAGS)
def statement_csv(request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText) -> Response[Any]:
    """Return every line as CSV (UTF-8 with a byte order mark; amounts exact, as text and in minor units)."""
    shown = house.statements.statement(viewer, statement)
    lines = table(house.statements.all_lines(viewer, shown.id), f"{shown.id}-lines", _LINE_COLUMNS)
    return unchanging(request, shown.lines_root, lines)


@get(
    "/statements/{statement:str}/lines.ndjson",
    opt=signed_in(),
    responses=api_problems(),
    media_type="application/x-ndjson",
    sync_to_thread=True,
    tags=_TAGS,
)
def statement_ndjson(
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText
) -> Response[Any]:
    """Return every line as committed to in the log: canonical JSON, one a line, in statement order."""
    shown = house.statements.statement(viewer, statement)
    exact = house.statements.exact_lines(viewer, shown.id)
    lines = streamed(exact, f"{shown.id}.ndjson", "application/x-ndjson")
    return unchanging(request, shown.lines_root, lines)


@csv_table("/statements.csv", _TAGS)
def statements_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the statements the viewer may read as CSV."""
    return table(house.statements.statements(viewer), "statements", _COLUMNS)


@csv_table("/statements/{statement:str}/totals.csv", _TAGS)
def totals_csv(house: TheHouse, viewer: TheViewer, statement: PathText) -> Stream:
    """Return the summary of a statement as CSV."""
    shown = house.statements.statement(viewer, statement)
    return table(shown.totals, f"{shown.id}-totals", _TOTAL_COLUMNS)


@get(
    "/statements/{statement:str}/evidence",
    opt=signed_in(),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=["evidence"],
)
def statement_evidence(house: TheHouse, viewer: TheViewer, statement: PathText) -> Response[bytes]:
    """Return the evidence bundle of a statement, which `tallystick verify` checks offline.

    Seals the present state of the log first, where it is not sealed yet.
    """
    bundle = house.statements.evidence(viewer, statement)
    return download(bundle, f"{statement}.bundle.json", "application/json")


@post(
    "/statements/{statement:str}/acceptance",
    opt=needs("approve"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def acceptance(house: TheHouse, viewer: TheViewer, statement: PathText) -> StatementRow:
    """Accept a statement for its party; accepting again changes nothing. Needs `approve` for the party."""
    return house.statements.accept(viewer, statement)


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
    "/",
    route_handlers=[
        list_page,
        detail_page,
        lines_part,
        line_page,
        accept,
        *contesting.pages,
        *contest_pages.pages,
        *dues.pages,
    ],
    include_in_schema=False,
)
api = Router(
    "/v1",
    route_handlers=[
        statements,
        statements_csv,
        statement_detail,
        totals_csv,
        statement_lines,
        statement_csv,
        statement_ndjson,
        statement_line,
        statement_evidence,
        acceptance,
        *contesting.api,
        *contest_pages.api,
        *dues.api,
    ],
)
