"""Amounts and rates are read and written exactly, and `round()` in a split rounds as its clause says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import MoneyError
from policies.loading import load_agreement
from policies.money import (
    AMOUNT_LIMIT_MINOR,
    Rounding,
    exact_text,
    from_minor,
    grouped,
    minor_digits,
    read_decimal,
    read_rate,
    round_minor,
    to_minor,
)
from policies.splits.line import split_plan

DOCUMENT = """\
language: 1
agreement: rounded
version: 1
title: {{zh: 例, en: Rounded}}
effective_from: 2026-03-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  brand: {{role: merchant, name: {{zh: 品牌方, en: Brand}}}}
  streamer: {{role: streamer, name: {{zh: 主播, en: Streamer}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 如下, en: as follows}}
    whole: paid
    funding: [{{from: brand.payment, kind: order_payment, amount: paid, at: sale}}]
    waterfall:
      - {{leg: share, to: streamer.balance, amount: "round(33% * paid) * 10"}}
      - {{leg: net, to: brand.balance, rest: true}}
    rounding: {{mode: {mode}, at: line}}
"""


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5%", Fraction(1, 20)), ("12.5%", Fraction(1, 8)), ("0.05", Fraction(1, 20)), ("100%", Fraction(1))],
)
def test_a_rate_is_read_exactly_with_or_without_its_sign(text: str, rate: Fraction) -> None:
    assert read_rate(text) == rate


def test_what_is_no_rate_is_refused_with_an_example_and_cut_short() -> None:
    with pytest.raises(MoneyError) as refused:
        read_rate("x" * 60)
    assert refused.value.message == f"'{'x' * 40}' is not a rate such as 5% or 0.05"


@pytest.mark.parametrize(("mode", "share"), [("half_up", 170), ("floor", 160), ("half_even", 160)])
def test_round_in_a_split_rounds_to_the_unit_as_the_clause_says(mode: str, share: int) -> None:
    plan = split_plan(load_agreement(DOCUMENT.format(mode=mode), name="rounded"))
    split = plan.split({"paid": Fraction(1, 2)})  # 33% of 0.50 is 0.165, a tie
    assert split.legs["share"].amount_minor == share


def test_a_currency_nobody_knows_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(MoneyError) as refused:
        minor_digits("CNX")
    assert refused.value.message.startswith("unknown currency 'CNX'; did you mean 'CNY'?")
    assert refused.value.where == "currency"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("299.00", "CNY", 29_900),
        ("-0.5", "CNY", -50),
        ("2_000_000.00", "CNY", 200_000_000),
        ("1200", "JPY", 1_200),
        ("90071992547409.91", "CNY", AMOUNT_LIMIT_MINOR),
        ("-90071992547409.91", "CNY", -AMOUNT_LIMIT_MINOR),
    ],
)
def test_an_amount_is_read_in_minor_units_and_written_back(text: str, currency: str, minor: int) -> None:
    assert to_minor(text, currency) == minor
    assert read_decimal(from_minor(minor, currency)) == read_decimal(text)


@given(
    st.from_regex(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,3})?", fullmatch=True), st.sampled_from(["CNY", "JPY"])
)
def test_an_amount_however_written_is_read_as_the_exact_number_is(text: str, currency: str) -> None:
    exact = read_decimal(text) * 10 ** minor_digits(currency)
    if exact.denominator == 1 and abs(exact) <= AMOUNT_LIMIT_MINOR:
        assert to_minor(text, currency) == exact
    else:
        with pytest.raises(MoneyError):
            to_minor(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "message"),
    [
        ("1.005", "CNY", "'1.005' has more than 2 places, the most CNY has"),
        ("1.5", "JPY", "'1.5' has more than 0 places, the most JPY has"),
        ("90071992547409.92", "CNY", "'90071992547409.92' is larger than one fact may be"),
        ("-90071992547409.92", "CNY", "'-90071992547409.92' is larger than one fact may be"),
        ("1,000.00", "CNY", "'1,000.00' is not a decimal number such as 299.00"),
        ("9" * 61, "CNY", f"'{'9' * 40}' is not a decimal number such as 299.00"),
    ],
)
def test_an_amount_that_does_not_fit_is_refused_and_never_rounded(
    text: str, currency: str, message: str
) -> None:
    with pytest.raises(MoneyError) as refused:
        to_minor(text, currency)
    assert refused.value.message == message


def test_an_amount_as_text_has_sixty_characters_at_most() -> None:
    assert read_decimal("9" * 60) == 10**60 - 1


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(0, "CNY", "0.00"), (5, "CNY", "0.05"), (-5, "CNY", "-0.05"), (-12_345, "CNY", "-123.45"),
     (7, "JPY", "7"), (-1_200, "JPY", "-1200")],
)  # fmt: skip
def test_minor_units_are_written_with_the_places_of_their_currency(
    minor: int, currency: str, text: str
) -> None:
    assert from_minor(minor, currency) == text


@pytest.mark.parametrize(
    ("exact", "mode", "minor"),
    [
        (Fraction(5, 2), "half_up", 3), (Fraction(-5, 2), "half_up", -3), (Fraction(7, 3), "half_up", 2),
        (Fraction(5, 2), "half_even", 2), (Fraction(7, 2), "half_even", 4),
        (Fraction(-5, 2), "half_even", -2),
        (Fraction(5, 2), "floor", 2), (Fraction(-5, 2), "floor", -3), (Fraction(0), "half_up", 0),
        (Fraction(1, 2), "half_up", 1), (Fraction(-1, 2), "half_up", -1),
    ],
)  # fmt: skip
def test_ties_go_where_the_mode_of_rounding_says(exact: Fraction, mode: Rounding, minor: int) -> None:
    assert round_minor(exact, mode) == minor


@pytest.mark.parametrize(
    ("exact", "currency", "text"),
    [
        (Fraction(16_686, 1_000), "CNY", "16.686"),
        (Fraction(3), "CNY", "3.00"),
        (Fraction(-1, 8), "CNY", "-0.125"),
        (Fraction(20, 3), "CNY", "6.666666…"),
        (Fraction(-1, 3), "CNY", "-0.333333…"),
        (Fraction(1, 64), "CNY", "0.015625"),
        (Fraction(1, 5**30), "CNY", f"0.{2**30:030d}"),
        (Fraction(7), "JPY", "7"),
        (Fraction(5, 2), "JPY", "2.5"),
        (Fraction(1, 7), "JPY", "0.142857…"),
    ],
)
def test_an_exact_amount_is_written_in_full_or_visibly_cut(exact: Fraction, currency: str, text: str) -> None:
    assert exact_text(exact, currency) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("2835600.00", "2,835,600.00"), ("-1234", "-1,234"), ("0.50", "0.50"), ("-999.999", "-999.999")],
)
def test_thousands_are_set_apart_as_people_write_amounts(text: str, shown: str) -> None:
    assert grouped(text) == shown
