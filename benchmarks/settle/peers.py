"""What the kernels are held against: the same split and reversal written by hand, in Polars and in C.

Both are of the head streamer's agreement alone and know what no kernel may assume: that no amount is below
zero and none near the edge of 64 bits. They make the same columns: seven legs, two funders' parts, and of
each what a refund took back.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

LEGS = ("tech_fee", "alliance_fee", "mcn_share", "streamer_share", "leader_platform_fee", "leader_net",
        "merchant_net")  # fmt: skip
FUNDERS = 2
COLUMNS = (
    *(f"leg:{name}" for name in LEGS),
    *(f"funding:{index}" for index in range(FUNDERS)),
    *(f"now:reversed:{name}" for name in LEGS),
    *(f"now:returned:{index}" for index in range(FUNDERS)),
)
FACTS = ("paid", "platform_coupon", "freight", "now:refunded")
SOURCE = Path(__file__).with_name("onepass.c")


def by_hand(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Split and reverse by expressions written for this agreement."""
    paid, refunded = pl.col("paid"), pl.col("now:refunded")
    whole = paid + pl.col("platform_coupon")
    base = whole - pl.col("freight")

    def share(amount: pl.Expr, numerator: int, denominator: int) -> pl.Expr:
        return (2 * numerator * amount + denominator) // (2 * denominator)

    def back(name: str) -> pl.Expr:
        return (2 * pl.col(name) * refunded + paid) // (2 * paid)

    posted = lines.with_columns(
        whole.alias("whole"),
        share(whole, 1, 20).alias("leg:tech_fee"),
        share(base, 1, 5).alias("commission"),
        share(base, 1, 50).alias("leg:alliance_fee"),
        share(base, 27, 500).alias("leg:mcn_share"),
        share(base, 1, 50).alias("leader_fee"),
        share(base, 1, 500).alias("leg:leader_platform_fee"),
        paid.alias("funding:0"),
        pl.col("platform_coupon").alias("funding:1"),
    ).with_columns(
        (pl.col("commission") - pl.col("leg:alliance_fee") - pl.col("leg:mcn_share")).alias(
            "leg:streamer_share"
        ),
        (pl.col("leader_fee") - pl.col("leg:leader_platform_fee")).alias("leg:leader_net"),
        (whole - pl.col("leg:tech_fee") - pl.col("commission") - pl.col("leader_fee")).alias(
            "leg:merchant_net"
        ),
    )
    names = ("tech_fee", "alliance_fee", "mcn_share", "leader_platform_fee")
    reversed_ = posted.with_columns(
        *(back(f"leg:{name}").alias(f"now:reversed:{name}") for name in names),
        back("commission").alias("back:commission"),
        back("leader_fee").alias("back:leader_fee"),
        back("whole").alias("back:whole"),
        back("funding:0").alias("now:returned:0"),
    )
    one = {name: pl.col(f"now:reversed:{name}") for name in names}
    return reversed_.with_columns(
        (pl.col("back:commission") - one["alliance_fee"] - one["mcn_share"]).alias(
            "now:reversed:streamer_share"
        ),
        (pl.col("back:leader_fee") - one["leader_platform_fee"]).alias("now:reversed:leader_net"),
        (
            pl.col("back:whole") - one["tech_fee"] - pl.col("back:commission") - pl.col("back:leader_fee")
        ).alias("now:reversed:merchant_net"),
        (pl.col("back:whole") - pl.col("now:returned:0")).alias("now:returned:1"),
    ).select(COLUMNS)


class OnePass:
    """The same in C, one pass over the lines in memory, compiled with gcc -O3 when it is made."""

    def __init__(self, folder: Path) -> None:
        library = folder / "onepass.so"
        subprocess.run(
            ["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, SOURCE],
            check=True,
        )
        self._split = ctypes.CDLL(str(library)).split_lines
        self._split.restype = None
        self._made: list[np.ndarray] = []

    def prepare(self, lines: pl.DataFrame) -> list[np.ndarray]:
        """Return the facts as arrays and make room for the results, neither of which is timed."""
        self._made = [np.zeros(lines.height, dtype=np.int64) for _ in COLUMNS]
        return [np.ascontiguousarray(lines[name].to_numpy()) for name in FACTS]

    def run(self, facts: Sequence[np.ndarray]) -> None:
        """Split and reverse all lines."""
        arrays = [*facts, *self._made]
        pointers = (ctypes.c_void_p * len(arrays))(*(one.ctypes.data for one in arrays))
        self._split(ctypes.c_long(len(facts[0])), pointers)

    def sums(self) -> dict[str, int]:
        """Return the sum of each column."""
        return {name: int(made.sum()) for name, made in zip(COLUMNS, self._made, strict=True)}
