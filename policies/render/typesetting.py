"""Sets a PDF by typst: the same source and data give the same bytes on every machine.

Text reaches typst as data, never as markup; the fonts are those of a pinned package, those of the machine are
not looked at; the time in the file is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst


def set_pdf(source: bytes, data: Mapping[str, str], when: datetime) -> bytes:
    """Set a source as PDF/A-2, with data by name as its `sys.inputs`, bearing a time.

    A PDF tells whole seconds: what a time has beyond them is left out.
    """
    import typst  # noqa: PLC0415 (a typesetter of 80 MB, only where a PDF is asked for)

    written = typst.compile(
        source,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=dict(data),
        format="pdf",
        pdf_standards="a-2a",
        timestamp=when.replace(microsecond=0),
    )
    assert isinstance(written, bytes), "one PDF is one file"
    return written


@cache
def _fonts() -> typst.Fonts:
    import pylopdf_fonts_zh_cn as chinese  # noqa: PLC0415 (as above)
    import typst  # noqa: PLC0415 (as above)

    return typst.Fonts(include_system_fonts=False, font_paths=[chinese.serif_path().parent])
