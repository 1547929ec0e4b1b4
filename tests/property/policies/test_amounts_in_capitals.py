"""大写金额 read back to the amount they were written from, and a well-kept library writes the same ones."""

from __future__ import annotations

import re

import cn2an  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.money import from_minor
from policies.render.capitals import LIMIT_MINOR, capitals

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}
amounts = st.one_of(
    st.integers(0, LIMIT_MINOR - 1),
    # amounts with many zeros, where the rules bite
    st.builds(
        lambda digits: int("".join(digits)), st.lists(st.sampled_from("0001"), min_size=1, max_size=18)
    ),
)


def number(text: str) -> int:
    """Read a whole number in capitals; each of 亿 and 万 multiplies what stands before it."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        before, found, after = text.partition(unit)
        if found:
            return number(before) * size + number(after)
    total = digit = 0
    for char in text:
        if char in PLACES:
            total, digit = total + digit * PLACES[char], 0
        else:
            digit = DIGITS[char]
    return total + digit


def read_back(text: str) -> int:
    found = re.fullmatch(
        r"人民币(?:(?P<yuan>.+)元)?零?(?:(?P<jiao>.)角)?零?(?:(?P<fen>.)分)?(?P<whole>整)?", text
    )
    assert found, text
    parts = {key: number(value or "") for key, value in found.groupdict().items() if key != "whole"}
    return parts["yuan"] * 100 + parts["jiao"] * 10 + parts["fen"]


@given(amounts)
def test_capitals_read_back_to_the_amount(minor: int) -> None:
    text = capitals(minor, "CNY")
    assert text is not None
    assert read_back(text) == minor
    assert "零零" not in text
    assert text.endswith("分") != text.endswith("整")


@given(st.integers(0, 10**12))
def test_another_library_writes_the_same(minor: int) -> None:
    theirs = cn2an.an2cn(from_minor(minor, "CNY"), "rmb")
    assert (capitals(minor, "CNY") or "").removesuffix("整") == f"人民币{theirs.removesuffix('整')}"


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (1005, "人民币壹拾元零伍分"),
        (100_530, "人民币壹仟零伍元叁角整"),
        (200_000_000, "人民币贰佰万元整"),
        (1_000_010_000, "人民币壹仟万零壹佰元整"),
        (100_000_000_100, "人民币壹拾亿零壹元整"),
        (10**14, "人民币壹万亿元整"),
        (120_000_000_000_000, "人民币壹万贰仟亿元整"),
        (2**53 - 1, "人民币玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖元玖角壹分"),
        (-150, "人民币负壹元伍角整"),
    ],
)
def test_known_amounts(minor: int, text: str) -> None:
    assert capitals(minor, "CNY") == text


def test_amounts_that_have_no_capitals_give_none() -> None:
    assert capitals(100, "USD") is None
    assert capitals(LIMIT_MINOR, "CNY") is None
    assert capitals(100, "HKD") == "港币壹元整"
