"""Facts as cells of columns: what the exact reading of each text gives, and null for what does not read."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.settlement.fact_cells import fact_cells
from policies.errors import MoneyError
from policies.money import to_minor

AMOUNTS = st.one_of(
    st.from_regex(r"\A-?[0-9]{1,14}(\.[0-9]{1,3})?\Z"),
    st.from_regex(r"\A[0-9]{1,3}(_[0-9]{3}){0,3}\.[0-9]{2}\Z"),
    st.sampled_from(["", " ", "-0.00", "1.", ".5", "01.00", "+1.00", "1,000.00", "x", " 12.30 ", "１２.00"]),
    st.none(),
)


def exactly(text: str | None, currency: str) -> int | None:
    """Read one amount as the exact reader does, null where it does not read."""
    try:
        return to_minor(text.strip(), currency) if text and text.strip() else None
    except MoneyError:
        return None


@given(st.lists(AMOUNTS, max_size=12), st.sampled_from(["CNY", "JPY"]))
def test_amounts_by_columns_are_those_read_one_by_one(texts: list[str | None], currency: str) -> None:
    cells = fact_cells(pl.Series(texts, dtype=pl.String), "money", currency)
    assert cells.dtype == pl.Int64
    assert cells.to_list() == [exactly(text, currency) for text in texts]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (
            "count",
            {"3": 3, " 12 ": 12, "-1": None, "1.0": None, "٣": None, "9" * 15: 10**15 - 1, "9" * 16: None},
        ),
        ("bool", {"true": True, " false": False, "yes": None, "": None}),
        ("text", {" a ": "a", "": None, "  ": None, "b": "b"}),
    ],
)
def test_other_kinds_read_what_is_written_and_nothing_else(kind: str, cells: dict[str, object]) -> None:
    found = fact_cells(pl.Series(list(cells), dtype=pl.String), kind, "CNY")  # type: ignore[arg-type]
    assert found.to_list() == list(cells.values())
    assert fact_cells(pl.Series([None], dtype=pl.String), kind, "CNY").to_list() == [None]  # type: ignore[arg-type]
