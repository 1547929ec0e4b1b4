"""Vouchers as a workbook: the columns on one sheet, and what the program wants to know of them on a second.

Every cell is text, amounts with their places included, so that no spreadsheet rounds or reads one otherwise.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from api.statements.papers.sheets import Cell, Workbook
from ledger.vouchers.layout import Column, Layout

_WIDTH = 14
_SCHEMA = (
    "FType", "FKey", "FFieldName", "FCaption", "FValueType", "FNeedSave", "FColIndex", "FSrcTableName",
    "FSrcFieldName", "FExpFieldName", "FImpFieldName", "FDefaultVal", "FSearch", "FItemPageName", "FTrueType",
    "FPrecision", "FSearchName", "FIsShownList", "FViewMask", "FPage",
)  # fmt: skip
_CLASSES = (
    ("ClassInfo", "ClassType", "", "VoucherData"),
    ("ClassInfo", "ClassTypeID", "", "123"),
    ("PageInfo", "Page1", "", "Page1"),
)


def workbook(layout: Layout, rows: Sequence[Sequence[str]]) -> bytes:
    """Return the file of a workbook layout; the same rows give the same bytes."""
    written = io.BytesIO()
    book = Workbook(written, 2)
    heads = [one.head for one in layout.columns]
    book.sheet(layout.sheet, _cells([heads, *rows]), [_WIDTH] * len(heads))
    if layout.schema:
        book.sheet(layout.schema, _cells(_schema(layout)), [_WIDTH] * len(_SCHEMA))
    book.close()
    return written.getvalue()


def _cells(rows: Sequence[Sequence[str]]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [Cell(text) for text in row]


def _schema(layout: Layout) -> list[Sequence[str]]:
    return [_SCHEMA, *_CLASSES, *(_field(one) for one in layout.columns)]


def _field(one: Column) -> Sequence[str]:
    return (
        "FieldInfo", one.key, one.key, one.head, one.type, "", str(one.place), "", "", one.key, one.key, "",
        "0", "", "", "0", "0", "0", "0", "1",
    )  # fmt: skip
