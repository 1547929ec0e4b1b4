"""Exchange over the API: rates as facts, conversions, gains and losses, and what is held."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from litestar.response import Stream

from api.access import needs, signed_in
from api.fx.schemas import (
    ConversionPage,
    ConversionShown,
    GainPage,
    PositionShown,
    RatePage,
    RateRequest,
    RateShown,
)
from api.fx.service import ROWS_PER_PAGE, Newest
from api.given import BeforeEntry, Limit, Of, TheHouse, TheViewer
from api.office.fx import ConversionAsked
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table

_TAGS = ["accounts"]
_RATE_COLUMNS = ("entry_seq", "base", "quote", "rate", "source", "as_of", "asserter")
_CONVERSION_COLUMNS = (
    "entry_seq", "id", "occurred_at", "owner", "purpose", "label_zh", "label_en", "given", "given_minor",
    "given_currency", "taken", "taken_minor", "taken_currency", "rate", "rate_as_of", "rate_seq", "source",
    "sum", "bearer", "gain", "gain_minor", "gain_currency",
)  # fmt: skip
_GAIN_COLUMNS = (
    "entry_seq", "kind", "occurred_at", "bearer", "foreign_currency", "amount", "amount_minor",
    "amount_currency", "rate", "period",
)  # fmt: skip
_POSITION_COLUMNS = (
    "bearer", "held", "held_minor", "held_currency", "cost", "cost_minor", "cost_currency", "realised",
    "realised_minor", "unrealised", "unrealised_minor",
)  # fmt: skip


def of_table(agreement: Of, before: BeforeEntry = None, limit: Limit = ROWS_PER_PAGE) -> Newest:
    """Return what is asked of a table, newest first."""
    return Newest(agreement, before, limit)


TheNewest = NamedDependency[Newest]
_NEWEST = {"asked": Provide(of_table, sync_to_thread=False)}


@get(
    "/fx/rates",
    opt=signed_in(),
    dependencies=_NEWEST,
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def rates(house: TheHouse, viewer: TheViewer, asked: TheNewest) -> RatePage:
    """Return the rates recorded under an agreement, newest first."""
    return house.fx.rates(viewer, asked)


@csv_table("/fx/rates.csv", _TAGS)
def rates_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the rates recorded under an agreement as CSV."""
    return table(house.fx.every_rate(viewer, agreement), "rates", _RATE_COLUMNS)


@post(
    "/fx/rates",
    opt=needs("pay", "operator"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def record(house: TheHouse, viewer: TheViewer, data: JSONBody[RateRequest]) -> RateShown:
    """Record a rate; the same again adds nothing. Needs `pay` for the platform, or the operator."""
    return house.fx.record(viewer, data)


@get(
    "/fx/conversions",
    opt=signed_in(),
    dependencies=_NEWEST,
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def conversions(house: TheHouse, viewer: TheViewer, asked: TheNewest) -> ConversionPage:
    """Return conversions of the caller's accounts, and those that a party of theirs bears, newest first."""
    return house.fx.conversions(viewer, asked)


@csv_table("/fx/conversions.csv", _TAGS)
def conversions_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the same conversions as CSV."""
    return table(house.fx.every_conversion(viewer, agreement), "conversions", _CONVERSION_COLUMNS)


@post(
    "/fx/conversions",
    opt=needs("pay", "operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def convert(house: TheHouse, viewer: TheViewer, data: JSONBody[ConversionAsked]) -> ConversionShown:
    """Convert part of a balance at the rate that counts; the same again adds nothing.

    Needs `pay` for the platform, or the operator. Who bears exchange is the holder of the fx clause.
    """
    return house.fx.convert(viewer, data)


@get(
    "/fx/gains",
    opt=signed_in(),
    dependencies=_NEWEST,
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def gains(house: TheHouse, viewer: TheViewer, asked: TheNewest) -> GainPage:
    """Return gains and losses of the caller's parties, newest first."""
    return house.fx.gains(viewer, asked)


@csv_table("/fx/gains.csv", _TAGS)
def gains_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the same gains and losses as CSV."""
    return table(house.fx.every_gain(viewer, agreement), "gains", _GAIN_COLUMNS)


@get("/fx/positions", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def positions(house: TheHouse, viewer: TheViewer, agreement: Of) -> tuple[PositionShown, ...]:
    """Return what the caller's parties hold of foreign currencies, its cost, and what was gained so far."""
    return house.fx.positions(viewer, agreement)


@csv_table("/fx/positions.csv", _TAGS)
def positions_csv(house: TheHouse, viewer: TheViewer, agreement: Of) -> Stream:
    """Return the same positions as CSV."""
    return table(house.fx.positions(viewer, agreement), "positions", _POSITION_COLUMNS)


api = Router(
    "/v1",
    route_handlers=[
        rates,
        rates_csv,
        record,
        conversions,
        conversions_csv,
        convert,
        gains,
        gains_csv,
        positions,
        positions_csv,
    ],
)
