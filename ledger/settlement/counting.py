"""What windows hold, counted over a frame of earned lines: by columns, and by the exact reader as the oracle.

Lines count in the order of (confirmed, order, line), each with its gross measure; what a window holds net of
refunds is a sum over its lines. Volumes before a line are columns `volume.WINDOW`: over the columns engine
Int128 numerators as `PlanColumns.measure` counts them, over the exact one fractions as text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import polars as pl

from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY
from ledger.settlement.kernels import Kernel, exact_values, is_unusable, readable, require_columns
from ledger.settlement.terms import VersionTerms
from policies.errors import FactError, FormulaError
from policies.formulas.exact import Unknown
from policies.formulas.figures import INT128_SAFE, TOO_LARGE
from policies.splits.columns import PlanColumns, column_bounds, volume_parts
from policies.splits.line import LineSplit, volume_name
from policies.splits.series import opening_volumes, places
from policies.splits.series_columns import PERIOD, period_column

ORDER = ("us:confirmed", *KEY)
"""In what order lines count towards a window."""

MEASURE = "measure:"
"""Prefix of the column of what a line counts towards a window, over the columns engine."""

Place = tuple[str, str]
"""A window and a period of it."""


def with_volumes(engine: Kernel, terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that can be split, in order, with `period:WINDOW` and `volume.WINDOW` of each window.

    `frame` holds facts and `us:confirmed`; volumes count the lines of the frame and no other, beside what
    was carried over. Raises SettlementRefused where no exact column form exists.
    """
    counted: Callable[[VersionTerms, pl.DataFrame], pl.DataFrame]
    counted = _by_columns if engine == "columns" else _by_exact_reader
    return counted(terms, frame)


def net_volumes(engine: Kernel, terms: VersionTerms, done: pl.DataFrame) -> dict[Place, Fraction]:
    """Return what each period holds net of refunds, in major units, without what was carried over.

    `done` comes from `with_volumes` and has been through a kernel, with `now:refunded` in minor units.
    """
    if engine == "exact":
        return _net_by_exact_reader(terms, done)
    found: dict[Place, Fraction] = {}
    for window in terms.plan.windows:
        sums = net_sums(done, f"{PERIOD}{window}", pl.col(f"{MEASURE}{window}"))
        scale = volume_parts(terms.plan, window)
        found |= {(window, period): amount / scale for period, amount in sums.items()}
    return found


def taken_back() -> pl.Expr:
    """Return how much of each line is taken back now, in minor units, within what is refundable."""
    limit = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(0, dtype=pl.Int64))
    return pl.min_horizontal(pl.col("now:refunded"), limit)


def net_sums(done: pl.DataFrame, by: str, amount: pl.Expr) -> dict[str, Fraction]:
    """Return, by group, the exact sum of an integer column, of each line what refunds leave of it.

    Lines refunded in part are summed by what was refundable, so that what is left to rationals is one sum a
    price and not one a line. Raises SettlementRefused where 128 bits could overflow.
    """
    frame = done.select(
        by,
        amount.cast(pl.Int128).alias("n"),
        taken_back().alias("back"),
        pl.col("refundable_minor").alias("d"),
    )
    sizes = frame.select(n=pl.col("n").abs().max().fill_null(0), d=pl.col("d").abs().max().fill_null(0))
    if (int(sizes["n"][0]) + 1) * (int(sizes["d"][0]) + 1) * (frame.height + 1) >= INT128_SAFE:
        raise SettlementRefused(TOO_LARGE)
    frame = frame.filter((pl.col("back") == 0) | (pl.col("back") < pl.col("d")))
    left = (
        pl.when(pl.col("back") == 0).then(pl.col("n")).otherwise(pl.col("n") * (pl.col("d") - pl.col("back")))
    )
    over = pl.when(pl.col("back") == 0).then(1).otherwise(pl.col("d")).cast(pl.Int64)
    sums = frame.group_by(by, over.alias("over")).agg(left.sum().alias("sum"))
    found: dict[str, Fraction] = defaultdict(Fraction)
    found |= dict.fromkeys(done[by].unique().to_list(), Fraction(0))
    for group, divisor, total in sums.iter_rows():
        found[group] += Fraction(int(total), divisor)
    return dict(found)


# ---- columns


def _by_columns(terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    require_columns(terms)
    plan = terms.plan
    frame = frame.with_columns(readable(terms, name) for name in terms.fact_names)
    try:
        frame = frame.filter(~is_unusable(terms, frame)).sort(ORDER)
        columns = PlanColumns(plan, column_bounds(plan, frame.lazy()))
        measures = {window: columns.measure(window) for window in plan.windows}
    except FormulaError as fault:
        raise SettlementRefused(
            f"{fault}; settle with the exact engine instead", where=terms.agreement.ref
        ) from fault
    confirmed = pl.from_epoch("us:confirmed", time_unit="us").dt.replace_time_zone("UTC")
    for window, measure in measures.items():
        if measure.bound * (frame.height + 1) >= INT128_SAFE:
            raise SettlementRefused(TOO_LARGE, where=terms.agreement.ref)
        x = pl.col(f"{MEASURE}{window}")
        frame = frame.with_columns(
            measure.numerator.cast(pl.Int128).alias(f"{MEASURE}{window}"),
            period_column(plan, window, confirmed).alias(f"{PERIOD}{window}"),
        )
        before = x.cum_sum().over(f"{PERIOD}{window}") - x
        frame = frame.with_columns((before + _opening(terms, window)).alias(volume_name(window)))
    return frame


def _opening(terms: VersionTerms, window: str) -> pl.Expr:
    start = pl.lit(0, dtype=pl.Int128)
    for (name, period), volume in opening_volumes(terms.plan).items():
        if name == window:
            amount = pl.lit(int(volume * volume_parts(terms.plan, window)), dtype=pl.Int128)
            start = pl.when(pl.col(f"{PERIOD}{window}") == period).then(amount).otherwise(start)
    return start


# ---- the exact reader


def _by_exact_reader(terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    held: dict[Place, Fraction] = defaultdict(Fraction, opening_volumes(terms.plan))
    usable, found = [], []
    frame = frame.sort(ORDER)
    for row in frame.iter_rows(named=True):
        split = exact_split(terms, row)
        usable.append(split is not None)
        if split is None:
            continue
        at = places(terms.plan, datetime.fromtimestamp(row["us:confirmed"] // 1_000_000, UTC))
        found.append((*at.values(), *(str(held[place]) for place in at.items())))
        for place in at.items():
            held[place] += terms.plan.measure(place[0], split.values)
    windows = terms.plan.windows
    names = [*(f"{PERIOD}{one}" for one in windows), *(volume_name(one) for one in windows)]
    added = pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.filter(pl.Series(usable, dtype=pl.Boolean)).hstack(added)


def exact_split(terms: VersionTerms, row: Mapping[str, Any]) -> LineSplit | None:
    """Return the split of a row of facts on rationals, None where it cannot be split."""
    values = exact_values(terms, row)
    if any(isinstance(value, Unknown) for value in values.values()):
        return None
    try:
        return terms.plan.split(values)
    except FactError:
        return None


def _net_by_exact_reader(terms: VersionTerms, done: pl.DataFrame) -> dict[Place, Fraction]:
    found: dict[Place, Fraction] = defaultdict(Fraction)
    for row in done.with_columns(taken_back().alias("back")).iter_rows(named=True):
        back, values = row["back"], exact_values(terms, row)
        left = 1 - Fraction(back, row["refundable_minor"]) if back else Fraction(1)
        for window in terms.plan.windows:
            found[window, row[f"{PERIOD}{window}"]] += terms.plan.measure(window, values) * left
    return dict(found)
