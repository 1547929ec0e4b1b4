"""The bench of a dispute over the API."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.arbiters.schemas import (
    AppointmentRequest,
    BenchShown,
    ChallengeDecision,
    ChallengeRequest,
    CostsRequest,
    DeclarationRequest,
    DocketRow,
    FeeRequest,
    ReplacementRequest,
)
from api.given import PathText, TheHouse, TheViewer
from api.problems import api_problems

_TAGS = ["disputes"]
_BENCH = "/disputes/{dispute:str}/arbiters"
_SEAT = "/disputes/{dispute:str}/arbiters/{arbiter:str}"


@get("/docket", opt=needs("arbiter"), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def docket(house: TheHouse, viewer: TheViewer) -> tuple[DocketRow, ...]:
    """Return the disputes in which the caller sits, those first in which they preside."""
    return house.bench.docket(viewer)


@get(_BENCH, opt=signed_in(), responses=api_problems(404), sync_to_thread=True, tags=_TAGS)
def bench(house: TheHouse, viewer: TheViewer, dispute: PathText) -> BenchShown:
    """Return who decides a dispute, what they declared and what is held against them, and the costs."""
    return house.bench.bench(viewer, dispute)


@post(_BENCH, opt=needs("operator"), responses=api_problems(404, 409, 422), sync_to_thread=True, tags=_TAGS)
def appoint(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[AppointmentRequest]
) -> BenchShown:
    """Give a member with the role arbiter a seat. Needs the operator."""
    return house.bench.appoint(viewer, dispute, data)


@post(
    "/disputes/{dispute:str}/declarations",
    opt=needs("arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def declare(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[DeclarationRequest]
) -> BenchShown:
    """Declare what might be held against the caller, who sits in the dispute, or that there is nothing."""
    return house.bench.declare(viewer, dispute, data)


@post(
    f"{_SEAT}/challenges",
    opt=needs("approve"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def challenge(
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    arbiter: PathText,
    data: JSONBody[ChallengeRequest],
) -> BenchShown:
    """Hold something against an arbiter, for a side. Needs `approve` within it."""
    return house.bench.challenge(viewer, dispute, arbiter, data)


@post(
    f"{_SEAT}/challenges/{{party:str}}/decision",
    opt=needs("operator", "arbiter"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def decide_challenge(  # noqa: PLR0913, PLR0917 -- whose challenge of whom, and what is decided
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    arbiter: PathText,
    party: PathText,
    data: JSONBody[ChallengeDecision],
) -> BenchShown:
    """Decide a challenge. Needs the operator, or another arbiter of the dispute."""
    return house.bench.decide_challenge(viewer, dispute, arbiter, party, data)


@post(
    f"{_SEAT}/replacement",
    opt=needs("operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def replace(
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    arbiter: PathText,
    data: JSONBody[ReplacementRequest],
) -> BenchShown:
    """Give an arbiter's seat to another member. Needs the operator."""
    return house.bench.replace(viewer, dispute, arbiter, data)


@post(
    f"{_SEAT}/fee",
    opt=needs("operator"),
    responses=api_problems(404, 409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def set_fee(
    house: TheHouse, viewer: TheViewer, dispute: PathText, arbiter: PathText, data: JSONBody[FeeRequest]
) -> BenchShown:
    """Set what an arbiter is paid for the case, once. Needs the operator."""
    return house.bench.set_fee(viewer, dispute, arbiter, data)


@post(
    "/disputes/{dispute:str}/costs",
    opt=needs("arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def costs(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[CostsRequest]) -> BenchShown:
    """Rule who bears the fees of a dispute. Needs an arbiter who sits in it."""
    return house.bench.rule_on_costs(viewer, dispute, data)


api = Router(
    "/v1",
    route_handlers=[
        docket, bench, appoint, declare, challenge, decide_challenge, replace, set_fee, costs,
    ],
)  # fmt: skip
