"""Batches over the API and as pages: listed, looked at, proposed to be voided, confirmed by another one."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.batches.schemas import BatchDetail, BatchPage, VoidAsked, VoidConfirmed, VoidProposed
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import AfterEntry, Asked, Chosen, Done, Limit, Of, PathText, TheHouse, TheViewer, Typed
from api.orders.service import mapping_titles
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["orders"]
_ROWS_PER_PAGE = 100
_COLUMNS = (
    "batch", "agreement", "state", "entries", "mapping", "taken_at", "void_proposed_by", "reason",
    "voided_by_seq", "file_sha256", "first_seq",
)  # fmt: skip
_STATEMENT_COLUMNS = ("statement", "party", "lines")


@get("/batches", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None) -> Response[str]:
    """Show what each imported file brought to one agreement."""
    known, chosen = house.agreements.choice(viewer, agreement)
    rows = house.batches.list(viewer, chosen) if chosen else ()
    may_import = chosen is not None and house.orders.may_import(viewer, chosen)
    return page(
        request,
        "batches.html",
        known=known,
        chosen=chosen,
        rows=rows[::-1],
        titles=mapping_titles(),
        may_import=may_import,
    )


@get("/batches/{batch:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    batch: PathText,
    agreement: Of,
    done: Done = None,
) -> Response[str]:
    """Show one batch, and the forms to void it to those who may."""
    return _answer(request, house, viewer, (agreement, batch), done=done)


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    of: tuple[str, str],
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    shown = house.batches.batch(viewer, *of)
    acts = house.batches.acts(viewer, shown)
    return page_of_forms(
        request,
        "batch.html",
        form,
        shown=shown,
        acts=acts,
        titles=mapping_titles(),
        done=done,
    )


@post("/batches/{batch:str}/void", opt=needs("approve"), status_code=303, sync_to_thread=True)
def propose_form(  # noqa: PLR0913, PLR0917 -- whose, of what, and the form
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    batch: PathText,
    agreement: Of,
    data: Typed,
) -> Response[str] | Redirect:
    """Propose to void a batch from its page."""
    try:
        house.batches.propose(viewer, agreement, batch, asked_for(VoidAsked, data).reason)
    except TallystickError as fault:
        return _answer(request, house, viewer, (agreement, batch), refused(request, "void", data, fault))
    return _back(batch, agreement, "proposed")


@post("/batches/{batch:str}/void/confirm", opt=needs("approve"), status_code=303, sync_to_thread=True)
def confirm_form(
    request: Asked, house: TheHouse, viewer: TheViewer, batch: PathText, agreement: Of
) -> Response[str] | Redirect:
    """Void from its page what another member proposed to void."""
    try:
        house.batches.confirm(viewer, agreement, batch)
    except TallystickError as fault:
        form = refused(request, "confirm", {}, fault)
        return _answer(request, house, viewer, (agreement, batch), form)
    return _back(batch, agreement, "voided")


def _back(batch: str, agreement: str, done: str) -> Redirect:
    query = {"agreement": agreement, "done": done}
    return Redirect(f"/batches/{batch}", query_params=query, status_code=303)


@get("/batches", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def batches(
    house: TheHouse,
    viewer: TheViewer,
    agreement: Of,
    after: AfterEntry = None,
    limit: Limit = _ROWS_PER_PAGE,
) -> BatchPage:
    """Return what each imported file brought to an agreement, oldest first."""
    return house.batches.page(viewer, agreement, after, limit)


@csv_table("/batches.csv", _TAGS)
def batches_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return what each imported file brought to an agreement as CSV."""
    return table(house.batches.list(viewer, agreement), "batches", _COLUMNS)


@get(
    "/batches/{batch:str}", opt=signed_in(), responses=api_problems(404, 503), sync_to_thread=True, tags=_TAGS
)
def batch_detail(house: TheHouse, viewer: TheViewer, batch: PathText, agreement: Of) -> BatchDetail:
    """Return one batch: its counts, its file's rows, and the statements that rest on it."""
    return house.batches.batch(viewer, agreement, batch)


@csv_table("/batches/{batch:str}/statements.csv", _TAGS, 404, 503)
def statements_csv(house: TheHouse, viewer: TheViewer, batch: PathText, agreement: Of) -> Stream:
    """Return the statements that rest on a batch as CSV."""
    shown = house.batches.batch(viewer, agreement, batch)
    return table(shown.statements, f"{shown.batch.batch}-statements", _STATEMENT_COLUMNS)


@post(
    "/batches/{batch:str}/void",
    opt=needs("approve"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def propose(
    house: TheHouse, viewer: TheViewer, batch: PathText, agreement: Of, data: JSONBody[VoidAsked]
) -> VoidProposed:
    """Propose to void a batch. Needs `approve` for the platform whose file it was."""
    return house.batches.propose(viewer, agreement, batch, data.reason)


@post(
    "/batches/{batch:str}/void/confirm",
    opt=needs("approve"),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def confirm(house: TheHouse, viewer: TheViewer, batch: PathText, agreement: Of) -> VoidConfirmed:
    """Void what another member proposed to void. Needs `approve` for the platform whose file it was."""
    return house.batches.confirm(viewer, agreement, batch)


pages = Router(
    "/", route_handlers=[list_page, detail_page, propose_form, confirm_form], include_in_schema=False
)
api = Router("/v1", route_handlers=[batches, batches_csv, batch_detail, statements_csv, propose, confirm])
