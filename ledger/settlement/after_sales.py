"""Which lines wait because an after-sale case of theirs is open, where the document has them wait.

A case holds a line back from the day on which it would be earned: one that is open then, and any that is
opened while it still waits. The line is earned as soon as none is open. What a run has settled stays settled:
neither a case opened later nor one told of later takes it back, for refunds do that.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.leaves import instant_of
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.terms import VersionTerms

PointKey = tuple[int, int]
"""A cut-off in microseconds since 1970 UTC, and the seq before which the log counts."""

_NEVER = 253_402_214_400_000_000
"""The last day of the year 9999: until then a case is open that nobody has closed."""
_READ = (*KEY, "seq:sale", "us:sold", "seq:receipt", "us:confirmed", "day:confirmed")


def waiting(lines: pl.LazyFrame, book: LineBook, version: VersionTerms, point: PointKey) -> pl.DataFrame:
    """Return order and line of those that wait at a point. `lines` are of `state.lines_in_force`."""
    told = lines.select(_READ).join(book.cases.lazy().select(KEY).unique(), on=KEY, how="semi").collect()
    held = _held(told, book, version, point)
    for earlier in book.settled:
        if held.is_empty():
            break
        if earlier != point and earlier[0] <= point[0] and earlier[1] <= point[1]:
            then = held.filter(_due(version, earlier))
            held = held.join(_held(then, book, version, earlier), on=KEY, how="semi").vstack(
                held.filter(~_due(version, earlier))
            )
    return held.select(KEY)


def released(lines: pl.DataFrame, book: LineBook, version: VersionTerms, point: PointKey) -> pl.DataFrame:
    """Return order, line and `day:released` of lines that waited: the day on which no case was open."""
    covering = _covering(lines, book, version, point).filter(pl.col("until") < _NEVER)
    return covering.select(*KEY, _local("until", version).dt.date().alias("day:released"))


def _held(told: pl.DataFrame, book: LineBook, version: VersionTerms, point: PointKey) -> pl.DataFrame:
    covering = _covering(told, book, version, point).filter(pl.col("until") == _NEVER)
    return told.join(covering, on=KEY, how="semi", maintain_order="left")


def _due(version: VersionTerms, point: PointKey) -> pl.Expr:
    """Tell whether a line was earned at a point, had none of its cases been open."""
    us, end = point
    day: date = instant_of(us).astimezone(version.agreement.zone).date()
    told = (pl.col("seq:sale") < end) & (pl.col("seq:receipt") < end)
    happened = (pl.col("us:sold") <= us) & (pl.col("us:confirmed") <= us)
    return (told & happened & (_cleared(version) <= day)).fill_null(value=False)


def _covering(told: pl.DataFrame, book: LineBook, version: VersionTerms, point: PointKey) -> pl.DataFrame:
    """Return the spell of open cases, `since` and `until`, in which each line's clearing ended."""
    clears = told.select(*KEY, _cleared(version).cast(pl.Datetime("us")).alias("clears"))
    spells = _spells(book.cases, point).join(clears, on=KEY)
    return spells.filter(
        (_local("since", version) <= pl.col("clears"))
        & ((pl.col("until") == _NEVER) | (_local("until", version) > pl.col("clears")))
    )


def _spells(cases: pl.DataFrame, point: PointKey) -> pl.DataFrame:
    """Return the times during which some case of a line was open without a break, as known at a point."""
    us, end = point
    known = cases.filter((pl.col("seq:case") < end) & (pl.col("us:case") <= us))
    opened = known.filter("opens").group_by(*KEY, "case").agg(pl.col("us:case").min().alias("since"))
    closed = known.filter(~pl.col("opens")).group_by(*KEY, "case").agg(pl.col("us:case").min().alias("until"))
    spans = (
        opened.join(closed, on=[*KEY, "case"], how="left")
        .with_columns(pl.col("until").fill_null(_NEVER))
        .filter(pl.col("until") > pl.col("since"))
        .sort(*KEY, "since", "case")
    )
    reach = pl.col("until").cum_max().shift(1).over(KEY)
    spell = (pl.col("since") > reach).fill_null(value=True).cum_sum().over(KEY)
    return (
        spans.with_columns(spell.alias("spell"))
        .group_by(*KEY, "spell", maintain_order=True)
        .agg(pl.col("since").min(), pl.col("until").max())
        .drop("spell")
    )


def _cleared(version: VersionTerms) -> pl.Expr:
    return pl.col("day:confirmed") + pl.duration(days=version.clearing_days)


def _local(us: str, version: VersionTerms) -> pl.Expr:
    zone = version.agreement.zone.key
    at = pl.from_epoch(pl.col(us), time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return at.dt.replace_time_zone(None)
