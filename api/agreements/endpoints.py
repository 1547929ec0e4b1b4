"""Agreements as pages and as JSON, and the exact signed bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import MediaType, Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.agreements.certificate import language_of_file
from api.agreements.contract import contract_file
from api.agreements.figure import bars
from api.agreements.schemas import (
    AgreementDetail,
    AgreementRow,
    DraftChecked,
    ProposalGiven,
    ProposalWithdrawn,
    SignatureGiven,
    SigningEnded,
    VersionChanges,
)
from api.errors import ThingUnknown
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Done, PathNumber, PathText, TheHouse, TheViewer, Typed
from api.pages import page
from api.problems import api_problems
from api.sending import download, table, unchanging
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["agreements"]
_COLUMNS = (
    "id", "version", "title_zh", "title_en", "status", "parties", "signed", "signers", "effective_from",
)  # fmt: skip


@get("/agreements", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer) -> Response[str]:
    """Show the versions the viewer may read."""
    return page(request, "agreements.html", rows=house.agreements.agreements(viewer))


@get("/agreements/{agreement:str}/{version:int}", opt=signed_in(), sync_to_thread=True)
def detail_page(  # noqa: PLR0913, PLR0917 -- a route names each part of its path
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    done: Done = None,
) -> Response[str]:
    """Show one version: clauses beside the signed bytes, signatures, money path, tests, findings."""
    return _answer(request, house, viewer, (agreement, version), done=done)


def _answer(  # noqa: PLR0913 -- to whom, which version, and what was asked for
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    wanted: tuple[str, int],
    *,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    shown = house.agreements.agreement(viewer, *wanted)
    drawn = bars(shown.path.whole.amount_minor, shown.path.steps) if shown.path else ()
    return page_of_forms(request, "agreement.html", form, agreement=shown, bars=drawn, done=done)


@post(
    "/agreements/{agreement:str}/{version:int}/{act:str}",
    opt=needs("sign", "draft"),
    status_code=303,
    sync_to_thread=True,
)
def signing_form(  # noqa: PLR0913, PLR0917 -- a route names each part of its path
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    act: PathText,
    data: Typed,
) -> Response[str] | Redirect:
    """Decline, take a signature back or withdraw a proposal, from the page of the version."""
    held = house.agreements.held(viewer, agreement, version)
    acts = {"decline": "declined", "take-back": "taken-back", "withdraw": "withdrawn"}
    if act not in acts:
        raise ThingUnknown(f"nothing is done to a version by '{act[:40]}'")
    try:
        if act == "decline":
            house.agreements.decline(viewer, held, asked_for(SigningEnded, data))
        elif act == "take-back":
            house.agreements.take_back(viewer, held, asked_for(SigningEnded, data))
        else:
            house.agreements.withdraw(viewer, held, asked_for(ProposalWithdrawn, data))
    except TallystickError as fault:
        return _answer(request, house, viewer, (agreement, version), form=refused(request, act, data, fault))
    page_of = f"/agreements/{agreement}/{version}"
    return Redirect(page_of, query_params={"done": acts[act]}, status_code=303)


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


@csv_table("/agreements.csv", _TAGS)
def agreements_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the versions the viewer may read as CSV."""
    return table(house.agreements.agreements(viewer), "agreements", _COLUMNS)


@get(
    "/agreements/{agreement:str}/{version:int}/canonical.json",
    opt=signed_in(),
    responses=api_problems(),
    media_type=MediaType.JSON,
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_bytes(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber
) -> Response[bytes]:
    """Return the exact bytes that the parties signed (RFC 8785 canonical JSON); `ETag` is their SHA-256."""
    held = house.agreements.held(viewer, agreement, version)
    name = f"{held.agreement.id}-{version}.json"
    exact = download(held.agreement.canonical, name, "application/json")
    return unchanging(request, held.agreement.sha256, exact)


@get(
    "/agreements/{agreement:str}/{version:int}/contract/{name:str}",
    opt=signed_in(),
    responses=api_problems(404),
    media_type="application/pdf",
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_contract(  # noqa: PLR0913, PLR0917 -- a route names each part of its path
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    name: PathText,
) -> Response[bytes]:
    """Return the contract to read: `zh`, `en` or `both`, as `.pdf`, `.html` or `.txt`, such as `both.pdf`.

    The same version gives the same bytes; its `ETag` is their SHA-256.
    """
    held = house.agreements.held(viewer, agreement, version)
    written, media_type = contract_file(held.agreement, name)
    file = download(written, f"{held.agreement.id}-{version}-{name}", media_type)
    return unchanging(request, hashlib.sha256(written).hexdigest(), file)


@get(
    "/agreements/{agreement:str}/{version:int}/certificate/{name:str}",
    opt=signed_in(),
    responses=api_problems(404, 409),
    media_type="application/pdf",
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_certificate(  # noqa: PLR0913, PLR0917 -- a route names each part of its path
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    name: PathText,
) -> Response[bytes]:
    """Return the certificate of completion of a signed version: `zh.pdf` or `en.pdf`.

    It tells who signed, when, how and on what authority, as the log has it then; its `ETag` is its SHA-256.
    """
    written = house.agreements.certificate(viewer, agreement, version, language_of_file(name))
    file = download(written, f"{agreement}-{version}-certificate-{name}", "application/pdf")
    return unchanging(request, hashlib.sha256(written).hexdigest(), file)


@get(
    "/agreements/{agreement:str}/{version:int}/signing-request",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def signing_request(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber
) -> dict[str, Any]:
    """Return the EIP-712 request that every party signs, as a wallet takes it (`eth_signTypedData_v4`)."""
    return house.agreements.request(viewer, agreement, version)


@get(
    "/agreements/{agreement:str}/{version:int}/signing-file",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def signing_file(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber
) -> dict[str, Any]:
    """Return the request to sign with the document and the salt that open its digests, for `tallystick sign`.

    For parties and auditors; whoever holds the salt can tell that a record on the chain is of this document.
    """
    return house.agreements.signing_file(viewer, agreement, version)


@get(
    "/agreements/{agreement:str}/{version:int}/changes/{against:int}",
    opt=signed_in(),
    responses=api_problems(),
    sync_to_thread=True,
    tags=_TAGS,
)
def agreement_changes(
    house: TheHouse, viewer: TheViewer, agreement: PathText, version: PathNumber, against: PathNumber
) -> VersionChanges:
    """Return what a version changes against another: terms in words, example orders, who is paid less."""
    return house.agreements.changes(viewer, agreement, version, against)


@post(
    "/agreements/check",
    opt=needs("draft"),
    responses=api_problems(422),
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
)
def check_draft(house: TheHouse, viewer: TheViewer, data: JSONBody[ProposalGiven]) -> DraftChecked:
    """Return what proposing a document would find, and what it changes. Nothing is written. Needs `draft`.

    It is held against the version before it, and against the agreements it links to that the viewer may read.
    """
    return house.agreements.check(viewer, data.document, data.signers)


@post("/agreements", opt=needs("draft"), responses=api_problems(409, 422), sync_to_thread=True, tags=_TAGS)
def propose(house: TheHouse, viewer: TheViewer, data: JSONBody[ProposalGiven]) -> AgreementRow:
    """Propose a document for signature; the same document again changes nothing. Needs `draft`.

    A document with faults is refused with every finding, its line and path. `order`, `expires_at` and
    `remind_days` say how it is to be signed.
    """
    return house.agreements.propose(viewer, data)


@post(
    "/agreements/{agreement:str}/{version:int}/signatures",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def sign(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    data: JSONBody[SignatureGiven],
) -> AgreementRow:
    """Give a party's signature; with the last one the version binds. Needs `sign` for that party."""
    held = house.agreements.held(viewer, agreement, version)
    return house.agreements.sign(viewer, held, data)


@post(
    "/agreements/{agreement:str}/{version:int}/decline",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def decline(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    data: JSONBody[SigningEnded],
) -> AgreementRow:
    """Decline to sign for a party, with a reason: the proposal is over. Needs `sign` for that party."""
    held = house.agreements.held(viewer, agreement, version)
    return house.agreements.decline(viewer, held, data)


@post(
    "/agreements/{agreement:str}/{version:int}/signatures/take-back",
    opt=needs("sign"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def take_back(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    data: JSONBody[SigningEnded],
) -> AgreementRow:
    """Take a party's signature back before the last one is there. Needs `sign` for that party."""
    held = house.agreements.held(viewer, agreement, version)
    return house.agreements.take_back(viewer, held, data)


@post(
    "/agreements/{agreement:str}/{version:int}/withdraw",
    opt=needs("draft"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def withdraw(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    version: PathNumber,
    data: JSONBody[ProposalWithdrawn],
) -> AgreementRow:
    """Withdraw a proposal before everybody has signed. Needs `draft` for the party that proposed it."""
    held = house.agreements.held(viewer, agreement, version)
    return house.agreements.withdraw(viewer, held, data)


@get(
    "/trust-keys",
    opt=signed_in(),
    responses=api_problems(),
    media_type="text/plain",
    sync_to_thread=True,
    tags=["evidence"],
)
def trust_keys(house: TheHouse, viewer: TheViewer) -> Response[bytes]:
    """Return the keys that `tallystick verify --trust` takes: the log's, and every signer's address.

    Compare each with its owner over another channel before relying on it.
    """
    return download(
        house.agreements.trust(viewer).encode(), "tallystick-keys.txt", "text/plain; charset=utf-8"
    )


pages = Router("/", route_handlers=[list_page, detail_page, signing_form], include_in_schema=False)
api = Router(
    "/v1",
    route_handlers=[
        agreements,
        agreements_csv,
        agreement_detail,
        agreement_bytes,
        agreement_contract,
        agreement_certificate,
        signing_request,
        signing_file,
        agreement_changes,
        check_draft,
        propose,
        sign,
        decline,
        take_back,
        withdraw,
        trust_keys,
    ],
)
