"""Exhibits as forms and programs hand them in: what was typed read, the file taken as bytes."""

from __future__ import annotations

from litestar.datastructures import UploadFile

from api.access import Viewer
from api.errors import RequestUnusable
from api.exhibits.schemas import CustodyForm, ExhibitForm, ExhibitShown, RedactionForm
from api.exhibits.service import ExhibitService, holders
from api.forms import instant, number_of
from ledger.exhibits.files import FILE_BYTES_MAX
from ledger.exhibits.filing import ExhibitAsked


def take(service: ExhibitService, viewer: Viewer, dispute: str, form: ExhibitForm) -> ExhibitShown:
    """File what was handed in. Raises RequestUnusable."""
    seq = number_of(form.record, "record") if form.record else None
    handed = form.file is not None and bool(form.file.filename)
    if not handed and seq is None:
        raise RequestUnusable("choose a file, or name an entry of the log", where="file")
    asked = ExhibitAsked(
        kind=form.kind,
        title=form.title,
        captured_at=instant(form.captured_at),
        description=form.description,
        file=form.file.filename if form.file is not None else "",
        supports=tuple(form.supports.split()),
        under_seal=form.under_seal == "yes",
        held=holders(form.held),
    )
    return service.take(
        viewer,
        dispute,
        asked,
        party=form.party,
        data=_data(form.file) if handed else b"",
        seq=seq,
        signature=form.signature,
    )


def redact(
    service: ExhibitService, viewer: Viewer, dispute: str, number: int, form: RedactionForm
) -> ExhibitShown:
    """Put the copy that was handed in in the place of a file."""
    return service.redact(
        viewer,
        dispute,
        number,
        _data(form.file),
        file=form.file.filename,
        original=form.original,
        reason=form.reason,
    )


def hand_on(
    service: ExhibitService, viewer: Viewer, dispute: str, number: int, form: CustodyForm
) -> ExhibitShown:
    """Record who has it now."""
    found = form.file is not None and bool(form.file.filename)
    return service.hand_on(
        viewer,
        dispute,
        number,
        party=form.party,
        to=form.to,
        how=form.how,
        at=form.at,
        data=_data(form.file) if found else None,
    )


def _data(file: UploadFile | None) -> bytes:
    """Return a file that was handed in. Raises RequestUnusable for one that is too long."""
    if file is None:
        return b""
    with file.file as handed:
        handed.seek(0)
        data = bytes(handed.read(FILE_BYTES_MAX + 1))
    if len(data) > FILE_BYTES_MAX:
        raise RequestUnusable(f"a file has at most {FILE_BYTES_MAX} bytes", where="file")
    return data
