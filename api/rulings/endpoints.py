"""What stands behind a decision over the API: what it hangs on, replays, like cases, its anchor; rulings."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Stream

from api.access import needs, signed_in
from api.disputes.schemas import DisputeDetail
from api.given import PathText, TheHouse, TheViewer
from api.problems import api_problems
from api.rulings.schemas import (
    AnchoredShown,
    DepartedShown,
    ReplayedShown,
    RulingGiven,
    SimilarShown,
    WeighedShown,
)
from api.sending import table
from api.tables import csv_table

_TAGS = ["disputes"]
_COUNTERFACTUALS = (
    "fact", "label_zh", "label_en", "given", "values", "from_value", "to_value", "anything_but", "standing",
    "outcome", "amount", "amount_minor", "currency", "text_zh", "text_en",
)  # fmt: skip


def _read(path: str) -> get:
    return get(
        f"/disputes/{{dispute:str}}/{path}",
        opt=signed_in(),
        responses=api_problems(422),
        sync_to_thread=True,
        tags=_TAGS,
    )


@_read("counterfactuals")
def counterfactuals(house: TheHouse, viewer: TheViewer, dispute: PathText) -> WeighedShown:
    """Return which change of each fact would have it decided otherwise, and what is left to a person."""
    return house.rulings.weighed(viewer, dispute)


@csv_table("/disputes/{dispute:str}/counterfactuals.csv", _TAGS, 422)
def counterfactuals_csv(house: TheHouse, viewer: TheViewer, dispute: PathText) -> Stream:
    """Return the counterfactuals as CSV."""
    found = house.rulings.weighed(viewer, dispute).found
    return table(found, f"{dispute}-counterfactuals", _COUNTERFACTUALS)


@_read("replay")
def replay(house: TheHouse, viewer: TheViewer, dispute: PathText) -> tuple[ReplayedShown, ...]:
    """Make every decision of a dispute again from the log as it stood; say if the bytes are the same."""
    return house.rulings.replayed(viewer, dispute)


@_read("similar")
def similar(house: TheHouse, viewer: TheViewer, dispute: PathText) -> tuple[SimilarShown, ...]:
    """Return the decided disputes that are like one, of those that the caller may read."""
    return house.rulings.similar(viewer, dispute)


@_read("anchor")
def anchor(house: TheHouse, viewer: TheViewer, dispute: PathText) -> AnchoredShown | None:
    """Return where the digest of what was last decided stands on a chain; null before anything was."""
    return house.rulings.anchored(viewer, dispute)


@_read("departures")
def departures(house: TheHouse, viewer: TheViewer, dispute: PathText) -> DepartedShown | None:
    """Return where the last ruling departs from what was decided before it; null where nobody ruled so."""
    return house.rulings.departed(viewer, dispute)


@post(
    "/disputes/{dispute:str}/ruling",
    opt=needs("arbiter"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def rule(house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[RulingGiven]) -> DisputeDetail:
    """Rule on a proposal or an appeal with reasons, findings of fact and awards of one's own. Arbiters only.

    Where it departs from what was proposed stands in the record. It is posted once no appeal can come.
    """
    return house.rulings.rule(viewer, dispute, data)


_ROUTES: list[HTTPRouteHandler] = [
    counterfactuals, counterfactuals_csv, replay, similar, anchor, departures, rule,
]  # fmt: skip
api = Router("/v1", route_handlers=[*_ROUTES])
