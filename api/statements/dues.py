"""What a statement shows as due beside its lines, opened: a page and its JSON."""

from __future__ import annotations

from litestar import get
from litestar.response import Response

from api.access import signed_in
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.statements.schemas import DueExplained


@get("/statements/{statement:str}/dues/{number:int}", opt=signed_in(), sync_to_thread=True)
def due_page(
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber
) -> Response[str]:
    """Explain what is due beside the lines of a statement, on a page of its own."""
    return page(request, "due.html", explained=house.statements.explain_due(viewer, statement, number))


@get(
    "/statements/{statement:str}/dues/{number:int}",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=["statements"],
)
def statement_due(
    house: TheHouse, viewer: TheViewer, statement: PathText, number: PathNumber
) -> DueExplained:
    """Return why what is due beside the lines is what it is: clause, version, causes, arithmetic."""
    return house.statements.explain_due(viewer, statement, number)


pages = [due_page]
api = [statement_due]
