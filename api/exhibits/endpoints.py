"""Exhibits of disputes over the API, and on their page: filed, read, sealed, redacted, handed on."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.params import JSONBody, MultipartBody, QueryParameter
from litestar.response import Response, Stream

from api.access import needs, signed_in
from api.exhibits.receiving import hand_on, redact, take
from api.exhibits.schemas import (
    CustodyForm,
    ExhibitForm,
    ExhibitRequest,
    ExhibitShown,
    ExhibitsShown,
    ExhibitToSign,
    RedactionForm,
    SealRequest,
    UnsealRequest,
)
from api.given import PathNumber, PathText, TheHouse, TheViewer
from api.problems import api_problems
from api.sending import download, table
from api.tables import csv_table

_TAGS = ["exhibits"]
_COLUMNS = (
    "dispute", "number", "name", "kind", "by", "title", "sha256", "bytes", "captured_at", "filed_at", "late",
    "awaits_order", "sealed_from", "redacted", "shown_sha256", "unbroken", "entry_seq",
)  # fmt: skip

Original = Annotated[
    bool,
    QueryParameter(name="original", description="The file as filed, where a redacted copy stands for it."),
]


@get(
    "/disputes/{dispute:str}/exhibits",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def exhibits(house: TheHouse, viewer: TheViewer, dispute: PathText) -> ExhibitsShown:
    """Return the exhibits of a dispute; of those kept from the viewer, the docket line alone."""
    return house.exhibits.exhibits(viewer, dispute)


@csv_table("/disputes/{dispute:str}/exhibits.csv", _TAGS)
def exhibits_csv(house: TheHouse, viewer: TheViewer, dispute: PathText) -> Stream:
    """Return the exhibits of a dispute as CSV."""
    return table(house.exhibits.exhibits(viewer, dispute).exhibits, f"{dispute}-exhibits", _COLUMNS)


@get(
    "/disputes/{dispute:str}/exhibits/{number:int}",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def exhibit(house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber) -> ExhibitShown:
    """Return one exhibit: its digest, who filed and held it, and what was ordered of it."""
    return house.exhibits.exhibit(viewer, dispute, number)


@get(
    "/disputes/{dispute:str}/exhibits/{number:int}/file",
    opt=signed_in(),
    responses=api_problems(404, 503),
    sync_to_thread=True,
    tags=_TAGS,
)
def exhibit_file(
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    number: PathNumber,
    original: Original = False,  # noqa: FBT002 -- a query parameter
) -> Response[bytes]:
    """Return the file of an exhibit: as redacted where an order says so; always to keep, never to be shown.

    With `original`, which who filed it, arbiters and auditors may ask for, the file as it was filed.
    """
    found = house.exhibits.file(viewer, dispute, number, original=original)
    return download(found.data, _name(found.name, f"{dispute}-E{number}"), "application/octet-stream")


@get(
    "/disputes/{dispute:str}/exhibits/{number:int}/erc-1497",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def standard(house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber) -> dict[str, Any]:
    """Return an exhibit as ERC-1497 writes evidence."""
    return house.exhibits.standard(viewer, dispute, number)


@get(
    "/disputes/{dispute:str}/erc-1497",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def question(house: TheHouse, viewer: TheViewer, dispute: PathText) -> dict[str, Any]:
    """Return what a dispute is about as ERC-1497 writes meta-evidence, the agreement as its file."""
    return house.exhibits.question(viewer, dispute)


@post(
    "/disputes/{dispute:str}/exhibits/request",
    opt=needs("approve"),
    status_code=200,
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def request_to_sign(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: JSONBody[ExhibitRequest]
) -> ExhibitToSign:
    """Return what a party's wallet signs for an exhibit (EIP-712). Needs `approve` for the party."""
    return house.exhibits.to_sign(viewer, dispute, data)


@post(
    "/disputes/{dispute:str}/exhibits",
    opt=needs("approve"),
    responses=api_problems(404, 409, 413, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def file(
    house: TheHouse, viewer: TheViewer, dispute: PathText, data: MultipartBody[ExhibitForm]
) -> ExhibitShown:
    """File an exhibit: a form with its file, or the number of an entry of the log. Needs `approve`.

    The same of the same party again returns the first. Under seal, the other side sees its digest alone until
    an arbiter orders.
    """
    return take(house.exhibits, viewer, dispute, data)


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/seal",
    opt=needs("arbiter"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def seal(
    house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: JSONBody[SealRequest]
) -> ExhibitShown:
    """Order that an exhibit is kept from parties of the case, with reasons. Arbiters only."""
    return house.exhibits.seal(viewer, dispute, number, data)


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/unseal",
    opt=needs("arbiter"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def unseal(
    house: TheHouse, viewer: TheViewer, dispute: PathText, number: PathNumber, data: JSONBody[UnsealRequest]
) -> ExhibitShown:
    """Order that a sealed exhibit is opened to all of the case, with reasons. Arbiters only."""
    return house.exhibits.unseal(viewer, dispute, number, data)


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/redaction",
    opt=needs("arbiter"),
    responses=api_problems(404, 413, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def redaction(
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    number: PathNumber,
    data: MultipartBody[RedactionForm],
) -> ExhibitShown:
    """Order that a redacted copy takes the place of an exhibit's file; its digest stays. Arbiters only."""
    return redact(house.exhibits, viewer, dispute, number, data)


@post(
    "/disputes/{dispute:str}/exhibits/{number:int}/custody",
    opt=needs("approve"),
    responses=api_problems(404, 413, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def custody(
    house: TheHouse,
    viewer: TheViewer,
    dispute: PathText,
    number: PathNumber,
    data: MultipartBody[CustodyForm],
) -> ExhibitShown:
    """Record that an exhibit went to its next holder, with the digest of what that one found."""
    return hand_on(house.exhibits, viewer, dispute, number, data)


def _name(name: str, other: str) -> str:
    """Return a name that is safe in a header: ASCII of the usual kind, else another."""
    plain = name.isascii() and all(one.isalnum() or one in "._-" for one in name)
    return name if plain else other


api = Router(
    "/v1",
    route_handlers=[
        exhibits,
        exhibits_csv,
        exhibit,
        exhibit_file,
        standard,
        question,
        request_to_sign,
        file,
        seal,
        unseal,
        redaction,
        custody,
    ],
)
