"""Statement lines as CSV that spreadsheets open rightly and cannot be tricked by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from api.statements.schemas import StatementLine

COLUMNS = (
    "number", "order", "line", "clause", "version", "leg", "kind", "entries",
    "amount", "amount_minor", "currency",
)  # fmt: skip
_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """Return text from outside as data: what a spreadsheet would run gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_rows(lines: Iterable[StatementLine]) -> Iterator[str]:
    """Yield the CSV file in pieces, header first."""
    yield _BYTE_ORDER_MARK + _row(COLUMNS)
    for line in lines:
        yield _row(
            (
                str(line.number),
                inert(line.order),
                inert(line.line),
                inert(line.clause),
                str(line.version),
                inert(line.leg),
                line.kind,
                " ".join(map(str, line.entries)),
                line.amount.decimal(),
                str(line.amount.amount_minor),
                line.amount.currency,
            )
        )


def _row(values: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
