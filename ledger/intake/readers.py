"""Files as rows of text, streamed, so that memory does not grow with the file: one protocol, five formats.

csvfile.py, ndjson.py, frames.py (Parquet and Arrow) and xlsx.py read; here stands what they share, and which
of them reads a file, told by its first bytes and not by its name. What a cell means is not decided here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.intake.errors import FileUnreadable, HeaderRefused
from ledger.intake.mapping import FileLayout
from policies.errors import Finding

COLUMNS_LIMIT = 2_000

_HASH_BLOCK_BYTES = 1 << 20
_HEAD_BYTES = 64
_ARROW_STREAM = b"\xff\xff\xff\xff"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class BadCell(NamedTuple):
    """Why a cell has no text that stands for it: a stable code, and what was expected."""

    code: str
    message: str


class SourceRow(NamedTuple):
    """One row of data: its number from 1, the line it ends at, and its cells in the order asked for.

    `line` is the line of a text file, the row of a sheet, and None in Parquet and Arrow. `fault` says why the
    row has no usable cells (`cells` are then those that were found), `bad` which single cells have none, by
    place. `text` is the whole row as it was written, where a row is one (NDJSON).
    """

    row: int
    line: int | None
    cells: Sequence[str]
    fault: str | None = None
    bad: dict[int, BadCell] | None = None
    text: str | None = None


class Source(Protocol):
    """A file open for reading by columns."""

    columns: tuple[str, ...]
    inexact: dict[str, str]
    """Columns that cannot hold an exact amount, with what they hold: binary floats."""

    sparse: bool
    """Whether a row names its own members (NDJSON), so that any row may have one that `columns` lacks."""

    hidden: int
    """How many of the rows read so far a sheet hides; they are read like all others."""

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows, cells in the order of the given columns; "" is an empty cell."""
        ...

    @property
    def done(self) -> int:
        """How much has been read, in the unit of `total`."""
        ...

    @property
    def total(self) -> int:
        """How much there is: bytes of a text or an Arrow stream, rows of any other file."""
        ...


def open_source(path: Path, layout: FileLayout) -> Source:
    """Open a CSV, NDJSON, XLSX, Parquet or Arrow file, told apart by its first bytes.

    Of the layout only what says how a file is written is read: encoding, delimiter, sheet, header line.
    Raises FileUnreadable, or HeaderRefused when its columns cannot be told.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as fault:
        raise FileUnreadable(f"cannot be opened: {fault.strerror}", where=str(path)) from fault
    return _narrow(_opened(path, head, layout), path)


def _opened(path: Path, head: bytes, layout: FileLayout) -> Source:
    # Each reader is imported when a file needs it: polars alone takes longer than a small import.
    if head.startswith((b"PAR1", b"ARROW1")):
        from ledger.intake.frames import FrameSource  # noqa: PLC0415

        return FrameSource(path, arrow=head.startswith(b"ARROW1"))
    if head.startswith(_ARROW_STREAM):
        from ledger.intake.frames import ArrowStreamSource  # noqa: PLC0415

        return ArrowStreamSource(path)
    if head.startswith(b"PK\x03\x04"):
        from ledger.intake.xlsx import SheetSource  # noqa: PLC0415

        return SheetSource(path, layout)
    if head.startswith(_OLD_OFFICE):
        wanted = (
            "is an .xls file of old, or a workbook with a password; open it in a spreadsheet and save it as "
            ".xlsx without one"
        )
        raise FileUnreadable(wanted, where=str(path))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<":
        wanted = "is HTML or XML, whatever its name says; open it in a spreadsheet and save it as .xlsx"
        raise FileUnreadable(wanted, where=str(path))
    if start[:1] == b"{":
        from ledger.intake.ndjson import NdjsonSource  # noqa: PLC0415

        return NdjsonSource(path)
    from ledger.intake.csvfile import CsvSource  # noqa: PLC0415

    return CsvSource(path, layout)


def _narrow(source: Source, path: Path) -> Source:
    """Refuse a file with more columns than an order file can have, before names are compared."""
    if len(source.columns) > COLUMNS_LIMIT:
        wanted = f"the file has {len(source.columns)} columns; an order file has at most {COLUMNS_LIMIT}"
        raise HeaderRefused(str(path), (header_finding("intake.header-wide", wanted),))
    return source


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a header, without the spaces, tabs and byte order marks about them."""
    return tuple(name.strip("\ufeff").strip() for name in cells)


def header_findings(columns: Sequence[str], line: int) -> list[Finding]:
    """Return what keeps a header line from naming columns: nothing in it, or one name more than once."""
    if not any(columns):
        wanted = f"the file has no header line: the names of the columns are expected in line {line}"
        return [header_finding("intake.header-missing", wanted)]
    repeated = sorted(name for name, count in Counter(columns).items() if count > 1 and name)
    return [
        header_finding(
            "intake.header-repeated", f"column '{name}' stands in the header more than once (line {line})"
        )
        for name in repeated
    ]


def header_finding(code: str, message: str) -> Finding:
    """Return a finding that stops a file at its header."""
    return Finding(code=code, severity="error", message=message)
