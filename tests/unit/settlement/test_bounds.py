"""Figures that 64 bits do not hold on the way: widened or refused by name, where Polars says nothing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ledger.settlement.errors import SettlementRefused
from ledger.settlement.kernels import run_kernel
from ledger.settlement.terms import VersionTerms, read_terms
from policies.splits.columns import column_sizes
from tests.settlement_world import plain

LARGE = 2**62 // 3
"""Minor units that fit 64 bits with room, and no longer fit once twice their product by a rate is taken."""


def _terms() -> VersionTerms:
    return read_terms([plain(was_1="20% * paid", now_1="17.123% * paid")]).versions[0]


def _frame(paid: list[int], refunded: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"order": ["A"] * len(paid), "paid": paid, "now:refunded": refunded})


def _columns(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.select(pl.selectors.integer()).rows(named=True)


def test_polars_itself_wraps_round_and_says_nothing() -> None:
    share = pl.col("paid") * 17_123 // 100_000
    assert pl.DataFrame({"paid": [LARGE]}).select(share).item() != LARGE * 17_123 // 100_000


@pytest.mark.parametrize("refunded", [0, 1, LARGE // 2, LARGE])
def test_what_would_wrap_round_is_widened_and_equals_the_exact_reader(refunded: int) -> None:
    frame = _frame([LARGE, 29_900], [refunded, 100])
    columns, exact = (run_kernel(kernel, _terms(), frame) for kernel in ("columns", "exact"))
    assert _columns(columns.select(exact.columns)) == _columns(exact)
    assert columns["whole"][0] == LARGE


def test_a_reversal_is_widened_where_the_product_of_two_amounts_would_wrap_round() -> None:
    """Each amount is far inside 64 bits; posted times refunded is not."""
    paid = 2**40 + 1
    assert pl.DataFrame({"n": [paid]}).select(pl.col("n") * pl.col("n")).item() != paid**2
    frame = _frame([paid], [paid - 1])
    columns, exact = (run_kernel(kernel, _terms(), frame) for kernel in ("columns", "exact"))
    assert _columns(columns.select(exact.columns)) == _columns(exact)


def test_the_least_number_of_64_bits_is_measured_as_large() -> None:
    """Its abs() in 64 bits is itself, below zero, which a bound must not become."""
    assert column_sizes(_frame([-(2**63), 5], [0, 0]).lazy(), ["paid"]) == {"paid": 2**63}


@pytest.mark.parametrize("kernel", ["columns", "exact"])
def test_a_figure_beyond_64_bits_is_refused_and_not_cut_off(kernel: Any) -> None:
    terms = read_terms([plain(was_1="whole: paid", now_1="whole: paid * 4", was_2="amount: paid, at",
                              now_2="amount: paid * 4, at")]).versions[0]  # fmt: skip
    with pytest.raises(SettlementRefused, match="64 bits"):
        run_kernel(kernel, terms, _frame([2**62], [0]))


def test_lines_of_the_same_facts_are_split_once_by_the_exact_reader_and_all_get_the_figures() -> None:
    frame = _frame([29_900, 500, 29_900, 29_900], [100, 0, 100, 200]).with_columns(
        pl.Series("paid", [29_900, None, 29_900, 29_900], dtype=pl.Int64)
    )
    exact = run_kernel("exact", _terms(), frame)
    one_by_one = pl.concat([run_kernel("exact", _terms(), one) for one in frame.iter_slices(1)])
    assert exact.equals(one_by_one)
    assert exact["unusable"].to_list() == [False, True, False, False]
