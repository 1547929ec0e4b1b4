"""What the exact reader does at the edges of tables, aggregates and calendars, each to the last figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest

from policies.errors import FormulaError
from policies.formulas import joins
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.joins import candidates
from policies.formulas.parse import parse
from policies.formulas.tree import BusinessDays, Rows

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


BY_SKU = Rows("orders", None, "listings", (("sku", "listing.sku"),))


def skus(name: str, *given: Value) -> tuple[Row, ...]:
    return tuple(Row({name: one, f"{name}.at": Fraction(at)}, at + 1) for at, one in enumerate(given))


def pairs(orders: tuple[Row, ...], listings: tuple[Row, ...]) -> list[tuple[Value, Value, int]]:
    found = candidates(BY_SKU, {"orders": orders, "listings": listings})
    assert not isinstance(found, Unknown)
    return [(one.facts["sku.at"], one.facts["listing.sku.at"], one.count) for one in found]


def test_rows_pair_by_what_joins_them_and_stand_for_the_product_of_what_each_stands_for() -> None:
    assert pairs(skus("sku", "a", "b", "c"), skus("listing.sku", "b", "a", "b")) == [
        (0, 1, 2),
        (1, 0, 2),
        (1, 2, 6),
    ]


def test_a_row_whose_key_is_unknown_or_missing_may_pair_with_any() -> None:
    unkeyed = (Row({"sku.at": Fraction(0)}),)
    assert pairs(skus("sku", U), skus("listing.sku", "a", "b")) == [(0, 0, 1), (0, 1, 2)]
    assert pairs(unkeyed, skus("listing.sku", "a", "b")) == [(0, 0, 1), (0, 1, 2)]
    assert pairs(skus("sku", "a", "z"), skus("listing.sku", U, "a")) == [(0, 1, 2), (0, 0, 1), (1, 0, 2)]


def test_a_join_says_which_of_its_sets_are_not_known() -> None:
    assert candidates(BY_SKU, {"orders": ()}) == Unknown(frozenset({"listings"}))
    assert candidates(BY_SKU, {}) == Unknown(frozenset({"orders", "listings"}))


def test_a_join_looks_at_so_many_pairs_and_no_more_and_only_at_those_of_one_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joins, "PAIRS_LIMIT", 4)
    assert len(pairs(skus("sku", "a", "a"), skus("listing.sku", "a", "a", "b", "c", "d"))) == 4
    with pytest.raises(FormulaError) as refused:
        pairs(skus("sku", "a", "a", "b"), skus("listing.sku", "a", "a", "b"))
    assert refused.value.message.startswith("'orders with listings' joins more than 4 pairs of rows")
