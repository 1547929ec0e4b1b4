"""Files of vouchers as text: bytes in the encoding that a program reads, the same for the same rows.

Where a program takes no quotation marks, nothing may hold what ends a field; where it does, what a
spreadsheet would run as a formula is guarded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ledger.intake.mended import guarded
from ledger.vouchers.errors import VoucherRefused
from ledger.vouchers.layout import Layout

_FORMULA = ("=", "+", "-", "@")


def text_file(layout: Layout, rows: Iterable[Sequence[str]]) -> bytes:
    """Return a text layout's file. Raises VoucherRefused for a character that its encoding lacks."""
    assert layout.form == "text", "a layout of text"
    written = io.StringIO(newline="")
    if layout.first_line:
        written.write(f"{layout.first_line}\r\n")
    lines = [[one.head for one in layout.columns]] if layout.header else []
    lines += [list(row) for row in rows]
    if layout.quoted:
        writer = csv.writer(written, delimiter=layout.delimiter, lineterminator="\r\n")
        writer.writerows(
            [guarded(cell) if cell.startswith(_FORMULA) else cell for cell in row] for row in lines
        )
    else:
        for row in lines:
            written.write(
                f"{layout.delimiter.join(cell.replace(layout.delimiter, '，') for cell in row)}\r\n"
            )
    try:
        return written.getvalue().encode(layout.encoding)
    except UnicodeEncodeError as fault:
        lacking = fault.object[fault.start : fault.end][:20]
        raise VoucherRefused(
            f"'{lacking}' cannot be written in {layout.encoding.upper()}, which this program reads; name it"
            " otherwise in the mapping",
            where=layout.title["zh"],
        ) from None
