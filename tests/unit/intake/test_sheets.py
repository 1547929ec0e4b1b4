"""Workbooks as rows of text: numbers exact, dates of both systems, and what is uncertain refused by cell."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from ledger.intake import FileUnreadable, HeaderRefused, read_mapping
from ledger.intake.readers import BadCell, SourceRow, open_source
from ledger.intake.workbook import shows_a_date
from ledger.intake.xlsx import SheetSource, _date, _number

MAPPING = """\
mapping: 1
source: shop
order: {column: id}
line: {fixed: "1"}
currency: {fixed: CNY}
facts: {paid_at: {column: time, type: instant}}
events: {sale.recorded: {at: paid_at}}
"""
SOLD = datetime.fromisoformat("2026-02-24 20:15")
TYPES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
)


def opened(path: Path, more: str = "") -> SheetSource:
    source = open_source(path, read_mapping(MAPPING + more, name="m").document)
    assert isinstance(source, SheetSource)
    return source


def rows(path: Path, more: str = "") -> list[SourceRow]:
    source = opened(path, more)
    return list(source.rows(source.columns))


@pytest.fixture(name="raw")
def _raw(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook from the XML of its rows, so that a test says each byte of a cell."""

    def write(sheet: str) -> Path:
        path = tmp_path / "raw.xlsx"
        relations, main = TYPES
        root = f'<Relationships><Relationship Id="r1" Type="{relations}/%s" Target="%s"/></Relationships>'
        header = '<row r="1"><c t="inlineStr"><is><t>id</t></is></c><c t="str"><v>time</v></c></row>'
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("_rels/.rels", root % ("officeDocument", "xl/workbook.xml"))
            package.writestr("xl/_rels/workbook.xml.rels", root % ("worksheet", "/xl/sheet1.xml"))
            package.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{main}" xmlns:r="{relations}">'
                '<sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
            )
            package.writestr(
                "xl/sheet1.xml",
                f'<x:worksheet xmlns:x="{main}"><x:sheetData>'
                + (header + sheet).replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
                + "</x:sheetData></x:worksheet>",
            )
        return path

    return write


RawBook = Callable[..., Path]


def test_every_kind_of_cell_reads_as_openpyxl_reads_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    given = ["A-1", "2406100000000000001", 299.1, 29900, -0.05, True, SOLD.replace(second=7)]
    sheet.append(["id", "text", "a", "b", "c", "flag", "time", "day", "long", "none"])
    sheet.append([*given, date(2026, 3, 2), "  两行\n文字 ", None])
    book.save(tmp_path / "book.xlsx")
    [row] = rows(tmp_path / "book.xlsx")
    assert row.cells == [
        "A-1", "2406100000000000001", "299.1", "29900", "-0.05", "true", "2026-02-24T20:15:07", "2026-03-02",
        "  两行\n文字 ", "",
    ]  # fmt: skip
    assert (row.row, row.line, row.bad) == (1, 2, None)
    again = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True).worksheets[0]
    held = [cell for cell in list(again.iter_rows(values_only=True))[1] if cell is not None]
    assert held[:7] == given


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_number_is_written_as_the_shortest_decimal_of_its_double(value: float) -> None:
    text = _number(f"{value:.17g}")
    assert isinstance(text, str)
    assert "e" not in text.lower()
    assert float(text) == value
    assert len(text.lstrip("-0.").replace(".", "")) <= 17 + len(f"{abs(value):.0f}")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("299.10000000000002", "299.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("2.99E2", "299"),
        ("1E-3", "0.001"),
        ("-0", "0"),
        ("29900.0", "29900"),
        ("999999999999999", "999999999999999"),
    ],
)
def test_a_double_keeps_what_was_typed_and_the_dirt_of_a_sum_stays_visible(raw: str, text: str) -> None:
    assert _number(raw) == text


@pytest.mark.parametrize("raw", ["2406100000000000001", "1E15", "1E400", "NaN", "Infinity", "1_0", "[1]"])
def test_a_number_that_a_sheet_cannot_keep_is_refused(raw: str) -> None:
    read = _number(raw)
    assert isinstance(read, BadCell)
    assert read.code == "cell.digits"


@given(
    st.datetimes(min_value=SOLD.replace(year=1905), max_value=SOLD.replace(year=2999)),
    st.sampled_from([CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904]),
)
def test_a_serial_number_reads_back_as_its_time_to_the_millisecond(when: datetime, epoch: datetime) -> None:
    when = when.replace(microsecond=when.microsecond // 1000 * 1000)
    text = _date(repr((when - epoch) / timedelta(days=1)), epoch == CALENDAR_MAC_1904)
    assert isinstance(text, str)
    assert datetime.fromisoformat(text) == when


@pytest.mark.parametrize(
    ("raw", "since_1904", "text"),
    [
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("61", False, "1900-03-01"),
        ("0", True, "1904-01-01"),
        ("46077.84375", False, "2026-02-24T20:15:00"),
        ("44615.84375", True, "2026-02-24T20:15:00"),
    ],
)
def test_both_date_systems_begin_where_spreadsheets_say(raw: str, since_1904: bool, text: str) -> None:  # noqa: FBT001
    assert _date(raw, since_1904) == text


@pytest.mark.parametrize("raw", ["60", "0.5", "-3", "1E9", "x"])
def test_a_serial_number_of_no_day_is_refused(raw: str) -> None:
    assert isinstance(_date(raw, False), BadCell)


@pytest.mark.parametrize(
    ("code", "date"),
    [
        ("yyyy-mm-dd hh:mm:ss", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]yyyy/m/d;@", True),
        ("[h]:mm", True),
        ("General", False),
        ('0.00" days"', False),
        ("[Red]#,##0.00_);(#,##0.00)", False),
        ("¥#,##0.00\\d", False),
        ("@", False),
    ],
)
def test_a_number_format_shows_a_date_or_it_does_not(code: str, date: bool) -> None:  # noqa: FBT001
    assert shows_a_date(code) is date


def test_a_workbook_since_1904_reads_the_same_days(tmp_path: Path) -> None:
    for epoch in (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904):
        book = openpyxl.Workbook()
        book.epoch = epoch
        sheet = book.active
        assert sheet is not None
        sheet.append(["id", "time"])
        sheet.append(["A-1", SOLD])
        book.save(tmp_path / "book.xlsx")
        assert rows(tmp_path / "book.xlsx")[0].cells == ["A-1", "2026-02-24T20:15:00"]


def test_cells_that_say_nothing_certain_are_bad_one_by_one(raw: RawBook) -> None:
    path = raw(
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>NOW()</f></c></row>'
        '<row r="3"><c r="A3" t="e"><v>#DIV/0!</v></c><c r="B3" t="str"><f>A2</f><v></v></c></row>'
        '<row r="5"><c r="A5"><v>2406100000000000001</v></c></row><row r="6"><c r="B6"/></row>'
    )
    read = rows(path)
    assert [(row.row, row.line, row.cells) for row in read] == [
        (1, 2, ["2", ""]),
        (2, 3, ["", ""]),
        (3, 5, ["", ""]),
    ]
    codes = [{place: bad.code for place, bad in (row.bad or {}).items()} for row in read]
    assert codes == [{1: "cell.formula"}, {0: "cell.formula"}, {0: "cell.digits"}]


def test_a_merged_area_speaks_for_its_first_cell_only(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["id", "time", "paid"], ["A-1", "t", "1"], [None, "t", "2"], ["A-2", "t", "3"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "book.xlsx")
    read = rows(tmp_path / "book.xlsx")
    assert [row.bad is None for row in read] == [True, False, True]
    [(place, bad)] = (read[1].bad or {}).items()
    assert (place, bad.code) == (0, "cell.merged")
    assert "merged with cell A2" in bad.message


def test_hidden_rows_are_read_and_counted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["id", "time"], ["A-1", "t"], ["A-2", "t"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "book.xlsx")
    source = opened(tmp_path / "book.xlsx")
    assert [row.cells[0] for row in source.rows(source.columns)] == ["A-1", "A-2"]
    assert source.hidden == 1
    assert source.done == source.total == 3


def test_of_several_sheets_the_mapping_names_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, order in (("订单", "A-1"), ("退款", "B-1")):
        sheet = book.create_sheet(name)
        sheet.append(["id", "time"])
        sheet.append([order, "t"])
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(FileUnreadable, match=r"several sheets \('订单', '退款'\)"):
        opened(tmp_path / "book.xlsx")
    assert rows(tmp_path / "book.xlsx", "sheet: 退款\n")[0].cells[0] == "B-1"
    with pytest.raises(FileUnreadable, match="no sheet '退 款'; did you mean '退款'"):
        opened(tmp_path / "book.xlsx", "sheet: 退 款\n")
    book["订单"].sheet_state = "hidden"
    book.save(tmp_path / "book.xlsx")
    assert rows(tmp_path / "book.xlsx")[0].cells[0] == "B-1"


def test_a_header_beneath_titles_and_a_total_at_the_foot(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["结算账单"],
        [],
        ["\tid ", "time"],
        ["(号)", "(时)"],
        ["A-1", "t"],
        ["合计：", "1"],
        ["x", "y"],
    ):
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    read = rows(tmp_path / "book.xlsx", "header_line: 3\nskip: 1\nuntil: 合计\n")
    assert [(row.row, row.line, row.cells) for row in read] == [(1, 5, ["A-1", "t"])]
    with pytest.raises(HeaderRefused, match=r"no header line: .* expected in line 2"):
        opened(tmp_path / "book.xlsx", "header_line: 2\n")


def test_old_locked_and_foreign_files_are_named_for_what_they_are(tmp_path: Path, raw: RawBook) -> None:
    def refused(data: bytes) -> str:
        path = tmp_path / "file"
        path.write_bytes(data)
        with pytest.raises(FileUnreadable) as caught:
            open_source(path, read_mapping(MAPPING, name="m").document)
        return caught.value.message

    assert "an .xls file of old, or a workbook with a password" in refused(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert "HTML or XML" in refused(b"<html><table>")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as package:
        package.writestr("orders.csv", "id,time\n")
    assert "a zip archive and no .xlsx workbook" in refused((tmp_path / "z.zip").read_bytes())
    whole = raw('<row r="2"><c t="str"><v>A</v></c></row>').read_bytes()
    assert "not readable as .xlsx" in refused(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("<row><c t='s'><v>7</v></c></row>", "cites a text that is not there"),
        ("<row><c r='é2'><v>7</v></c></row>", "names no column"),
        ("<row><c><v>7</c></row>", "not readable as .xlsx"),
    ],
)
def test_a_damaged_sheet_is_refused_and_never_guessed(raw: RawBook, sheet: str, expected: str) -> None:
    with pytest.raises(FileUnreadable, match=expected):
        rows(raw(sheet))


def test_a_workbook_that_unpacks_to_a_flood_is_refused(raw: RawBook, monkeypatch: pytest.MonkeyPatch) -> None:
    flood = raw("<row><c><v>7</v></c></row>" * 5_000)
    monkeypatch.setattr("ledger.intake.workbook.RATIO_FROM_BYTES", 1_000)
    monkeypatch.setattr("ledger.intake.workbook.RATIO", 50)
    with pytest.raises(FileUnreadable, match="more than 50 times its size"):
        opened(flood)
    monkeypatch.setattr("ledger.intake.workbook.UNPACKED_BYTES", 10_000)
    with pytest.raises(FileUnreadable, match="parts or 0 GiB"):
        opened(flood)


def test_a_text_longer_than_a_cell_may_be_and_a_document_type_are_refused(raw: RawBook) -> None:
    with pytest.raises(FileUnreadable, match="a text of more than"):
        opened(raw(f'<row r="2"><c t="str"><v>{"x" * 3_000_000}</v></c></row>'))
    entity = '<!DOCTYPE a [<!ENTITY b "c">]><a/>'
    with pytest.raises(FileUnreadable, match="declares a document type"):
        opened(raw_with(raw, entity))


def raw_with(raw: RawBook, workbook: str) -> Path:
    path = raw("")
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/workbook.xml"] = workbook.encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def test_a_day_and_a_duration_apart_a_time_is_a_time() -> None:
    assert _date("46077.999999999", False) == "2026-02-25"
    assert _date("46077.00000001157", False) == "2026-02-24T00:00:00.001000"
