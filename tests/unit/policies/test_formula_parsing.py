"""Formulas are read with positions, within limits, and nothing hostile gets through."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policies.errors import FormulaError
from policies.formulas.parse import parse, parse_rows
from policies.formulas.tree import Aggregate, Arithmetic, Comparison, Day, Logic, Name, Not, Number, Rows
from policies.formulas.types import Scope, check_type, infer

SCOPE: Scope = {
    "paid": "money",
    "freight": "money",
    "share": "number",
    "refunded": "bool",
    "channel": "text",
    "day": "date",
}


def test_products_bind_before_sums_and_sums_before_comparisons() -> None:
    node = parse("paid + 2 * freight > 10.00 and not refunded or refunded")
    assert isinstance(node, Logic)
    assert node.op == "or"
    left = node.left
    assert isinstance(left, Logic)
    assert left.op == "and"
    assert isinstance(left.left, Comparison)
    assert isinstance(left.right, Not)


def test_subtraction_and_division_are_read_from_the_left() -> None:
    minus = parse("paid - freight - 1.00")
    assert isinstance(minus, Arithmetic)
    assert minus.left == parse("paid - freight")
    assert parse("8 / 4 / 2") == parse("(8 / 4) / 2")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5%", Fraction(1, 20)),
        ("130%", Fraction(13, 10)),
        ("2_000_000.00", Fraction(2_000_000)),
        ("0.000000000001", Fraction(1, 10**12)),
        ("0", Fraction(0)),
    ],
)
def test_numbers_are_exact(text: str, value: Fraction) -> None:
    assert parse(text) == Number(value, text)


def test_days_and_rows_are_read() -> None:
    assert parse("2026-11-11") == Day(date(2026, 11, 11))
    assert parse_rows("orders where not refunded") == Rows("orders", Not(Name("refunded")))
    assert isinstance(parse("sum(paid for orders where not refunded)"), Aggregate)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("paid + ", 8, "found the end"),
        ("paid freight", 6, "should end here"),
        ("(paid", 6, "')' was expected"),
        ("paid ++ freight", 7, "a number, a name"),
        ("5 % * paid", 3, "right after its number"),
        ("1_00 * share", 1, "is not a number such as"),
        ("007 * share", 1, "is not a number such as"),
        ("2026-02-30 > day", 1, "a day of the calendar"),
        ("Paid", 1, "upper case"),
        ("p\u0430id", 2, "CYRILLIC SMALL LETTER A"),
        ("paid\u2212freight", 5, "MINUS SIGN"),
        ("\uff15%", 1, "FULLWIDTH DIGIT FIVE"),
        ("paid\u200b", 5, "ZERO WIDTH SPACE"),
        ("mn(paid, 1.00)", 1, "did you mean 'min'"),
        ("min(paid)", 1, "takes 2 to 8 arguments"),
        ("paid ** 2", 7, "found '*'"),
        ("paid; import", 5, "has no meaning here"),
        ("'open", 1, "has no meaning here"),
    ],
)
def test_what_does_not_read_is_refused_at_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse(text)
    assert refusal.value.where == f"column {column}"
    assert words in str(refusal.value)


def test_two_signs_and_two_negations_undo_each_other() -> None:
    assert parse("--paid") == Name("paid")
    assert parse("---paid") == parse("-paid")
    assert parse("not not refunded") == Name("refunded")
    assert parse("not not not refunded") == Not(Name("refunded"))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("channel == 'a\u200bb'", 14, "ZERO WIDTH SPACE"),
        ("if(refunded, paid)", 1, "if() takes 3 arguments, not 2"),
        ("round(paid, 1)", 1, "round() takes 1 arguments, not 2"),
        ("1" * 21 + " * paid", 1, "a number has at most 20 digits"),
        ("paid > " + "a" * 97, 8, "a name is at most 96 characters"),
    ],
)
def test_what_is_too_much_or_cannot_be_seen_is_refused_at_its_column(
    text: str, column: int, words: str
) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse(text)
    assert refusal.value.where == f"column {column}"
    assert words in refusal.value.message


def test_what_is_just_within_the_limits_is_read() -> None:
    assert parse("a" * 96) == Name("a" * 96)
    assert parse("1" * 20) == Number(Fraction(int("1" * 20)), "1" * 20)
    assert parse("(" * 23 + "paid" + ")" * 23) == Name("paid")
    assert parse(" " * 996 + "paid") == Name("paid")
    for text, words in (
        ("(" * 24 + "paid" + ")" * 24, "formulas nest at most 24 deep"),
        (" " * 997 + "paid", "a formula is at most 1000 characters; this has 1001"),
        ("-" * 300 + "paid", "a formula has at most 300 words and signs; this has 301"),
    ):
        with pytest.raises(FormulaError) as refusal:
            parse(text)
        assert words in refusal.value.message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "paid" + ")" * 500,
        "min(" * 100 + "paid" + ", 1)" * 100,
        "paid" + " + paid" * 400,
        "9" * 900,
        "a" * 900,
        "paid" * 500,
        "not " * 290 + "refunded and " * 30,
        "paid / " * 200,
    ],
)
def test_hostile_size_is_refused_and_never_crashes(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_the_longest_chains_that_are_read_can_be_typed() -> None:
    longest = "paid" + "+paid" * 149
    assert infer(parse(longest), SCOPE, {}) == "money"
    assert infer(parse("-" * 299 + "paid"), SCOPE, {}) == "money"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("paid * freight", "money times money"),
        ("paid + share", "cannot join"),
        ("share / paid", "a number divided by money"),
        ("paid > channel", "cannot join money and text"),
        ("channel < 'a'", "cannot order"),
        ("-channel", "works on money and numbers"),
        ("not paid", "gives money where a condition is needed"),
        ("min(share, 3, paid)", "cannot join"),
        ("min(paid, 3, share)", "cannot join"),
        ("if(refunded, share, paid)", "cannot join"),
        ("sum(paid for lines)", "not a set of rows"),
        ("sum(sum(paid for orders) for orders)", "inside another"),
        ("payed", "did you mean 'paid'"),
        ("days(day, paid)", "where a date is needed"),
    ],
)
def test_types_are_held_and_named(text: str, words: str) -> None:
    with pytest.raises(FormulaError, match=r".") as refusal:
        infer(parse(text), SCOPE, {"orders": SCOPE})
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("min(2_000_000.00, 130% * paid)", "money"),
        ("min(1, 2, paid)", "money"),
        ("paid / freight", "number"),
        ("paid / 2", "money"),
        ("if(refunded, 0.00, paid)", "money"),
        ("days(day, 2026-11-11)", "number"),
        ("channel in ('a', 'b') and day <= 2026-11-11", "bool"),
        ("count(orders where refunded)", "number"),
        ("exists(paid)", "bool"),
    ],
)
def test_types_are_inferred(text: str, kind: str) -> None:
    assert infer(parse(text), SCOPE, {"orders": SCOPE}) == kind


def test_a_literal_alone_may_stand_for_money_and_a_rate_may_not() -> None:
    check_type(parse("100.00"), SCOPE, {}, "money")
    with pytest.raises(FormulaError):
        check_type(parse("share"), SCOPE, {}, "money")
    with pytest.raises(FormulaError):
        check_type(parse("5%"), SCOPE, {}, "money")
    check_type(parse("500.00 * share"), SCOPE, {}, "money")
    with pytest.raises(FormulaError):
        check_type(parse("share * share"), SCOPE, {}, "money")
