"""Months of accounts over the API and as pages: open and closed ones, what came late, and closing."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Chosen, Done, Limit, Of, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from api.periods.schemas import (
    CloseAsked,
    CloseCheck,
    ItemOfMonth,
    ItemOverridden,
    LateMonthRow,
    LatePage,
    MonthPage,
    OverrideAsked,
    PeriodShown,
)
from api.periods.service import ROWS_PER_PAGE, month_row
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from ledger.late import Way
from policies.errors import TallystickError

_TAGS = ["accounts"]
_MONTH_COLUMNS = ("period", "state", "entry_seq", "as_of_seq", "closed_at", "closed_by")
_COLUMNS = (
    "owner", "purpose", "label_zh", "label_en", "opening", "opening_minor", "moved", "moved_minor", "late",
    "late_minor", "late_from", "closing", "closing_minor", "currency",
)  # fmt: skip
_LATE_MONTH_COLUMNS = (
    "period", "into", "owner", "purpose", "label_zh", "label_en", "postings", "amount", "amount_minor",
    "currency",
)  # fmt: skip
_LATE_COLUMNS = (
    "entry_seq", "n", "kind", "occurred_at", "owner", "purpose", "label_zh", "label_en", "amount",
    "amount_minor", "currency", "period", "into",
)  # fmt: skip

After = Annotated[
    str | None, QueryParameter(name="after", max_length=40, description="The cursor of the page before.")
]
Before = Annotated[
    str | None, QueryParameter(name="before", max_length=7, description="The cursor of the page before.")
]


@get("/periods", opt=signed_in(), sync_to_thread=True)
def list_page(  # noqa: PLR0913 -- which agreement, and what of it
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: Chosen = None,
    done: Done = None,
    *,
    look: FromQuery[bool] = False,
) -> Response[str]:
    """Show the months of one agreement, and where it is asked the checklist of the next to be closed."""
    return _months(request, house, viewer, agreement, done=done, look=look or done == "overridden")


def _months(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None,
    form: Form = BLANK,
    done: str | None = None,
    *,
    look: bool = True,
) -> Response[str]:
    """Show the months; going through a checklist takes a while over millions of lines, so `look` asks."""
    known, chosen = house.agreements.choice(viewer, agreement)
    rows = house.periods.months(viewer, chosen) if chosen else ()
    may_close = chosen is not None and house.periods.may_close(viewer, chosen)
    next_due = next((one.period for one in reversed(rows) if one.state == "due"), None)
    checks: tuple[CloseCheck, ...] = ()
    if look and may_close and chosen and next_due:
        checks = house.periods.checks(viewer, chosen, next_due)
    return page_of_forms(
        request,
        "periods.html",
        form,
        known=known,
        chosen=chosen,
        rows=rows,
        reads=chosen in known,
        may_close=may_close,
        asks_id=viewer.has("operator"),
        next_due=next_due,
        checks=checks,
        done=done,
    )


@get("/periods/{agreement:str}/{period:str}", opt=signed_in(), sync_to_thread=True)
def month_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText
) -> Response[str]:
    """Show one month: its accounts, what came late into it, and what came late for it."""
    shown = house.periods.show(viewer, agreement, period)
    late_in, late_out = (
        house.periods.late(viewer, agreement, period, way, None, ROWS_PER_PAGE) for way in ("in", "out")
    )
    return page(request, "period.html", shown=shown, late_in=late_in, late_out=late_out)


@post("/periods", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def close_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Close a month from the page."""
    asked = asked_for(CloseAsked, data)
    try:
        house.periods.close(viewer, asked.agreement, asked.period)
    except TallystickError as fault:
        return _months(request, house, viewer, asked.agreement, refused(request, "close", data, fault))
    done = {"agreement": asked.agreement, "done": "closed"}
    return Redirect("/periods", query_params=done, status_code=303)


@post("/periods/overrides", opt=needs("pay", "operator"), status_code=303, sync_to_thread=True)
def override_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: Typed
) -> Response[str] | Redirect:
    """Let an open item of the checklist stand, from the page."""
    asked = asked_for(ItemOfMonth, data)
    try:
        house.periods.override(viewer, asked.agreement, asked.period, asked.item, asked.reason)
    except TallystickError as fault:
        return _months(request, house, viewer, asked.agreement, refused(request, "override", data, fault))
    done = {"agreement": asked.agreement, "done": "overridden"}
    return Redirect("/periods", query_params=done, status_code=303)


@get("/periods", opt=signed_in(), responses=api_problems(409), sync_to_thread=True, tags=_TAGS)
def periods(
    house: TheHouse, viewer: TheViewer, agreement: Of, before: Before = None, limit: Limit = ROWS_PER_PAGE
) -> MonthPage:
    """Return the months of an agreement, newest first: those that are open, then the closed ones."""
    return house.periods.month_page(viewer, agreement, before, limit)


@csv_table("/periods.csv", _TAGS)
def periods_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the months of an agreement as CSV."""
    return table(house.periods.months(viewer, agreement), "periods", _MONTH_COLUMNS)


@get(
    "/periods/{agreement:str}/{period:str}",
    opt=signed_in(),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def period_detail(house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText) -> PeriodShown:
    """Return a month such as 2026-03 with the caller's accounts: opening + moved + late = closing."""
    return house.periods.show(viewer, agreement, period)


@csv_table("/periods/{agreement:str}/{period:str}/accounts.csv", _TAGS, 409)
def period_csv(house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText) -> Stream:
    """Return the caller's accounts in a month as CSV."""
    shown = house.periods.show(viewer, agreement, period)
    return table(map(month_row, shown.accounts), f"{shown.agreement}-{shown.period}", _COLUMNS)


@get(
    "/periods/{agreement:str}/{period:str}/late",
    opt=signed_in(),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def period_late(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    period: PathText,
    way: FromQuery[Way] = "in",
    after: After = None,
    limit: Limit = ROWS_PER_PAGE,
) -> LatePage:
    """Return the caller's postings that came late: `in` to the month, or `out` of it into later ones."""
    return house.periods.late(viewer, agreement, period, way, after, limit)


@csv_table("/periods/{agreement:str}/{period:str}/late.csv", _TAGS, 409)
def late_csv(
    house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText, way: FromQuery[Way] = "in"
) -> Stream:
    """Return the same postings as CSV."""
    house.periods.late(viewer, agreement, period, way, None, 1)  # a refusal comes before the first byte
    rows = house.periods.every_late(viewer, agreement, period, way)
    return table(rows, f"{agreement}-{period}-late", _LATE_COLUMNS)


@get(
    "/periods/{agreement:str}/{period:str}/checks",
    opt=needs("pay", "operator"),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def period_checks(
    house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText
) -> tuple[CloseCheck, ...]:
    """Return the checklist of a month, for those who may close it, as the caller would."""
    return house.periods.checks(viewer, agreement, period)


@post(
    "/periods/{agreement:str}/{period:str}/overrides",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def period_override(
    house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText, data: JSONBody[OverrideAsked]
) -> ItemOverridden:
    """Let an open item of a checklist stand for another member to close over, with a reason."""
    return house.periods.override(viewer, agreement, period, data.item, data.reason)


@get("/late-months", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def late_list(house: TheHouse, viewer: TheViewer, agreement: Of) -> tuple[LateMonthRow, ...]:
    """Return everything that came late under an agreement: of which month, counted in which, by account."""
    return house.periods.late_months(viewer, agreement)


@csv_table("/late-months.csv", _TAGS)
def late_list_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the same as CSV."""
    return table(house.periods.late_months(viewer, agreement), f"{agreement}-late", _LATE_MONTH_COLUMNS)


@post(
    "/periods",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def close(house: TheHouse, viewer: TheViewer, data: JSONBody[CloseAsked]) -> PeriodShown:
    """Close a month for good. Needs `pay` for the agreement's platform, or the operator."""
    return house.periods.close(viewer, data.agreement, data.period)


pages = Router(
    "/",
    route_handlers=[list_page, month_page, close_form, override_form],
    include_in_schema=False,
)
api = Router(
    "/v1",
    route_handlers=[
        periods,
        periods_csv,
        period_detail,
        period_csv,
        period_late,
        late_csv,
        period_checks,
        period_override,
        late_list,
        late_list_csv,
        close,
    ],
)
