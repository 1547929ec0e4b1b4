"""Disputes as pages and as JSON."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody, RawBody
from litestar.response import Response, Stream

from api.access import needs, signed_in
from api.disputes import steps
from api.disputes.acting import confirm_case, decide_case
from api.disputes.schemas import Confirmation, DisputeDetail, DisputeRow, ListedOrder
from api.given import Asked, Done, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems
from api.sending import download, table
from api.tables import csv_table

_TAGS = ["disputes"]
_COLUMNS = (
    "id", "title_zh", "title_en", "agreement", "status", "claimant", "respondent", "claimed",
    "claimed_minor", "currency", "outcome", "deadline", "waiting_for",
)  # fmt: skip
_POSTING_COLUMNS = ("source", "target", "kind", "phase", "status", "amount", "amount_minor", "currency")


@get("/disputes", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the disputes the viewer may read."""
    return page(request, "disputes.html", rows=house.disputes.disputes(viewer))


@get("/disputes/{dispute:str}", opt=signed_in(), sync_to_thread=True)
def detail_page(
    request: Asked, house: TheHouse, viewer: TheViewer, dispute: PathText, done: Done = None
) -> Response[str]:
    """Show one dispute as a timeline, with its decision and what waits for the viewer."""
    return steps.dispute_page(request, house, viewer, dispute, done=done)


@get("/disputes", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def disputes(house: TheHouse, viewer: TheViewer) -> tuple[DisputeRow, ...]:
    """Return the disputes the viewer may read."""
    return house.disputes.disputes(viewer)


@get("/disputes/{dispute:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def dispute_detail(house: TheHouse, viewer: TheViewer, dispute: PathText) -> DisputeDetail:
    """Return one dispute whole."""
    return house.disputes.dispute(viewer, dispute)


@csv_table("/disputes.csv", _TAGS)
def disputes_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the disputes the viewer may read as CSV."""
    return table(house.disputes.disputes(viewer), "disputes", _COLUMNS)


@csv_table("/disputes/{dispute:str}/postings.csv", _TAGS)
def postings_csv(house: TheHouse, viewer: TheViewer, dispute: PathText) -> Stream:
    """Return what the decision moves, or would move once confirmed, as CSV."""
    decision = house.disputes.dispute(viewer, dispute).decision
    return table(decision.postings if decision else (), f"{dispute}-postings", _POSTING_COLUMNS)


@post("/disputes", opt=needs("approve"), responses=api_problems(409, 422), sync_to_thread=True, tags=_TAGS)
def file(house: TheHouse, viewer: TheViewer, body: RawBody) -> DisputeDetail:
    """File a case, sent as the body (JSON or YAML). Needs `approve` for its claimant.

    The same case again returns the dispute that it opened. A case with faults is refused with its line.
    """
    return house.disputes.file(viewer, body)


@post(
    "/disputes/{dispute:str}/decision",
    opt=needs("approve", "arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def decide(house: TheHouse, viewer: TheViewer, dispute: PathText) -> DisputeDetail:
    """Have the rules decide a dispute, once both sides were heard. Where a person must look they propose.

    Needs `approve` for the respondent, or an arbiter: the claimant, whose word the facts are, may not ask.
    """
    return house.disputes.act(viewer, dispute, decide_case)


@post(
    "/disputes/{dispute:str}/confirmation",
    opt=needs("arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def confirm(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[Confirmation]
) -> DisputeDetail:
    """Confirm a proposal, or on appeal a ruling, with reasons. Arbiters only.

    It stands, and is posted, once no appeal can come.
    """
    return house.disputes.act(viewer, dispute, confirm_case, data.reason)


@get(
    "/disputes/{dispute:str}/evidence",
    opt=signed_in(),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=["evidence"],
)
def decision_evidence(house: TheHouse, viewer: TheViewer, dispute: PathText) -> Response[bytes]:
    """Return the evidence bundle of a decision that stands, which `tallystick verify` checks offline."""
    bundle = house.disputes.evidence(viewer, dispute)
    return download(bundle, f"{dispute}.bundle.json", "application/json")


@csv_table("/disputes/{dispute:str}/orders.csv", _TAGS)
def orders_csv(house: TheHouse, viewer: TheViewer, dispute: PathText) -> Stream:
    """Return the orders that a dispute lists as CSV."""
    rows = tuple(ListedOrder(one) for one in house.disputes.orders(viewer, dispute))
    return table(rows, f"{dispute}-orders", ("order",))


pages = Router("/", route_handlers=[list_page, steps.act_form, detail_page], include_in_schema=False)
api = Router(
    "/v1",
    route_handlers=[
        disputes,
        disputes_csv,
        dispute_detail,
        postings_csv,
        file,
        decide,
        confirm,
        decision_evidence,
        orders_csv,
        *steps.api,
    ],
)
