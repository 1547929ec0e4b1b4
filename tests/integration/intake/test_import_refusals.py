"""What intake refuses: a row with what was expected, or a whole file before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from ledger.intake import (
    FileUnreadable,
    HeaderRefused,
    ImportReport,
    IntakeTerms,
    TermsUnfit,
    import_file,
    load_mapping,
    read_mapping,
)
from ledger.log import Log

WriteCsv = Callable[..., Path]

ORDERS = load_mapping("tallystick-orders")
SHIPPED = Path(__file__).parents[3] / "ledger" / "intake" / "mappings" / "tallystick-orders.yaml"
HEADER = (
    "order,line,currency,paid,freight,platform_coupon,sku,category,buyer,"
    "paid_at,confirmed_at,refunded,refunded_at"
)
SOLD = "A-1,1,CNY,299.00,10.00,20.00,serum,skincare,buyer-0001,2026-02-24 20:15:00,,0.00,"
CONFIRMED = "A-1,1,CNY,299.00,10.00,20.00,serum,skincare,buyer-0001,2026-02-24 20:15:00,2026-03-02,0.00,"
REFUNDED = (
    "A-1,1,CNY,299.00,10.00,20.00,serum,skincare,buyer-0001,"
    "2026-02-24 20:15:00,2026-03-02,100.00,2026-03-05 09:00:00"
)

CHINESE_HEADER = "order,line,currency,实付金额,付款时间"
CHINESE_ROW = "9001,33,CNY,299.00,2026-02-24 20:15:00"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new.total, report.repeated.total, report.conflict_count, report.rejected_rows


@pytest.mark.parametrize(
    ("old", "new", "column", "code", "expected"),
    [
        ("299.00", "299.005", "paid", "cell.money", "more than 2 places"),
        ("299.00", "", "paid", "cell.missing", "required"),
        ("299.00", "-1.00", "paid", "cell.money", "zero or more"),
        ("A-1", "", "order", "cell.missing", "expected an id"),
        ("CNY", "USD", "currency", "row.currency", "expected CNY"),
        ("2026-02-24 20:15:00", "24.02.2026", "paid_at", "cell.instant", "such as 2026-03-02"),
        ("2026-02-24 20:15:00", "2016-02-24", "paid_at", "row.version", "before the first version"),
        ("2026-03-05 09:00:00", "", "refunded_at", "row.refund-time", "needs its time"),
        ("100.00", "299.01", "refunded", "row.refund-size", "cannot exceed 'paid'"),
    ],
)
def test_a_bad_row_is_named_with_what_was_expected_and_the_rest_is_taken(
    log: Log,
    terms: IntakeTerms,
    write_csv: WriteCsv,
    old: str,
    new: str,
    column: str,
    code: str,
    expected: str,
) -> None:
    bad = REFUNDED.replace(old, new, 1)
    report = import_file(log, write_csv("B-1" + SOLD[3:], bad, "B-2" + SOLD[3:]), ORDERS, terms)
    assert counts(report) == (2, 0, 0, 1)
    [finding] = report.rejected
    assert (finding.row, finding.line, finding.column, finding.code) == (2, 3, column, code)
    assert expected in finding.message


def test_a_refused_cell_with_personal_data_is_not_repeated_in_the_report(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    report = import_file(log, write_csv(SOLD.replace("buyer-0001", "x" * 1001)), ORDERS, terms)
    assert [(finding.column, finding.given) for finding in report.rejected] == [("buyer", None)]


def test_rows_of_another_width_and_broken_quotes_cost_only_themselves(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    report = import_file(
        log, write_csv(SOLD + ",,", '"B-1"x' + SOLD[3:], "", "B-2" + SOLD[3:]), ORDERS, terms
    )
    assert counts(report) == (1, 0, 0, 2)
    assert "expected 13 cells as in the header, found 15" in report.rejected[0].message
    assert [finding.row for finding in report.rejected] == [1, 2]


def test_a_quotation_mark_left_open_is_named_with_the_lines_it_swallows(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    rows = [f"Q-{number}" + SOLD[3:] for number in range(5)]
    rows[1] = rows[1].replace("serum", '"serum')
    report = import_file(log, write_csv(*rows), ORDERS, terms)
    assert counts(report) == (1, 0, 0, 1)
    [finding] = report.rejected
    assert (finding.row, finding.line) == (2, 6)
    assert "it takes lines 3 to 6 as one row: is a quotation mark left open in line 3?" in finding.message


def test_a_header_of_a_million_columns_is_refused_at_once(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    wide = HEADER + "".join(f",c{number}" for number in range(1_000_000))
    with pytest.raises(HeaderRefused, match="1000013 columns; an order file has at most 2000"):
        import_file(log, write_csv(header=wide), ORDERS, terms)


def test_an_unpaid_order_states_nothing_yet_but_may_not_be_received(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    unpaid = read_mapping(
        SHIPPED.read_text(encoding="utf-8").replace(
            "paid_at: {column: paid_at, type: instant, required: true}",
            "paid_at: {column: paid_at, type: instant}",
        ),
        name="unpaid.yaml",
    )
    rows = (SOLD.replace("2026-02-24 20:15:00", ""), CONFIRMED.replace("2026-02-24 20:15:00", ""))
    report = import_file(log, write_csv(*rows), unpaid, terms)
    assert (report.idle_rows, report.rejected_rows, log.size()) == (1, 1, 0)
    assert report.rejected[0].code == "row.unsold"


def test_a_file_in_another_encoding_is_refused_with_a_hint(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv(CHINESE_ROW, header=CHINESE_HEADER, encoding="gb18030")
    with pytest.raises(HeaderRefused, match="gb18030"):
        import_file(log, path, ORDERS, terms)
    path = write_csv(SOLD.replace("serum", "精华"), encoding="gb18030")
    report = import_file(log, path, ORDERS, terms)
    assert [(finding.column, finding.code) for finding in report.rejected] == [("sku", "cell.encoding")]


def test_a_wrong_header_is_refused_whole_with_the_nearest_names(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    header = HEADER.replace("paid,", "payed,", 1).replace("platform_coupon", "platform_cupon")
    with pytest.raises(HeaderRefused) as caught:
        import_file(log, write_csv(SOLD, header=header), ORDERS, terms)
    assert "column 'paid' is missing; is it 'payed'?" in str(caught.value)
    assert "unknown column 'platform_cupon'; did you mean 'platform_coupon'?" in str(caught.value)
    assert log.size() == 0


def test_a_header_that_repeats_a_column_or_is_not_there_is_refused(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    with pytest.raises(HeaderRefused, match="'paid' stands in the header more than once"):
        import_file(log, write_csv(SOLD, header=HEADER.replace("freight", "paid")), ORDERS, terms)
    empty = write_csv(header="")
    empty.write_bytes(b"")
    with pytest.raises(HeaderRefused, match="no header line"):
        import_file(log, empty, ORDERS, terms)


def test_a_spreadsheet_or_no_file_at_all_is_said_so(log: Log, terms: IntakeTerms, tmp_path: Path) -> None:
    sheet = tmp_path / "orders.xlsx"
    sheet.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(FileUnreadable, match=r"not readable as \.xlsx"):
        import_file(log, sheet, ORDERS, terms)
    with pytest.raises(FileUnreadable, match="cannot be opened"):
        import_file(log, tmp_path / "none.csv", ORDERS, terms)
    sheet.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(FileUnreadable, match="not readable as Parquet"):
        import_file(log, sheet, ORDERS, terms)


def test_a_mapping_that_does_not_fit_the_agreement_is_refused_before_anything_is_read(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    version = terms.versions[0]
    typed = replace(terms, versions=(replace(version, facts={"sku": "money"}),))
    with pytest.raises(TermsUnfit, match="reads 'sku' as text, but autumn declares it as money"):
        import_file(log, write_csv(SOLD), ORDERS, typed)
    funded = replace(version.funding[0], fact="subsidy")
    with pytest.raises(TermsUnfit, match="gives no money fact 'subsidy'"):
        import_file(
            log, write_csv(SOLD), ORDERS, replace(terms, versions=(replace(version, funding=(funded,)),))
        )


def test_a_binary_float_is_no_order_number(log: Log, terms: IntakeTerms, tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    columns: dict[str, list[object]] = {name: [""] for name in HEADER.split(",")}
    columns["order"] = [9007199254740993.0]
    pl.DataFrame(columns).write_parquet(path)
    with pytest.raises(HeaderRefused, match="'order' holds Float64, and a binary float is no exact id"):
        import_file(log, path, ORDERS, terms)


def test_a_binary_float_is_no_amount(log: Log, terms: IntakeTerms, tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    columns = {name: [""] for name in HEADER.split(",")} | {"paid": [299.0]}
    pl.DataFrame(columns).write_parquet(path)
    with pytest.raises(HeaderRefused, match="'paid' holds Float64"):
        import_file(log, path, ORDERS, terms)
