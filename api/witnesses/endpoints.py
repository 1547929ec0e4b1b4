"""Witnesses over the API."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody

from api.access import needs, signed_in
from api.given import PathNumber, TheHouse, TheViewer
from api.problems import api_problems
from api.witnesses.schemas import (
    CosignatureGiven,
    CosignatureShown,
    WitnessGiven,
    WitnessNamed,
    WitnessShown,
)

_TAGS = ["witnesses"]


@get("/witnesses", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def witnesses(house: TheHouse) -> tuple[WitnessShown, ...]:
    """Return every registered witness, withdrawn ones too."""
    return house.witnesses.witnesses()


@post("/witnesses", opt=needs("sign"), responses=api_problems(409, 422), sync_to_thread=True, tags=_TAGS)
def register(house: TheHouse, viewer: TheViewer, data: JSONBody[WitnessGiven]) -> WitnessShown:
    """Register a party's witness; the same again changes nothing. Needs `sign` for the party."""
    return house.witnesses.register(viewer, data.party, data.vkey)


@post(
    "/witnesses/withdrawal", opt=needs("sign"), responses=api_problems(422), sync_to_thread=True, tags=_TAGS
)
def withdraw(house: TheHouse, viewer: TheViewer, data: JSONBody[WitnessNamed]) -> WitnessShown:
    """Withdraw a witness, whose signatures taken so far stay. Needs `sign` for its party."""
    return house.witnesses.withdraw(viewer, data.witness)


@post(
    "/checkpoints/{size:int}/cosignatures",
    opt=needs("sign"),
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def take(
    house: TheHouse, viewer: TheViewer, size: PathNumber, data: JSONBody[CosignatureGiven]
) -> CosignatureShown:
    """Take a witness's signature of the checkpoint of a size. Needs `sign` for the witness's party."""
    return house.witnesses.take(viewer, size, data.line)


api = Router("/v1", route_handlers=[witnesses, register, withdraw, take])
