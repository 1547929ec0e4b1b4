"""Explanations over the API and as pages: a figure of a statement, and what an order gives a party."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from api.access import AUDITOR, signed_in
from api.explaining.schemas import ChangeShown, EffectsShown, FigureExplained, ForecastShown, OrderAnswer
from api.forms import BLANK, page_of_forms, refused
from api.given import Asked, OnlyOf, PathNumber, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from ledger.settlement.forecast import DAYS, DAYS_MAX
from policies.errors import TallystickError

_TAGS = ["explanations"]
_CAUSES = (
    "cause", "words_zh", "words_en", "clause", "before", "after", "change", "change_minor", "currency",
    "lines_before", "lines_after",
)  # fmt: skip
_EXPECTED = (
    "day", "party", "payable", "adds", "adds_minor", "currency", "given", "taken", "lines",
    "refundable_until", "kept", "kept_exact",
)  # fmt: skip

Figure = Annotated[
    str,
    QueryParameter(
        name="figure",
        max_length=100,
        description="`payable`, `closing`, a place such as `/totals/0`, a leg, an amount, or `line:7`.",
    ),
]
Party = Annotated[
    str, QueryParameter(name="party", max_length=128, description="The party's key in the document, or id.")
]
Since = Annotated[
    str | None,
    QueryParameter(
        name="since",
        max_length=100,
        description="The earlier statement; else the one before.",
    ),
]
Ahead = Annotated[
    int, QueryParameter(name="days", ge=0, le=DAYS_MAX, description="How many days ahead to look.")
]
AskedOrder = Annotated[str, QueryParameter(name="order", max_length=200)]
AskedParty = Annotated[str, QueryParameter(name="party", max_length=128)]


@get("/statements/{statement:str}/figure", opt=signed_in(), sync_to_thread=True)
def figure_page(
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText, figure: Figure
) -> Response[str]:
    """Explain a figure of a statement on a page of its own."""
    return page(request, "figure.html", found=house.explaining.figure(viewer, statement, figure))


@get("/statements/{statement:str}/change", opt=signed_in(), sync_to_thread=True)
def change_page(
    request: Asked, house: TheHouse, viewer: TheViewer, statement: PathText, since: Since = None
) -> Response[str]:
    """Show why a statement pays another amount than an earlier one."""
    return page(request, "change.html", found=house.explaining.change(viewer, statement, since))


@get("/agreements/{agreement:str}/forecast", opt=signed_in(), sync_to_thread=True)
def forecast_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText, days: Ahead = DAYS
) -> Response[str]:
    """Show what the viewer's parties may expect by day."""
    found = house.explaining.forecast(viewer, agreement, days)
    return page(request, "forecast.html", found=found, ahead=days)


@get("/agreements/{agreement:str}/{version:int}/effects/{against:int}", opt=signed_in(), sync_to_thread=True)
def effects_page(  # noqa: PLR0913, PLR0917 -- who asks about which two versions
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber,
    against: PathNumber,
) -> Response[str]:  # fmt: skip
    """Show what a version changes of all orders against another, by its changed terms."""
    found = house.explaining.effects(viewer, agreement, version, against)
    return page(request, "effects.html", found=found)


@get("/why", opt=signed_in(), sync_to_thread=True)
def why_page(
    request: Asked, house: TheHouse, viewer: TheViewer, order: AskedOrder = "", party: AskedParty = ""
) -> Response[str]:
    """Ask why a party got what it got out of an order, and answer."""
    form, found = BLANK, None
    typed = {"order": order.strip(), "party": party.strip()}
    if typed["order"]:
        try:
            found = house.explaining.order(viewer, typed["order"], typed["party"], None)
        except TallystickError as fault:
            form = refused(request, "why", typed, fault)
    names = house.agreements.party_names(viewer)
    mine = sorted(names if AUDITOR in viewer.roles else viewer.parties)
    return page_of_forms(request, "why.html", form, found=found, typed=typed, mine=mine, names=names)


@get(
    "/statements/{statement:str}/figure",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def figure_of(house: TheHouse, viewer: TheViewer, statement: PathText, figure: Figure) -> FigureExplained:
    """Return why a figure of a statement is what it is: words, parts, clause, version, facts, arithmetic."""
    return house.explaining.figure(viewer, statement, figure)


@get(
    "/statements/{statement:str}/change",
    opt=signed_in(),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def change(house: TheHouse, viewer: TheViewer, statement: PathText, since: Since = None) -> ChangeShown:
    """Return why a statement pays another amount than an earlier one: causes that come to the difference."""
    return house.explaining.change(viewer, statement, since)


@csv_table("/statements/{statement:str}/change.csv", _TAGS, 404, 422)
def change_csv(house: TheHouse, viewer: TheViewer, statement: PathText, since: Since = None) -> Stream:
    """Return the causes of the change as CSV."""
    found = house.explaining.change(viewer, statement, since)
    return table(found.causes, f"change-{found.before}-{found.after}", _CAUSES)


@get(
    "/agreements/{agreement:str}/forecast",
    opt=signed_in(),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def expected(house: TheHouse, viewer: TheViewer, agreement: PathText, days: Ahead = DAYS) -> ForecastShown:
    """Return what the caller's parties may expect by day of what is in flight, and on what that rests."""
    return house.explaining.forecast(viewer, agreement, days)


@csv_table("/agreements/{agreement:str}/forecast.csv", _TAGS, 404, 422)
def expected_csv(house: TheHouse, viewer: TheViewer, agreement: PathText, days: Ahead = DAYS) -> Stream:
    """Return the days as CSV."""
    found = house.explaining.forecast(viewer, agreement, days)
    return table(found.days, f"forecast-{agreement}", _EXPECTED)


@get(
    "/agreements/{agreement:str}/{version:int}/effects/{against:int}",
    opt=signed_in(),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def effects(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber, against: PathNumber
) -> EffectsShown:
    """Return what a version changes of all orders in the log against another, by its changed terms."""
    return house.explaining.effects(viewer, agreement, version, against)


@get(
    "/orders/{order:str}/why",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def why(
    house: TheHouse, viewer: TheViewer, order: PathText, party: Party, agreement: OnlyOf = None
) -> OrderAnswer:
    """Return why a party of the caller's got what it got out of an order, line by line, settled or not."""
    return house.explaining.order(viewer, order, party, agreement)


pages = Router(
    "/",
    route_handlers=[figure_page, change_page, effects_page, forecast_page, why_page],
    include_in_schema=False,
)
api = Router("/v1", route_handlers=[figure_of, change, change_csv, effects, expected, expected_csv, why])
