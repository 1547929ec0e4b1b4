"""One order file in every format: the first import takes it, each other format finds it on record."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from ledger.intake import ImportReport, IntakeTerms, import_file, load_mapping, read_mapping
from ledger.log import Log

WriteCsv = Callable[..., Path]

ORDERS = load_mapping("tallystick-orders")
SHIPPED = Path(__file__).parents[3] / "ledger" / "intake" / "mappings" / "tallystick-orders.yaml"
WEEK = Path(__file__).parents[3] / "examples" / "orders" / "autumn-week-5.csv"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new.total, report.repeated.total, report.conflict_count, report.rejected_rows


def week() -> list[dict[str, str]]:
    with WEEK.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_xlsx(path: Path) -> None:
    """Write amounts as numbers and times as dates, as people's sheets have them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(week()[0]))
    for row in week():
        sheet.append(
            [
                datetime.fromisoformat(text[:19]) if name.endswith("_at") and text else number(name, text)
                for name, text in row.items()
            ]
        )
    book.save(path)


def number(name: str, text: str) -> str | float | None:
    money = name in {"paid", "freight", "platform_coupon", "refunded"}
    return float(text) if money and text else text or None


def as_ndjson(path: Path) -> None:
    lines = []
    for row in week():
        line = json.dumps({name: text for name, text in row.items() if text}, ensure_ascii=False)
        lines.append(line.replace(f'"paid": "{row["paid"]}"', f'"paid": {row["paid"]}'))
    path.write_text("\n".join(lines), encoding="utf-8")


WRITERS: dict[str, Callable[[Path], object]] = {
    "xlsx": as_xlsx,
    "ndjson": as_ndjson,
    "parquet": lambda path: pl.DataFrame(week()).write_parquet(path),
    "arrow": lambda path: pl.DataFrame(week()).write_ipc(path),
    "arrows": lambda path: pl.DataFrame(week()).write_ipc_stream(path),
}


def test_the_same_orders_in_any_format_are_the_same_entries(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    first = import_file(log, WEEK, ORDERS, terms)
    assert first.clean
    size = log.size()
    for number_, (ending, write) in enumerate(WRITERS.items(), 1):
        path = tmp_path / f"week.{ending}"
        write(path)
        seen: list[tuple[int, int]] = []
        dry = import_file(log, path, ORDERS, terms, dry_run=True)
        report = import_file(log, path, ORDERS, terms, progress=lambda *at: seen.append(at))  # noqa: B023
        assert counts(report) == counts(dry) == (0, first.new.total, 0, 0), ending
        assert seen[-1][0] == seen[-1][1] > 0
        # Each file is another file, so each import is on record by itself.
        assert log.size() == size + number_


def test_a_broken_line_and_dirty_cells_cost_their_rows_only(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    row = '{"order":"%s","line":1,"currency":"CNY","paid":%s,"paid_at":"2026-02-24 20:15:00"}'
    path = tmp_path / "orders.ndjson"
    path.write_text(
        "\n".join([row % ("A-1", "299.00"), row % ("A-2", "299.001"), '{"order":', row % ("A-3", "[1]")])
    )
    report = import_file(log, path, ORDERS, terms)
    assert counts(report) == (1, 0, 0, 3)
    assert [(one.line, one.column, one.code) for one in report.rejected] == [
        (2, "paid", "cell.money"),
        (3, "", "row.shape"),
        (4, "paid", "cell.nested"),
    ]


def test_dirt_of_a_formula_is_no_amount_and_a_column_nobody_reads_may_hold_anything(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["order", "line", "currency", "paid", "paid_at", "note"])
    sold = datetime.fromisoformat("2026-02-24 20:15")
    sheet.append(["A-1", 1, "CNY", 299.1, sold, "=1/0"])
    sheet.append(["A-2", 1, "CNY", 100 / 3, sold, None])
    sheet.append([24061000000000001, 1, "CNY", 1, sold, None])
    sheet.row_dimensions[2].hidden = True
    book.save(tmp_path / "orders.xlsx")
    report = import_file(log, tmp_path / "orders.xlsx", ORDERS, terms)
    assert (counts(report), report.hidden_rows) == ((1, 0, 0, 2), 1)
    assert [(one.line, one.column, one.code) for one in report.rejected] == [
        (3, "paid", "cell.money"),
        (4, "order", "cell.digits"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_platform_export_with_titles_above_and_totals_below(
    log: Log, terms: IntakeTerms, tmp_path: Path, encoding: str
) -> None:
    mapping = read_mapping(
        SHIPPED.read_text(encoding="utf-8")
        + f"encoding: {encoding.removesuffix('-sig')}\nheader_line: 3\nskip: 1\nuntil: 合计\n",
        name="export",
    )
    text = (
        '结算账单 "十月"\r\n起始日期：2026-02-01\r\n'
        "\torder , line,currency,paid,paid_at\r\n(号),(行),(币),(元),(时)\r\n"
        "\tA-1,1,CNY,299.00,2026-02-24 20:15:00\r\n\tA-2,1,CNY,x,2026-02-24 20:15:00\r\n"
        "合计,,,299.00\r\n说明\r\n"
    )
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    report = import_file(log, path, mapping, terms)
    assert counts(report) == (1, 0, 0, 1)
    assert [(one.row, one.line, one.column) for one in report.rejected] == [(2, 6, "paid")]
    assert log.find("orders", "A-1/1/sale/1") is not None
