"""Sessions in figures over the API: reports, the transcript as CSV, and lotteries drawn and drawn again."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from api.access import needs, signed_in
from api.given import PathText, TheHouse, TheViewer
from api.problems import api_problems
from api.registers.schemas import EventTold
from api.sending import table
from api.sessions.schemas import CloseRequest, DrawRequest, PromotionShown, RedrawRequest, SessionShown
from api.tables import csv_table
from ledger.sessions.lottery import Fairness, Redone

_TAGS = ["registers"]
_TRANSCRIPT = (
    "at_ms", "time_code", "kind", "label_zh", "label_en", "speaker", "text", "entry_seq",
)  # fmt: skip


@get(
    "/sessions/{session:str}/report",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def session_report(house: TheHouse, viewer: TheViewer, session: PathText) -> SessionShown:
    """Return how a session went: views, interactions, gross and net sales, what was said and is kept."""
    return house.sessions.session(viewer, session)


@csv_table("/sessions/{session:str}/transcript.csv", _TAGS, 404)
def transcript(house: TheHouse, viewer: TheViewer, session: PathText) -> Stream:
    """Return what was said, claimed and flagged in a session, by time code, as CSV."""
    return table(house.sessions.session(viewer, session).said, f"{session}-transcript", _TRANSCRIPT)


@get(
    "/promotions/{promotion:str}/report",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def promotion_report(house: TheHouse, viewer: TheViewer, promotion: PathText) -> PromotionShown:
    """Return what a promotion cost, who bears what of it, and what its sessions brought."""
    return house.sessions.promotion(viewer, promotion)


@get(
    "/lotteries/{lottery:str}/fairness",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def fairness(house: TheHouse, viewer: TheViewer, lottery: PathText) -> Fairness:
    """Return what a draw rests on: sealed seed, fixed list, closing entry, result, odds."""
    return house.sessions.fairness(viewer, lottery)


@post(
    "/lotteries/{lottery:str}/redraws",
    opt=signed_in(),
    status_code=200,
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def redraw(house: TheHouse, viewer: TheViewer, lottery: PathText, data: JSONBody[RedrawRequest]) -> Redone:
    """Draw a lottery again from the record and a list of entrants; nothing is written."""
    return house.sessions.redraw(viewer, lottery, data.entrants)


@post(
    "/lotteries/{lottery:str}/closing",
    opt=needs("draft", "approve"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def close(house: TheHouse, viewer: TheViewer, lottery: PathText, data: JSONBody[CloseRequest]) -> EventTold:
    """Fix the list of entrants of a lottery by its digest. Needs `draft` or `approve` for who tells it."""
    return house.sessions.close(viewer, lottery, data)


@post(
    "/lotteries/{lottery:str}/drawing",
    opt=needs("draft", "approve"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def draw(house: TheHouse, viewer: TheViewer, lottery: PathText, data: JSONBody[DrawRequest]) -> EventTold:
    """Draw a lottery by its seed and list. Needs `draft` or `approve` for who tells it."""
    return house.sessions.draw(viewer, lottery, data)


api = Router(
    "/v1",
    route_handlers=[session_report, transcript, promotion_report, fairness, redraw, close, draw],
)
