"""Rows that were not taken: written as they are found, mended in place, and imported again."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake import (
    ImportReport,
    IntakeTerms,
    RejectsUnwritable,
    import_file,
    load_mapping,
    read_mapping,
)
from ledger.intake.mended import REASONS, guarded, quoted, unguarded
from ledger.intake.rejects import MEANINGS_ZH, Reason, Rejects
from ledger.log import Log

WriteCsv = Callable[..., Path]

ROOT = Path(__file__).parents[3]
ORDERS = load_mapping("tallystick-orders")
HEADER = "order,line,currency,paid,sku,buyer,paid_at,note"
GOOD = "A-{n},1,CNY,299.00,serum,buyer-1,2026-02-24 20:15:00,ok"
BAD_AMOUNT = "A-{n},1,CNY,299.005,=HYPERLINK(1),+86 138,2026-02-24 20:15:00,007"
BAD_TIME = "240610012345678901,1,CNY,299.00,'quoted',buyer-1,yesterday,2026-02-24"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new.total, report.repeated.total, report.conflict_count, report.rejected_rows


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_rejected_rows_are_written_with_reasons_mended_in_place_and_taken(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    path = write_csv(GOOD.format(n=1), BAD_AMOUNT.format(n=2), GOOD.format(n=3), BAD_TIME, header=HEADER)
    rejects = tmp_path / "rejects.csv"
    first = import_file(log, path, ORDERS, terms, rejects=rejects)
    assert counts(first) == (2, 0, 0, 2)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    amount, time = table(rejects)
    assert list(amount) == [*REASONS, *HEADER.split(",")]
    assert [amount[name] for name in REASONS[:4]] == ["2", "3", "cell.money", "paid"]
    assert amount["tallystick_message_zh"] == MEANINGS_ZH["cell.money"]
    assert "more than 2 places" in amount["tallystick_message_en"]
    # A spreadsheet neither runs these cells nor prints them as other numbers and dates.
    assert (amount["sku"], amount["buyer"], amount["note"]) == ("'=HYPERLINK(1)", "'+86 138", "'007")
    assert (time["order"], time["sku"], time["note"]) == ("'240610012345678901", "''quoted'", "'2026-02-24")
    assert (amount["paid"], time["paid"], amount["order"]) == ("299.005", "299.00", "A-2")

    # Unmended, the same rows come back under the numbers that they had first.
    again = tmp_path / "again.csv"
    second = import_file(log, rejects, ORDERS, terms, rejects=again)
    assert counts(second) == (0, 0, 0, 2)
    assert [(one.row, one.line, one.code) for one in second.rejected] == [
        (one.row, one.line, one.code) for one in first.rejected
    ]
    assert again.read_bytes() == rejects.read_bytes()

    mended = rejects.read_text("utf-8-sig").replace("299.005", "299.00").replace("yesterday", "2026-02-25")
    rejects.write_text(mended, encoding="utf-8")
    third = import_file(log, rejects, ORDERS, terms)
    assert (counts(third), third.unread_columns) == ((2, 0, 0, 0), ("note",))
    assert counts(import_file(log, rejects, ORDERS, terms)) == (0, 2, 0, 0)
    entry = log.find("orders", "240610012345678901/1/sale/1")
    assert entry is not None
    [order] = [group for group in log.groups(entry.seq) if group.name == "order"]
    assert order.opened is not None
    assert json.loads(order.opened)["content"]["sku"] == "'quoted'"


def test_rows_that_contradict_the_record_are_written_too_and_once_each(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    import_file(log, write_csv(GOOD.format(n=1), header=HEADER), ORDERS, terms)
    changed = GOOD.format(n=1).replace("299.00", "289.00")
    rejects = tmp_path / "rejects.csv"
    report = import_file(
        log, write_csv(changed, GOOD.format(n=2), header=HEADER), ORDERS, terms, rejects=rejects
    )
    assert counts(report) == (1, 0, 1, 0)
    [row] = table(rejects)
    assert (row["tallystick_code"], row["tallystick_row"], row["paid"]) == ("entry.conflict", "1", "289.00")
    assert "stands as entry 0, different in groups.order.content.paid" in row["tallystick_message_en"]
    rejects.write_text(rejects.read_text("utf-8-sig").replace("289.00", "299.00"), encoding="utf-8")
    assert counts(import_file(log, rejects, ORDERS, terms)) == (0, 1, 0, 0)


def test_rows_of_another_width_and_broken_quotes_are_kept_as_found(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    path = write_csv(GOOD.format(n=1) + ",one,two", '"A-2"x,1', GOOD.format(n=3), header=HEADER)
    rejects, again = tmp_path / "rejects.csv", tmp_path / "again.csv"
    assert counts(import_file(log, path, ORDERS, terms, rejects=rejects)) == (1, 0, 0, 2)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        _, wide, broken = csv.reader(file)
    told = [*GOOD.format(n=1).split(",")[:6], "'2026-02-24 20:15:00", "ok", "one", "two"]
    assert (wide[6:], broken[6:]) == (told, ['"A-2"x,1'])
    assert counts(import_file(log, rejects, ORDERS, terms, rejects=again)) == (0, 0, 0, 2)
    rejects.write_bytes(rejects.read_bytes().replace(b",one,two", b""))
    assert counts(import_file(log, rejects, ORDERS, terms)) == (1, 0, 0, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_sheet_program_may_save_the_csv_in_its_own_encoding_and_delimiter(
    log: Log, terms: IntakeTerms, tmp_path: Path, encoding: str
) -> None:
    mapping = read_mapping(
        (ROOT / "ledger/intake/mappings/tallystick-orders.yaml").read_text(encoding="utf-8")
        + "encoding: gb18030\nheader_line: 3\nuntil: 合计\n",
        name="export",
    )
    path = tmp_path / "export.csv"
    row = "A-1,1,CNY,x,精华,buyer-1,2026-02-24 20:15:00,好"
    path.write_text(f"标题\n\n{HEADER}\n{row}\n合计,,,1\n", encoding="gb18030")
    rejects = tmp_path / "rejects.csv"
    assert counts(import_file(log, path, mapping, terms, rejects=rejects)) == (0, 0, 0, 1)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("paid")] = "299.00"
    with rejects.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert counts(import_file(log, rejects, mapping, terms)) == (1, 0, 0, 0)


def test_a_workbook_of_rejected_rows_holds_text_only_and_reads_back(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    path = write_csv(BAD_AMOUNT.format(n=2), BAD_TIME, header=HEADER)
    rejects = tmp_path / "rejects.xlsx"
    assert counts(import_file(log, path, ORDERS, terms, rejects=rejects)) == (0, 0, 0, 2)
    book = openpyxl.load_workbook(rejects)
    sheet = book.active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} <= {
        "s",
        "inlineStr",
    }
    assert sheet["K2"].value == "=HYPERLINK(1)"
    assert sheet["G3"].value == "240610012345678901"
    sheet["J2"], sheet["M3"] = "299.00", "2026-02-25"
    book.save(rejects)
    report = import_file(log, rejects, ORDERS, terms)
    assert counts(report) == (2, 0, 0, 0)


def test_a_cell_without_a_text_stays_unreadable_until_it_is_mended(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["order", "line", "currency", "paid", "freight", "paid_at"])
    # Left empty, this freight would mean 0.00.
    sheet.append(["A-1", "1", "CNY", "299.00", "=1+1", "2026-02-24 20:15:00"])
    book.save(tmp_path / "orders.xlsx")
    rejects = tmp_path / "rejects.csv"
    assert counts(import_file(log, tmp_path / "orders.xlsx", ORDERS, terms, rejects=rejects)) == (0, 0, 0, 1)
    assert counts(import_file(log, rejects, ORDERS, terms)) == (0, 0, 0, 1)
    rejects.write_text(rejects.read_text("utf-8-sig").replace("\ufffd", "2.00"), encoding="utf-8")
    assert counts(import_file(log, rejects, ORDERS, terms)) == (1, 0, 0, 0)


def test_ndjson_comes_back_as_ndjson_digit_by_digit(log: Log, terms: IntakeTerms, tmp_path: Path) -> None:
    path, rejects, again = tmp_path / "o.ndjson", tmp_path / "r.ndjson", tmp_path / "s.ndjson"
    sold = '"line":"1","currency":"CNY","paid_at":"2026-02-24 20:15:00"'
    path.write_text(
        f'{{ "order":"A-1","paid":299.0050, {sold}}}\n{{"order":\n{{"order":"A-3","paid":1,{sold}}}\n'
    )
    first = import_file(log, path, ORDERS, terms, rejects=rejects)
    assert counts(first) == (1, 0, 0, 2)
    lines = rejects.read_text("utf-8").splitlines()
    assert '"paid":299.0050' in lines[0]
    assert json.loads(lines[0])["tallystick"]["row"] == "1"
    assert json.loads(lines[1])["broken_line"] == '{"order":'
    second = import_file(log, rejects, ORDERS, terms, rejects=again)
    assert [(one.row, one.line, one.code) for one in second.rejected] == [
        (1, 1, "cell.money"),
        (2, 2, "cell.missing"),
    ]
    assert again.read_text("utf-8").splitlines()[0] == lines[0]
    rejects.write_text(
        "\n".join([lines[0].replace("299.0050", "299.00"), f'{{"order":"A-2","paid":2,{sold}}}'])
    )
    assert counts(import_file(log, rejects, ORDERS, terms)) == (2, 0, 0, 0)


def test_the_file_that_is_imported_is_never_written_over(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    path = write_csv(BAD_TIME, header=HEADER)
    with pytest.raises(RejectsUnwritable, match="is the file being imported"):
        import_file(log, path, ORDERS, terms, rejects=path)
    with pytest.raises(RejectsUnwritable, match="cannot be written"):
        import_file(log, path, ORDERS, terms, rejects=tmp_path / "none" / "r.csv")
    assert BAD_TIME in path.read_text()


def test_more_rejected_rows_than_a_report_spells_out_are_all_written(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, tmp_path: Path
) -> None:
    path = write_csv(*(BAD_AMOUNT.format(n=n) for n in range(1_200)), header=HEADER)
    report = import_file(log, path, ORDERS, terms, rejects=tmp_path / "r.csv")
    assert (report.rejected_rows, len(report.rejected)) == (1_200, 1_000)
    assert [row["order"] for row in table(tmp_path / "r.csv")] == [f"A-{n}" for n in range(1_200)]


def test_a_sheet_that_cannot_hold_them_says_so(
    tmp_path: Path, write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.intake.readers import open_source  # noqa: PLC0415 -- beside its only use

    path = write_csv(BAD_TIME, header=HEADER)
    monkeypatch.setattr("ledger.intake.rejects.SHEET_ROWS", 2)
    with Rejects(tmp_path / "r.xlsx", open_source(path, ORDERS.document), path) as rejects:
        reason = Reason(1, 2, "row.shape", "", "why")
        rejects.add(reason, ["\x07 _x0041_ \ud800"], None)
        with pytest.raises(RejectsUnwritable, match=r"name a \.csv"):
            rejects.add(reason, ["a"], None)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet is not None
    assert sheet.max_row == 2


@given(st.text(st.characters(codec="utf-8")))
def test_a_guarded_cell_reads_back_as_it_was_and_starts_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == unguarded(quoted(text)) == text
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    buffer = io.StringIO()
    csv.writer(buffer).writerow([guarded(text), "x"])


def test_every_code_has_its_meaning_in_chinese() -> None:
    import re  # noqa: PLC0415 -- beside its only use

    code = re.compile(r'"((?:cell|row)\.[a-z-]+)"')
    told = {
        found
        for path in (ROOT / "ledger/intake").glob("*.py")
        for found in code.findall(path.read_text("utf-8"))
    }
    assert told == set(MEANINGS_ZH) - {"entry.conflict"}
