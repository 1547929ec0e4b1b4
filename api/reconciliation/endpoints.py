"""Reconciliation over the API: a file as the body, what was recorded, what is open, matches by hand."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from api.access import KEYED, needs, signed_in
from api.given import Asked, Of, PathText, TheHouse, TheViewer
from api.orders.receiving import FileOperation, received
from api.problems import api_problems
from api.reconciliation.schemas import (
    BookShown,
    LayoutShown,
    MatchRequest,
    MatchShown,
    ReconciliationDetail,
    ReconciliationShown,
    StepShown,
    WithdrawalRequest,
)
from api.reconciliation.service import FileAsked
from api.sending import table
from api.tables import csv_table

_TAGS = ["statements"]
_OPEN_COLUMNS = (
    "break_class", "cause", "about", "own", "file", "difference", "difference_minor", "currency", "day",
    "days_open", "reason_zh", "reason_en",
)  # fmt: skip
_AGING_COLUMNS = (
    "break_class", "ages", "days_from", "days_to", "count", "own", "file", "difference", "difference_minor",
    "currency",
)  # fmt: skip

Party = Annotated[str, QueryParameter(name="party", max_length=128, description="Whose side, by id.")]
Book = Annotated[str, QueryParameter(name="book", max_length=64, description="The layout's source.")]
Bill = Annotated[str, QueryParameter(name="bill", max_length=64, description="A book about order lines.")]
Bank = Annotated[
    str, QueryParameter(name="bank", max_length=64, description="A book about statements or payments.")
]
LayoutName = Annotated[
    str, QueryParameter(name="layout", max_length=64, description="Name of a shipped layout.")
]
Tolerance = Annotated[
    str | None, QueryParameter(name="tolerance", max_length=20, description="How far amounts may be apart.")
]
Days = Annotated[
    int | None, QueryParameter(name="days", ge=0, le=366, description="How far days may be apart.")
]
Legs = Annotated[
    list[str] | None, QueryParameter(name="leg", max_length=50, description="Only these legs of the party.")
]
Since = Annotated[
    str | None, QueryParameter(name="since", max_length=10, description="The day with which a book begins.")
]
Until = Annotated[
    str | None, QueryParameter(name="until", max_length=10, description="Leave later statements for later.")
]
On = Annotated[str | None, QueryParameter(name="on", max_length=10, description="How old on this day.")]
Record = Annotated[bool, QueryParameter(name="record", description="Record it in the party's name.")]
FileName = Annotated[
    str, QueryParameter(name="file", max_length=100, description="What to call the file in a refusal.")
]


@get("/layouts", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def layouts(house: TheHouse) -> tuple[LayoutShown, ...]:
    """Return the layouts of files that are shipped, and what each rests on."""
    return house.reconciliation.layouts()


@post(
    "/reconciliations",
    opt=needs("read", "draft", "approve", "pay") | KEYED,
    operation_class=FileOperation,
    status_code=200,
    responses=api_problems(409, 413, 415, 422),
    tags=_TAGS,
)
async def run(  # noqa: PLR0913, PLR0917 -- one parameter an option
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Of,
    party: Party,
    layout: LayoutName,
    tolerance: Tolerance = None,
    days: Days = None,
    leg: Legs = None,
    since: Since = None,
    until: Until = None,
    record: Record = False,  # noqa: FBT002 -- a query parameter
    file: FileName = "file",
) -> ReconciliationDetail:
    """Reconcile a file, sent as the body, with what runs posted for a party of the caller's.

    Nothing is written without `record`, which needs `approve` or `pay`; the same again adds nothing.
    """
    asked = FileAsked(
        agreement=agreement, party=party, layout=layout, tolerance=tolerance, days=days,
        legs=tuple(leg or ()), since=since, until=until, record=record,
    )  # fmt: skip
    await sync_to_thread(partial(house.reconciliation.demand, viewer, asked))
    async with received(request) as path:
        return await sync_to_thread(partial(house.reconciliation.run, viewer, path, file, asked))


@get("/reconciliations", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def reconciliations(
    house: TheHouse, viewer: TheViewer, agreement: Of, party: Party
) -> tuple[ReconciliationShown, ...]:
    """Return what a party of the caller's recorded under an agreement, newest first."""
    return house.reconciliation.reconciliations(viewer, agreement, party)


@get(
    "/reconciliations/{reconciliation:str}",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def reconciliation(house: TheHouse, viewer: TheViewer, reconciliation: PathText) -> ReconciliationDetail:
    """Return a recorded reconciliation with the breaks that were open after it."""
    return house.reconciliation.reconciliation(viewer, reconciliation)


@get("/reconciliations/open", opt=signed_in(), responses=api_problems(422), sync_to_thread=True, tags=_TAGS)
def open_(  # noqa: PLR0913, PLR0917 -- one parameter an option
    house: TheHouse, viewer: TheViewer, agreement: Of, party: Party, book: Book, on: On = None
) -> BookShown:
    """Return how a book of a party of the caller's stands: what is open, its age, suggestions, matches."""
    return house.reconciliation.book(viewer, agreement, party, book, on)


@csv_table("/reconciliations/open.csv", _TAGS, 422)
def open_csv(  # noqa: PLR0913, PLR0917 -- one parameter an option
    house: TheHouse, viewer: TheViewer, agreement: Of, party: Party, book: Book, on: On = None
) -> Stream:
    """Return what is open as CSV, a row a break."""
    found = house.reconciliation.book(viewer, agreement, party, book, on)
    return table(found.open, "open", _OPEN_COLUMNS)


@csv_table("/reconciliations/aging.csv", _TAGS, 422)
def aging_csv(  # noqa: PLR0913, PLR0917 -- one parameter an option
    house: TheHouse, viewer: TheViewer, agreement: Of, party: Party, book: Book, on: On = None
) -> Stream:
    """Return what is open by class and age as CSV."""
    found = house.reconciliation.book(viewer, agreement, party, book, on)
    return table(found.aging, "aging", _AGING_COLUMNS)


@get(
    "/reconciliations/three-ways",
    opt=signed_in(),
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def three_ways(  # noqa: PLR0913, PLR0917 -- one parameter an option
    house: TheHouse, viewer: TheViewer, agreement: Of, party: Party, bill: Bill, bank: Bank
) -> tuple[StepShown, ...]:
    """Return the steps from what a bill told to what a bank told, over the own ledger."""
    return house.reconciliation.three_ways(viewer, agreement, party, bill, bank)


@post(
    "/matches",
    opt=needs("approve", "pay"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def match(house: TheHouse, viewer: TheViewer, data: JSONBody[MatchRequest]) -> MatchShown:
    """Match open rows by hand. Needs `approve` or `pay` for the party."""
    return house.reconciliation.match(viewer, data)


@post(
    "/matches/{match:str}/withdrawal",
    opt=needs("approve", "pay"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def withdrawal(
    house: TheHouse, viewer: TheViewer, match: PathText, data: JSONBody[WithdrawalRequest]
) -> MatchShown:
    """Withdraw a match by hand: its rows are open again. Needs `approve` or `pay` for the party."""
    return house.reconciliation.withdraw(viewer, match, data)


api = Router(
    "/v1",
    route_handlers=[
        layouts, run, reconciliations, open_, open_csv, aging_csv, three_ways, reconciliation, match,
        withdrawal,
    ],
)  # fmt: skip
