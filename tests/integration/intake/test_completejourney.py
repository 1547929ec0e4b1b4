"""The Complete Journey lines as an order file: the same for the same seed, exact, and importable."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from benchmarks.completejourney import write_orders
from ledger.intake import IntakeTerms, import_file, load_mapping
from ledger.log import Log

LINES = 1_500


@pytest.fixture(name="whole", scope="module")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    path = tmp_path_factory.mktemp("completejourney") / "orders.parquet"
    write_orders(path)
    return pl.read_parquet(path)


@pytest.mark.slow
def test_every_line_is_there_and_its_amounts_are_exact(whole: pl.DataFrame) -> None:
    assert whole.height == 1_469_307
    assert whole.select(pl.struct("basket_id", "product_id").n_unique()).item() == whole.height
    assert whole["paid"].sum() == Decimal("4596039.58")
    assert whole.filter(pl.col("refunded") > pl.col("paid")).is_empty()


@pytest.mark.slow
def test_apparel_comes_back_six_times_in_ten_and_groceries_hardly_ever(whole: pl.DataFrame) -> None:
    def share(category: str) -> float:
        return float(
            whole.filter(pl.col("category") == category).select((pl.col("refunded") > 0).mean()).item()
        )

    assert share("APPAREL") > 0.6
    assert share("HOSIERY/SOCKS") > 0.6
    assert share("SOFT DRINKS") < 0.05


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    frames = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_orders(tmp_path / name, seed=seed, lines=LINES)
        frames.append(pl.read_parquet(tmp_path / name))
    assert frames[0].equals(frames[1])
    assert not frames[0].equals(frames[2])


def test_an_export_as_of_an_earlier_day_and_the_whole_one_make_the_same_log(
    log: Log, terms: IntakeTerms, tmp_path: Path
) -> None:
    mapping = load_mapping("completejourney")
    early, late = tmp_path / "early.parquet", tmp_path / "late.parquet"
    write_orders(early, lines=LINES, as_of=datetime(2017, 1, 7))  # noqa: DTZ001 -- the data have naive times
    write_orders(late, lines=LINES)
    first = import_file(log, early, mapping, terms)
    second = import_file(log, late, mapping, terms)
    assert first.clean
    assert second.clean
    assert first.new.sales + second.new.sales == LINES == second.rows
    assert first.new.receipts + second.new.receipts == LINES
    assert second.repeated.total == first.new.total
    assert first.new.receipts > 0
    assert second.new.refunds > 0
