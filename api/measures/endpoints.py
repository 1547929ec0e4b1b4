"""Figures of quality and service over the API, and on their page: one report at a time, chosen by a form."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from api.access import signed_in
from api.forms import refusal_of
from api.given import Asked, Chosen, Of, PathText, TheHouse, TheViewer
from api.measures.schemas import ReportName, ReportShown
from api.pages import page
from api.problems import api_problems, problem_of
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["measures"]
_COLUMNS = (
    "report", "agreement", "period", "key", "measure", "text_zh", "text_en", "value", "shown", "items",
)  # fmt: skip

Period = Annotated[
    str, QueryParameter(name="period", max_length=10, description="2026-05, 2026-Q2 or 2026; empty for all.")
]
By = Annotated[str, QueryParameter(name="by", max_length=40, description="A field to tell it apart by.")]
Named = Annotated[str, QueryParameter(name="report", max_length=40)]


@get("/measures", opt=signed_in(), sync_to_thread=True)
def measures_page(  # noqa: PLR0913, PLR0917 -- who asks, and what the page was asked for
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Chosen = None,
    report: Named = "after_sale",
    period: Period = "",
    by: By = "",
) -> Response[str]:
    """Show one report of one agreement; what cannot be worked out as asked is said, and nothing shown."""
    known, chosen = house.agreements.choice(viewer, agreement)
    made, refusal = None, None
    try:
        made = house.measures.report(viewer, report, chosen, period.strip(), by.strip()) if chosen else None
    except TallystickError as fault:
        refusal = refusal_of(request, problem_of(fault))
    return page(
        request,
        "measures.html",
        status=refusal.status if refusal else 200,
        known=known,
        chosen=chosen,
        names=house.measures.names(),
        name=report,
        period=period,
        by=by,
        made=made,
        refusal=refusal,
    )


@get("/measures", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def list_measures(house: TheHouse) -> tuple[ReportName, ...]:
    """Return the reports there are."""
    return house.measures.names()


@get(
    "/measures/{name:str}", opt=signed_in(), responses=api_problems(404, 422), sync_to_thread=True, tags=_TAGS
)
def one_report(  # noqa: PLR0913, PLR0917 -- which report, of what, when, how
    house: TheHouse, viewer: TheViewer, name: PathText, agreement: Of, period: Period = "", by: By = ""
) -> ReportShown:
    """Work a report out over an agreement's items that were opened in a period."""
    return house.measures.report(viewer, name, agreement, period, by)


@csv_table("/measures/{name:str}/figures.csv", _TAGS, 404, 422)
def figures_csv(  # noqa: PLR0913, PLR0917 -- as above
    house: TheHouse, viewer: TheViewer, name: PathText, agreement: Of, period: Period = "", by: By = ""
) -> Stream:
    """Return a report's figures as CSV, one a row."""
    made = house.measures.report(viewer, name, agreement, period, by)
    return table(house.measures.lines(made), f"{agreement}-{name}", _COLUMNS)


pages = Router("/", route_handlers=[measures_page], include_in_schema=False)
api = Router("/v1", route_handlers=[list_measures, one_report, figures_csv])
