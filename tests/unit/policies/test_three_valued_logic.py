"""A missing or disputed fact is unknown: never false, never zero, and it says which fact it was."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest

from policies.errors import FormulaError
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.parse import parse

U = Unknown(frozenset({"u"}))
VALUES: Mapping[str, Value] = {"t": True, "f": False, "u": U, "paid": Fraction(100), "none": Fraction(0)}


def of(text: str, rows: Mapping[str, list[Row]] | None = None) -> Value:
    return evaluate(parse(text), Facts(VALUES, rows or {}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("t and u", U), ("u and t", U), ("f and u", False), ("u and f", False),
        ("t or u", True), ("u or t", True), ("f or u", U), ("u or f", U),
        ("not u", U), ("u and u", U), ("exists(u)", False), ("exists(paid)", True),
        ("if(u, 1, 1)", Fraction(1)), ("if(u, 1, 2)", U), ("if(t, 1, u)", Fraction(1)),
        ("if(f, u, 2)", Fraction(2)),
    ],
)  # fmt: skip
def test_unknown_stays_unknown_unless_the_other_side_decides(text: str, value: Value) -> None:
    assert of(text) == value


def test_a_missing_fact_names_itself_through_arithmetic() -> None:
    assert of("paid - gone * 2 > 1") == Unknown(frozenset({"gone"}))
    assert of("gone + lost > 0") == Unknown(frozenset({"gone", "lost"}))
    assert of("min(paid, gone)") == Unknown(frozenset({"gone"}))


def test_what_the_left_side_settles_is_not_asked_of_the_right() -> None:
    assert of("none != 0 and paid / none > 1") is False
    assert of("none == 0 or paid / none > 1") is True
    with pytest.raises(FormulaError, match="division by zero"):
        of("paid / none > 1")


ROWS = {
    "orders": [
        Row({"amount": Fraction(10), "returned": False}, 3),
        Row({"amount": Fraction(5), "returned": U}),
        Row({"amount": Fraction(0), "returned": U}),
    ]
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(amount for orders)", Fraction(35)),
        ("sum(amount for orders where not returned)", U),
        ("sum(amount for orders where amount > 6 and not returned)", Fraction(30)),
        ("count(orders)", Fraction(5)),
        ("count(orders where returned)", U),
        ("any(amount > 6 for orders where not returned)", True),
        ("all(amount > 6 for orders where not returned)", U),
        ("all(amount >= 0 for orders)", True),
        ("all(amount > 6 for orders)", False),
    ],
)
def test_aggregates_know_what_they_know(text: str, value: Value) -> None:
    assert of(text, ROWS) == value


def test_an_absent_set_of_rows_is_unknown_and_an_empty_one_is_empty() -> None:
    assert of("sum(amount for orders)") == Unknown(frozenset({"orders"}))
    assert of("sum(amount for orders)", {"orders": []}) == 0


def test_a_missing_fact_does_not_exist_and_a_disputed_one_is_left_open() -> None:
    disputed = Facts({"cured": Unknown(frozenset({"cured"}), disputed=True)})
    assert evaluate(parse("not exists(cured)"), Facts({})) is True
    for formula in ("exists(cured)", "not exists(cured)", "exists(cured + noticed)"):
        value = evaluate(parse(formula), disputed)
        assert isinstance(value, Unknown)
        assert "cured" in value.names
