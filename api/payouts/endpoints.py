"""Payouts over the API: what is payable, batches by two people, their files, and what banks answer."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import JSONBody, QueryParameter
from litestar.response import Response, Stream

from api.access import KEYED, needs, signed_in
from api.given import Asked, PathText, TheHouse, TheViewer
from api.payouts.schemas import (
    AccountAsked,
    AccountShown,
    AccountSigned,
    AccountToSign,
    AnswerTaken,
    BatchDetail,
    BatchPage,
    CancelRequest,
    PayableShown,
    PaymentShown,
    PrepareRequest,
    ReleaseRequest,
)
from api.problems import api_problems
from api.sending import CSV, download, table
from api.tables import csv_table

_TAGS = ["payouts"]
_ROWS_PER_PAGE = 50
_ROWS_MAX = 500
_PAYABLE_COLUMNS = (
    "agreement", "payer", "payee", "payable", "payable_minor", "currency", "waits", "account", "due",
    "due_minor", "open", "open_minor", "uninvoiced", "uninvoiced_minor", "contested", "contested_minor",
    "held", "held_minor", "owed", "owed_minor", "decided", "decided_minor", "paid", "paid_minor",
    "on_its_way", "on_its_way_minor",
)  # fmt: skip
_PAYMENT_COLUMNS = (
    "batch", "number", "reference", "agreement", "payer", "payee", "amount", "amount_minor", "currency",
    "account", "state", "reason", "bank_reference",
)  # fmt: skip

Before = Annotated[
    int | None, QueryParameter(name="before", ge=0, description="The cursor of the page before.")
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=_ROWS_MAX, description="Rows to return at most.")
]
MappingName = Annotated[
    str, QueryParameter(name="mapping", max_length=64, description="Name of a shipped payment mapping.")
]
PayerId = Annotated[str, QueryParameter(name="payer", max_length=128, description="Who pays: a party's id.")]


@get("/payables", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def payables(house: TheHouse, viewer: TheViewer) -> tuple[PayableShown, ...]:
    """Return what stands to be paid by the viewer's parties and to them, as of now."""
    return house.payouts.payables(viewer)


@csv_table("/payables.csv", _TAGS)
def payables_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return what stands to be paid as CSV."""
    return table(house.payouts.payables(viewer), "payables", _PAYABLE_COLUMNS)


@get("/payments", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def payments(house: TheHouse, viewer: TheViewer) -> tuple[PaymentShown, ...]:
    """Return the payments that were released to the viewer's parties, newest first."""
    return house.payouts.payments(viewer)


@csv_table("/payments.csv", _TAGS)
def payments_csv(house: TheHouse, viewer: TheViewer) -> Stream:
    """Return the payments that were released to the viewer's parties as CSV."""
    return table(house.payouts.payments(viewer), "payments", _PAYMENT_COLUMNS)


@get("/payouts", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def batches(
    house: TheHouse, viewer: TheViewer, before: Before = None, limit: Limit = _ROWS_PER_PAGE
) -> BatchPage:
    """Return the batches of the viewer's parties, newest first, by cursor."""
    return house.payouts.page(viewer, before, limit)


@get("/payouts/{batch:str}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def batch(house: TheHouse, viewer: TheViewer, batch: PathText) -> BatchDetail:
    """Return one batch with its payments."""
    return house.payouts.batch(viewer, batch)


@post("/payouts", opt=needs("pay"), responses=api_problems(409, 422), sync_to_thread=True, tags=_TAGS)
def prepare(house: TheHouse, viewer: TheViewer, data: JSONBody[PrepareRequest]) -> BatchDetail:
    """Prepare a batch of everything that is payable by a payer. Needs `pay` for it."""
    return house.payouts.prepare(viewer, data.payer, data.currency)


@post(
    "/payouts/{batch:str}/release",
    opt=needs("pay"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def release(
    house: TheHouse, viewer: TheViewer, batch: PathText, data: JSONBody[ReleaseRequest]
) -> BatchDetail:
    """Release a batch that another member prepared, by the digest that was looked at. Needs `pay`."""
    return house.payouts.release(viewer, batch, data.digest)


@post(
    "/payouts/{batch:str}/cancellation",
    opt=needs("pay"),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def cancel(house: TheHouse, viewer: TheViewer, batch: PathText, data: JSONBody[CancelRequest]) -> BatchDetail:
    """Cancel a batch that is not released. Needs `pay` for its payer."""
    return house.payouts.cancel(viewer, batch, data.reason)


@get(
    "/payouts/{batch:str}/file",
    opt=needs("pay"),
    responses=api_problems(409, 422),
    media_type="text/csv",
    sync_to_thread=True,
    tags=_TAGS,
)
def file(house: TheHouse, viewer: TheViewer, batch: PathText, mapping: MappingName) -> Response[bytes]:
    """Return the payment file of a released batch, the same bytes each time. Needs `pay` for its payer."""
    return sent_file(house, viewer, batch, mapping)


def sent_file(house: TheHouse, viewer: TheViewer, batch: str, mapping: str) -> Response[bytes]:
    """Answer with a payment file, which holds account numbers, so that nothing on the way keeps it."""
    made = house.payouts.file(viewer, batch, mapping)
    answer = download(made.data, f"{batch}.{mapping}.csv", CSV.partition(";")[0])
    answer.headers.update({"cache-control": "no-store", "x-left-out": str(made.left_out)})
    return answer


@post(
    "/payouts/answers",
    opt=needs("pay"),
    responses=api_problems(409, 413, 422),
    tags=_TAGS,
)
async def answers(
    request: Asked, house: TheHouse, viewer: TheViewer, payer: PayerId, mapping: MappingName
) -> AnswerTaken:
    """Read a bank's or provider's file, sent as the body: what it says of payments. Needs `pay`.

    The same file again adds nothing. Rows that cannot be taken are listed, and nothing of them is written.
    """
    data = await request.body()
    return await sync_to_thread(house.payouts.answer, viewer, payer, mapping, data)


@get("/payee-accounts", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def accounts(house: TheHouse, viewer: TheViewer) -> tuple[AccountShown, ...]:
    """Return the accounts of the viewer's parties and of those whom they pay, the newest of each first."""
    return house.payee_accounts.accounts(viewer)


@post(
    "/payee-accounts/requests",
    opt=signed_in() | KEYED,
    status_code=200,
    responses=api_problems(422),
    sync_to_thread=True,
    tags=_TAGS,
)
def to_sign(house: TheHouse, viewer: TheViewer, data: JSONBody[AccountAsked]) -> AccountToSign:
    """Return what a payee signs for an account; nothing is kept. Needs `sign` or `pay` for the payee."""
    return house.payee_accounts.to_sign(viewer, data)


@post(
    "/payee-accounts",
    opt=signed_in(),
    responses=api_problems(409, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def record(house: TheHouse, viewer: TheViewer, data: JSONBody[AccountSigned]) -> AccountShown:
    """Record an account with its payee's signature. Needs `sign` or `pay` for the payee."""
    return house.payee_accounts.record(viewer, data)


api = Router(
    "/v1",
    route_handlers=[
        payables,
        payables_csv,
        payments,
        payments_csv,
        batches,
        batch,
        prepare,
        release,
        cancel,
        file,
        answers,
        accounts,
        to_sign,
        record,
    ],
)
