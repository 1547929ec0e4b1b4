"""The bills and exports of platforms, as files of our own making under their public column names."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts import Account, balance
from ledger.database import reading
from ledger.intake import ImportReport, IntakeTerms, import_file, load_mapping, shipped_mappings
from ledger.log import Log
from ledger.reports import read_reports

PLATFORMS = Path(__file__).parents[3] / "examples" / "orders" / "platforms"


def taken(log: Log, terms: IntakeTerms, name: str, mapping: str, **more: Any) -> ImportReport:
    return import_file(log, PLATFORMS / name, load_mapping(mapping), terms, **more)


def sale(log: Log, source: str, key: str) -> dict[str, Any]:
    entry = log.find(source, f"{key}/sale/1")
    assert entry is not None, key
    [group] = [one for one in log.groups(entry.seq) if one.name == "order"]
    assert group.opened is not None
    told: dict[str, Any] = json.loads(group.opened)["content"]
    return told


@pytest.mark.parametrize(
    ("name", "mapping", "new", "rejected", "idle"),
    [
        # an order that was never paid states nothing
        ("douyin-orders.csv", "douyin-orders", (2, 1, 0), [], 1),
        # a refund before settlement is rejected; a refund after it states nothing here
        ("douyin-settlement.ndjson", "douyin-settlement", (1, 1, 0), [(2, "cell.enum")], 1),
        ("douyin-settlement.csv", "douyin-settlement-file", (1, 1, 0), [(2, "cell.enum")], 1),
        # a refund before receipt has no time; an order that was never paid states nothing
        ("taobao-orders.csv", "taobao-orders", (2, 2, 1), [(4, "row.refund-time")], 1),
        # fees state nothing
        ("alipay-ledger.csv", "alipay-ledger", (2, 2, 0), [], 1),
        ("kuaishou-settlement.csv", "kuaishou-settlement", (2, 2, 1), [], 0),
    ],
)
def test_the_file_of_a_platform_is_read_by_its_mapping(
    log: Log,
    terms: IntakeTerms,
    name: str,
    mapping: str,
    new: tuple[int, int, int],
    rejected: list[tuple[int, str]],
    idle: int,
) -> None:
    report = taken(log, terms, name, mapping)
    assert (report.new.sales, report.new.receipts, report.new.refunds) == new
    assert [(one.row, one.code) for one in report.rejected] == rejected
    assert (report.idle_rows, report.conflict_count) == (idle, 0)
    again = taken(log, terms, name, mapping)
    assert (again.new.total, again.repeated.total) == (0, report.new.total)


def test_every_shipped_platform_mapping_has_a_file_that_tries_it() -> None:
    tried = {path.stem for path in PLATFORMS.iterdir()} | {"douyin-settlement-file"}
    assert set(shipped_mappings()) - {"completejourney", "tallystick-orders"} == tried


def test_numbers_of_platforms_keep_every_digit_and_lose_what_guards_them(
    log: Log, terms: IntakeTerms
) -> None:
    taken(log, terms, "douyin-orders.csv", "douyin-orders")
    number = "6917000000000000001"
    told = sale(log, "douyin-orders", f"{number}/{number}")
    assert (told["paid"], told["freight"], told["platform_coupon"]) == ("299.00", "10.00", "20.00")
    assert (told["sku"], told["host"], told["quantity"]) == ("serum", "7100000001", "1")
    assert told["paid_at"] == "2026-02-24T20:15:00+08:00"
    taken(log, terms, "taobao-orders.csv", "taobao-orders")
    assert sale(log, "taobao-orders", "2406100000000000001/1")["product"] == "精华 30ml"


def test_what_a_platform_took_for_itself_is_left_alone_by_name(log: Log, terms: IntakeTerms) -> None:
    report = taken(log, terms, "kuaishou-settlement.csv", "kuaishou-settlement")
    assert report.unread_columns == (
        "platformCommissionAmount", "distributorCommissionAmount", "activityUserCommissionAmount",
        "kzkCommissionAmount", "serviceAmount", "settlementAmount", "settlementRule", "mcnId",
    )  # fmt: skip
    told = sale(log, "kuaishou-settlement", "2406100124/88")
    assert (told["paid"], told["platform_coupon"], told["quantity"]) == ("299.00", "0.00", "1")
    assert told["paid_at"] == "2026-02-24T20:15:00+08:00"
    refund = log.find("kuaishou-settlement", "2406100124/88/refund/100.00")
    assert refund is not None
    assert refund.occurred_at == "2026-03-10T00:00:00+08:00", "settled is received, at the latest"


def test_the_bill_and_its_file_are_one_source(log: Log, terms: IntakeTerms) -> None:
    taken(log, terms, "douyin-settlement.ndjson", "douyin-settlement")
    report = taken(log, terms, "douyin-settlement.csv", "douyin-settlement-file")
    assert (report.new.total, report.repeated.total, report.conflict_count) == (0, 2, 0)


def test_a_ledger_of_payments_attests_the_sales_of_the_order_report(log: Log, terms: IntakeTerms) -> None:
    taken(log, terms, "taobao-orders.csv", "taobao-orders")
    taken(log, terms, "alipay-ledger.csv", "alipay-ledger")
    escrow = Account("escrow", "autumn", "balance", "CNY")
    assert balance(log.engine, escrow) == 29_900 + 5_900
    with reading(log.engine) as session:
        told = read_reports(session, "autumn", ["2406100000000000001"])
    assert [one.source for one in told["autumn", "2406100000000000001", "1"]] == [
        "taobao-orders",
        "alipay-ledger",
    ]


def test_what_a_platform_left_open_can_be_mended_and_imported(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    taken(log, terms, "taobao-orders.csv", "taobao-orders", rejects=rejects)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    row[header.index("确认收货时间")] = "2026-02-28 12:00:00"
    with rejects.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, row])
    report = import_file(log, rejects, load_mapping("taobao-orders"), terms)
    assert (report.new.sales, report.new.receipts, report.new.refunds, report.clean) == (1, 1, 1, True)
