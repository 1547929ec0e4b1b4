"""Rows matched by what they name: sums under one reference, then equal amounts within it. Joins only.

Rows of one reference match as a whole where both sides come to the same, however many there are on each:
one to one, one to many, many to one. Where they come to amounts within the tolerance they match too, and the
difference is a break that is closed. Else equal amounts match one to one and the rest is left to be classed.
Rows that one side alone has under a reference match each other where they come to nothing: a payment and its
return, a share and its reversal.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ledger.reconciliation.rows import SCHEMA
from ledger.reconciliation.rules import Rules

MATCHED: dict[str, pl.DataType | type[pl.DataType]] = {
    "side": pl.String,
    "id": pl.String,
    "amount_minor": pl.Int64,
    "match": pl.String,
    "how": pl.String,
}
"""Columns of matched rows; `match` is the same for the rows of one match, `how` the way it was found."""


@dataclass(frozen=True)
class ByReference:
    """What references match, and what they leave.

    `within` are the rows of matches whose sides differ within the tolerance; `differing` the rows of
    references on both sides that differ and have no equal; `paired` their equals, which are matched. `lone_a`
    and `lone_b` have a reference that the other side lacks, or none.
    """

    matched: pl.DataFrame
    within: pl.DataFrame
    differing: pl.DataFrame
    paired: pl.DataFrame
    lone_a: pl.DataFrame
    lone_b: pl.DataFrame


def by_reference(a: pl.DataFrame, b: pl.DataFrame, rules: Rules) -> ByReference:
    """Match two sides by reference; see the module."""
    rows = pl.concat([_sided(a, "a"), _sided(b, "b")])
    sums = _sums(a, "a").join(_sums(b, "b"), on="ref", how="inner")
    apart = (pl.col("sum_a") - pl.col("sum_b")).abs()
    verdict = (
        pl.when(apart == 0)
        .then(pl.lit("equal"))
        .when(apart <= rules.tolerance_minor)
        .then(pl.lit("within"))
        .otherwise(pl.lit("apart"))
    )
    known = sums.select("ref", "match", verdict.alias("verdict"))
    judged = rows.join(known, on="ref", how="left", maintain_order="left")
    how = pl.lit("reference").alias("how")
    whole = judged.filter(pl.col("verdict").is_in(["equal", "within"])).with_columns(how)
    apart_rows = judged.filter(pl.col("verdict") == "apart").drop("match")
    paired, rest = _paired(apart_rows)
    lone = judged.filter(pl.col("verdict").is_null()).drop("match")
    offset, lone = _offset(lone)
    return ByReference(
        pl.concat([whole.select(*MATCHED), paired.select(*MATCHED), offset.select(*MATCHED)]),
        whole.filter(pl.col("verdict") == "within").select("side", *SCHEMA),
        rest.select("side", *SCHEMA),
        paired.select("side", *SCHEMA),
        lone.filter(pl.col("side") == "a").select(*SCHEMA),
        lone.filter(pl.col("side") == "b").select(*SCHEMA),
    )


def _sided(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    return frame.select(pl.lit(side).alias("side"), *SCHEMA)


def _sums(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return what each reference of a side comes to, in 128 bits; side a names the match by its least id."""
    told = frame.lazy().filter(pl.col("ref") != "").group_by("ref")
    sums = [pl.col("amount_minor").cast(pl.Int128).sum().alias(f"sum_{side}")]
    if side == "a":
        sums.append(pl.col("id").min().alias("match"))
    return told.agg(sums).collect()


def _offset(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows of references that one side alone has and that come to nothing there from all others."""
    sums = rows.filter(pl.col("ref") != "").group_by("side", "ref")
    total = pl.col("amount_minor").cast(pl.Int128).sum()
    none = sums.agg(total.alias("total"), pl.col("id").min().alias("match")).filter(pl.col("total") == 0)
    told = rows.join(none.drop("total"), on=["side", "ref"], how="left", maintain_order="left")
    how = pl.lit("offset").alias("how")
    matched = pl.col("match").is_not_null()
    return told.filter(matched).with_columns(how), told.filter(~matched)


def _paired(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows of references that differ: equal amounts under one reference one to one, and the rest."""
    nth = pl.int_range(pl.len()).over("side", "ref", "amount_minor")
    ordered = rows.sort("side", "ref", "amount_minor", "kind", "day", "id").with_columns(nth.alias("nth"))
    key = ["ref", "amount_minor", "nth"]
    both = (
        ordered.filter(pl.col("side") == "a")
        .select(*key, pl.col("id").alias("match"))
        .join(ordered.filter(pl.col("side") == "b").select(key), on=key, how="inner")
    )
    told = ordered.join(both, on=key, how="left", maintain_order="left")
    how = pl.lit("reference").alias("how")
    matched = pl.col("match").is_not_null()
    return told.filter(matched).with_columns(how), told.filter(~matched)
