"""The rows of a file that were not taken, in a form that can be mended and imported again as it is.

Reason columns come first, then the columns of the file. Readers know such a file by its first column: they
pass over the reasons, keep the numbers that the rows had in the first file, and read the rest by the mapping
as ever. What could not be read stays unreadable until somebody mends it. rejects.py writes these files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from ledger.intake.readers import SourceRow

REASONS = (
    "tallystick_row",
    "tallystick_line",
    "tallystick_code",
    "tallystick_column",
    "tallystick_message_zh",
    "tallystick_message_en",
)
"""Where a row stood in the first file, and why it was not taken."""

MEMBER = "tallystick"
"""The member of an NDJSON object that holds the same; it comes first."""

BROKEN_MEMBER = "broken_line"
"""The member of a line that was no JSON object, holding it as it was written."""

UNREADABLE = "\ufffd"
"""Stands for a cell that has no text: no reader of any type takes it for a value."""

Number = TypeVar("Number", int, int | None)

_GUARD = "'"
_FORMULA = re.compile(r"['=+\-@＝＋－＠\s]")
_REFORMATTED = re.compile(r"\d{12,}$|0\d+$|[\d.]+[eE][+-]?\d+$|\d{1,4}[-/.年]\d{1,2}[-/.月]|\d{1,2}:\d{2}")


def guarded(text: str) -> str:
    """Write a cell of a CSV so that no spreadsheet runs it as a formula or rewrites it as a number or date.

    An apostrophe before the text does it: it shows in the sheet and is taken off again on reading.
    """
    return _GUARD + text if _FORMULA.match(text) or _REFORMATTED.match(text) else text


def quoted(text: str) -> str:
    """Write a cell of a workbook, where text is text: only what reading would take off is doubled."""
    return _GUARD + text if text.startswith(_GUARD) else text


def unguarded(text: str) -> str:
    """Read a cell as it was before it was guarded or quoted."""
    return text.removeprefix(_GUARD)


def delimiter_of(path: Path) -> str | None:
    """Return the delimiter of a CSV of rejected rows, None for any other file."""
    with path.open("rb") as file:
        head = file.read(64).removeprefix(b"\xef\xbb\xbf").replace(b'"', b"")
    name = REASONS[0].encode()
    after = head[len(name) : len(name) + 1].decode("latin-1")
    return after if head.startswith(name) and after in {",", ";", "\t", "|"} else None


def encoding_of(path: Path) -> str:
    """Return the encoding of a CSV of rejected rows: ours, or what a Chinese spreadsheet saved it in."""
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(1 << 16):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def as_first_told(rows: Iterator[SourceRow]) -> Iterator[SourceRow]:
    """Return rows without the reason cells that they begin with, under the numbers of the first file."""
    for row, line, cells, fault, bad, text in rows:
        told = [*cells[:2], "", ""]
        kept = [unguarded(cell) for cell in cells[len(REASONS) :]]
        moved = {place - len(REASONS): why for place, why in bad.items()} if bad else None
        first, at = number_told(told[0], row), number_told(told[1], line)
        yield SourceRow(first, at, kept, fault, moved, text)


def number_told(text: object, otherwise: Number) -> int | Number:
    """Read the number of a row or line in the first file, or return the one that it has in this."""
    if isinstance(text, str) and text.strip().isascii() and text.strip().isdecimal() and len(text) < 16:
        return int(text)
    return otherwise
