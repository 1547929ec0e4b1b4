"""Order lines to settle, from a seed, written once as Parquet in the form that a run hands to its workers.

Half of the lines are refunded, seven in ten of these in full. Orders have two lines; their keys rise, as a
shop's do, and a file holds 500,000 lines of one month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ledger.settlement.partitions import STRETCH_LINES, Stretch, stretch_of, write_frame
from ledger.settlement.terms import VersionTerms

SEED = 20261123
REFUNDED_PER_MILLE = 500
FULL_PER_MILLE = 700
_MONTHS = 12
_MODULUS = 2_147_483_647
_MULTIPLIER = 48_271


def stretches(folder: Path, version: VersionTerms, lines: int, seed: int = SEED) -> list[Stretch]:
    """Return the stretches of so many lines under `folder`; what is not there yet is written."""
    root = folder / f"lines-{lines}-{STRETCH_LINES}-{seed}"
    count = -(-lines // STRETCH_LINES)
    found = []
    for place in range(count):
        height = min(STRETCH_LINES, lines - place * STRETCH_LINES)
        period = f"2026-{place * _MONTHS // count + 1:02}"
        agreement = f"agreement={version.agreement.id}/version={version.version}"
        path = root / agreement / f"period={period}" / f"stretch-{place:05}.parquet"
        if not path.exists():
            write_frame(_lines(place * STRETCH_LINES, height, seed), str(path))
        found.append(stretch_of(str(root), version, place, [str(path)], height))
    return found


def frames(work: Sequence[Stretch], columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield some columns of the lines of each stretch."""
    for stretch in work:
        yield pl.read_parquet(stretch.sources[0], columns=list(columns))


def _lines(start: int, height: int, seed: int) -> pl.DataFrame:
    number = pl.int_range(start, start + height, dtype=pl.Int64, eager=True).alias("number").to_frame()
    drawn = number.with_columns(_draw(seed + place).alias(f"draw_{place}") for place in range(6))
    priced = drawn.with_columns(
        paid=100 + pl.col("draw_0") % 300_000,
        platform_coupon=pl.when(pl.col("draw_1") % 10 < 3).then(pl.col("draw_1") // 10 % 3_000).otherwise(0),
        percent=pl.when(pl.col("draw_4") % 1000 < FULL_PER_MILLE)
        .then(100)
        .otherwise(pl.col("draw_5") % 60 + 20),
    )
    refunded = pl.when(pl.col("draw_3") % 1000 < REFUNDED_PER_MILLE)
    return priced.with_columns(
        freight=pl.when(pl.col("draw_2") % 10 < 4)
        .then(pl.min_horizontal(pl.col("draw_2") // 10 % 2_000, "paid"))
        .otherwise(0),
        refunded=refunded.then(pl.col("paid") * pl.col("percent") // 100).otherwise(0),
    ).select(
        pl.format("26{}", (pl.col("number") // 2).cast(pl.String).str.zfill(12)).alias("order"),
        (pl.col("number") % 2 + 1).cast(pl.String).alias("line"),
        (pl.col("number") * 3).alias("seq:sale"),
        (pl.col("number") * 3 + 1).alias("seq:receipt"),
        refunded.then(pl.col("number") * 3 + 2).alias("now:refund"),
        "freight",
        "paid",
        "platform_coupon",
        pl.lit(value=True).alias("now:earned"),
        pl.col("refunded").alias("now:refunded"),
        pl.col("refunded").alias("now:claimed"),
    )


def _draw(seed: int) -> pl.Expr:
    """Draw a whole number a line from its own number: four steps of the Park-Miller generator."""
    state = (pl.col("number") % _MODULUS + seed * 7_919) % _MODULUS
    for _ in range(4):
        state = (state + 1) * _MULTIPLIER % _MODULUS
    return state // 64
