"""Rows matched by amount and day, where one of them names nothing: one to one, by joins.

A pair matches where each row fits no other: exact amounts first, then those within the tolerance. Where
several fit the pairs are suggestions, and so is a pair that fits no other but names different things. Where
very many rows are alike in amount and day none is looked at, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ledger.reconciliation.rows import SCHEMA
from ledger.reconciliation.rules import PAIRS_MAX, Rules

PAIR: dict[str, pl.DataType | type[pl.DataType]] = {
    "a": pl.String,
    "b": pl.String,
    "sure": pl.Boolean,
    "fits": pl.Int64,
}
"""Columns of pairs: the ids, whether one names nothing, and how many rows the busier of the two fits; a
crowd counts as one."""


@dataclass(frozen=True)
class ByAmount:
    """Pairs found by amount and day: those that match, those that are suggested, and rows not looked at."""

    pairs: pl.DataFrame
    suggested: pl.DataFrame
    crowded: frozenset[str]

    @property
    def unsure(self) -> frozenset[str]:
        """The ids of rows that fit several others, each of which may be theirs."""
        told = self.suggested.filter("sure")
        return frozenset([*told["a"], *told["b"]])


def by_amount(a: pl.DataFrame, b: pl.DataFrame, rules: Rules) -> ByAmount:
    """Match the rows that references left over, one to one; see the module."""
    exact, crowded = _candidates(a, b, Rules(0, rules.days))
    sure = _unique(exact)
    if not rules.tolerance_minor:
        return ByAmount(sure, _rest(exact, sure), crowded)
    left_a, left_b = (
        frame.filter(~pl.col("id").is_in(sure[side].implode())) for side, frame in (("a", a), ("b", b))
    )
    near, more = _candidates(left_a, left_b, rules)
    nearly = _unique(near)
    pairs = pl.concat([sure, nearly])
    return ByAmount(pairs, _rest(near, pairs), crowded | more)


def _candidates(a: pl.DataFrame, b: pl.DataFrame, rules: Rules) -> tuple[pl.DataFrame, frozenset[str]]:
    """Return every pair within the rules, and the ids of rows in crowds that are too large to look at."""
    left = _placed(a, rules, spread=True)
    right = _placed(b, rules, spread=False)
    place = ["amount_at", "day_at"]
    counts = (
        left.group_by(place)
        .len("n_a")
        .join(right.group_by(place).len("n_b"), on=place)
        .with_columns((pl.col("n_a") * pl.col("n_b") > PAIRS_MAX).alias("crowd"))
    )
    crowd = counts.filter("crowd").select(place)
    ids = [side.join(crowd, on=place, how="semi")["id"] for side in (left, right)]
    few = counts.filter(~pl.col("crowd")).select(place)
    pairs = left.join(few, on=place, how="semi").join(right, on=place, suffix="_b")
    apart = (pl.col("amount_minor") - pl.col("amount_minor_b")).abs() <= rules.tolerance_minor
    days = (pl.col("day") - pl.col("day_b")).dt.total_days().abs() <= rules.days
    found = pairs.filter(apart & days).select(
        pl.col("id").alias("a"),
        pl.col("id_b").alias("b"),
        ((pl.col("ref") == "") | (pl.col("ref_b") == "")).alias("sure"),
    )
    crowded = pl.concat(ids).unique()
    fits = pl.max_horizontal(
        *(pl.len().over(side) + pl.col(side).is_in(crowded.implode()).cast(pl.Int64) for side in ("a", "b"))
    ).cast(pl.Int64)
    return found.with_columns(fits.alias("fits")).sort("a", "b"), frozenset(crowded.to_list())


def _placed(frame: pl.DataFrame, rules: Rules, *, spread: bool) -> pl.DataFrame:
    """Put rows in squares of amount and day as wide as the rules allow; `spread` in those about it too."""
    steps = [-1, 0, 1] if spread else [0]
    amount = pl.col("amount_minor") // (rules.tolerance_minor + 1)
    day = pl.col("day").to_physical().cast(pl.Int64) // (rules.days + 1)
    amounts = steps if rules.tolerance_minor else [0]
    days = steps if rules.days else [0]
    return (
        frame.select(*SCHEMA)
        .with_columns(
            pl.concat_list([amount + step for step in amounts]).alias("amount_at"),
            pl.concat_list([day + step for step in days]).alias("day_at"),
        )
        .explode("amount_at")
        .explode("day_at")
    )


def _unique(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter((pl.col("fits") == 1) & pl.col("sure"))


def _rest(pairs: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    gone_a, gone_b = taken["a"].implode(), taken["b"].implode()
    told = pl.col("sure") | (pl.col("fits") == 1)
    return pairs.filter(told & ~pl.col("a").is_in(gone_a) & ~pl.col("b").is_in(gone_b))
