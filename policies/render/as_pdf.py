"""A contract as PDF, set by typst: the same agreement gives the same bytes on every machine.

Text reaches typst as data, never as markup; the fonts are those of a pinned package, those of the machine are
not looked at; the time in the file is the day from which the agreement is in force.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from policies.agreement import Agreement
from policies.render.layout import Contract, Reader, contract

if TYPE_CHECKING:
    import typst


def write_pdf(agreement: Agreement, reader: Reader) -> bytes:
    """Write an agreement as PDF/A-2 in Chinese, in English, or in both side by side."""
    laid_out = contract(agreement, reader)
    start = datetime.combine(agreement.document.effective_from, time(), UTC)
    written = _compiled(_data(agreement, laid_out), start)
    assert isinstance(written, bytes), "one PDF is one file"
    return written


def _data(agreement: Agreement, laid_out: Contract) -> str:
    return msgspec.json.encode(
        {
            "languages": laid_out.languages,
            "titles": list(dict.fromkeys(one.title for one in laid_out.rendered)),
            "ref": agreement.ref,
            "digest": agreement.sha256,
            "rows": laid_out.rows,
        }
    ).decode()


def _compiled(data: str, start: datetime) -> Any:
    import typst  # noqa: PLC0415 (a typesetter of 80 MB, only where a PDF is asked for)

    source = files("policies.render").joinpath("contract.typ").read_bytes()
    return typst.compile(
        source,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"contract": data},
        format="pdf",
        pdf_standards="a-2a",
        timestamp=start,
    )


@cache
def _fonts() -> typst.Fonts:
    import pylopdf_fonts_zh_cn as chinese  # noqa: PLC0415 (as above)
    import typst  # noqa: PLC0415 (as above)

    return typst.Fonts(include_system_fonts=False, font_paths=[chinese.serif_path().parent])
