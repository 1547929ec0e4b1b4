"""Agreements as pages and as JSON, and the exact signed bytes."""

from __future__ import annotations

from litestar import MediaType, Router, get
from litestar.response import Response

from api.access import signed_in
from api.agreements.figure import bars
from api.agreements.schemas import AgreementDetail, AgreementRow
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer
from api.pages import page
from api.problems import api_problems

_TAGS = ["agreements"]


@get("/agreements", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the versions the viewer may read."""
    return page(request, "agreements.html", rows=house.agreements.agreements(viewer))


@get("/agreements/{agreement:str}/{version:int}", opt=signed_in(), sync_to_thread=True)
def detail_page(
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
) -> Response[str]:
    """Show one version: clauses beside the signed bytes, signatures, money path, tests, findings."""
    shown = house.agreements.agreement(viewer, agreement, version)
    drawn = bars(shown.path.whole.amount_minor, shown.path.steps) if shown.path else ()
    return page(request, "agreement.html", agreement=shown, bars=drawn)


@get("/agreements", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def agreements(house: TheHouse, viewer: TheViewer) -> tuple[AgreementRow, ...]:
    """Return the versions the viewer may read."""
    return house.agreements.agreements(viewer)


@get(
    "/agreements/{agreement:str}/{version:int}",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_detail(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber
) -> AgreementDetail:
    """Return one version whole."""
    return house.agreements.agreement(viewer, agreement, version)


@get(
    "/agreements/{agreement:str}/{version:int}/canonical.json",
    opt=signed_in(),
    responses=api_problems(),
    media_type=MediaType.JSON,
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_bytes(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber
) -> Response[bytes]:
    """Return the exact bytes that the parties signed (RFC 8785 canonical JSON)."""
    exact = house.agreements.canonical(viewer, agreement, version)
    name = f"{agreement}-{version}.json"
    return Response(
        exact,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


pages = Router("/", route_handlers=[list_page, detail_page], include_in_schema=False)
api = Router("/v1", route_handlers=[agreements, agreement_detail, agreement_bytes])
