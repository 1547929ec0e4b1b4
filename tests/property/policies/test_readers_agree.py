"""One formula, four readers: exact, columns, z3 and prose say the same of random formulas and facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.errors import FormulaError
from policies.formulas.columns import Column, Condition, Figure, fact_column, rounded, to_column
from policies.formulas.exact import Facts, Known, evaluate
from policies.formulas.parse import parse
from policies.formulas.prose import Language, Prose
from policies.formulas.solver import Domain, Terms, find, solve
from policies.formulas.tree import Number, walk
from policies.formulas.types import Scope, infer
from policies.money import Rounding, round_minor

MODES: tuple[Rounding, ...] = ("half_up", "half_even", "floor")
MONEY = ("paid", "freight", "coupon")
SCOPE: Scope = {**dict.fromkeys(MONEY, "money"), "times": "number", "refunded": "bool"}
BOUND = 10**13

literals = st.sampled_from(["0.01", "1", "299.00", "2_000_000.00", "0.5", "7"])
rates = st.sampled_from(["5%", "12.5%", "0.3", "2", "130%", "0.0001"])


def money(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(MONEY)
    if depth == 0:
        return leaf
    under, when = money(depth - 1), condition(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} + {})".format, under, under | literals),
        st.builds("({} - {})".format, under | literals, under),
        st.builds("{} * {}".format, rates, under),
        st.builds("{} * times".format, leaf),
        st.builds("({} + 500.00 * times)".format, under),
        st.builds("max({}, -times * 0.5 / 3)".format, under),
        st.builds("{} / {}".format, leaf, st.sampled_from(["2", "3", "0.7", "8"])),
        st.builds("-{}".format, under),
        st.builds("min({}, {})".format, under, under | literals),
        st.builds("max({}, {}, {})".format, literals, under, under),
        st.builds("if({}, {}, {})".format, when, under, under | literals),
    )


def condition(depth: int) -> st.SearchStrategy[str]:
    compared = st.builds(
        "{} {} {}".format, st.sampled_from(MONEY), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(MONEY) | literals,
    )  # fmt: skip
    if depth == 0:
        return compared | st.just("refunded")
    under = condition(depth - 1)
    return st.one_of(
        compared,
        st.builds("not ({})".format, under),
        st.builds("({} and {})".format, under, under),
        st.builds("({} or {})".format, under, under),
    )


minors = st.integers(-BOUND, BOUND) | st.integers(-200, 200)


def facts_of(row: Mapping[str, Any]) -> dict[str, Known]:
    values: dict[str, Known] = {name: Fraction(row[name], 100) for name in MONEY}
    return {**values, "times": Fraction(row["times"]), "refunded": bool(row["refunded"])}


rows = st.fixed_dictionaries(
    {**dict.fromkeys(MONEY, minors), "times": st.integers(0, 12), "refunded": st.booleans()}
)
COLUMNS: dict[str, Column] = {
    **{name: fact_column(name, BOUND) for name in MONEY},
    "times": fact_column("times", 12),
    "refunded": Condition(pl.col("refunded")),
}


@given(money(3), st.lists(rows, min_size=1, max_size=6))
def test_columns_equal_the_exact_reader_to_the_last_unit(text: str, data: list[dict[str, Any]]) -> None:
    node = parse(text)
    assert infer(node, SCOPE, {}) == "money"
    frame = pl.DataFrame(
        data, schema={**dict.fromkeys(MONEY, pl.Int64), "times": pl.Int64, "refunded": pl.Boolean}
    )
    figure = to_column(node, COLUMNS, SCOPE, literal_scale=100)
    assert isinstance(figure, Figure)
    got = frame.select(**{mode: rounded(figure, mode).numerator for mode in MODES}).to_dicts()
    for row, columns in zip(data, got, strict=True):
        exact = evaluate(node, Facts(facts_of(row)))
        assert isinstance(exact, Fraction)
        assert columns == {mode: round_minor(exact * 100, mode) for mode in MODES}


@given(condition(2), rows)
def test_conditions_of_columns_equal_the_exact_reader(text: str, row: dict[str, Any]) -> None:
    node = parse(text)
    column = to_column(node, COLUMNS, SCOPE, literal_scale=100)
    assert isinstance(column, Condition)
    got = pl.DataFrame([row]).select(column.expression).item()
    assert got is evaluate(node, Facts(facts_of(row)))


@given(
    st.integers(-(2**118), 2**118) | st.integers(-500, 500),
    st.sampled_from([1, 2, 3, 7, 10, 100, 10**6, 10**12, 2**40 - 1]),
    st.sampled_from(MODES),
    st.booleans(),
)
def test_columns_round_as_money_does_in_either_width(n: int, d: int, mode: Rounding, tie: object) -> None:
    if tie and d % 2 == 0:
        n = n // d * d + d // 2
    kind = pl.Int64 if abs(n) < 2**62 else pl.Int128
    frame = pl.DataFrame({"n": pl.Series([n], dtype=kind)})
    figure = rounded(Figure(pl.col("n"), d, abs(n)), mode)
    assert frame.select(figure.numerator).item() == round_minor(Fraction(n, d), mode)


@pytest.mark.parametrize(
    "text",
    [
        "paid / freight * paid",
        "if(channel == 'a', paid, freight)",
        "days(day, day) * paid",
        "round(paid)",
        "sum(paid for orders)",
        "9_999_999_999_999.00 * paid / 0.000000000001 * 9_999_999_999_999",
    ],
)
def test_columns_refuse_by_name_what_they_cannot_say_exactly(text: str) -> None:
    types: Scope = {**SCOPE, "channel": "text", "day": "date"}
    with pytest.raises(FormulaError):
        to_column(parse(text), COLUMNS, types, literal_scale=100)


DOMAIN = Domain(SCOPE, 100, counts=frozenset({"times"}), rounding="half_up")


@given(money(2), rows)
def test_z3_computes_what_the_exact_reader_computes(text: str, row: dict[str, Any]) -> None:
    node, values = parse(text), facts_of(row)
    terms = Terms(DOMAIN)
    figure = terms.term(node)
    for name in sorted(terms.variables):
        value = values[name]
        known = value if isinstance(value, bool) else terms.number(Fraction(str(value)))
        terms.bounds.append(terms.variable(name) == known)
    exact = evaluate(node, Facts(values))
    assert isinstance(exact, Fraction)
    assert solve(terms, [figure != terms.number(exact)], 500_000).verdict == "never"


@given(condition(2))
def test_values_that_z3_finds_hold_by_the_exact_reader_and_never_is_never(text: str) -> None:
    node = parse(text)
    answer = find(
        DOMAIN,
        lambda terms: [terms.term(node)],
        lambda values: evaluate(node, Facts(values)) is True,
        limit=300_000,
    )
    assume(answer.verdict != "unknown")
    if answer.verdict == "found":
        assert evaluate(node, Facts(answer.values)) is True
        assert all((Fraction(str(answer.values[name])) * 100).denominator == 1
                   for name in answer.values if name in MONEY)  # fmt: skip
    else:
        for paid, freight in ((0, 0), (1, 0), (0, 1), (29900, 1000)):
            row = {"paid": paid, "freight": freight, "coupon": 0, "times": 1, "refunded": paid > 0}
            assert evaluate(node, Facts(facts_of(row))) is False


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4), st.sampled_from(MODES))
def test_z3_rounds_as_money_does(n: int, d: int, mode: Rounding) -> None:
    terms = Terms(Domain(SCOPE, 100, rounding=mode))
    exact = Fraction(round_minor(Fraction(n, d) * 100, mode), 100)
    term = terms.rounded(terms.number(Fraction(n, d)))
    assert solve(terms, [term != terms.number(exact)], 500_000).verdict == "never"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("paid / 0 > 1.00", "division by zero"),
        ("paid / (2 - 2) > 1.00", "division by zero"),
        ("add_months(day, 1) > day", "add_months()"),
        ("round(paid) == paid", "round()"),
        ("strange > 1", "'strange' is not declared"),
    ],
)
def test_z3_refuses_by_name_what_it_cannot_say(text: str, words: str) -> None:
    terms = Terms(Domain({**SCOPE, "day": "date"}, 100))
    with pytest.raises(FormulaError, match=re.escape(words)):
        terms.term(parse(text))


def test_z3_reads_days_and_text_as_the_exact_reader_does() -> None:
    types: Scope = {"day": "date", "channel": "text"}
    node = parse("days(2026-11-01, day) == 10 and channel in ('brand_live') and day > 2026-11-10")
    answer = find(
        Domain(types, 100), lambda terms: [terms.term(node)],
        lambda values: evaluate(node, Facts(values)) is True,
    )  # fmt: skip
    assert answer.values == {"day": date(2026, 11, 11), "channel": "brand_live"}


def test_a_question_beyond_its_limit_is_unknown_and_the_same_every_time() -> None:
    hard = parse(" and ".join(f"x{i} * x{i + 1} * x{i + 2} == {i + 7}.3" for i in range(12)))
    types: Scope = {f"x{i}": "number" for i in range(14)}

    def ask(limit: int) -> str:
        return find(
            Domain(types, 100),
            lambda terms: [terms.term(hard)],
            lambda values: evaluate(hard, Facts(values)) is True,
            limit=limit,
        ).verdict

    assert ask(50) == ask(50) == "unknown"


@given(money(3), st.sampled_from(["zh", "en"]))
def test_prose_names_every_number_and_every_fact_of_the_formula(text: str, language: Language) -> None:
    node = parse(text)
    said = Prose(language, {"paid": {"zh": "实付", "en": "amount paid"}}).render(node)
    for part in walk(node):
        if isinstance(part, Number):
            assert part.text.replace("_", ",") in said
    assert ("paid" in text) == (("实付" if language == "zh" else "amount paid") in said)


def test_prose_keeps_the_brackets_that_the_reading_needs() -> None:
    prose = Prose("en")
    assert prose.render(parse("30% * (commission - alliance_fee)")) == "30% × (commission − alliance_fee)"
    assert prose.render(parse("a - (b - c)")) == "a − (b − c)"
    assert prose.render(parse("a - b - c")) == "a − b − c"
    assert prose.render(parse("not (a and b) or c")) == "not (a and b) or c"
    assert prose.render(parse("(a or b) and c")) == "(a or b) and c"
