"""Cells: exact, normalised, or refused with what was expected."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake.cells import Cell, CellFault, cell_reader, read_key
from ledger.intake.mapping import FactSpec

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str, currency: str = "CNY", zone: ZoneInfo | None = SHANGHAI, **spec: Any) -> Cell | CellFault:
    return cell_reader(FactSpec.model_validate({"column": "c", **spec}), currency, zone)(text)


def taken(text: str, **spec: Any) -> str:
    cell = read(text, **spec)
    assert isinstance(cell, Cell), cell
    return cell.text


def refused(text: str, **spec: Any) -> str:
    cell = read(text, **spec)
    assert isinstance(cell, CellFault), cell
    return cell.message


@pytest.mark.parametrize("text", ["299", "299.0", "299.00", "299.0000"])
def test_one_amount_has_one_form_however_it_is_printed(text: str) -> None:
    assert read(text, type="money", unit="yuan") == Cell("299.00", 29900)


def test_fen_are_whole_and_become_the_same_amount_as_yuan() -> None:
    assert read("29900", type="money", unit="fen") == read("299.00", type="money", unit="yuan")
    assert "declare `unit: yuan`" in refused("299.00", type="money", unit="fen")


@given(st.integers(min_value=0, max_value=2**53 - 1))
def test_every_amount_in_fen_comes_back_as_it_went_in(amount: int) -> None:
    cell = read(str(amount), type="money", unit="fen")
    assert isinstance(cell, Cell)
    assert cell.amount_minor == amount
    assert Fraction(cell.text) * 100 == amount
    assert read(cell.text, type="money", unit="yuan") == cell


@pytest.mark.parametrize(
    "text", ["1.005", "1,299.00", "¥299", "2.5e3", "NaN", "--5", "99999999999999999.00", "٣"]
)
def test_money_that_is_not_exact_decimal_text_is_refused(text: str) -> None:
    assert refused(text, type="money", unit="yuan")


def test_yen_have_no_decimals() -> None:
    assert read("1500", "JPY", type="money", unit="yuan") == Cell("1500", 1500)
    assert isinstance(read("1500.5", "JPY", type="money", unit="yuan"), CellFault)


def test_amounts_below_zero_need_leave() -> None:
    assert "negative: true" in refused("-5.00", type="money", unit="yuan")
    assert taken("-5.00", type="money", unit="yuan", negative=True) == "-5.00"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+08:00"),
        ("2026-03-02 20:15", "2026-03-02T20:15:00+08:00"),
        ("2026-03-02 20:15:07", "2026-03-02T20:15:07+08:00"),
        ("2026-03-02T20:15:07.000000", "2026-03-02T20:15:07+08:00"),
        ("2026-03-02T20:15:07.5", "2026-03-02T20:15:07.500000+08:00"),
        ("2026-03-02T12:15:07Z", "2026-03-02T12:15:07Z"),
        ("2026-03-02T20:15:07-05:30", "2026-03-02T20:15:07-05:30"),
    ],
)
def test_a_naive_time_gets_its_zones_offset_and_a_given_offset_is_kept(text: str, normal: str) -> None:
    assert taken(text, type="instant") == normal


@pytest.mark.parametrize(
    "text", ["2026-02-30", "02/03/2026", "2026-03-02 25:00", "20260302", "1772453700", "now"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert refused(text, type="instant")


def test_a_naive_time_with_no_zone_declared_is_refused() -> None:
    assert "names no time zone" in refused("2026-03-02 20:15:00", zone=None, type="instant")
    assert taken("2026-03-02T20:15:00+08:00", zone=None, type="instant")


@pytest.mark.parametrize("text", ["2026-03-29 02:30:00", "2026-10-25 02:30:00"])
def test_a_time_that_a_clock_change_skips_or_repeats_needs_its_offset(text: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert "clock change" in refused(text, zone=berlin, type="instant")
    assert taken(text + "+01:00", zone=berlin, type="instant") == text.replace(" ", "T") + "+01:00"


def test_an_epoch_is_read_only_where_declared() -> None:
    assert taken("1772453700000", type="instant", written=["text", "epoch_ms"]) == "2026-03-02T20:15:00+08:00"
    assert taken("1772453700", type="instant", written=["epoch_s"]) == "2026-03-02T20:15:00+08:00"
    assert refused("2026-03-02", type="instant", written=["epoch_ms"])


@pytest.mark.parametrize(
    ("kind", "text", "normal"),
    [
        ("rate", "5%", "0.05"),
        ("rate", "0.0500", "0.05"),
        ("rate", "12.5%", "0.125"),
        ("rate", "100%", "1"),
        ("rate", "-0.5%", "-0.005"),
        ("count", "3", "3"),
        ("date", "2026-03-02", "2026-03-02"),
        ("bool", "TRUE", "true"),
        ("text", "精华 30ml", "精华 30ml"),
    ],
)
def test_other_types_have_one_form_too(kind: str, text: str, normal: str) -> None:
    assert taken(text, type=kind) == normal


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rate", "five"),
        ("count", "3.5"),
        ("count", "-1"),
        ("date", "2026-13-01"),
        ("bool", "1"),
        ("text", "a\x00b"),
    ],
)
def test_other_types_refuse_what_they_are_not(kind: str, text: str) -> None:
    assert refused(text, type=kind)


def test_an_enum_names_the_fact_and_hints_at_the_nearest_value() -> None:
    values = {"直播间": "live", "短视频": "video"}
    assert taken("直播间", type="enum", values=values) == "live"
    assert "直播间" in refused("直播", type="enum", values=values)


def test_keys_are_short_and_hold_no_control_characters() -> None:
    assert read_key("A/1") == Cell("A/1")
    assert isinstance(read_key("A" * 121), CellFault)
    assert isinstance(read_key("A\n1"), CellFault)


@pytest.mark.parametrize(
    ("written", "text", "amount"),
    [
        (["sign"], "¥299.00", 29_900),
        (["sign"], "￥ 299.00", 29_900),
        (["sign"], "299.00元", 29_900),
        (["thousands"], "12,345.60", 1_234_560),
        (["sign", "thousands"], "-¥1,234,567.00", -123_456_700),
        (["parentheses"], "(299.00)", -29_900),
        (["parentheses", "sign", "thousands"], "(¥1,299.00)", -129_900),
        (["full_width"], "２９９．００", 29_900),
        (["full_width", "thousands", "parentheses"], "（１，２９９．００）", -129_900),
    ],
)
def test_an_amount_is_read_in_the_ways_that_are_declared_and_no_other(
    written: list[Any], text: str, amount: int
) -> None:
    spec = FactSpec(column="c", type="money", unit="yuan", negative=True, written=written)
    read = cell_reader(spec, "CNY", None)(text)
    assert isinstance(read, Cell)
    assert read.amount_minor == amount
    plain = FactSpec(column="c", type="money", unit="yuan", negative=True)
    assert isinstance(cell_reader(plain, "CNY", None)(text), CellFault)


@pytest.mark.parametrize(
    "text", ["12,34.00", "1,2345", ",123", "--1.00", "-(1.00)", "¥", "(1.00", "1.2.3", "0,123"]
)
def test_an_amount_that_is_written_half_so_is_refused(text: str) -> None:
    ways: list[Any] = ["sign", "thousands", "parentheses", "full_width"]
    spec = FactSpec(column="c", type="money", unit="yuan", negative=True, written=ways)
    assert isinstance(cell_reader(spec, "CNY", None)(text), CellFault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/3/2", "2026-03-02T00:00:00+08:00"),
        ("2026/3/2 9:05", "2026-03-02T09:05:00+08:00"),
        ("2026年3月2日 20:15:07", "2026-03-02T20:15:07+08:00"),
        ("2026-03-02 20:15:07", "2026-03-02T20:15:07+08:00"),
    ],
)
def test_a_time_that_a_spreadsheet_rewrote_is_read_where_that_is_declared(text: str, expected: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    spec = FactSpec(column="c", type="instant", written=["text", "slashes"])
    read = cell_reader(spec, "CNY", zone)(text)
    assert isinstance(read, Cell)
    assert read.text == expected
    if "-" not in text:
        assert isinstance(cell_reader(FactSpec(column="c", type="instant"), "CNY", zone)(text), CellFault)


@pytest.mark.parametrize("text", ["2026/13/2", "2026/3/2 25:00", "3/2/2026", "2026/3"])
def test_a_time_with_slashes_is_still_a_time(text: str) -> None:
    spec = FactSpec(column="c", type="instant", written=["slashes"])
    assert isinstance(cell_reader(spec, "CNY", ZoneInfo("Asia/Shanghai"))(text), CellFault)
