"""The arithmetic of exchange: worked by hand, and what holds of any sum, rate and position."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FxRefused
from ledger.fx.arithmetic import Position, Rate, convert, read_rate, trade, unrealised
from policies.errors import MoneyError
from policies.money import Rounding, round_minor

DOLLAR = read_rate("USD", "CNY", "7.1234")
ROUNDINGS: list[Rounding] = ["half_up", "half_even", "floor"]

amounts = st.integers(1, 10**12)
rates = st.builds(
    lambda above, below, quote: Rate("USD", quote, Fraction(above, below)),
    st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(["CNY", "JPY"]),
)  # fmt: skip
roundings = st.sampled_from(ROUNDINGS)


def test_a_hundred_dollars_at_7_1234_are_712_yuan_34() -> None:
    assert convert(DOLLAR, 0, 10_000, "half_up") == 71_234


def test_one_cent_is_7_fen_and_seven_cents_in_single_cents_are_50_fen() -> None:
    # 7.1234, 14.2468, 21.3702, 28.4936, 35.617, 42.7404, 49.8638
    parts = [convert(DOLLAR, before, 1, "half_up") for before in range(7)]
    assert parts == [7, 7, 7, 7, 8, 7, 7]
    assert sum(parts) == convert(DOLLAR, 0, 7, "half_up") == 50


def test_yen_have_no_smaller_unit() -> None:
    # 1.00 USD at 150.5 is 150.5 yen: half up 151, half even 150, down 150
    rate = read_rate("USD", "JPY", "150.5")
    assert [convert(rate, 0, 100, one) for one in ROUNDINGS] == [151, 150, 150]
    # 151 yen the other way: 151 / 150.5 = 1.00332… dollars
    assert convert(rate.inverse, 0, 151, "half_up") == 100


def test_the_inverse_of_a_rate_is_exact() -> None:
    rate = read_rate("CNY", "USD", "1/7")
    assert rate.inverse.value == 7
    assert convert(rate, 0, 70_000, "half_up") == 10_000


def test_a_gain_is_realised_when_the_position_is_given_up() -> None:
    # 100.00 USD taken for 712.34 CNY, 40.00 given for 288.00: cost share 284.936 -> 284.94, gain 3.06
    held, gain = trade(Position(), 10_000, 71_234, "half_up")
    assert (held, gain) == (Position(10_000, 71_234), 0)
    held, gain = trade(held, -4_000, -28_800, "half_up")
    assert (held, gain) == (Position(6_000, 42_740), 306)
    # the other 60.00 for 420.00: cost left 427.40, loss 7.40
    assert trade(held, -6_000, -42_000, "half_up") == (Position(), -740)


def test_what_is_owed_gains_when_it_is_bought_back_cheaper() -> None:
    owed, _ = trade(Position(), -10_000, -71_234, "half_up")
    assert trade(owed, 10_000, 70_000, "half_up") == (Position(), 1_234)


def test_a_position_that_crosses_zero_is_closed_and_opened_again() -> None:
    # long 10.00 USD at 70.00; 30.00 given for 213.00: 71.00 close it (gain 1.00), 142.00 open 20.00 short
    assert trade(Position(1_000, 7_000), -3_000, -21_300, "half_up") == (Position(-2_000, -14_200), 100)


def test_an_open_position_has_gained_what_it_is_worth_beyond_its_cost() -> None:
    # 60.00 USD for 427.40 are worth 432.00 at 7.20; owed they have lost as much
    rate = read_rate("USD", "CNY", "7.20")
    assert unrealised(Position(6_000, 42_740), rate, "half_up") == 460
    assert unrealised(Position(-6_000, -42_740), rate, "half_up") == -460


@pytest.mark.parametrize(
    "text", ["0", "-7.1", "7,1", "7.", "1/0", "0/3", "1e3", "", "7.1234/2", "七", "1" * 40]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(FxRefused):
        read_rate("USD", "CNY", text)


def test_a_rate_is_between_two_known_currencies() -> None:
    with pytest.raises(FxRefused):
        read_rate("CNY", "CNY", "1")
    with pytest.raises(MoneyError):
        read_rate("CNY", "XAU", "1")


@given(rates, st.lists(amounts, min_size=1, max_size=8), roundings)
def test_a_sum_in_parts_comes_to_the_sum_at_once(rate: Rate, parts: list[int], rounding: Rounding) -> None:
    done = [convert(rate, sum(parts[:n]), part, rounding) for n, part in enumerate(parts)]
    assert sum(done) == round_minor(rate.exact(sum(parts)), rounding)


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9).filter(bool), rates), max_size=10), roundings)
def test_what_comes_in_at_home_is_cost_and_gain_to_the_last_unit(
    trades: list[tuple[int, Rate]], rounding: Rounding
) -> None:
    held, spent, gained = Position(), 0, 0
    for quantity, rate in trades:
        cost = round_minor(rate.exact(quantity), rounding)
        held, gain = trade(held, quantity, cost, rounding)
        spent, gained = spent + cost, gained + gain
        assert held.quantity_minor or held.cost_minor == 0, "nothing held has cost nothing"
    assert held.quantity_minor == sum(quantity for quantity, _ in trades)
    assert held.cost_minor == spent + gained
