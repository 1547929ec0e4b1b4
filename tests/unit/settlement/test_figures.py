"""Exact figures as text, and statements that add up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ledger.statements.content import Adjustment, Period, RunHeader, statement_content
from ledger.statements.figures import posted_text
from ledger.statements.lines import Total
from policies.money import exact_text

HEADER = RunHeader("plain-split", ((1, "00"),), "CNY", Period("2026-02-01", "2026-03-01"), 9)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Fraction(16686, 1000), "CNY", "16.686"),
        (Fraction(618, 10), "CNY", "61.80"),
        (Fraction(20, 3), "CNY", "6.666666…"),
        (Fraction(-1, 200), "CNY", "-0.005"),
        (Fraction(7), "JPY", "7"),
        (Fraction(1, 8), "JPY", "0.125"),
    ],
)
def test_an_exact_figure_shows_every_digit_or_that_it_goes_on(
    amount: Fraction, currency: str, text: str
) -> None:
    assert exact_text(amount, currency) == text


def test_a_rounded_figure_says_from_what_and_how() -> None:
    assert posted_text(Fraction(16686, 1000), 1669, "half_up", "CNY", "zh") == "16.686 → 16.69 (四舍五入到分)"
    assert posted_text(Fraction(1, 3), 33, "floor", "USD", "en") == "0.333333… → 0.33 (rounded down to 0.01)"
    assert posted_text(Fraction(5), 500, "half_up", "CNY", "en") == "5.00"


def test_opening_lines_and_adjustments_make_the_closing_and_a_debt_is_carried_not_paid() -> None:
    totals = [
        Total("6.2", "streamer_share", "earned", 3000, 1),
        Total("6.2", "streamer_share", "reversed", -5040, 1),
    ]
    owed = statement_content(HEADER, "s.2.1", "streamer", totals, [], (2, "00"), ("s.1.1", 0))
    assert (owed["closing_minor"], owed["payable_minor"], owed["carried_forward_minor"]) == (-2040, 0, -2040)
    moved = [Adjustment(7, "9.2", "penalty", -100)]
    paid = statement_content(
        HEADER,
        "s.3.1",
        "streamer",
        [Total("6.2", "a", "earned", 12600, 1)],
        moved,
        (1, "00"),
        ("s.2.1", -2040),
    )
    assert (paid["opening_minor"], paid["closing_minor"], paid["payable_minor"]) == (-2040, 10460, 10460)
    assert (paid["carried_forward_minor"], paid["previous"]) == (0, "s.2.1")
