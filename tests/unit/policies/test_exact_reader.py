"""What the exact reader does at the edges of tables, aggregates and calendars, each to the last figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest

from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.parse import parse
from policies.formulas.tree import BusinessDays

U = Unknown(frozenset({"u"}))


def over(text: str, *rows: Row, values: Mapping[str, Value] | None = None) -> Value:
    return evaluate(parse(text), Facts(values or {}, {"orders": rows}))


def row(amount: int, *, meant: Value = True, good: Value = True, count: int = 1) -> Row:
    return Row({"amount": Fraction(amount), "good": good, "meant": meant}, count)


@pytest.mark.parametrize(
    ("text", "unclear", "value"),
    [
        ("sum(amount for orders where meant)", row(0, meant=U), Fraction(7)),
        ("sum(amount for orders where meant)", row(1, meant=U), U),
        ("all(good for orders where meant)", row(0, meant=U, good=True), True),
        ("all(good for orders where meant)", row(0, meant=U, good=False), U),
        ("any(amount > 9 for orders where meant)", row(0, meant=U), False),
        ("any(amount > 9 for orders where meant)", row(10, meant=U), U),
        ("count(orders where meant)", row(0, meant=U), U),
        ("all(good for orders where meant)", row(0, good=U), U),
    ],
)
def test_a_row_that_may_not_be_meant_matters_only_where_it_would_change_the_answer(
    text: str, unclear: Row, value: Value
) -> None:
    assert over(text, row(7), unclear) == value
    assert over(text, unclear, row(7)) == value


@pytest.mark.parametrize("function", ["min", "max"])
def test_the_least_and_greatest_name_every_fact_they_lack(function: str) -> None:
    v = Unknown(frozenset({"v"}))
    found = over(f"{function}(amount for orders where meant)", row(1), row(2, meant=U), row(3, meant=v))
    assert found == Unknown(frozenset({"u", "v"}))
    assert over(f"{function}(amount for orders where meant)", row(1, meant=False)) == Unknown(
        frozenset({"orders"})
    )
    assert over(f"{function}(amount for orders where meant)", row(1), row(4), row(9, meant=False)) == (
        Fraction(1) if function == "min" else Fraction(4)
    )


def test_rows_count_as_often_as_they_stand_for() -> None:
    rows = (row(5, count=3), row(2, good=False, count=4))
    assert over("sum(amount for orders)", *rows) == 23
    assert over("count(orders where good)", *rows) == 3
    assert over("count(orders where not good)", *rows) == 4


def test_business_days_name_every_day_they_lack() -> None:
    node = parse("business_days(first, second)")
    assert isinstance(node, BusinessDays)
    assert evaluate(node, Facts({"first": date(2026, 3, 2)})) == Unknown(frozenset({"second"}))
    assert evaluate(node, Facts({})) == Unknown(frozenset({"first", "second"}))
