"""Payouts on pages: what is to be paid, batches that wait for release, one batch, and what banks answered."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import MultipartBody, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Response

from api.access import needs, signed_in
from api.errors import RequestUnusable
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, PathText, TheHouse, TheViewer, Typed
from api.payouts.endpoints import MappingName, sent_file
from api.payouts.schemas import (
    AccountAsked,
    AccountSigned,
    AccountToSign,
    AnswerTaken,
    CancelForm,
    PrepareForm,
    ReleaseForm,
)
from ledger.payouts.accounts import MEANS
from ledger.payouts.answers import FILE_BYTES_MAX
from ledger.payouts.mapping import shipped, shipped_mapping
from policies.errors import TallystickError

_BATCHES_SHOWN = 50
_PAYMENTS_SHOWN = 100

Done = Annotated[str | None, QueryParameter(name="done", max_length=20)]


def _titles() -> dict[str, Any]:
    return {name: shipped_mapping(name).title for name in shipped()}


def _overview(  # noqa: PLR0913, PLR0917 -- who asks, and the form that they sent or what it did
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    form: Form = BLANK,
    taken: AnswerTaken | None = None,
    done: str | None = None,
) -> Response[str]:
    payables = house.payouts.payables(viewer)
    return page_of_forms(
        request,
        "payouts.html",
        form,
        to_pay=[one for one in payables if one.payer.id in viewer.parties or "auditor" in viewer.roles],
        mine=[one for one in payables if one.payee.id in viewer.parties],
        batches=house.payouts.batches(viewer)[:_BATCHES_SHOWN],
        payments=house.payouts.payments(viewer)[:_PAYMENTS_SHOWN],
        accounts=house.payee_accounts.accounts(viewer),
        pairs=house.payee_accounts.pairs(viewer),
        means=MEANS,
        done=done,
        payers=house.payouts.payers(viewer),
        names=house.agreements.party_names(viewer),
        titles=_titles(),
        taken=taken,
    )


@get("/payouts", opt=signed_in(), sync_to_thread=True)
def list_page(request: Asked, house: TheHouse, viewer: TheViewer, done: Done = None) -> Response[str]:
    """Show what is to be paid by the viewer's parties and to them, with batches and accounts."""
    return _overview(request, house, viewer, done=done)


@post("/payouts", opt=needs("pay"), status_code=303, sync_to_thread=True)
def prepare_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: URLEncodedBody[PrepareForm]
) -> Response[str] | Redirect:
    """Prepare a batch from the page."""
    try:
        made = house.payouts.prepare(viewer, data.payer.strip(), data.currency.strip() or None)
    except TallystickError as fault:
        typed = {"payer": data.payer, "currency": data.currency}
        return _overview(request, house, viewer, refused(request, "prepare", typed, fault))
    return Redirect(f"/payouts/{made.batch.id}", query_params={"done": "prepared"}, status_code=303)


@post("/payouts/answers", opt=needs("pay"), sync_to_thread=True)
def answer_form(
    request: Asked, house: TheHouse, viewer: TheViewer, data: MultipartBody[dict[str, Any]]
) -> Response[str]:
    """Read a bank's file from the page, and show what was taken of it."""
    typed = {name: str(data.get(name, "")).strip() for name in ("payer", "mapping")}
    file = data.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise RequestUnusable("choose a file first", where="file")
        with file.file as handed:
            handed.seek(0)
            content = handed.read(FILE_BYTES_MAX + 1)
        taken = house.payouts.answer(viewer, typed["payer"], typed["mapping"], content)
    except TallystickError as fault:
        return _overview(request, house, viewer, refused(request, "answer", typed, fault))
    return _overview(request, house, viewer, taken=taken)


@post("/payouts/accounts/to-sign", opt=needs("sign", "pay"), status_code=200, sync_to_thread=True)
def account_to_sign(house: TheHouse, viewer: TheViewer, data: Typed) -> AccountToSign:
    """Return what the page signs for an account that stands in its form."""
    return house.payee_accounts.to_sign(viewer, asked_for(AccountAsked, data))


@post("/payouts/accounts", opt=needs("sign", "pay"), status_code=303, sync_to_thread=True)
def account_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Record from the page on which account a payee is paid, with the signature made there."""
    try:
        signed = AccountSigned(asked_for(AccountAsked, data), data.get("salt", ""), data.get("signature", ""))
        house.payee_accounts.record(viewer, signed)
    except TallystickError as fault:
        return _overview(request, house, viewer, refused(request, "account", data, fault))
    return Redirect("/payouts", query_params={"done": "account"}, status_code=303)


def _batch(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    batch: str,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    return page_of_forms(
        request,
        "payout.html",
        form,
        shown=house.payouts.batch(viewer, batch),
        titles=_titles(),
        done=done,
    )


@get("/payouts/{batch:str}", opt=signed_in(), sync_to_thread=True)
def batch_page(
    request: Asked, house: TheHouse, viewer: TheViewer, batch: PathText, done: Done = None
) -> Response[str]:
    """Show one batch with its payments, and forms for those who may act."""
    return _batch(request, house, viewer, batch, done=done)


@post("/payouts/{batch:str}/release", opt=needs("pay"), status_code=303, sync_to_thread=True)
def release_form(
    request: Asked, house: TheHouse, viewer: TheViewer, batch: PathText, data: URLEncodedBody[ReleaseForm]
) -> Response[str] | Redirect:
    """Release a batch from its page."""
    try:
        house.payouts.release(viewer, batch, data.digest)
    except TallystickError as fault:
        return _batch(request, house, viewer, batch, refused(request, "release", {}, fault))
    return Redirect(f"/payouts/{batch}", query_params={"done": "released"}, status_code=303)


@post("/payouts/{batch:str}/cancellation", opt=needs("pay"), status_code=303, sync_to_thread=True)
def cancel_form(
    request: Asked, house: TheHouse, viewer: TheViewer, batch: PathText, data: URLEncodedBody[CancelForm]
) -> Response[str] | Redirect:
    """Cancel a batch from its page."""
    try:
        house.payouts.cancel(viewer, batch, data.reason)
    except TallystickError as fault:
        form = refused(request, "cancel", {"reason": data.reason}, fault)
        return _batch(request, house, viewer, batch, form)
    return Redirect(f"/payouts/{batch}", query_params={"done": "cancelled"}, status_code=303)


@get("/payouts/{batch:str}/file", opt=needs("pay"), sync_to_thread=True)
def file(house: TheHouse, viewer: TheViewer, batch: PathText, mapping: MappingName) -> Response[bytes]:
    """Answer with the payment file of a released batch."""
    return sent_file(house, viewer, batch, mapping)


pages = Router(
    "/",
    route_handlers=[
        list_page,
        prepare_form,
        answer_form,
        account_to_sign,
        account_form,
        batch_page,
        release_form,
        cancel_form,
        file,
    ],
    include_in_schema=False,
)
