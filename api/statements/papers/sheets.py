"""Writes workbooks (ECMA-376) sheet by sheet: text as data, figures as digits, and no time of its own.

Text stands in the cell as text, so nothing in it is ever a formula. Figures are written as the digits given
and pass through no float here. Each part of the package bears one fixed date, so the same rows give the same
bytes. Rows may come as a frame, which is written by columns.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Literal

import polars as pl

_DATE = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LITERAL_ESCAPE = r"_(x[0-9A-Fa-f]{4}_)"

Style = Literal["text", "title", "head", "figure", "sum"]
_STYLES: dict[Style, int] = {"text": 0, "title": 1, "head": 2, "figure": 3, "sum": 4}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: text, or with `number` digits such as -16.69."""

    text: str
    style: Style = "text"
    number: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table written from frames: its heading, where it comes from, and how wide it is."""

    head: str
    source: str
    width: int
    number: bool = False


@dataclass
class Workbook:
    """A workbook being written to a file; sheets in the order in which they are added.

    `digits` is how many decimals figures show.
    """

    file: IO[bytes]
    digits: int
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._package = zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED)

    def sheet(self, name: str, rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> None:
        """Add a sheet of some rows."""
        texts = (_row(number, row) for number, row in enumerate(rows, 1))
        self._write(name, _sheet(texts, widths, frozen=False))

    def table(self, name: str, columns: Sequence[Column], frames: Iterable[pl.DataFrame]) -> None:
        """Add a sheet with a heading that stays in sight, and the rows of some frames under it."""
        head = _row(1, [Cell(one.head, "head") for one in columns])
        self._write(name, _sheet(_table(head, columns, frames), [one.width for one in columns], frozen=True))

    def close(self) -> None:
        """Write what ties the sheets together."""
        numbers = range(1, len(self.names) + 1)
        self._part("xl/workbook.xml", [_workbook(self.names)])
        self._part("xl/_rels/workbook.xml.rels", [_relations(_targets(numbers))])
        self._part("xl/styles.xml", [_styles(self.digits)])
        self._part("_rels/.rels", [_relations([("officeDocument", "xl/workbook.xml")])])
        self._part("[Content_Types].xml", [_types(numbers)])
        self._package.close()

    def _write(self, name: str, pieces: Iterator[str]) -> None:
        self.names.append(name)
        self._part(f"xl/worksheets/sheet{len(self.names)}.xml", pieces)

    def _part(self, name: str, pieces: Iterable[str]) -> None:
        known = zipfile.ZipInfo(name, _DATE)
        known.compress_type = zipfile.ZIP_DEFLATED
        known.create_system = 3
        with self._package.open(known, "w") as part:
            for piece in pieces:
                part.write(piece.encode())


def _sheet(rows: Iterator[str], widths: Sequence[int], *, frozen: bool) -> Iterator[str]:
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if frozen else ""
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
        f"</sheetViews><cols>{columns}</cols><sheetData>"
    )
    yield from rows
    yield "</sheetData></worksheet>"


def _row(number: int, cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(_cell(number, place, one) for place, one in enumerate(cells))}</row>'


def _cell(row: int, place: int, cell: Cell) -> str:
    if not cell.text:
        return ""
    where = f'r="{_letter(place)}{row}" s="{_STYLES[cell.style]}"'
    if cell.number:
        return f"<c {where}><v>{cell.text}</v></c>"
    return f'<c {where} t="inlineStr"><is><t xml:space="preserve">{_text(cell.text)}</t></is></c>'


def _text(text: str) -> str:
    """Escape text for a cell: markup, and what Excel reads as a character's number (_x0041_)."""
    return re.sub(_LITERAL_ESCAPE, r"_x005F_\1", html.escape(text, quote=False))


def _escaped(text: pl.Expr) -> pl.Expr:
    """Escape a column as `_text` does one text."""
    for mark in "&<>":
        text = text.str.replace_all(mark, html.escape(mark, quote=False), literal=True)
    return text.str.replace_all(_LITERAL_ESCAPE, "_x005F_${1}")


def _table(head: str, columns: Sequence[Column], frames: Iterable[pl.DataFrame]) -> Iterator[str]:
    yield head
    row = 2
    for frame in frames:
        number = pl.int_range(row, row + frame.height, dtype=pl.Int64).cast(pl.String)
        pieces: list[pl.Expr] = [pl.lit('<row r="'), number, pl.lit('">')]
        for place, one in enumerate(columns):
            pieces += _column(place, one, number)
        text = pl.concat_str([*pieces, pl.lit("</row>")])
        written: str = frame.select(text.str.join("").alias("rows")).item()
        yield written
        row += frame.height


def _column(place: int, one: Column, number: pl.Expr) -> list[pl.Expr]:
    where = f'<c r="{_letter(place)}'
    value = pl.col(one.source).cast(pl.String)
    if one.number:
        style = _STYLES["figure"] if one.source == "amount" else 0
        cell = pl.concat_str([pl.lit(where), number, pl.lit(f'" s="{style}"><v>'), value, pl.lit("</v></c>")])
        return [pl.when(value == "").then(pl.lit("")).otherwise(cell)]
    before, after = '" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    return [pl.lit(where), number, pl.lit(before), _escaped(value), pl.lit(after)]


def _letter(place: int) -> str:
    """Return the name of a column, counted from 0: A to Z, then AA to ZZ."""
    assert place < 26 * 27, "a sheet of ours has few columns"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return letters[place] if place < 26 else letters[place // 26 - 1] + letters[place % 26]


def _targets(numbers: range) -> list[tuple[str, str]]:
    return [*(("worksheet", f"worksheets/sheet{number}.xml") for number in numbers), ("styles", "styles.xml")]


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{html.escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    one_each = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{one_each}</Relationships>'


def _types(numbers: range) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/>{sheets}</Types>'
    )


def _styles(digits: int) -> str:
    shown = f"#,##0.{'0' * digits}" if digits else "#,##0"
    bold = '<font><b/><sz val="{0}"/><name val="Calibri"/></font>'
    fonts = f'<font><sz val="11"/><name val="Calibri"/></font>{bold.format(16)}{bold.format(11)}'
    styles = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        ' applyFont="1"/>'
        for number, font in ((0, 0), (0, 1), (0, 2), (164, 0), (164, 2))
    )
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="{shown}"/>'
        f'</numFmts><fonts count="3">{fonts}</fonts><fills count="2"><fill><patternFill patternType="none"/>'
        '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/>'
        '<right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0"'
        ' fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="5">{styles}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0"'
        ' builtinId="0"/></cellStyles></styleSheet>'
    )
