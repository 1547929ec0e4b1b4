"""Every construct by every reader: tables, days, text, sets of rows and missing facts, on random formulas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import FormulaError
from policies.formulas.columns import (
    Column,
    Condition,
    DayNumber,
    Figure,
    Words,
    fact_columns,
    rounded,
    to_column,
)
from policies.formulas.exact import Facts, Known, Row, Unknown, Value, evaluate
from policies.formulas.prose import Language, Prose
from policies.formulas.solver import Domain, Terms, facts_of, find, solve
from policies.formulas.tree import Day, Node, Number, literals, names
from policies.formulas.types import Scope, infer
from policies.loading import load_agreement
from policies.money import round_minor
from tests.property.policies.documents import DOCUMENT

AGREEMENT = load_agreement(DOCUMENT, name="constructs.yaml")
TYPES: Scope = AGREEMENT.fact_types("case")
KINDS = {name: fact.type for name, fact in AGREEMENT.document.facts.items() if fact.of == "case"}
OPTIONS = ("store", "live", "other")
ROWS = AGREEMENT.row_types()

monies = st.sampled_from(["paid", "freight", "1_000.00", "0.01"])
days = st.sampled_from(
    ["sold_on", "due_on", "2026-02-28", "add_days(sold_on, times)", "add_days(due_on, -3)"]
)
signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def money(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.sampled_from(["paid", "freight"]),
        st.builds("marginal(ladder, {})".format, monies),
        st.builds("bracket(ladder, {}) * paid".format, monies),
        st.builds("lookup(rates, {}) * freight".format, st.sampled_from(["channel", "'美妆'", "word"])),
        st.just("marginal(fees, times)"),
    )
    if depth == 0:
        return leaf
    under, when = money(depth - 1), condition(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} + {})".format, under, under),
        st.builds("({} - {} / 7)".format, under, under),
        st.builds("min({}, {})".format, under, monies | under),
        st.builds("max({}, {}, 0)".format, under, under),
        st.builds("if({}, {}, {})".format, when, under, under),
        st.builds("{} * days({}, {})".format, st.just("paid"), days, days),
    )


def condition(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.builds("{} {} {}".format, st.just("paid"), signs, monies),
        st.builds("{} {} {}".format, days, signs, days),
        st.builds("channel in ('store', '{}')".format, st.sampled_from(OPTIONS)),
        st.builds("{} {} '{}'".format, st.sampled_from(["channel", "word"]), st.sampled_from(["==", "!="]),
                  st.sampled_from(OPTIONS)),
        st.builds("exists({})".format, st.sampled_from(["paid", "channel", "refunded", "paid + freight"])),
        st.sampled_from(["refunded", "channel == word", "days(sold_on, due_on) > times"]),
    )  # fmt: skip
    if depth == 0:
        return leaf
    under = condition(depth - 1)
    return st.one_of(
        leaf,
        st.builds("not ({})".format, under),
        st.builds("({} and {})".format, under, under),
        st.builds("({} or {})".format, under, under),
        st.builds("if({}, {}, {})".format, under, under, under),
    )


GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "paid": st.integers(-(10**9), 10**9) | st.integers(0, 500),
    "freight": st.integers(-300, 10**6),
    "times": st.integers(0, 40),
    "refunded": st.booleans(),
    "channel": st.sampled_from(OPTIONS),
    "word": st.sampled_from([*OPTIONS, "美妆", "none of them"]),
    "sold_on": st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    "due_on": st.dates(date(2026, 1, 1), date(2026, 3, 31)),
}
cells = st.fixed_dictionaries({name: st.none() | given for name, given in GIVEN.items()})
SCHEMA: dict[str, Any] = {
    "paid": pl.Int64, "freight": pl.Int64, "times": pl.Int64, "refunded": pl.Boolean, "channel": pl.String,
    "word": pl.String, "sold_on": pl.Date, "due_on": pl.Date,
}  # fmt: skip
COLUMNS = fact_columns(TYPES, {"paid": 10**9, "freight": 10**6, "times": 40})


def values_of(row: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, cell in row.items():
        if cell is None:
            found[name] = Unknown(frozenset({name}))
        elif KINDS[name] == "money":
            found[name] = Fraction(cell, 100)
        else:
            found[name] = Fraction(cell) if KINDS[name] == "count" else cell
    return found


def column_of(node: Node) -> Column:
    return to_column(node, COLUMNS, TYPES, literal_scale=100, money=infer(node, TYPES, {}) == "money")


@given(money(2), st.lists(cells, min_size=1, max_size=5))
def test_columns_equal_the_exact_reader_and_are_null_where_it_is_unknown(text: str, rows: list[Any]) -> None:
    node = AGREEMENT.formula(text)
    figure = column_of(node)
    assert isinstance(figure, Figure)
    got = pl.DataFrame(rows, schema=SCHEMA).with_columns(answer=rounded(figure, "half_up").numerator)[
        "answer"
    ]
    for row, cell in zip(rows, got, strict=True):
        exact = evaluate(node, Facts(values_of(row)))
        assert cell == (round_minor(exact * 100, "half_up") if isinstance(exact, Fraction) else None)


@given(condition(2), st.lists(cells, min_size=1, max_size=5))
def test_conditions_of_columns_are_three_valued_as_the_exact_reader_is(text: str, rows: list[Any]) -> None:
    column = column_of(AGREEMENT.formula(text))
    assert isinstance(column, Condition)
    frame = pl.DataFrame(rows, schema=SCHEMA).with_columns(answer=column.expression)
    for row, cell in zip(rows, frame["answer"], strict=True):
        exact = evaluate(AGREEMENT.formula(text), Facts(values_of(row)))
        assert cell is (None if isinstance(exact, Unknown) else exact)


@given(st.lists(cells, min_size=1, max_size=3))
def test_days_and_texts_are_columns_too(rows: list[Any]) -> None:
    day, word = (column_of(AGREEMENT.formula(text)) for text in ("add_days(sold_on, times)", "channel"))
    assert isinstance(day, DayNumber)
    assert isinstance(word, Words)
    got = pl.DataFrame(rows, schema=SCHEMA).select(day=day.expression, word=word.expression)
    for row, number, text in zip(rows, got["day"], got["word"], strict=True):
        known = row["sold_on"] is not None and row["times"] is not None
        assert number == ((row["sold_on"] + timedelta(row["times"])).toordinal() if known else None)
        assert text == row["channel"]


# ---- z3

DOMAIN = Domain(TYPES, 100, frozenset({"times"}), "half_up", {"channel": OPTIONS}, ROWS)
ALL = frozenset(TYPES)


def fixed(terms: Terms, row: Mapping[str, Any]) -> list[Any]:
    """Say in z3 that the facts are those of a row, and which of them are missing."""
    found: list[Any] = []
    for name, value in values_of(row).items():
        found.append(terms.known(name) == (not isinstance(value, Unknown)))
        if isinstance(value, Unknown):
            continue
        variable = terms.variable(name)
        if isinstance(value, Fraction):
            found.append(variable == terms.number(value))
        else:
            found.append(variable == (value.toordinal() if isinstance(value, date) else value))
    return found


@given(money(1) | condition(1), cells)
def test_z3_knows_and_computes_what_the_exact_reader_does(text: str, row: dict[str, Any]) -> None:
    node, terms = AGREEMENT.formula(text), Terms(DOMAIN, optional=ALL)
    reading = terms.read(node)
    facts = fixed(terms, row)
    known = terms.z3.BoolVal(val=True, ctx=terms.context) if reading.known is None else reading.known
    exact = evaluate(node, Facts(values_of(row)))
    if isinstance(exact, Unknown):
        differs = known
    else:
        value = terms.number(exact) if isinstance(exact, Fraction) else exact
        differs = terms.z3.Or(terms.z3.Not(known), reading.value != value)
    assert solve(terms, [differs, *facts], 1_000_000).verdict == "never"


OVER_ROWS = [
    "count(orders where price > 10.00) >= 3",
    "sum(price for orders where not back) > 100.00 and count(orders) < 3",
    "all(price > paid for orders) and any(back for orders)",
    "max(price for orders) - min(price for orders where back) == 5.00",
    "any(seen < price for orders with listings where sku == listing.sku)",
    "not exists(max(price for orders where back)) and exists(max(price for orders))",
    "sum(max(0, price - seen) for orders with listings where sku == listing.sku and price > seen) == 50.00",
]


def test_z3_finds_rows_that_the_exact_reader_confirms() -> None:
    for text in OVER_ROWS:
        node = AGREEMENT.formula(text)
        answer = find(
            DOMAIN,
            lambda terms, node=node: [terms.term(node)],  # type: ignore[misc]
            lambda values, node=node: evaluate(node, facts_of(values)) is True,  # type: ignore[misc]
        )
        assert answer.verdict == "found", text
        assert evaluate(node, facts_of(answer.values)) is True


def test_what_no_rows_can_meet_is_never_and_not_unknown() -> None:
    for text in ("count(orders) < 0", "sum(price for orders) > 1.00 and sum(price for orders) < 0.50"):
        node = AGREEMENT.formula(text)
        assert find(DOMAIN, lambda terms, node=node: [terms.term(node)], lambda _: False).verdict == "never"  # type: ignore[misc]


@given(condition(1))
def test_values_that_z3_finds_hold_and_a_missing_fact_may_be_one_of_them(text: str) -> None:
    node = AGREEMENT.formula(text)

    def holds(values: Mapping[str, Known]) -> bool:
        return evaluate(node, facts_of(values)) is True

    answer = find(DOMAIN, lambda terms: [terms.term(node)], holds, limit=300_000)
    if answer.verdict == "found":
        assert holds(answer.values)
    if answer.verdict == "never":
        shown: dict[str, Any] = {
            "paid": 100, "freight": 1, "times": 2, "refunded": True, "channel": "live", "word": "live",
            "sold_on": date(2026, 1, 1), "due_on": date(2026, 2, 1),
        }  # fmt: skip
        for missing in TYPES:
            assert evaluate(node, Facts(values_of({**shown, missing: None}))) is not True


def test_a_clause_that_applies_while_nothing_was_shown_is_not_dead() -> None:
    node = AGREEMENT.formula("not exists(paid)")
    answer = find(
        DOMAIN, lambda terms: [terms.term(node)], lambda values: evaluate(node, facts_of(values)) is True
    )
    assert answer.verdict == "found"
    assert "paid" not in answer.values


def test_division_by_a_fact_is_read_with_a_guard() -> None:
    node = AGREEMENT.formula("times != 0 and paid / times > 50.00")

    def holds(values: Mapping[str, Known]) -> bool:
        try:
            return evaluate(node, facts_of(values)) is True
        except FormulaError:
            return False

    assert find(DOMAIN, lambda terms: [terms.term(node)], holds).verdict == "found"


# ---- joins, prose

words = st.none() | st.sampled_from(["a", "b", "c"])
sides = st.lists(st.tuples(words, st.none() | st.integers(0, 3), st.integers(1, 3)), max_size=5)


@given(sides, sides)
def test_a_join_gives_what_looking_at_every_pair_gives(left: list[Any], right: list[Any]) -> None:
    def made(rows: list[Any], word: str, figure: str) -> tuple[Row, ...]:
        return tuple(
            Row(
                {
                    word: text if text is not None else Unknown(frozenset({word})),
                    figure: Fraction(size) if size is not None else Unknown(frozenset({figure})),
                },
                count,
            )
            for text, size, count in rows
        )

    orders, listings = made(left, "sku", "price"), made(right, "listing.sku", "seen")
    where = "where sku == listing.sku and price > seen"
    pairs = tuple(Row({**a.facts, **b.facts}, a.count * b.count) for a in orders for b in listings)
    for body in ("count({})", "sum(price - seen for {})", "any(price > 2.00 for {})", "max(seen for {})"):
        joined = AGREEMENT.formula(body.format(f"orders with listings {where}"))
        plain = AGREEMENT.formula(body.format(f"pairs {where}"))
        got = evaluate(joined, Facts({}, {"orders": orders, "listings": listings}))
        wanted = evaluate(plain, Facts({}, {"pairs": pairs}))
        assert isinstance(got, Unknown) == isinstance(wanted, Unknown)
        assert isinstance(got, Unknown) or got == wanted


@given(money(2) | condition(2) | st.sampled_from(OVER_ROWS), st.sampled_from(["zh", "en"]))
def test_prose_names_every_number_day_and_fact(text: str, language: Language) -> None:
    node = AGREEMENT.formula(text)
    labels = AGREEMENT.labels()
    said = Prose(language, labels).render(node)
    for part in literals(node):
        if isinstance(part, Number):
            assert part.text.replace("_", ",") in said
        elif isinstance(part, Day):
            assert part.value.isoformat() in said
    for name in names(node):
        assert labels[name][language] in said
