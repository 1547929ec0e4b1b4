"""Order files into the log: what is taken, what is repeated, what is refused and how it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ledger.accounts import Account, balance
from ledger.intake import (
    ImportReport,
    IntakeTerms,
    VersionTerms,
    import_file,
    load_mapping,
    read_mapping,
)
from ledger.log import Log

WriteCsv = Callable[..., Path]

ORDERS = load_mapping("tallystick-orders")
EXAMPLES = Path(__file__).parents[3] / "examples" / "orders"
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
MORE = REFUNDED.replace("100.00,2026-03-05", "299.00,2026-03-25")


def content(log: Log, entry_id: str, group: str = "order", source: str = "orders") -> dict[str, Any]:
    entry = log.find(source, entry_id)
    assert entry is not None, entry_id
    [found] = [item for item in log.groups(entry.seq) if item.name == group]
    assert found.opened is not None
    opened: dict[str, Any] = json.loads(found.opened)
    return opened


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new.total, report.repeated.total, report.conflict_count, report.rejected_rows


def test_a_row_becomes_a_sale_with_funding_and_the_buyer_apart(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    report = import_file(log, write_csv(SOLD), ORDERS, terms)
    assert counts(report) == (1, 0, 0, 0)
    sale = content(log, "A-1/1/sale/1")
    assert sale["content"] == {
        "order": "A-1",
        "line": "1",
        "currency": "CNY",
        "paid_at": "2026-02-24T20:15:00+08:00",
        "paid": "299.00",
        "freight": "10.00",
        "platform_coupon": "20.00",
        "sku": "serum",
        "category": "skincare",
    }
    assert sale["readers"] == ["brand", "leader", "mcn", "platform", "streamer"]
    assert [(posting["account"], posting["amount_minor"]) for posting in sale["postings"]] == [
        ("buyers.payment", -29900),
        ("escrow.balance", 29900),
        ("platform.subsidy", -2000),
        ("escrow.balance", 2000),
    ]
    buyer = content(log, "A-1/1/sale/1", "buyer")
    assert (buyer["content"], buyer["readers"]) == ({"buyer": "buyer-0001"}, ["platform"])


def test_a_row_tells_of_an_after_sale_case_opened_and_later_closed(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    header = f"{HEADER},after_sale_case,after_sale_opened_at,after_sale_closed_at"
    opened = f"{CONFIRMED},R/17,2026-03-04 09:00:00"
    file.write_text(f"{header}\n{opened},\n", encoding="utf-8")
    first = import_file(log, file, ORDERS, terms)
    assert first.new.as_json() == {"sales": 1, "receipts": 1, "refunds": 0, "after_sales": 1}
    said = content(log, "A-1/1/case_opened/R%2F17")["content"]
    assert said == {"order": "A-1", "line": "1", "case": "R/17", "opened_at": "2026-03-04T09:00:00+08:00"}
    file.write_text(f"{header}\n{opened},2026-03-09 18:00:00\n", encoding="utf-8")
    assert counts(import_file(log, file, ORDERS, terms)) == (1, 3, 0, 0)
    assert content(log, "A-1/1/case_closed/R%2F17")["content"]["closed_at"] == "2026-03-09T18:00:00+08:00"


def test_an_after_sale_case_that_bears_no_name_is_the_only_one_of_its_line(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    row = f"{CONFIRMED},2026-03-04 09:00:00,2026-03-09 18:00:00"
    file.write_text(f"{HEADER},after_sale_opened_at,after_sale_closed_at\n{row}\n", encoding="utf-8")
    assert import_file(log, file, ORDERS, terms).new.after_sales == 2
    assert content(log, "A-1/1/case_closed/1")["content"]["case"] == "1"


def test_the_same_file_again_adds_nothing(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    path = write_csv(REFUNDED)
    first = import_file(log, path, ORDERS, terms)
    size = log.size()
    again = import_file(log, path, ORDERS, terms)
    assert counts(first) == (3, 0, 0, 0)
    assert counts(again) == (0, 3, 0, 0)
    assert (log.size(), again.imported_seq) == (size, first.imported_seq)


def test_a_later_export_adds_what_has_happened_since(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(SOLD), ORDERS, terms)
    assert counts(import_file(log, write_csv(CONFIRMED), ORDERS, terms)) == (1, 1, 0, 0)
    assert counts(import_file(log, write_csv(REFUNDED), ORDERS, terms)) == (1, 2, 0, 0)
    assert counts(import_file(log, write_csv(MORE), ORDERS, terms)) == (1, 2, 0, 0)
    events = [
        (event, json.loads(told).get("refunded_total"))
        for *_, event, _, _, told in log.line("autumn", "A-1", "1")
    ]
    assert events == [("sale", None), ("receipt", None), ("refund", "100.00"), ("refund", "299.00")]
    assert content(log, "A-1/1/refund/299.00")["content"]["refunded_total"] == "299.00"


def test_an_earlier_export_read_late_is_no_conflict(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(MORE), ORDERS, terms)
    assert counts(import_file(log, write_csv(SOLD), ORDERS, terms)) == (0, 1, 0, 0)
    assert counts(import_file(log, write_csv(REFUNDED), ORDERS, terms)) == (1, 2, 0, 0)


def test_an_amount_printed_otherwise_is_the_same_fact(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(SOLD), ORDERS, terms)
    printed = SOLD.replace("299.00", "299").replace("20:15:00", "20:15")
    assert counts(import_file(log, write_csv(printed), ORDERS, terms)) == (0, 1, 0, 0)


def test_a_changed_fact_is_a_conflict_that_is_reported_and_not_taken(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(SOLD), ORDERS, terms)
    changed = CONFIRMED.replace("299.00", "289.00")
    report = import_file(log, write_csv("B-2" + SOLD[3:], changed), ORDERS, terms)
    assert counts(report) == (2, 0, 1, 0)
    [conflict] = report.conflicts
    assert (conflict.row, conflict.line, conflict.id, conflict.seq) == (2, 3, "A-1/1/sale/1", 0)
    assert "groups.order.content.paid" in conflict.fields
    assert content(log, "A-1/1/sale/1")["content"]["paid"] == "299.00"


def test_one_line_twice_in_a_file_is_taken_once(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    report = import_file(log, write_csv(SOLD, SOLD, CONFIRMED), ORDERS, terms)
    assert counts(report) == (2, 2, 0, 0)


def test_a_dry_run_says_what_would_be_and_writes_nothing(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(SOLD), ORDERS, terms)
    size = log.size()
    changed = REFUNDED.replace("serum", "cream")
    report = import_file(log, write_csv(changed, "B-2" + SOLD[3:]), ORDERS, terms, dry_run=True)
    assert (counts(report), report.imported_seq, log.size()) == ((3, 0, 1, 0), None, size)


def test_an_erased_buyer_is_not_brought_back_by_importing_again(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv(SOLD)
    import_file(log, path, ORDERS, terms)
    log.erase(0, "buyer", reason="asked for", asserter="platform", source="desk", id="1")
    assert counts(import_file(log, path, ORDERS, terms)) == (0, 1, 0, 0)
    assert [group.opened for group in log.groups(0) if group.name == "buyer"] == [None]


def test_the_import_itself_is_on_record(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    report = import_file(log, write_csv(REFUNDED, "A-2,1,CNY,x" + ",".join([""] * 10)), ORDERS, terms)
    assert report.imported_seq is not None
    entry = log.entry(report.imported_seq)
    [group] = [item for item in log.groups(entry.seq) if item.name == "import"]
    assert group.opened is not None
    assert (entry.kind, entry.occurred_at) == ("file.imported", "2026-03-05T09:00:00+08:00")
    assert json.loads(group.opened)["content"] == {
        "agreement": "autumn",
        "file_sha256": report.file_sha256,
        "mapping": "tallystick-orders",
        "mapping_sha256": ORDERS.sha256,
        "rows": 2,
        "rejected_rows": 1,
        "idle_rows": 0,
        "stated": {"sales": 1, "receipts": 1, "refunds": 1},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_changes_nothing(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, encoding: str
) -> None:
    assert counts(import_file(log, write_csv(SOLD, encoding=encoding), ORDERS, terms)) == (1, 0, 0, 0)


def test_a_byte_order_mark_before_quoted_names_and_mixed_line_ends_change_nothing(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    path = write_csv()
    quoted = ",".join(f'"{name}"' for name in HEADER.split(","))
    text = f"\ufeff{quoted}\r\n{SOLD}\nB-1{SOLD[3:]}\rB-2{SOLD[3:]}\r\n\r\nB-3{SOLD[3:]}"
    path.write_bytes(text.encode())
    assert counts(import_file(log, path, ORDERS, terms)) == (4, 0, 0, 0)


CHINESE = """\
mapping: 1
source: 1688
encoding: gb18030
time_zone: Asia/Shanghai
order: {column: 订单号}
line: {column: 商品编号}
currency: {fixed: CNY}
facts:
  paid: {column: 实付金额, type: money, unit: fen, required: true}
  platform_coupon: {column: 平台券, type: money, unit: fen, empty: "0"}
  product: {column: 商品名称, type: text}
  channel: {column: 渠道, type: enum, values: {直播间: live, 橱窗: window}}
  paid_at: {column: 付款时间, type: instant, required: true}
events:
  sale.recorded: {at: paid_at}
"""
CHINESE_HEADER = "订单号,商品编号,实付金额,平台券,商品名称,渠道,付款时间"
CHINESE_ROW = "9001,33,29900,,精华𠮷30ml,直播间,2026-02-24 20:15:00"


def test_a_gb18030_file_in_fen_reads_like_any_other(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    mapping = read_mapping(CHINESE, name="chinese.yaml")
    path = write_csv(CHINESE_ROW, header=CHINESE_HEADER, encoding="gb18030")
    assert counts(import_file(log, path, mapping, terms)) == (1, 0, 0, 0)
    sale = content(log, "9001/33/sale/1", source="1688")["content"]
    assert (sale["paid"], sale["platform_coupon"], sale["product"]) == ("299.00", "0.00", "精华𠮷30ml")
    assert sale["channel"] == "live"


def test_further_columns_are_facts_only_where_the_agreement_declares_them(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    declared = replace(
        terms, versions=(replace(terms.versions[0], facts={"session": "text", "weight": "count"}),)
    )
    path = write_csv(SOLD + ",live-7,2,13800138000", header=HEADER + ",session,weight,phone")
    report = import_file(log, path, ORDERS, declared)
    sale = content(log, "A-1/1/sale/1")["content"]
    assert (sale["session"], sale["weight"]) == ("live-7", "2")
    assert "13800138000" not in json.dumps(sale)
    assert report.unread_columns == ("phone",)


def test_what_an_agreement_calls_refunded_need_not_be_the_total_of_the_file(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    flagged = replace(terms, versions=(replace(terms.versions[0], facts={"refunded": "bool"}),))
    assert counts(import_file(log, write_csv(REFUNDED), ORDERS, flagged)) == (3, 0, 0, 0)


def test_all_events_of_a_line_name_the_version_it_was_sold_under(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    old = terms.versions[0]
    new = VersionTerms("autumn@2", datetime(2026, 2, 28, tzinfo=UTC), ("brand", "platform"), ("platform",))
    two = replace(terms, versions=(old, new))
    import_file(log, write_csv(REFUNDED, "B-2" + SOLD[3:].replace("02-24", "03-24")), ORDERS, two)
    agreements = {entry.id: entry.agreement for entry in log.entries(limit=10) if entry.source == "orders"}
    assert agreements == {
        "A-1/1/sale/1": "autumn@1",
        "A-1/1/receipt/1": "autumn@1",
        "A-1/1/refund/100.00": "autumn@1",
        "B-2/1/sale/1": "autumn@2",
    }


def test_parts_of_a_key_are_kept_apart(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    rows = ("A/1,1" + SOLD[5:], "A,1/1" + SOLD[5:], "A%2F1,1" + SOLD[5:])
    report = import_file(log, write_csv(*rows), ORDERS, terms)
    assert counts(report) == (3, 0, 0, 0)
    assert log.find("orders", "A%2F1/1/sale/1") is not None
    assert log.find("orders", "A%252F1/1/sale/1") is not None


def test_parquet_with_decimals_and_typed_times_reads_like_csv(
    log: Log, terms: IntakeTerms, tmp_path: Path, write_csv: WriteCsv
) -> None:
    import_file(log, write_csv(REFUNDED), ORDERS, terms)
    path = tmp_path / "orders.parquet"
    pl.DataFrame(
        {
            "order": ["A-1"],
            "line": [1],
            "currency": ["CNY"],
            "paid": [Decimal("299.00")],
            "freight": [Decimal("10.0")],
            "platform_coupon": [20],
            "sku": ["serum"],
            "category": ["skincare"],
            "buyer": ["buyer-0001"],
            "paid_at": [datetime(2026, 2, 24, 20, 15)],  # noqa: DTZ001 -- a naive column is what is tested
            "confirmed_at": [datetime(2026, 3, 2).date()],  # noqa: DTZ001
            "refunded": ["100.00"],
            "refunded_at": ["2026-03-05T09:00:00+08:00"],
        }
    ).write_parquet(path)
    assert counts(import_file(log, path, ORDERS, terms)) == (0, 3, 0, 0)


KUAISHOU_HEADER = (
    "orderNo,productId,productName,productNum,orderCreateTime,actualPayAmount,"
    "platformAllowanceAmount,totalRefundAmount,settlementTime"
)


def test_a_sale_that_two_sources_report_is_posted_once_and_either_file_may_come_again(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv
) -> None:
    own = write_csv("7,88" + SOLD[5:], "8,88" + SOLD[5:], name="own.csv")
    rows = tuple(f"{order},88,serum,1,2026-02-24 20:15:00,29900,2000,0,2026-03-10" for order in (7, 9))
    bill = write_csv(*rows, header=KUAISHOU_HEADER, name="bill.csv")
    kuaishou = load_mapping("kuaishou-settlement")
    assert counts(import_file(log, own, ORDERS, terms)) == (2, 0, 0, 0)
    assert counts(import_file(log, bill, kuaishou, terms)) == (4, 0, 0, 0)
    for path, mapping in ((own, ORDERS), (bill, kuaishou)):
        assert import_file(log, path, mapping, terms).new.total == 0
        assert import_file(log, path, mapping, terms).clean
    escrow = Account("escrow", "autumn", "balance", "CNY")
    assert balance(log.engine, escrow) == 3 * (29_900 + 2_000)


def test_progress_never_runs_backwards_and_ends_at_the_total(
    log: Log, terms: IntakeTerms, write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.intake.importing.BATCH_ENTRIES", 100)
    rows = [f"P-{number}" + SOLD[3:] for number in range(1_000)]
    seen: list[tuple[int, int]] = []
    path = write_csv(*rows)
    import_file(log, path, ORDERS, terms, progress=lambda done, total: seen.append((done, total)))
    done = [step for step, _ in seen]
    assert done == sorted(done)
    assert len(seen) > 5
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_the_example_weeks_build_on_each_other(log: Log, terms: IntakeTerms) -> None:
    reports = [import_file(log, EXAMPLES / f"autumn-week-{week}.csv", ORDERS, terms) for week in (1, 2, 5)]
    assert all(report.clean for report in reports)
    assert [report.new.sales for report in reports] == [55, 0, 0]
    assert all(report.new.receipts and report.new.refunds for report in reports)
    assert sum(report.new.receipts for report in reports) == 55


def test_the_d01_example_is_a_thousand_equal_orders(log: Log, terms: IntakeTerms) -> None:
    report = import_file(log, EXAMPLES / "d01-orders.csv", ORDERS, terms)
    assert (report.new.sales, report.new.receipts, report.new.refunds) == (1000, 1000, 0)
    assert report.clean


def test_a_refund_that_falls_is_recorded_and_said(log: Log, terms: IntakeTerms, write_csv: WriteCsv) -> None:
    import_file(log, write_csv(MORE), ORDERS, terms)
    falls = write_csv(
        MORE.replace("299.00,2026-03-25", "150.00,2026-03-26"), "B-2" + REFUNDED[3:], name="falls.csv"
    )
    for dry_run in (True, False, False):
        report = import_file(log, falls, ORDERS, terms, dry_run=dry_run)
        [notice] = report.notices
        assert (notice.row, notice.line, notice.column, notice.code) == (1, 2, "refunded", "refund.falls")
        assert "falls from 299.00 to 150.00" in notice.message
        assert (report.notice_count, report.clean) == (1, True)
    assert log.find("orders", "A-1/1/refund/150.00") is not None
    # An export of before the larger refund tells of an earlier time: nothing fell.
    assert import_file(log, write_csv(REFUNDED), ORDERS, terms).notices == []
