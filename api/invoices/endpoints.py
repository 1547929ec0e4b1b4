"""Invoices over the API, and on their page: what lacks one, all of them, and the form to record one."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import AfterEntry, Asked, Done, Limit, PathText, TheHouse, TheViewer, Typed
from api.invoices.schemas import InvoicePage, InvoiceShown, MatchShown, WithdrawalRequest
from api.office.invoices import InvoiceAsked
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["invoices"]
_ROWS_PER_PAGE = 100
_COLUMNS = (
    "number", "type", "agreement", "seller", "buyer", "issued_on", "net", "rate", "tax", "total", "left",
    "left_minor", "currency", "offsets", "confirmation", "state", "recorded_by", "recorded_at", "entry_seq",
)  # fmt: skip

OfStatement = Annotated[str | None, QueryParameter(name="statement", max_length=100)]


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    form: Form = BLANK,
    done: str | None = None,
    chosen: str | None = None,
) -> Response[str]:
    mine = sorted(party for party in viewer.parties if viewer.has("approve", party))
    return page_of_forms(
        request,
        "invoices.html",
        form,
        rows=tuple(reversed(house.invoices.invoices(viewer))),
        lacking=house.invoices.lacking(viewer),
        done=done,
        chosen=chosen,
        mine=mine,
        names=house.agreements.party_names(viewer),
    )


@get("/invoices", opt=signed_in(), sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None, statement: OfStatement = None
) -> Response[str]:
    """Show what lacks an invoice, and the invoices the viewer may read, newest first."""
    return _answer(request, house, viewer, done=done, chosen=statement)


@post("/invoices", opt=needs("approve"), status_code=303, sync_to_thread=True)
def record_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Record an invoice from the page."""
    try:
        house.invoices.record(viewer, asked_for(InvoiceAsked, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "record", data, fault))
    return Redirect("/invoices", query_params={"done": "recorded"}, status_code=303)


@post("/invoices/{number:str}/withdrawal", opt=needs("approve"), status_code=303, sync_to_thread=True)
def withdraw_form(
    request: Asked, house: TheHouse, viewer: TheViewer, number: PathText, data: Typed
) -> Response[str] | Redirect:
    """Withdraw an invoice from the page."""
    try:
        house.invoices.withdraw(viewer, number, asked_for(WithdrawalRequest, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, refused(request, "withdraw", data, fault))
    return Redirect("/invoices", query_params={"done": "withdrawn"}, status_code=303)


@get("/invoices", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def invoices(
    house: TheHouse, viewer: TheViewer, after: AfterEntry = None, limit: Limit = _ROWS_PER_PAGE
) -> InvoicePage:
    """Return the invoices the viewer may read, in the order in which they were recorded."""
    return house.invoices.page(viewer, after, limit)


@csv_table("/invoices.csv", _TAGS)
def invoices_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the invoices the viewer may read as CSV."""
    return table(house.invoices.invoices(viewer), "invoices", _COLUMNS)


@post(
    "/invoices", opt=needs("approve"), responses=api_problems(404, 409, 422), sync_to_thread=True, tags=_TAGS
)
def record(house: TheHouse, viewer: TheViewer, data: JSONBody[InvoiceAsked]) -> InvoiceShown:
    """Record an invoice, or a red-letter invoice. Needs `approve` for its seller or its buyer.

    A number that is recorded already is a 409; who recorded it is told to seller and buyer alone.
    """
    return house.invoices.record(viewer, data)


@post(
    "/invoices/{number:str}/withdrawal",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def withdrawal(
    house: TheHouse, viewer: TheViewer, number: PathText, data: JSONBody[WithdrawalRequest]
) -> InvoiceShown:
    """Withdraw an invoice that was recorded wrong. Needs `approve` for the party that recorded it."""
    return house.invoices.withdraw(viewer, number, data)


@get("/invoices/lacking", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def lacking(house: TheHouse, viewer: TheViewer) -> tuple[MatchShown, ...]:
    """Return the viewer's statements for which an invoice is asked and not there in full, newest first."""
    return house.invoices.lacking(viewer)


@get(
    "/statements/{statement:str}/invoices",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def of_statement(house: TheHouse, viewer: TheViewer, statement: PathText) -> MatchShown:
    """Return a statement's invoices against what it pays and what was paid, with every difference."""
    return house.invoices.match(viewer, house.statements.readable(viewer, statement))


pages = Router("/", route_handlers=[list_page, record_form, withdraw_form], include_in_schema=False)
api = Router("/v1", route_handlers=[invoices, invoices_csv, record, withdrawal, lacking, of_statement])
