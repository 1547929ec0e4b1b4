"""The comparison of splits runs, and its three readers give the same units."""

from __future__ import annotations

from pathlib import Path

from benchmarks.split import measure


def test_columns_the_exact_reader_and_polars_by_hand_give_the_same_units(tmp_path: Path) -> None:
    figures = measure(tmp_path, 300)
    assert figures["lines"] == 300
    assert figures["columns_vs_exact"] > 0
    assert figures["columns_vs_hand_written"] > 0
