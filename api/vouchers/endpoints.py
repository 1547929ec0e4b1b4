"""Accruals of a month over the API and as a page, and its vouchers as a file in a program's layout."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import JSONBody, MultipartBody, QueryParameter
from litestar.response import Response, Stream

from api.access import signed_in
from api.errors import RequestUnusable
from api.forms import BLANK, Form, page_of_forms, refused
from api.given import Asked, PathText, TheHouse, TheViewer
from api.problems import api_problems
from api.sending import download, table
from api.tables import csv_table
from api.vouchers.schemas import AccrualsShown, LayoutShown, VouchersAsked
from api.vouchers.service import layouts
from ledger.month_end.returns import HISTORY_MONTHS
from policies.errors import TallystickError

_TAGS = ["accounts"]
_FILE = "application/octet-stream"
_ACCOUNTS_MAX = 1_000_000
_COLUMNS = (
    "owner", "purpose", "label_zh", "label_en", "clause", "amount", "amount_minor", "currency",
)  # fmt: skip

Months = Annotated[
    int, QueryParameter(name="history", ge=1, le=120, description="Over how many months returns are counted.")
]


@get(
    "/periods/{agreement:str}/{period:str}/accruals",
    opt=signed_in(),
    responses=api_problems(409),
    sync_to_thread=True,
    tags=_TAGS,
)
def accruals(
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    period: PathText,
    history: Months = HISTORY_MONTHS,
) -> AccrualsShown:
    """Return what is earned at a month's end and not settled, and what returns are expected."""
    return house.vouchers.accruals(viewer, agreement, period, history)


@csv_table("/periods/{agreement:str}/{period:str}/accruals.csv", _TAGS, 409)
def accruals_csv(house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText) -> Stream:
    """Return the accruals as CSV."""
    found = house.vouchers.accruals(viewer, agreement, period, HISTORY_MONTHS)
    return table(found.rows, f"{agreement}-{period}-accruals", _COLUMNS)


@get("/voucher-layouts", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def layout_list() -> tuple[LayoutShown, ...]:
    """Return the layouts in which vouchers are written, and what each rests on."""
    return layouts()


@post(
    "/periods/{agreement:str}/{period:str}/vouchers/{layout:str}",
    opt=signed_in(),
    responses=api_problems(409, 422),
    status_code=200,
    media_type=_FILE,
    sync_to_thread=True,
    tags=_TAGS,
)
def vouchers(  # noqa: PLR0913, PLR0917 -- which month of what, in which layout, by which mapping
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    period: PathText,
    layout: PathText,
    data: JSONBody[VouchersAsked],
) -> Response[bytes]:
    """Return the vouchers of a closed month as a file, by an account mapping; for who keeps the books."""
    made = house.vouchers.vouchers(viewer, agreement, period, layout, data.accounts)
    return download(made.data, made.name, _FILE)


@get("/periods/{agreement:str}/{period:str}/accruals", opt=signed_in(), sync_to_thread=True)
def accruals_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: PathText, period: PathText
) -> Response[str]:
    """Show the accruals of a month, what returns are expected, and the form that makes vouchers."""
    return _page(request, house, viewer, agreement, period)


def _page(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: str, period: str, form: Form = BLANK
) -> Response[str]:
    shown = house.vouchers.accruals(viewer, agreement, period, HISTORY_MONTHS)
    return page_of_forms(request, "accruals.html", form, shown=shown, layouts=layouts())


@post("/periods/{agreement:str}/{period:str}/vouchers", opt=signed_in(), status_code=200, sync_to_thread=True)
def vouchers_form(  # noqa: PLR0913, PLR0917 -- which month of what, and the form that was sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: PathText,
    period: PathText,
    data: MultipartBody[dict[str, Any]],
) -> Response[str] | Response[bytes]:
    """Make a file of vouchers from the page: the mapping is handed in and not kept."""
    layout = str(data.get("layout", ""))
    try:
        made = house.vouchers.vouchers(viewer, agreement, period, layout, _text_of(data.get("accounts")))
    except TallystickError as fault:
        form = refused(request, "vouchers", {"layout": layout}, fault)
        return _page(request, house, viewer, agreement, period, form)
    return download(made.data, made.name, _FILE)


def _text_of(file: object) -> str:
    """Return a file that was handed in as text. Raises RequestUnusable."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise RequestUnusable("choose a file first", where="accounts")
    with file.file as handed:
        handed.seek(0)
        data = handed.read(_ACCOUNTS_MAX + 1)
    try:
        return bytes(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestUnusable(
            "the mapping is not text in UTF-8; save it as UTF-8", where="accounts"
        ) from None


pages = Router("/", route_handlers=[accruals_page, vouchers_form], include_in_schema=False)
api = Router("/v1", route_handlers=[accruals, accruals_csv, layout_list, vouchers])
