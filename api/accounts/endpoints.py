"""The chart of accounts and the movements of one account, as pages, as JSON and as CSV.

What they can be asked for is said once, whatever form the answer takes: `limits` comes from the address by
`of_chart` for the chart, by `of_account` for one account.
"""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from api.access import signed_in
from api.accounts.schemas import AccountPage, MovementPage
from api.accounts.service import ROWS_PER_PAGE, Limits
from api.given import Asked, Limit, Of, OnlyOf, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table

_TAGS = ["accounts"]
_COLUMNS = (
    "account", "owner", "agreement", "purpose", "label_zh", "label_en", "side", "balance", "balance_minor",
    "currency",
)  # fmt: skip
_MOVEMENT_COLUMNS = (
    "seq", "n", "occurred_at", "recorded_at", "late_from", "kind", "clause", "posting", "label_zh",
    "label_en", "amount", "amount_minor", "balance", "balance_minor", "currency", "reverses",
)  # fmt: skip

Owner = Annotated[
    str | None, QueryParameter(name="owner", max_length=128, description="Only accounts of this owner.")
]
Occurred = Annotated[
    str | None,
    QueryParameter(name="occurred", max_length=40, description="What happened by this day or time."),
]
Recorded = Annotated[
    str | None,
    QueryParameter(name="recorded", max_length=40, description="As far as was known by this day or time."),
]
Currency = Annotated[
    str | None,
    QueryParameter(name="currency", max_length=3, description="Where an account is kept in several."),
]
After = Annotated[
    str | None, QueryParameter(name="after", max_length=400, description="The cursor of the page before.")
]


def of_chart(
    agreement: OnlyOf = None, owner: Owner = None, occurred: Occurred = None, recorded: Recorded = None
) -> Limits:
    """Return what of the chart is asked for; a form's empty fields ask for nothing."""
    return Limits(agreement or None, occurred or None, recorded or None, owner=owner or None)


def of_account(
    agreement: Of, currency: Currency = None, occurred: Occurred = None, recorded: Recorded = None
) -> Limits:
    """Return what of one account is asked for."""
    return Limits(agreement, occurred or None, recorded or None, currency=currency or None)


TheLimits = NamedDependency[Limits]
_CHART = {"limits": Provide(of_chart, sync_to_thread=False)}
_ACCOUNT = {"limits": Provide(of_account, sync_to_thread=False)}


@get("/accounts", opt=signed_in(), dependencies=_CHART, sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, limits: TheLimits, after: After = None
) -> Response[str]:
    """Show the viewer's accounts with their balances."""
    shown = house.accounts.accounts(viewer, limits, after or None, ROWS_PER_PAGE)
    return page(request, "accounts.html", chart=shown, limits=limits)


@get("/accounts/{account:str}", opt=signed_in(), dependencies=_ACCOUNT, sync_to_thread=True)
def account_page(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    account: PathText,
    limits: TheLimits,
    after: After = None,
) -> Response[str]:
    """Show the movements of one account, each with the balance after it."""
    shown = house.accounts.movements(viewer, account, limits, after or None, ROWS_PER_PAGE)
    return page(request, "account.html", shown=shown, limits=limits)


@get(
    "/accounts",
    opt=signed_in(),
    dependencies=_CHART,
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def accounts(
    house: TheHouse, viewer: TheViewer, limits: TheLimits, after: After = None, limit: Limit = ROWS_PER_PAGE
) -> AccountPage:
    """Return the viewer's accounts with their balances at a pair of times; auditors see every account."""
    return house.accounts.accounts(viewer, limits, after, limit)


@csv_table("/accounts.csv", _TAGS, 422, dependencies=_CHART)
def accounts_csv(house: TheHouse, viewer: TheViewer, limits: TheLimits) -> Stream:
    """Return the viewer's accounts with their balances as CSV."""
    house.accounts.accounts(viewer, limits, None, 1)  # a refusal comes before the first byte
    return table(house.accounts.every_account(viewer, limits), "accounts", _COLUMNS)


@get(
    "/accounts/{account:str}/movements",
    opt=signed_in(),
    dependencies=_ACCOUNT,
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def movements(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    house: TheHouse,
    viewer: TheViewer,
    account: PathText,
    limits: TheLimits,
    after: After = None,
    limit: Limit = ROWS_PER_PAGE,
) -> MovementPage:
    """Return the movements of an account, OWNER.PURPOSE, in order of the log with the balance after each.

    `late_from` names the closed month that a movement came too late for.
    """
    return house.accounts.movements(viewer, account, limits, after, limit)


@csv_table("/accounts/{account:str}/movements.csv", _TAGS, 404, 422, dependencies=_ACCOUNT)
def movements_csv(house: TheHouse, viewer: TheViewer, account: PathText, limits: TheLimits) -> Stream:
    """Return every movement of an account as CSV."""
    house.accounts.movements(viewer, account, limits, None, 1)  # as above
    return table(house.accounts.every_movement(viewer, account, limits), "movements", _MOVEMENT_COLUMNS)


pages = Router("/", route_handlers=[list_page, account_page], include_in_schema=False)
api = Router("/v1", route_handlers=[accounts, accounts_csv, movements, movements_csv])
