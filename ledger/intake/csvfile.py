"""CSV as rows of text.

The csv module reads it: it gives line numbers and goes on after a bad row, and typing the cells costs several
times what parsing them does.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from ledger.intake.errors import FileUnreadable, HeaderRefused
from ledger.intake.mapping import FileLayout
from ledger.intake.mended import REASONS, as_first_told, delimiter_of, encoding_of
from ledger.intake.readers import SourceRow, column_names, header_finding, header_findings


class CsvLines(Iterator[list[str]], Protocol):
    """What csv.reader returns, which has no public name before Python 3.13."""

    line_num: int


class _Remembered:
    """Lines of a text, the ones taken since last cleared kept: a row that is no CSV is then still known."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.taken.append(line)
        return line

    def cells(self) -> list[str]:
        """Return what was taken as one cell."""
        return ["".join(self.taken).rstrip("\r\n")]


class CsvSource:
    """A CSV file. Bytes outside the encoding become U+FFFD, which the cell readers refuse row by row."""

    sparse = False
    hidden = 0

    def __init__(self, path: Path, layout: FileLayout) -> None:
        """Read the header. Raises HeaderRefused for one that is missing, garbled or repeats a name."""
        self._path = path
        delimiter = delimiter_of(path)
        self._mended = delimiter is not None
        self._delimiter = delimiter or layout.delimiter
        self._encoding = codecs.lookup(encoding_of(path) if self._mended else layout.encoding).name
        self._header_line, self._skip, self._until = layout.header_line, layout.skip, layout.until
        if self._mended:
            self._header_line, self._skip, self._until = 1, 0, None
        self._done = 0
        self.total = path.stat().st_size
        self.inexact: dict[str, str] = {}
        header: list[str] = []
        with path.open("rb") as binary, self._text(binary) as text:
            try:
                header = next(self._reader(text), [])
            except csv.Error as fault:
                raise FileUnreadable(f"the header is not CSV: {fault}", where=str(path)) from fault
        self._width = len(header)
        self.columns = column_names(header)[len(REASONS) if self._mended else 0 :]
        self._require_header()

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows; one of another width than the header is a fault of that row alone."""
        places = [self.columns.index(name) for name in columns]
        if self._mended:
            lead = len(REASONS)
            return as_first_told(self._rows([*range(lead), *(lead + place for place in places)]))
        return self._rows(places)

    def _rows(self, places: Sequence[int]) -> Iterator[SourceRow]:
        width = self._width
        number = 0
        with self._path.open("rb") as binary, self._text(binary) as text:
            lines = _Remembered(text)
            reader = self._reader(text, lines)
            next(reader)
            above, skip = self._header_line - 1, self._skip
            lead = [""] * len(REASONS) if self._mended else []
            while True:
                start = above + reader.line_num + 1
                lines.taken.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as fault:
                    number += 1
                    wanted = f"expected CSV: {fault}{_swallowed(start, above + reader.line_num)}"
                    yield SourceRow(number, above + reader.line_num, [*lead, *lines.cells()], wanted)
                    continue
                if not cells:
                    continue
                if skip:
                    skip -= 1
                    continue
                if self._until is not None and cells[0].strip().startswith(self._until):
                    break
                number += 1
                if len(cells) != width:
                    wanted = f"expected {width} cells as in the header, found {len(cells)}"
                    wanted += _swallowed(start, above + reader.line_num)
                    yield SourceRow(number, above + reader.line_num, cells, wanted)
                    continue
                if number % 256 == 0:
                    self._done = binary.tell()
                yield SourceRow(number, above + reader.line_num, [cells[place] for place in places])
        self._done = self.total

    def _text(self, binary: BinaryIO) -> io.TextIOWrapper:
        # A byte order mark before a quotation mark would make the quotes part of the first name.
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        return io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="")

    def _reader(self, text: io.TextIOWrapper, lines: Iterable[str] | None = None) -> CsvLines:
        """Return a reader that stands at the header; what exports print above it need not be CSV."""
        for _ in range(self._header_line - 1):
            text.readline()
        return csv.reader(lines or text, delimiter=self._delimiter, strict=True)

    def _require_header(self) -> None:
        findings = header_findings(self.columns, self._header_line)
        if any("\ufffd" in name for name in self.columns):
            wanted = f"the header is not {self._encoding}; Chinese exports are often `encoding: gb18030`"
            findings.append(header_finding("intake.header-encoding", wanted))
        if findings:
            raise HeaderRefused(str(self._path), tuple(findings))


def _swallowed(start: int, end: int) -> str:
    """Say that a bad row runs over several lines, for rows within it are not read."""
    if end <= start:
        return ""
    return f"; it takes lines {start} to {end} as one row: is a quotation mark left open in line {start}?"
