"""Order lines a second: the column reader of splits, the exact reader, and Polars written by hand.

`python -m benchmarks.split [--lines N] [--json]` splits the Complete Journey lines under the head streamer's
agreement in one run: by `split_columns`, by the exact reader (the first so many lines), and by a Polars
expression that somebody wrote for this one agreement and no other, which is the limit of what a column reader
can reach. All three must give the same minor units on every line they share, or there is no figure.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.completejourney import write_orders
from policies.loading import load_agreement
from policies.splits.columns import LEG, column_bounds, split_columns
from policies.splits.line import SplitPlan, split_plan

AGREEMENT = Path(__file__).parents[1] / "examples" / "agreements" / "head-streamer.yaml"
FACTS = ("paid", "freight", "platform_coupon")
EXACT_LINES = 20_000
"""How many lines the exact reader splits; its rate does not depend on it."""

REPEATS = 15
"""Each reader runs so often; its fastest run counts, as the others were disturbed."""

Legs = pl.DataFrame


def read_lines(folder: Path, lines: int | None) -> pl.DataFrame:
    """Return the order lines as minor units: what was paid, a tenth of it as freight, the matched coupon."""
    path = folder / "orders.parquet"
    write_orders(path, lines=lines)
    minor = {
        "paid": (pl.col("paid") * 100).cast(pl.Int64),
        "platform_coupon": (pl.col("coupon_match_disc") * 100).cast(pl.Int64).abs(),
    }
    return pl.read_parquet(path).select(**minor).with_columns(freight=pl.col("paid") // 10)


def by_columns(plan: SplitPlan, frame: pl.DataFrame) -> Legs:
    """Split by the column reader, its bounds included."""
    lazy = frame.lazy()
    legs = [f"{LEG}{step.name}" for step in plan.steps if not step.is_pool]
    return split_columns(plan, lazy, column_bounds(plan, lazy)).select(legs).collect()


def by_hand(frame: pl.DataFrame) -> Legs:
    """Split by expressions written for this agreement: 5% fee, 20% commission, 10%, 30%, 2%, half up."""
    whole = pl.col("paid") + pl.col("platform_coupon")
    base = whole - pl.col("freight")

    def share(amount: pl.Expr, numerator: int, denominator: int) -> pl.Expr:
        n = amount * numerator
        size = (2 * n.abs() + denominator) // (2 * denominator)
        return pl.when(n < 0).then(-size).otherwise(size)

    steps = {
        "tech_fee": share(whole, 5, 100),
        "commission": share(base, 20, 100),
        "alliance_fee": share(base, 2, 100),
        "mcn_share": share(base, 54, 1000),
        "leader_fee": share(base, 2, 100),
        "leader_platform_fee": share(base, 2, 1000),
    }
    rests = {
        "streamer_share": pl.col("commission") - pl.col("alliance_fee") - pl.col("mcn_share"),
        "leader_net": pl.col("leader_fee") - pl.col("leader_platform_fee"),
        "merchant_net": whole - pl.col("tech_fee") - pl.col("commission") - pl.col("leader_fee"),
    }
    order = ("tech_fee", "alliance_fee", "mcn_share", "streamer_share", "leader_platform_fee", "leader_net",
             "merchant_net")  # fmt: skip
    done = frame.lazy().with_columns(**steps).with_columns(**rests)
    return done.select(pl.col(name).alias(f"{LEG}{name}") for name in order).collect()


def by_exact_reader(plan: SplitPlan, frame: pl.DataFrame) -> Legs:
    """Split line by line on exact rationals."""
    legs = [step.name for step in plan.steps if not step.is_pool]
    rows = []
    for cells in frame.select(FACTS).iter_rows():
        split = plan.split({name: Fraction(cell, 100) for name, cell in zip(FACTS, cells, strict=True)})
        rows.append(tuple(split.legs[leg].amount_minor for leg in legs))
    return pl.DataFrame(rows, schema=[(f"{LEG}{leg}", pl.Int64) for leg in legs], orient="row")


def timed(work: Callable[[], Legs]) -> tuple[float, Legs]:
    """Return how many seconds the work took, and what it gave."""
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def measure(folder: Path, lines: int | None) -> dict[str, Any]:
    """Split the lines by all three readers and return their rates and ratios."""
    plan = split_plan(load_agreement(AGREEMENT.read_text(encoding="utf-8"), name=AGREEMENT.name))
    frame = read_lines(folder, lines)
    first = frame.head(EXACT_LINES)
    in_columns, at_limit = [], []
    for _ in range(REPEATS):  # by turns, so that whatever else the machine does falls on both
        in_columns.append(timed(lambda: by_columns(plan, frame)))
        at_limit.append(timed(lambda: by_hand(frame)))
    seconds, exact_legs = timed(lambda: by_exact_reader(plan, first))
    columns_legs, limit_legs = in_columns[0][1], at_limit[0][1]
    assert columns_legs.equals(limit_legs), "columns and the hand-written expression differ"
    assert columns_legs.head(EXACT_LINES).equals(exact_legs), "columns and the exact reader differ"
    columns = frame.height / min(taken for taken, _ in in_columns)
    limit = frame.height / min(taken for taken, _ in at_limit)
    exact = first.height / seconds
    return {
        "lines": frame.height,
        "columns_lines_per_second": round(columns),
        "exact_lines_per_second": round(exact),
        "hand_written_lines_per_second": round(limit),
        "columns_vs_exact": round(columns / exact, 1),
        "columns_vs_hand_written": round(columns / limit, 3),
        "polars": pl.__version__,
        "threads": pl.thread_pool_size(),
    }


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Measure how fast order lines are split.")
    parser.add_argument("--lines", type=int, help="only the first so many")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.lines)
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>32} {value}")


if __name__ == "__main__":
    main()
