"""A sheet of an .xlsx workbook as rows of text, streamed.

A sheet holds numbers as doubles. Each is written out as the shortest decimal that names the same double, so
that 299.1 is 299.1, and the dirt of a calculation (0.30000000000000004) stays visible and is refused as an
amount by its places; nothing is rounded here. A cell that has no one text (a formula with no result, an
error, a part of a merged area, a number too long for a double) is bad, and costs its row if it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, NoReturn

from ledger.intake.errors import FileUnreadable, HeaderRefused
from ledger.intake.mapping import FileLayout
from ledger.intake.mended import REASONS, as_first_told
from ledger.intake.readers import (
    COLUMNS_LIMIT,
    BadCell,
    SourceRow,
    column_names,
    header_findings,
)
from ledger.intake.workbook import CELL_CHARACTERS, Attributes, Sheet, Workbook, unescaped
from policies.errors import did_you_mean

MERGED_AREAS = 100_000

_EXACT_LIMIT = 10**15
"""Whole numbers from here on may have lost digits: a double, and Excel above all, keeps fifteen."""

_MILLISECONDS_A_DAY = 86_400_000
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)")

_ERROR = BadCell("cell.formula", "expected a value; the cell shows an error of its formula")
_UNCALCULATED = BadCell(
    "cell.formula", "the formula has no stored result; open the file in a spreadsheet and save it"
)
_TOO_LONG = BadCell(
    "cell.digits",
    "a number of more than 15 digits, of which a spreadsheet loses the last; format the column as text",
)
_NO_DATE = BadCell("cell.instant", "expected a date; the cell shows a number that is none")


class _Row(NamedTuple):
    """A row of a sheet: its number there, whether it is hidden, and its cells by column from 0."""

    number: int
    hidden: bool
    cells: dict[int, str]
    bad: dict[int, BadCell]


class _Area(NamedTuple):
    """A merged area, rows and columns included at both ends; columns count from 0."""

    top: int
    bottom: int
    left: int
    right: int
    name: str


class SheetSource:
    """One sheet of a workbook. Blank rows are passed over; hidden ones are read, and counted in `hidden`."""

    sparse = False

    def __init__(self, path: Path, layout: FileLayout) -> None:
        """Open the workbook and read the header. Raises FileUnreadable and HeaderRefused."""
        self._path = path
        self._header_line, self._skip, self._until = layout.header_line, layout.skip, layout.until
        self._book = Workbook(path)
        self._part = self._chosen(layout.sheet).part
        self._texts = self._book.texts()
        self.inexact: dict[str, str] = {}
        self.hidden = 0
        self._done = 0
        self.total, self._areas = self._surveyed()
        first = next(self._rows(), None)
        self._mended = first is not None and first.cells.get(0) == REASONS[0]
        if self._mended:
            self._header_line, self._skip, self._until = 1, 0, None
        header = next((row for row in self._rows() if row.number >= self._header_line), None)
        width = max(header.cells, default=-1) + 1 if header and header.number == self._header_line else 0
        cells = header.cells if header else {}
        names = column_names([cells.get(place, "") for place in range(width)])
        self.columns = names[len(REASONS) if self._mended else 0 :]
        findings = header_findings(self.columns, self._header_line)
        if findings:
            raise HeaderRefused(str(path), tuple(findings))

    @property
    def done(self) -> int:
        """Rows read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows beneath the header. `line` is the row's number as the spreadsheet shows it."""
        places = [self.columns.index(name) for name in columns]
        if self._mended:
            lead = len(REASONS)
            return as_first_told(self._data([*range(lead), *(lead + place for place in places)]))
        return self._data(places)

    def _data(self, places: Sequence[int]) -> Iterator[SourceRow]:
        self.hidden = 0
        areas = iter(self._areas)
        coming = next(areas, None)
        open_areas: list[_Area] = []
        number = 0
        skip = self._skip
        for done, (line, hidden, cells, bad) in enumerate(self._rows(), 1):
            self._done = done
            if line <= self._header_line or not (bad or any(map(str.strip, cells.values()))):
                continue
            if skip:
                skip -= 1
                continue
            if self._until is not None and cells.get(0, "").strip().startswith(self._until):
                break
            while coming is not None and coming.top <= line:
                open_areas.append(coming)
                coming = next(areas, None)
            if open_areas:
                open_areas = [area for area in open_areas if area.bottom >= line]
                _cover(bad, open_areas, line)
            number += 1
            self.hidden += hidden
            found = {at: bad[place] for at, place in enumerate(places) if place in bad} if bad else None
            yield SourceRow(number, line, [cells.get(place, "") for place in places], None, found or None)
        self._done = self.total

    def _chosen(self, name: str | None) -> Sheet:
        """Return the sheet of that name, or the only one that is not hidden."""
        sheets = self._book.sheets
        if name is not None:
            for sheet in sheets:
                if sheet.name == name:
                    return sheet
            self._refuse(f"has no sheet '{name}'{did_you_mean(name, [sheet.name for sheet in sheets])}")
        shown = [sheet for sheet in sheets if not sheet.hidden]
        filled = [sheet for sheet in shown if self._has_rows(sheet)] if len(shown) > 1 else shown
        if len(filled) > 1:
            names = ", ".join(f"'{sheet.name}'" for sheet in filled)
            self._refuse(f"has several sheets ({names}); say which in the mapping: `sheet: …`")
        if not shown:
            self._refuse("has no sheet that is not hidden")
        return (filled or shown)[0]

    def _has_rows(self, sheet: Sheet) -> bool:
        return any(_ROW.search(block) for block in self._book.blocks(sheet.part))

    def _surveyed(self) -> tuple[int, list[_Area]]:
        """Read the sheet's bytes once: how many rows it has, and its merged areas, which stand after them."""
        rows, rest = 0, b""
        areas: list[_Area] = []
        for block in self._book.blocks(self._part):
            data = rest + block
            cut = data.rfind(b"<")
            if cut < 0 or len(data) - cut > 64 * CELL_CHARACTERS:
                self._refuse(f"holds a text of more than {CELL_CHARACTERS:,} characters")
            rows += len(_ROW.findall(data, 0, cut))
            areas.extend(_area(found) for found in _MERGED.finditer(data, 0, cut))
            if len(areas) > MERGED_AREAS:
                self._refuse(f"has more than {MERGED_AREAS:,} merged areas; undo them, or save it as CSV")
            rest = data[cut:]
        return rows, sorted(areas, key=itemgetter(0))

    def _rows(self) -> Iterator[_Row]:
        reader = _SheetReader(self._texts, self._book)
        for _ in self._book.parsing(self._part, reader.start, reader.end):
            yield from reader.found
            reader.found.clear()

    def _refuse(self, message: str) -> NoReturn:
        raise FileUnreadable(message, where=str(self._path))


class _SheetReader:
    """Takes the elements of a sheet's XML and gathers rows from them."""

    def __init__(self, texts: list[str], book: Workbook) -> None:
        self.found: list[_Row] = []
        self._texts = texts
        self._dates = book.date_styles
        self._since_1904 = book.since_1904
        self._number = 0
        self._hidden = False
        self._cells: dict[int, str] = {}
        self._bad: dict[int, BadCell] = {}
        self._place = -1
        self._type = ""
        self._style = ""
        self._value: list[str] = []
        self._formula = False
        self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if name == "c":
            reference = attributes.get("r")
            self._place = _column(reference.rstrip("0123456789")) if reference else self._place + 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._formula = False
            self._value.clear()
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._hidden = attributes.get("hidden") in {"1", "true"}
            self._cells, self._bad, self._place = {}, {}, -1
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str, text: str) -> None:
        """Take the end of an element with the text before it."""
        if name == "v" or (name == "t" and not self._phonetic):
            self._value.append(text)
        elif name == "c":
            self._take("".join(self._value))
        elif name == "row":
            self.found.append(_Row(self._number, self._hidden, self._cells, self._bad))
        elif name == "rPh":
            self._phonetic = False

    def _take(self, value: str) -> None:
        if self._place >= COLUMNS_LIMIT:
            return
        read = self._read(value)
        if isinstance(read, BadCell):
            self._bad[self._place] = read
        elif read:
            self._cells[self._place] = read

    def _read(self, value: str) -> str | BadCell:
        match self._type:
            case "s":
                return self._shared(value)
            case "b" if value:
                return "true" if value == "1" else "false"
            case "e":
                return _ERROR
            case "n" if value:
                return _date(value, self._since_1904) if self._style in self._dates else _number(value)
            case "n" if self._formula:
                return _UNCALCULATED
            case _:
                return unescaped(value)

    def _shared(self, value: str) -> str:
        if not value:
            return ""
        place = int(value)
        if not 0 <= place < len(self._texts):
            raise ValueError(f"the sheet's row {self._number} cites a text that is not there")
        return self._texts[place]


@lru_cache(maxsize=1 << 14)
def _column(letters: str) -> int:
    """Return the place of a column, A being 0."""
    place = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(f"'{letters[:10]}' names no column")
        place = place * 26 + ord(letter) - 64
    return place - 1


@lru_cache(maxsize=1 << 14)
def _number(raw: str) -> str | BadCell:
    """Write a number as the shortest decimal that names the same double, without an exponent."""
    try:
        # The cell is a double, whatever digits it was printed with; its shortest name is what was typed in.
        exact = Decimal(repr(json.loads(raw)))
    except (ValueError, ArithmeticError):
        return BadCell("cell.digits", "expected a number; the cell holds something else")
    if not exact.is_finite() or abs(exact) >= _EXACT_LIMIT:
        return _TOO_LONG
    whole = exact.to_integral_value()
    return str(int(whole)) if exact == whole else format(exact, "f")


@lru_cache(maxsize=1 << 14)
def _date(raw: str, since_1904: bool) -> str | BadCell:  # noqa: FBT001 -- which of two calendars
    """Write the serial number of a day as a date, or as a time to the millisecond where it has one.

    Serial 1 is 1900-01-01, and 60 a 29 February that 1900 did not have; in the 1904 system 0 is 1904-01-01.
    """
    try:
        milliseconds = int((Decimal(raw) * _MILLISECONDS_A_DAY).to_integral_value())
    except ArithmeticError:
        return _NO_DATE
    day, within = divmod(milliseconds, _MILLISECONDS_A_DAY)
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 31 if day < 60 else 30)
    if not (0 if since_1904 else 1) <= day < 2_900_000 or (day == 60 and not since_1904):
        return _NO_DATE
    on = first + timedelta(days=day)
    # A sheet knows no zone; the mapping names it.
    return (datetime.combine(on, time()) + timedelta(milliseconds=within) if within else on).isoformat()


def _area(found: re.Match[bytes]) -> _Area:
    left, top, right, bottom = (part.decode() for part in found.groups())
    return _Area(int(top), int(bottom), _column(left), _column(right), f"{left}{top}")


def _cover(bad: dict[int, BadCell], areas: list[_Area], line: int) -> None:
    """Mark the cells of a row that lie in a merged area and are not its first: nobody knows what they say."""
    for area in areas:
        for place in range(area.left, min(area.right + 1, COLUMNS_LIMIT)):
            if (line, place) != (area.top, area.left):
                wanted = f"merged with cell {area.name}; undo the merging and write the value into each cell"
                bad[place] = BadCell("cell.merged", wanted)
