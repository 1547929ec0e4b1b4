"""Order lines over windows of time, as columns: the arithmetic of `splits.series` with cumulative sums.

The exact reader stays the oracle: both give the same integers or the formula is refused by name. A window's
entries need a division by each line's own refundable amount, so the few lines that were refunded in part are
read one by one, exactly, and all others as sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from policies.formulas.columns import Figure, fact_column
from policies.splits.columns import LEG, REVERSED, PlanColumns, reversal_columns
from policies.splits.line import PlanStep, SplitPlan, volume_name
from policies.splits.series import WindowEntry, WindowSums, entries_of, opening_volumes

PERIOD = "period:"
"""Prefix of the column that holds the period of a window in which a line falls."""

LATE = "late:"
"""Prefix of the column that tells whether a line came after later lines of its window were posted."""

_MEASURE = "measure:"
_KEY = ("confirmed_at", "order", "line")


def series_columns(plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int]) -> pl.LazyFrame:
    """Order the lines and add what `split_columns` adds, with `period:WINDOW` and `late:WINDOW`.

    Beside the facts, `frame` has `order`, `line`, `confirmed_at` (a Datetime with a time zone) and may have
    `run`, the run that posted a line. Raises FormulaError where no exact column form exists.
    """
    if "run" not in frame.collect_schema():
        frame = frame.with_columns(run=pl.lit(0))
    frame = frame.sort(_KEY)
    columns = PlanColumns(plan, bounds)
    for name in plan.windows:
        figure = columns.measure(name)
        frame = frame.with_columns(
            figure.numerator.cast(pl.Int128).alias(f"{_MEASURE}{name}"),
            period_column(plan, name, pl.col("confirmed_at")).alias(f"{PERIOD}{name}"),
        )
        before, frame = _before(plan, frame, name, figure)
        columns.scope[volume_name(name)] = before
        columns.kinds[volume_name(name)] = "money"
    return frame.with_columns(columns.posted())


def series_entries(plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int]) -> list[WindowEntry]:
    """Return what the windows post beside the lines of `series_columns`, from `refunded_minor` of each.

    The frame also has `refundable_minor`; what was refunded lies between nothing and that.
    """
    columns = PlanColumns(plan, bounds)
    done = reversal_columns(plan, frame)
    sums: dict[tuple[str, str], WindowSums] = {}
    for window in plan.windows:
        steps = [step for step in plan.steps if step.window == window]
        scale = columns.measure(window).denominator * plan.scale
        refunded = pl.col("refunded_minor") > 0
        partly = refunded & (pl.col("refunded_minor") < pl.col("refundable_minor"))
        measure = pl.col(f"{_MEASURE}{window}")
        grouped = (
            done.group_by(f"{PERIOD}{window}")
            .agg(
                pl.when(refunded).then(0).otherwise(measure).sum().alias("whole"),
                refunded.any().alias("refund"),
                pl.col(f"{LATE}{window}").any().alias("late"),
                *(_standing(plan, step).cast(pl.Int128).sum().alias(f"posted:{step.name}") for step in steps),
                pl.struct(measure.alias("measure"), "refunded_minor", "refundable_minor")
                .filter(partly)
                .alias("partly"),
            )
            .collect()
        )
        for row in grouped.iter_rows(named=True):
            left = sum(
                (
                    Fraction(one["measure"] * (one["refundable_minor"] - one["refunded_minor"]))
                    / one["refundable_minor"]
                    for one in row["partly"]
                ),
                Fraction(row["whole"]),
            )
            for step in steps:
                found = WindowSums(left / scale, row[f"posted:{step.name}"])
                found.causes |= {"refund"} if row["refund"] else set()
                found.causes |= {"late_line"} if row["late"] else set()
                sums[step.name, row[f"{PERIOD}{window}"]] = found
    return list(entries_of(plan, sums))


def _standing(plan: SplitPlan, step: PlanStep) -> pl.Expr:
    """Return what stands posted of a step after refunds."""
    legs = [leg.name for leg in plan.siblings(step.name)] if step.is_pool else [step.name]
    posted = pl.sum_horizontal(f"{LEG}{leg}" for leg in legs)
    return posted - pl.sum_horizontal(f"{REVERSED}{leg}" for leg in legs)


def period_column(plan: SplitPlan, window: str, confirmed: pl.Expr) -> pl.Expr:
    """Return the period of a window in which times with a time zone lie, as `series.period_of` has it."""
    local = confirmed.dt.convert_time_zone(plan.agreement.document.time_zone)
    by = (plan.clause.windows or {})[window].by
    periods = {
        "month": local.dt.strftime("%Y-%m"),
        "quarter": pl.format("{}-Q{}", local.dt.strftime("%Y"), local.dt.quarter()),
        "year": local.dt.strftime("%Y"),
        "term": pl.lit("term"),
    }
    return periods[by]


def _before(
    plan: SplitPlan, frame: pl.LazyFrame, window: str, measure: Figure
) -> tuple[Figure, pl.LazyFrame]:
    """Add the volume before each line, of lines before it that its run knew of; tell which lines are late."""
    x, period, run = pl.col(f"{_MEASURE}{window}"), f"{PERIOD}{window}", pl.col("run")
    known = frame.select(runs=run.unique().implode(), total=x.abs().sum()).collect()
    runs = sorted(known["runs"][0])
    before = x.cum_sum().over(period) - x
    for one in reversed(runs[:-1]):
        counted = pl.when(run <= one).then(x).otherwise(0)
        before = pl.when(run <= one).then(counted.cum_sum().over(period) - counted).otherwise(before)
    start = pl.lit(0, dtype=pl.Int128)
    opening = {place: volume for place, volume in opening_volumes(plan).items() if place[0] == window}
    for (_, held), volume in opening.items():
        amount = int(volume * plan.scale) * measure.denominator
        start = pl.when(pl.col(period) == held).then(pl.lit(amount, dtype=pl.Int128)).otherwise(start)
    bound = known["total"][0] + sum(
        int(abs(one) * plan.scale) * measure.denominator for one in opening.values()
    )
    later = run.reverse().cum_min().reverse().over(period)
    frame = frame.with_columns(
        (before + start).alias(volume_name(window)), (run > later).alias(f"{LATE}{window}")
    )
    column = fact_column(volume_name(window), bound)
    return Figure(column.numerator, measure.denominator, bound), frame
