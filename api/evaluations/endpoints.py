"""The evaluation of a version: as a page with charts, as JSON, and its measures and duties as CSV."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from api.access import signed_in
from api.evaluations.schemas import EvaluationShown
from api.evaluations.service import measure_rows
from api.given import Asked, PathText, TheHouse, TheViewer
from api.pages import language_of, page
from api.problems import api_problems, problem_todo
from api.sending import table
from api.tables import csv_table
from ledger.evaluation.errors import EvaluationUnready
from ledger.evaluation.windows import DAYS, DAYS_LIMIT

_TAGS = ["evaluation"]
_MEASURES = (
    "measure", "label_zh", "label_en", "unit", "before", "before_low", "before_high", "before_of", "after",
    "after_low", "after_high", "after_of", "change", "change_low", "change_high", "method", "told_apart",
    "cautions_zh", "cautions_en",
)  # fmt: skip
_DUTIES = ("clause", "heading_zh", "heading_en", "debtor", "creditor", "answer")

Version = Annotated[
    int | None,
    QueryParameter(name="version", ge=1, description="The version; else the newest that has started."),
]
Days = Annotated[
    int,
    QueryParameter(name="days", ge=1, le=DAYS_LIMIT, description="Days of each window, at most."),
]


@get("/agreements/{agreement:str}/evaluation", opt=signed_in(), sync_to_thread=True)
def evaluation_page(  # noqa: PLR0913, PLR0917 -- who asks about which version, over how many days
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: Version = None,
    days: Days = DAYS,
) -> Response[str]:
    """Show what was so before a version and after it; where there is no before, its rights and duties."""
    try:
        found = house.evaluations.evaluation(viewer, agreement, version, days)
    except EvaluationUnready as fault:
        matrix = house.evaluations.duties(viewer, agreement, version)
        why = problem_todo(fault.code, language_of(request))
        return page(request, "unevaluated.html", of=agreement, matrix=matrix, matrix_before=None, why=why)
    return page(request, "evaluation.html", found=found)


@get(
    "/agreements/{agreement:str}/evaluation",
    opt=signed_in(),
    responses=api_problems(404, 409),
    sync_to_thread=True,
    tags=_TAGS,
)
def evaluation(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: Version = None, days: Days = DAYS
) -> EvaluationShown:
    """Return the measures before and after a version, disputes, and rights and duties."""
    return house.evaluations.evaluation(viewer, agreement, version, days)


@csv_table("/agreements/{agreement:str}/evaluation.csv", _TAGS, 404, 409)
def evaluation_csv(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: Version = None, days: Days = DAYS
) -> Stream:
    """Return the measures as CSV."""
    found = house.evaluations.evaluation(viewer, agreement, version, days)
    return table(measure_rows(found), f"evaluation-{agreement}-{found.version}", _MEASURES)


@csv_table("/agreements/{agreement:str}/duties.csv", _TAGS, 404, 409)
def duties_csv(house: TheHouse, viewer: TheViewer, agreement: PathText, version: Version = None) -> Stream:
    """Return the rights and duties of a version as CSV: who owes whom under which clause, and the answer."""
    found = house.evaluations.duties(viewer, agreement, version)
    return table(found.duties, f"duties-{agreement}-{found.version}", _DUTIES)


pages = Router("/", route_handlers=[evaluation_page], include_in_schema=False)
api = Router("/v1", route_handlers=[evaluation, evaluation_csv, duties_csv])
