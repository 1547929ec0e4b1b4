"""Vouchers of closed months on both databases: balanced, the same bytes, read back, or refused by name."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from api.vouchers.workbook import workbook
from ledger.intake.errors import MappingRejected
from ledger.month_end.accruals import accruals_of, earned_by, month_point
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, lines
from ledger.settlement.terms import read_terms
from ledger.vouchers.accounts import AccountMap, read_account_map
from ledger.vouchers.errors import AccountsUnmapped, VoucherRefused
from ledger.vouchers.layout import layout_names, layout_of, rows_of
from ledger.vouchers.making import Stated, Voucher, VoucherLine, vouchers_of
from ledger.vouchers.text import text_file
from tests.settlement_world import World, receipt, refund, sale

FEBRUARY, MARCH, APRIL = Period(2026, 2), Period(2026, 3), Period(2026, 4)
HEAD = """
vouchers: 1
word: 记
preparer: 李会计
currency: {code: RMB, name: 人民币}
accounts:
"""
RULES = """
  - {for: accrual, owner: mcn, code: "2202.91", name: 暂估, dimensions: [{kind: 供应商, code: V2, name: M}]}
  - {owner: mcn, code: "2202", name: 应付账款, dimensions: [{kind: 供应商, code: V2, name: 机构}]}
  - {purpose: tech_fee, code: "6001", name: 收入}
  - {code: "2241", name: 其他应付款}
"""


def accounts(rules: str = RULES, **head: str) -> AccountMap:
    extra = "".join(f"{name}: {value}\n" for name, value in head.items())
    return read_account_map(HEAD.replace("accounts:", f"{extra}accounts:") + rules, name="map.yaml")


def months(world: World) -> Calendar:
    return calendar_of(world.log, world.agreement.id, world.agreement.zone)


def close(world: World, period: Period) -> None:
    closing = Closing(agreement=world.agreement.ref, parties=("platform",), keepers=("platform",))
    now = datetime(2026, 12, 1, tzinfo=UTC)
    close_period(world.log, months(world), period, closing, now=now, by="platform")


@pytest.fixture
def season_closed(world: World) -> World:
    """Sold in February; settled in March with a refund; a sale of February told in April."""
    told = [sale(world.agreement, "A1", paid="1000.00"), sale(world.agreement, "A2", paid="200.00")]
    world.tell(*told, receipt(world.agreement, "A1", "2026-03-02T10:00:00"))
    close(world, FEBRUARY)
    world.tell(
        receipt(world.agreement, "A2", "2026-03-20T10:00:00"),
        refund(world.agreement, "A1", "100.00", "2026-03-10"),
        sale(world.agreement, "A3", at="2026-02-28", paid="50.00"),
    )
    world.settle("2026-03-31T23:59:59")
    close(world, MARCH)
    return world


def made(world: World, period: Period, mapping: AccountMap, stated: Stated | None = None) -> list[Voucher]:
    return vouchers_of(world.log, months(world), period, "CNY", mapping, stated or Stated())


def summary(voucher: Voucher, line: VoucherLine) -> str:
    return f"{voucher.about}, {voucher.kind} {line.clause}"


def file_of(name: str, vouchers: list[Voucher], mapping: AccountMap) -> bytes:
    layout = layout_of(name)
    rows = list(rows_of(layout, vouchers, mapping, "CNY", summary))
    return text_file(layout, rows) if layout.form == "text" else workbook(layout, rows)


def test_every_voucher_balances_and_together_they_are_what_moved_in_the_month(season_closed: World) -> None:
    vouchers = made(season_closed, MARCH, accounts())
    assert [one.number for one in vouchers] == list(range(1, len(vouchers) + 1))
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for one in vouchers:
        assert sum(line.credit_minor for line in one.lines) == one.debit_minor > 0
        for line in one.lines:
            assert (line.debit_minor > 0) != (line.credit_minor > 0)
            moved[line.owner, line.purpose] += line.credit_minor - line.debit_minor
    for row in lines(season_closed.log.engine, months(season_closed), MARCH):
        came = row.moved_minor + sum(row.late_minor.values())
        assert moved.pop((row.account.owner, row.account.purpose), 0) == came
    assert not any(moved.values())
    (late,) = [one for one in vouchers if one.about == "late"]
    assert (late.day.isoformat(), late.debit_minor) == ("2026-03-01", 5_000)


def test_a_month_by_itself_is_one_voucher_a_kind_on_its_last_day(season_closed: World) -> None:
    vouchers = made(season_closed, MARCH, accounts(per="month"))
    assert {one.day.isoformat() for one in vouchers if one.about == "posted"} == {"2026-03-31"}
    daily = made(season_closed, MARCH, accounts())
    assert sum(one.debit_minor for one in vouchers) == sum(one.debit_minor for one in daily)


def test_an_accrual_stands_on_the_last_day_and_is_taken_back_on_the_first_of_the_next(
    season_closed: World,
) -> None:
    season_closed.settle("2026-04-30T23:59:59")
    close(season_closed, APRIL)
    terms = read_terms(season_closed.agreements)
    closed = months(season_closed).close_of(MARCH)
    assert closed is not None
    earned = earned_by(season_closed.log, terms, month_point(months(season_closed), MARCH, closed.as_of_seq))
    rows = accruals_of(season_closed.log, terms, MARCH, earned).rows
    assert rows
    march = made(season_closed, MARCH, accounts(), Stated(accruals=rows))
    april = made(season_closed, APRIL, accounts(), Stated(accruals_before=rows))
    (states,) = [one for one in march if one.about == "accrual"]
    (back,) = [one for one in april if one.about == "accrual_back"]
    assert (states.day.isoformat(), back.day.isoformat(), str(back.period)) == (
        "2026-03-31", "2026-04-01", "2026-03",
    )  # fmt: skip
    assert back.number == 1
    assert sorted((one.rule.code, one.debit_minor, one.credit_minor) for one in states.lines) == sorted(
        (one.rule.code, one.credit_minor, one.debit_minor) for one in back.lines
    )
    assert "2202.91" in {one.rule.code for one in states.lines}


def test_each_layout_gives_the_same_bytes_and_reads_back_to_the_cent(season_closed: World) -> None:
    vouchers, mapping = made(season_closed, MARCH, accounts()), accounts()
    files = {name: file_of(name, vouchers, mapping) for name in layout_names()}
    assert files == {name: file_of(name, made(season_closed, MARCH, mapping), mapping) for name in files}
    table = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    u8 = [line.split(",") for line in files["yonyou-u8"].decode("gbk").split("\r\n")[1:-1]]
    assert files["yonyou-u8"].startswith("填制凭证,V800\r\n".encode("gbk"))
    assert {len(row) for row in u8} == {21}, "a comma in a summary ends no field"
    assert [(row[2], row[5], row[6], row[7]) for row in u8] == [
        (row["凭证号"], row["科目编码"], row["借方金额"], row["贷方金额"]) for row in table
    ]
    assert {row[18] for row in u8 if row[5] == "2202"} == {"V2"}
    book = openpyxl.load_workbook(io.BytesIO(files["kingdee-k3"]), read_only=True)
    page, schema = (list(book[sheet].iter_rows(values_only=True)) for sheet in ("Page1", "t_Schema"))
    assert [(row[4], row[5], row[10], row[11]) for row in page[1:]] == [
        (row["凭证号"], row["科目编码"], row["借方金额"], row["贷方金额"]) for row in table
    ]
    assert {row[33] for row in page if row[5] == "2202"} == {"供应商---V2---机构"}
    assert len(page) == len(table) + 1
    assert len(schema) == 4 + 37


def test_accounts_without_a_code_are_named_all_at_once(season_closed: World) -> None:
    only = '  - {owner: mcn, code: "2202", name: 应付账款}\n'
    with pytest.raises(AccountsUnmapped) as refused:
        made(season_closed, MARCH, accounts(only))
    assert "brand.balance" in refused.value.accounts
    assert "escrow.balance" in refused.value.accounts


def test_an_open_month_another_currency_and_an_unknown_layout_are_refused(season_closed: World) -> None:
    with pytest.raises(VoucherRefused, match="not closed"):
        made(season_closed, APRIL, accounts())
    with pytest.raises(VoucherRefused, match="postings in CNY"):
        vouchers_of(season_closed.log, months(season_closed), MARCH, "USD", accounts(), Stated())
    with pytest.raises(VoucherRefused, match="did you mean 'kingdee-k3'"):
        layout_of("kingdee-k4")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('{code: "=1+1", name: a}', "a code is letters"),
        ('{code: "2202", name: "=HYPERLINK(1)"}', "a name is plain text"),
        ('{code: "2202", name: "a,b"}', "a name is plain text"),
        ('{code: "2202", name: a, onwer: mcn}', "did you mean 'owner'"),
        ('{code: "2202"}', "'name' is missing"),
        ('{code: "2202", name: a, dimensions: [{kind: k, code: c, name: "x---y"}]}', "a name is plain text"),
    ],
)
def test_a_mapping_that_could_break_a_file_is_refused_by_line(rule: str, says: str) -> None:
    with pytest.raises(MappingRejected, match=says) as refused:
        accounts(f"  - {rule}\n")
    assert refused.value.findings[0].line == 7


def test_what_a_layout_has_no_place_for_is_refused(season_closed: World) -> None:
    strange = accounts('  - {code: "2202", name: 应付, dimensions: [{kind: 门店, code: "1", name: 一店}]}\n')
    with pytest.raises(VoucherRefused, match="no column for 门店"):
        file_of("yonyou-u8", made(season_closed, MARCH, strange), strange)
    beyond = accounts('  - {code: "2202", name: 应付}\n').model_copy(update={"preparer": "𠮷"})
    with pytest.raises(VoucherRefused, match="cannot be written in GBK"):
        file_of("yonyou-u8", made(season_closed, MARCH, beyond), beyond)


def test_text_of_the_log_never_runs_as_a_formula(season_closed: World) -> None:
    def dangerous(_voucher: Voucher, _line: VoucherLine) -> str:
        return "=cmd|' /C calc'!A0\r\n+1"

    vouchers, mapping = made(season_closed, MARCH, accounts()), accounts()
    rows = list(rows_of(layout_of("csv"), vouchers, mapping, "CNY", dangerous))
    table: list[dict[str, Any]] = list(
        csv.DictReader(io.StringIO(text_file(layout_of("csv"), rows).decode("utf-8-sig")))
    )
    assert {row["摘要"] for row in table} == {"'=cmd|' /C calc'!A0 +1"}
