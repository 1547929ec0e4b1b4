"""Files as rows of text, streamed, so that memory does not grow with the file; and CSV, the common case.

The csv module reads CSV: it gives line numbers and goes on after a bad row, and typing the cells costs
several times what parsing them does. Parquet stands in parquet.py. What a cell means is not decided here.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from ledger.intake.errors import FileUnreadable, HeaderRefused
from policies.errors import Finding

COLUMNS_LIMIT = 2_000

_HASH_BLOCK_BYTES = 1 << 20


class SourceRow(NamedTuple):
    """One row of data: its number from 1, the line it ends at (None in Parquet), and its cells.

    `fault` says why the row has no usable cells; it is None for a row that reads.
    """

    row: int
    line: int | None
    cells: Sequence[str]
    fault: str | None = None


class Source(Protocol):
    """A file open for reading by columns."""

    columns: tuple[str, ...]
    inexact: dict[str, str]
    """Columns that cannot hold an exact amount, with what they hold: binary floats."""

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows, cells in the order of the given columns; "" is an empty cell."""
        ...

    @property
    def done(self) -> int:
        """How much has been read, in the unit of `total`."""
        ...

    @property
    def total(self) -> int:
        """How much there is: bytes of a CSV, rows of a Parquet file."""
        ...


def open_source(path: Path, *, encoding: str, delimiter: str) -> Source:
    """Open a CSV or Parquet file, told apart by its first bytes.

    Raises FileUnreadable, or HeaderRefused when its columns cannot be told.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as fault:
        raise FileUnreadable(f"cannot be opened: {fault.strerror}", where=str(path)) from fault
    if magic == b"PAR1":
        from ledger.intake.parquet import ParquetSource  # noqa: PLC0415 -- polars takes long to import

        return _narrow(ParquetSource(path), path)
    if magic == b"PK\x03\x04":
        raise FileUnreadable("is a spreadsheet or an archive; save it as CSV or Parquet", where=str(path))
    return _narrow(CsvSource(path, encoding=encoding, delimiter=delimiter), path)


def _narrow(source: Source, path: Path) -> Source:
    """Refuse a file with more columns than an order file can have, before names are compared."""
    if len(source.columns) > COLUMNS_LIMIT:
        wanted = f"the file has {len(source.columns)} columns; an order file has at most {COLUMNS_LIMIT}"
        raise HeaderRefused(str(path), (_header_finding("intake.header-wide", wanted),))
    return source


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


class _Lines(Iterator[list[str]], Protocol):
    """What csv.reader returns, which has no public name before Python 3.13."""

    line_num: int


class CsvSource:
    """A CSV file. Bytes outside the encoding become U+FFFD, which the cell readers refuse row by row."""

    def __init__(self, path: Path, *, encoding: str, delimiter: str) -> None:
        """Read the header. Raises HeaderRefused for one that is missing, garbled or repeats a name."""
        self._path = path
        self._encoding = codecs.lookup(encoding).name
        self._delimiter = delimiter
        self._done = 0
        self.total = path.stat().st_size
        self.inexact: dict[str, str] = {}
        header: list[str] = []
        with path.open("rb") as binary, self._text(binary) as text:
            try:
                header = next(self._reader(text), [])
            except csv.Error as fault:
                raise FileUnreadable(f"the header is not CSV: {fault}", where=str(path)) from fault
        self.columns = tuple(name.lstrip("\ufeff").strip() for name in header)
        self._require_header()

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows; one of another width than the header is a fault of that row alone."""
        places = [self.columns.index(name) for name in columns]
        width = len(self.columns)
        number = 0
        with self._path.open("rb") as binary, self._text(binary) as text:
            reader = self._reader(text)
            next(reader)
            while True:
                start = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as fault:
                    number += 1
                    wanted = f"expected CSV: {fault}{_swallowed(start, reader.line_num)}"
                    yield SourceRow(number, reader.line_num, (), wanted)
                    continue
                if not cells:
                    continue
                number += 1
                if len(cells) != width:
                    wanted = f"expected {width} cells as in the header, found {len(cells)}"
                    wanted += _swallowed(start, reader.line_num)
                    yield SourceRow(number, reader.line_num, (), wanted)
                    continue
                if number % 256 == 0:
                    self._done = binary.tell()
                yield SourceRow(number, reader.line_num, [cells[place] for place in places])
        self._done = self.total

    def _text(self, binary: BinaryIO) -> io.TextIOWrapper:
        # A byte order mark before a quotation mark would make the quotes part of the first name.
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        return io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="")

    def _reader(self, text: io.TextIOWrapper) -> _Lines:
        return csv.reader(text, delimiter=self._delimiter, strict=True)

    def _require_header(self) -> None:
        findings: list[Finding] = []
        if not any(self.columns):
            findings.append(_header_finding("intake.header-missing", "the file has no header line"))
        if any("\ufffd" in name for name in self.columns):
            wanted = f"the header is not {self._encoding}; Chinese exports are often `encoding: gb18030`"
            findings.append(_header_finding("intake.header-encoding", wanted))
        repeated = sorted(name for name, count in Counter(self.columns).items() if count > 1)
        findings.extend(
            _header_finding("intake.header-repeated", f"column '{name}' stands in the header more than once")
            for name in repeated
        )
        if findings:
            raise HeaderRefused(str(self._path), tuple(findings))


def _swallowed(start: int, end: int) -> str:
    """Say that a bad row runs over several lines, for rows within it are not read."""
    if end <= start:
        return ""
    return f"; it takes lines {start} to {end} as one row: is a quotation mark left open in line {start}?"


def _header_finding(code: str, message: str) -> Finding:
    return Finding(code=code, severity="error", message=message)
