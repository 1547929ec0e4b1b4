"""The split and its reversal over columns: the arithmetic of `splits.line`, a million lines at a time.

A frame has one row per order line, with money facts as Int64 minor units under the fact's name. The exact
reader stays the oracle: both give the same integers or the formula is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from policies.errors import FormulaError
from policies.formulas.columns import (
    Column,
    Figure,
    add,
    fact_column,
    fact_columns,
    negate,
    rounded,
    to_column,
)
from policies.formulas.tree import Node
from policies.splits.line import PlanStep, SplitPlan, volume_name

LEG = "leg:"
"""Prefix of the column that holds a leg's posted minor units."""

REVERSED = "reversed:"
"""Prefix of the column that holds what a leg has reversed so far, in minor units."""

FUNDING = "funding:"
"""Prefix of the column that holds a funder's part of the whole, by position in the clause."""

RETURNED = "returned:"
"""Prefix of the column that holds what has gone back to a funder so far."""

_POOL = "pool:"


def column_bounds(plan: SplitPlan, frame: pl.LazyFrame) -> dict[str, int]:
    """Return, per numeric fact the split reads, the largest size in the frame: what overflow is judged by."""
    types = plan.agreement.fact_types("order")
    numeric = [name for name in sorted(plan.fact_names()) if types[name] in {"money", "number"}]
    if plan.fed:
        numeric.append("whole")
    if not numeric:
        return {}
    sizes = frame.select(pl.col(name).abs().max().fill_null(0) for name in numeric).collect()
    return {name: int(sizes[name][0]) for name in numeric}


def split_columns(plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int]) -> pl.LazyFrame:
    """Add `whole`, `funding:N`, `pool:NAME` and `leg:NAME`, all posted minor units as Int64.

    `bounds` are the sizes of `column_bounds`. Where the plan counts over windows, the frame has a column
    `volume.WINDOW`, what each held before the line as `PlanColumns.measure` counts it, and `bounds` its size.
    Raises FormulaError where no exact column form exists.
    """
    columns = PlanColumns(plan, bounds)
    for window in plan.windows:
        if volume_name(window) in bounds:
            columns.hold(window, bounds[volume_name(window)])
    return frame.with_columns(columns.posted())


def reversal_columns(plan: SplitPlan, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add `reversed:NAME` per leg and `returned:N` per funder, from `refunded_minor` and `refundable_minor`.

    The frame comes from `split_columns`. Rows whose refundable is zero have reversed nothing.
    """
    done: dict[str, pl.Expr] = {}
    for step in plan.steps:
        done[step.name] = _reversed_step(plan, step, done)
    legs = [step for step in plan.steps if not step.is_pool]
    added = [done[step.name].alias(f"{REVERSED}{step.name}") for step in legs]
    frame = frame.with_columns(added)
    whole = pl.sum_horizontal(f"{REVERSED}{step.name}" for step in legs)
    shares = [_share(plan, pl.col(f"{FUNDING}{i}")) for i in range(len(plan.funding) - 1)]
    taken = shares[0] if shares else pl.lit(0, dtype=pl.Int64)
    for share in shares[1:]:
        taken = taken + share
    returned = [*shares, whole - taken]
    return frame.with_columns(part.alias(f"{RETURNED}{i}") for i, part in enumerate(returned))


def volume_parts(plan: SplitPlan, window: str) -> int:
    """Return in how many parts of a major unit columns count a window."""
    types = plan.agreement.fact_types("order")
    sizes = dict.fromkeys((name for name in plan.fact_names() if types[name] in {"money", "number"}), 0)
    return PlanColumns(plan, sizes).measure(window).denominator * plan.scale


class PlanColumns:
    """Builds the posted columns of one plan step by step; exact figures stay over their denominators."""

    def __init__(self, plan: SplitPlan, bounds: Mapping[str, int]) -> None:
        self.plan = plan
        self.kinds = plan.agreement.fact_types("order")
        read = {name: self.kinds[name] for name in sorted(plan.fact_names())}
        self.scope: dict[str, Column] = fact_columns(read, bounds)
        if plan.fed:
            self.scope["whole"] = fact_column("whole", bounds["whole"])
            self.kinds["whole"] = "money"

    def measure(self, window: str) -> Figure:
        """Return what a line adds to the volume of a window, exactly."""
        self.name("whole", self.exact(self.plan.whole))
        if self.plan.base is not None:
            self.name("base", self.exact(self.plan.base))
        return self.exact(self.plan.windows[window])

    def hold(self, window: str, bound: int) -> None:
        """Read what a window held before each line from the column `volume.WINDOW`, counted as `measure`."""
        column = fact_column(volume_name(window), bound)
        self.name(
            volume_name(window), Figure(column.numerator, self.measure(window).denominator, column.bound)
        )

    def posted(self) -> list[pl.Expr]:
        """Return every posted column, the whole first."""
        whole = self.name("whole", self.exact(self.plan.whole))
        if self.plan.base is not None:
            self.name("base", self.exact(self.plan.base))
        funding = [self.round(self.exact(node)) for node in self.plan.funding[:-1]]
        posted: dict[str, Figure] = {}
        for step in self.plan.steps:
            posted[step.name] = self.step(step, whole, posted)
        whole_posted = self.round(whole)
        rest = self.less(whole_posted, funding)
        return [
            _int64(whole_posted).alias("whole"),
            *(_int64(one).alias(f"{FUNDING}{i}") for i, one in enumerate([*funding, rest])),
            *(_int64(posted[step.name]).alias(_column_name(step)) for step in self.plan.steps),
        ]

    def windowed(self, step: PlanStep, window: str) -> Figure:
        """Return what a line adds to a step that is due on the volume of a window, or its provisional."""
        assert step.formula is not None
        if volume_name(window) not in self.scope:
            raise FormulaError(
                f"the window '{window}' is counted over a series, which this frame does not say"
            )
        before = self.named(volume_name(window))
        self.name("volume", add(before, self.exact(self.plan.windows[window])))
        if step.provisional is not None:
            return self.round(self.name(step.name, self.exact(step.provisional)))
        now = self.exact(step.formula)
        self.name("volume", before)
        then = self.exact(step.formula)
        self.name(step.name, self.less(now, [then]))
        return self.less(self.round(now), [self.round(then)])

    def step(self, step: PlanStep, whole: Figure, posted: Mapping[str, Figure]) -> Figure:
        """Return what a step posts, given what the steps before it post, and name its exact figure."""
        if step.window is not None:
            return self.windowed(step, step.window)
        siblings = [one for one in self.plan.siblings(step.parent) if one.name != step.name]
        if step.formula is not None:
            return self.round(self.name(step.name, self.exact(step.formula)))
        source = whole if step.parent is None else self.named(step.parent)
        self.name(step.name, self.less(source, [self.named(one.name) for one in siblings]))
        source_posted = self.round(whole) if step.parent is None else posted[step.parent]
        return self.less(source_posted, [posted[one.name] for one in siblings])

    def exact(self, node: Node) -> Figure:
        """Return a money formula as an exact figure. Raises FormulaError where it has no column form."""
        column = to_column(
            node,
            self.scope,
            self.kinds,
            literal_scale=self.plan.scale,
            money=True,
            rounding=self.plan.rounding,
        )
        if not isinstance(column, Figure):
            raise FormulaError("a condition stands where an amount is needed")
        return column

    def name(self, name: str, figure: Figure) -> Figure:
        """Give a figure the name by which later formulas read it."""
        self.scope[name] = figure
        self.kinds[name] = "money"
        return figure

    def named(self, name: str) -> Figure:
        """Return the exact figure of a name."""
        figure = self.scope[name]
        assert isinstance(figure, Figure)
        return figure

    def round(self, figure: Figure) -> Figure:
        """Round a figure as the clause does."""
        return rounded(figure, self.plan.rounding)

    @staticmethod
    def less(source: Figure, parts: list[Figure]) -> Figure:
        """Return a figure less others."""
        for part in parts:
            source = add(source, negate(part))
        return source


def _reversed_step(plan: SplitPlan, step: PlanStep, done: Mapping[str, pl.Expr]) -> pl.Expr:
    if step.formula is None:
        source = pl.col(f"{_POOL}{step.parent}") if step.parent else pl.col("whole")
        left = _share(plan, source)
        for one in plan.siblings(step.parent):
            if one.name != step.name:
                left -= done[one.name]
        return left
    if step.keeps:
        return pl.lit(0, dtype=pl.Int64)
    return _share(plan, pl.col(_column_name(step)))


def _share(plan: SplitPlan, posted: pl.Expr) -> pl.Expr:
    """R(posted * refunded / refundable), in 128 bits since two amounts are multiplied."""
    n = posted.cast(pl.Int128) * pl.col("refunded_minor").cast(pl.Int128)
    d = pl.col("refundable_minor").cast(pl.Int128)
    if plan.rounding == "floor":
        share = n.floordiv(d)
    elif plan.rounding == "half_up":
        size = (2 * n.abs() + d).floordiv(2 * d)
        share = pl.when(n < 0).then(0 - size).otherwise(size)
    else:
        low = n.floordiv(d)
        rest = 2 * (n - low * d)
        up = (rest > d) | ((rest == d) & ((low - low.floordiv(2) * 2) == 1))
        share = low + up.cast(pl.Int128)
    return pl.when(pl.col("refundable_minor") > 0).then(share).otherwise(0).cast(pl.Int64)


def _column_name(step: PlanStep) -> str:
    return f"{_POOL if step.is_pool else LEG}{step.name}"


def _int64(figure: Figure) -> pl.Expr:
    return figure.numerator.cast(pl.Int64, strict=True)


def exact_sums(
    plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int]
) -> tuple[Fraction, dict[str, Fraction]]:
    """Return the exact sums, in minor units, of the whole and of every step but the rests over a frame.

    What `statements.posted_sums` takes. Raises FormulaError where no exact column form exists.
    """
    columns = PlanColumns(plan, bounds)
    columns.posted()
    names = ["whole", *(step.name for step in plan.steps if step.formula is not None)]
    figures = {name: columns.named(name) for name in names}
    sums = frame.select(
        figure.numerator.cast(pl.Int128).sum().alias(name) for name, figure in figures.items()
    ).collect()
    exact = {name: Fraction(sums[name][0], figure.denominator) for name, figure in figures.items()}
    return exact.pop("whole"), exact
