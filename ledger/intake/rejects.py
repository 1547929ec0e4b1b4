"""Writes the rows that were not taken, with reasons, as they are found: as CSV, XLSX or NDJSON.

Nothing is kept in memory, however many there are. The form is that of mended.py, so that the file can be
mended and imported again. It holds all that the rows hold, buyers included, and only its owner may read it.
"""

from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Protocol, Self
from xml.sax.saxutils import escape

from ledger.intake.errors import RejectsUnwritable
from ledger.intake.mended import BROKEN_MEMBER, MEMBER, REASONS, guarded, quoted
from ledger.intake.readers import Source
from ledger.intake.workbook import CELL_CHARACTERS

SHEET_ROWS = 1 << 20
"""Rows that a sheet can have, its header included."""

MEANINGS_ZH = {
    "row.shape": "这一行读不出来：格子数与表头不符、引号没有闭合，或不是一个 JSON 对象",
    "row.currency": "币种与协议的币种不一致",
    "row.version": "付款时间早于协议第一个版本生效之时",
    "row.unsold": "有签收或退款，却没有付款时间",
    "row.funding": "协议规定付款时入账的金额，这一格是空的",
    "row.refund-time": "有退款，却没有退款时间",
    "row.refund-size": "累计退款小于零，或超过了允许的上限",
    "cell.missing": "必填，但这一格是空的",
    "cell.key": "订单号或行号过长",
    "cell.text": "文字过长，或含有控制字符",
    "cell.encoding": "有字符不在声明的编码之内；中文导出文件常为 gb18030",
    "cell.money": "不是本币种的准确金额：位数、符号或单位（元、分）不符",
    "cell.instant": "不是可读的时间，或时区、写法不符",
    "cell.date": "不是可读的日期，应如 2026-03-02",
    "cell.bool": "应为 true 或 false",
    "cell.enum": "不在声明的取值之内",
    "cell.count": "应为 0 或正整数",
    "cell.rate": "应为比率，如 0.05 或 5%",
    "cell.nested": "应为文字或数字，而这里是对象或列表",
    "cell.formula": "公式出错，或没有保存计算结果",
    "cell.digits": "超过 15 位的数字，表格软件会丢失末位；请把该列设为文本",
    "cell.merged": "合并单元格：请取消合并，并在每一格填上值",
    "entry.conflict": "与已记录的内容不一致；已记录的仍然有效，这一行未被采纳",
}
"""What each code means, in Chinese; the English message says the particulars."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")


class Reason(NamedTuple):
    """Why a row was not taken: its place in the file, a stable code, the column, the particulars."""

    row: int
    line: int | None
    code: str
    column: str
    message: str

    def cells(self) -> list[str]:
        """Return the reason columns, in the order of REASONS."""
        line = "" if self.line is None else str(self.line)
        return [str(self.row), line, self.code, self.column, MEANINGS_ZH[self.code], self.message]


class _Writer(Protocol):
    def add(self, reason: Reason, cells: Sequence[str], text: str | None) -> None: ...

    def close(self) -> None: ...


class Rejects:
    """A file of rejected rows being written: NDJSON of NDJSON, XLSX for a name in .xlsx, else CSV."""

    def __init__(self, path: Path, source: Source, of: Path) -> None:
        """Begin the file, replacing one of that name. Raises RejectsUnwritable."""
        if path.exists() and path.samefile(of):
            raise RejectsUnwritable("is the file being imported; name another", where=str(path))
        self._path = path
        self.count = 0
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as fault:
            raise RejectsUnwritable(f"cannot be written: {fault.strerror}", where=str(path)) from fault
        self._writer: _Writer
        if source.sparse:
            self._writer = _NdjsonRejects(os.fdopen(file, "w", encoding="utf-8"))
        elif path.suffix.lower() == ".xlsx":
            self._writer = _SheetRejects(os.fdopen(file, "wb"), source.columns)
        else:
            self._writer = _CsvRejects(os.fdopen(file, "w", encoding="utf-8-sig", newline=""), source.columns)

    def __enter__(self) -> Self:
        """Write into it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the file."""
        self._writer.close()

    def add(self, reason: Reason, cells: Sequence[str], text: str | None) -> None:
        """Write a row: its cells in the order of the file's columns, or its text where a row is one."""
        if self.count + 1 >= SHEET_ROWS and isinstance(self._writer, _SheetRejects):
            wanted = f"a sheet has {SHEET_ROWS:,} rows and more are rejected; name a .csv"
            raise RejectsUnwritable(wanted, where=str(self._path))
        self.count += 1
        self._writer.add(reason, cells, text)


class _CsvRejects:
    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        self._file = file
        self._csv = csv.writer(file, lineterminator="\r\n")
        self._csv.writerow([*REASONS, *columns])

    def add(self, reason: Reason, cells: Sequence[str], text: str | None) -> None:
        del text  # a row of cells has no other text
        self._csv.writerow([*map(guarded, reason.cells()), *map(guarded, cells)])

    def close(self) -> None:
        self._file.close()


class _NdjsonRejects:
    """Writes the reasons into each object as its first member, the rest as it was written, digit by digit."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def add(self, reason: Reason, cells: Sequence[str], text: str | None) -> None:
        del cells  # the line says more than its cells
        assert text is not None, "a row of NDJSON comes with its line"
        names = [name.removeprefix("tallystick_") for name in REASONS]
        why = json.dumps(
            {MEMBER: dict(zip(names, reason.cells(), strict=True))}, ensure_ascii=False, separators=(",", ":")
        )
        if reason.code == "row.shape":
            rest = f",{json.dumps(BROKEN_MEMBER)}:{json.dumps(text, ensure_ascii=False)}}}"
        else:
            inner = text.strip()[1:].lstrip()
            rest = "}" if inner == "}" else f",{inner}"
        self._file.write(f"{why[:-1]}{rest}\n")

    def close(self) -> None:
        self._file.close()


class _SheetRejects:
    """Writes a workbook of text cells, a row at a time."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        for name, text in _PARTS.items():
            self._zip.writestr(name, text)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        widths = f'<cols><col min="1" max="{len(REASONS) + len(columns)}" width="18" style="1"/></cols>'
        self._sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}">{widths}<sheetData>'.encode())
        self._row([*REASONS, *columns])

    def add(self, reason: Reason, cells: Sequence[str], text: str | None) -> None:
        del text  # a row of cells has no other text
        self._row([*reason.cells(), *map(quoted, cells)])

    def _row(self, cells: Sequence[str]) -> None:
        written = "".join(
            f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{_xml_text(cell)}</t></is></c>'
            for cell in cells
        )
        self._sheet.write(f"<row>{written}</row>".encode())

    def close(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()
        self._file.close()


def _xml_text(text: str) -> str:
    """Write text for a workbook, the characters that XML cannot hold as _xHHHH_."""
    cut = text[:CELL_CHARACTERS].encode("utf-8", "replace").decode()
    return escape(_ILLEGAL.sub(lambda found: f"_x{ord(found[0][0]):04X}_{found[0][1:]}", cut))


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
            for part, kind in (
                ("workbook", "sheet.main"),
                ("styles", "styles"),
                ("worksheets/sheet1", "worksheet"),
            )
        )
        + "</Types>"
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="rejected" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    # Style 1 is format 49, text: what is typed into such a cell stays as it was typed.
    "xl/styles.xml": (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
