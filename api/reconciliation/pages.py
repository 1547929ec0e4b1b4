"""The page of reconciliation: a file held against the party's own ledger, what is open, matches by hand."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.params import MultipartBody, QueryParameter
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.errors import RequestUnusable
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Chosen, Done, PathText, TheHouse, TheViewer, Typed
from api.orders.receiving import handed_in
from api.reconciliation.schemas import MatchRequest, ReconciliationDetail, StepShown, WithdrawalRequest
from api.reconciliation.service import FileAsked
from ledger.reconciliation.breaks import CLASSES
from ledger.reconciliation.layouts import FROM_LINES
from ledger.reconciliation.manual import ids_given
from policies.errors import TallystickError

Named = Annotated[str | None, QueryParameter(name="party", max_length=128)]
Book = Annotated[str | None, QueryParameter(name="book", max_length=64)]

_OPEN_SHOWN = 200
_TICKED = "row."
"""How the box beside a row is named, before the row's id: boxes of one name would not be told apart."""


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, the form that they sent, and what came of it
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    wanted: tuple[str | None, str | None, str | None],
    form: Form = BLANK,
    made: ReconciliationDetail | None = None,
    done: str | None = None,
) -> Response[str]:
    service = house.reconciliation
    known, chosen = house.agreements.choice(viewer, wanted[0])
    parties = service.parties(viewer, chosen) if chosen in known and chosen else ()
    party = wanted[1] or (parties[0] if parties else None)
    books = service.books(viewer, chosen, party) if chosen and party else ()
    book = wanted[2] or (books[0] if books else None)
    return page_of_forms(
        request,
        "reconciliations.html",
        form,
        known=known,
        chosen=chosen,
        parties=parties,
        names=house.agreements.party_names(viewer),
        party=party,
        books=books,
        shown=service.book(viewer, chosen, party, book) if chosen and party and book in books else None,
        steps=_steps(house, viewer, chosen, party),
        recorded=service.reconciliations(viewer, chosen, party) if chosen and party else (),
        may_act=party is not None and service.may_act(viewer, party),
        own=party in parties,
        layouts=service.layouts(),
        classes=CLASSES,
        open_max=_OPEN_SHOWN,
        bytes_max=house.settings.body_bytes_max,
        made=made,
        done=done,
    )


def _steps(
    house: TheHouse, viewer: TheViewer, chosen: str | None, party: str | None
) -> tuple[StepShown, ...]:
    """Return the way from the party's first book about lines to its first about statements or payments."""
    if not chosen or not party:
        return ()
    told = house.reconciliation.reconciliations(viewer, chosen, party)
    bills, banks = (
        [one.book for one in told if (one.level in FROM_LINES) == lines] for lines in (True, False)
    )
    if not bills or not banks:
        return ()
    return house.reconciliation.three_ways(viewer, chosen, party, bills[0], banks[0])


@get("/reconciliations", opt=signed_in(), sync_to_thread=True)
def book_page(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Chosen = None,
    party: Named = None,
    book: Book = None,
    done: Done = None,
) -> Response[str]:
    """Show how a book of the viewer's party stands, and the forms to reconcile and to match."""
    return _answer(request, house, viewer, (agreement or None, party or None, book or None), done=done)


@post("/reconciliations", opt=needs("read", "draft", "approve", "pay"), sync_to_thread=True, status_code=200)
def run_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: MultipartBody[dict[str, Any]]
) -> Response[str]:
    """Reconcile a file from the page; show what came of it, recorded where that was asked."""
    fields = ("agreement", "party", "layout", "tolerance", "days", "since", "until", "record")
    typed = {name: str(data.get(name, "")).strip() for name in fields}
    wanted = (typed["agreement"], typed["party"], None)
    try:
        made = _run(house, viewer, typed, data.get("file"))
    except TallystickError as fault:
        return _answer(request, house, viewer, wanted, refused(request, "run", typed, fault))
    shown = (*wanted[:2], made.reconciliation.book)
    return _answer(request, house, viewer, shown, Form("run", typed), made)


def _run(house: TheHouse, viewer: TheViewer, typed: dict[str, str], file: object) -> ReconciliationDetail:
    if typed["days"] and not (
        typed["days"].isascii() and typed["days"].isdecimal() and len(typed["days"]) < 4
    ):
        raise RequestUnusable("days are a whole number from 0 to 366", where="days")
    asked = FileAsked(
        agreement=typed["agreement"],
        party=typed["party"],
        layout=typed["layout"],
        tolerance=typed["tolerance"] or None,
        days=int(typed["days"]) if typed["days"] else None,
        since=typed["since"] or None,
        until=typed["until"] or None,
        record=bool(typed["record"]),
    )
    house.reconciliation.demand(viewer, asked)
    with handed_in(file) as (path, name):
        return house.reconciliation.run(viewer, path, name, asked)


@post("/reconciliations/matches", opt=needs("approve", "pay"), status_code=303, sync_to_thread=True)
def match_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Match open rows by hand from the page."""
    asked = asked_for(MatchRequest, {**data, "rows": ""})
    ticked = [name.removeprefix(_TICKED) for name in data if name.startswith(_TICKED)]
    rows = tuple(dict.fromkeys(ids_given([*ticked, data.get("rows", "")])))
    wanted = MatchRequest(asked.agreement, asked.party, asked.book, rows, asked.reason, asked.break_class)
    try:
        house.reconciliation.match(viewer, wanted)
    except TallystickError as fault:
        form = refused(request, "match", dict(data), fault)
        return _answer(request, house, viewer, (asked.agreement, asked.party, asked.book), form)
    return _back(asked.agreement, asked.party, asked.book, "matched")


@post(
    "/reconciliations/matches/{match:str}/withdrawal",
    opt=needs("approve", "pay"),
    status_code=303,
    sync_to_thread=True,
)
def withdrawal_form(
    request: Asked, house: TheHouse, viewer: TheViewer, match: PathText, data: Typed
) -> Response[str] | Redirect:
    """Withdraw a match by hand from the page."""
    asked = asked_for(WithdrawalRequest, data)
    try:
        house.reconciliation.withdraw(viewer, match, asked)
    except TallystickError as fault:
        form = refused(request, "withdraw", dict(data), fault)
        return _answer(request, house, viewer, (asked.agreement, asked.party, asked.book), form)
    return _back(asked.agreement, asked.party, asked.book, "withdrawn")


def _back(agreement: str, party: str, book: str, done: str) -> Redirect:
    params = {"agreement": agreement, "party": party, "book": book, "done": done}
    return Redirect("/reconciliations", query_params=params, status_code=303)


pages = Router(
    "/", route_handlers=[book_page, run_form, match_form, withdrawal_form], include_in_schema=False
)
