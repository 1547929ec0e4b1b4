"""Importing on the page: a file is handed in, tried first, looked at, then imported, with progress shown.

Larger files than a request may have go through the command line or the API of entries.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import MultipartBody, QueryParameter
from litestar.response import Redirect, Response

from api.access import needs
from api.errors import RequestUnusable
from api.forms import BLANK, Form, page_of_forms, refusal_of, refused
from api.given import Asked, Chosen, PathText, TheHouse, TheViewer
from api.orders.service import mapping_titles, media_type_of
from api.orders.uploads import Upload
from api.pages import page
from api.sending import download
from ledger.intake.rejects import MEANINGS_ZH
from policies.errors import TallystickError

_FINDINGS_SHOWN = 100

Named = Annotated[str | None, QueryParameter(name="mapping", max_length=64)]


def _form(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None = None,
    mapping: str | None = None,
    form: Form = BLANK,
) -> Response[str]:
    known = [one for one in house.agreements.signed_ids(viewer) if house.orders.may_import(viewer, one)]
    return page_of_forms(
        request,
        "imports.html",
        form,
        known=known,
        titles=mapping_titles(),
        agreement=agreement,
        mapping=mapping or "tallystick-orders",
        bytes_max=house.settings.body_bytes_max,
    )


@get("/imports", opt=needs("draft", "pay"), sync_to_thread=True)
def form_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None, mapping: Named = None
) -> Response[str]:
    """Show the form to hand a file in."""
    return _form(request, house, viewer, agreement, mapping)


@post("/imports", opt=needs("draft", "pay"), status_code=303, sync_to_thread=True)
def hand_in(
    request: Asked, house: TheHouse, viewer: TheViewer, data: MultipartBody[dict[str, Any]]
) -> Response[str] | Redirect:
    """Keep a file and begin to try it; nothing is written yet."""
    typed = {name: str(data.get(name, "")).strip() for name in ("agreement", "mapping")}
    file = data.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise RequestUnusable("choose a file first", where="file")
        with file.file as handed:
            handed.seek(0)
            made = house.uploads.take(viewer, handed, name=file.filename, **typed)
    except TallystickError as fault:
        form = refused(request, "import", typed, fault)
        return _form(request, house, viewer, typed["agreement"], typed["mapping"], form)
    return Redirect(f"/imports/{made.id}", status_code=303)


@get("/imports/{upload:str}", opt=needs("draft", "pay"), sync_to_thread=True)
def upload_page(request: Asked, house: TheHouse, viewer: TheViewer, upload: PathText) -> Response[str]:
    """Show how far a file is and what became of it; to htmx the part that changes."""
    found = house.uploads.find(viewer, upload)
    part = request.headers.get("hx-request") == "true"
    return page(request, "parts/upload.html" if part else "import.html", **_shown(request, found))


def _shown(request: Asked, one: Upload) -> dict[str, Any]:
    """Return what the page of an upload shows of it."""
    answer = one.answer
    return {
        "upload": one,
        "report": answer.report if answer else None,
        "clean": bool(answer and answer.clean),
        "refusal": refusal_of(request, one.problem) if one.problem else None,
        "titles": mapping_titles(),
        "meanings": MEANINGS_ZH,
        "shown_max": _FINDINGS_SHOWN,
    }


@post("/imports/{upload:str}/confirmation", opt=needs("draft", "pay"), status_code=303, sync_to_thread=True)
def confirm(house: TheHouse, viewer: TheViewer, upload: PathText) -> Redirect:
    """Import a file that was tried."""
    house.uploads.confirm(viewer, upload)
    return Redirect(f"/imports/{upload}", status_code=303)


@post("/imports/{upload:str}/removal", opt=needs("draft", "pay"), status_code=303, sync_to_thread=True)
def remove(house: TheHouse, viewer: TheViewer, upload: PathText) -> Redirect:
    """Forget a file that was handed in."""
    house.uploads.drop(viewer, upload)
    return Redirect("/imports", status_code=303)


@get("/imports/{upload:str}/rejects", opt=needs("draft", "pay"), sync_to_thread=True)
def rejects(house: TheHouse, viewer: TheViewer, upload: PathText) -> Response[bytes]:
    """Answer with the rows that were not taken, to be mended and handed in again."""
    data = house.uploads.rejects(viewer, upload)
    ending, media_type = media_type_of(data)
    return download(data, f"rejected.{ending}", media_type)


@get("/imports/{upload:str}/report", opt=needs("draft", "pay"), sync_to_thread=True)
def report(house: TheHouse, viewer: TheViewer, upload: PathText) -> dict[str, Any]:
    """Answer with the whole report as JSON."""
    return house.uploads.report(viewer, upload)


pages = Router(
    "/",
    route_handlers=[form_page, hand_in, upload_page, confirm, remove, rejects, report],
    include_in_schema=False,
)
