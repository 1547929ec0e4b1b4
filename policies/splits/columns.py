"""The split and its reversal over columns: the arithmetic of `splits.line`, a million lines at a time.

A frame has one row per order line, with money facts as Int64 minor units under the fact's name. The exact
reader stays the oracle: both give the same integers or the formula is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from policies.errors import FormulaError
from policies.formulas.columns import (
    Column,
    Figure,
    add,
    fact_column,
    fact_columns,
    rounded,
    to_column,
)
from policies.formulas.figures import INT64_SAFE, subtract
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
_REFUNDED = "twice refunded"
_REFUNDABLE = "refundable, or one"
_DIVISOR = "twice refundable, or two"

Span = tuple[int, int]
"""The least and the greatest number in a column."""

Signs = Callable[[Sequence[pl.Expr]], Sequence[bool]]
"""Tells of expressions over a frame whether each is never below zero."""

_ANY: Span = (-INT64_SAFE, INT64_SAFE)


def column_bounds(plan: SplitPlan, frame: pl.LazyFrame) -> dict[str, int]:
    """Return, per numeric fact the split reads, the largest size in the frame: what overflow is judged by."""
    types = plan.agreement.fact_types("order")
    numeric = [name for name in sorted(plan.fact_names()) if types[name] in {"money", "number"}]
    return column_sizes(frame, [*numeric, "whole"] if plan.fed else numeric)


def column_sizes(frame: pl.LazyFrame, names: Sequence[str]) -> dict[str, int]:
    """Return the largest size in each of some integer columns, 0 where a column holds nothing."""
    # in Python's integers: in 64 bits abs() of the least number is that number again
    return {name: max(abs(low), abs(high)) for name, (low, high) in column_spans(frame, names).items()}


def column_spans(frame: pl.LazyFrame, names: Sequence[str]) -> dict[str, Span]:
    """Return the least and the greatest number in each of some integer columns, 0 where there is none."""
    if not names:
        return {}
    least = [pl.col(name).min() for name in names]
    greatest = [pl.col(name).max().alias(f"{name} greatest") for name in names]
    ends = frame.select(end.fill_null(0) for end in (*least, *greatest)).collect().row(0)
    return {name: (ends[place], ends[place + len(names)]) for place, name in enumerate(names)}


def split_columns(
    plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int], signs: Signs | None = None
) -> pl.LazyFrame:
    """Add `whole`, `funding:N`, `pool:NAME` and `leg:NAME`, all posted minor units as Int64.

    `bounds` are the sizes of `column_bounds`; `signs`, where they are known, make rounding quicker. Where the
    plan counts over windows, the frame has a column `volume.WINDOW`, what each held before the line as
    `PlanColumns.measure` counts it, and `bounds` its size. Raises FormulaError where there is no exact form.
    """
    return split_with_spans(plan, frame, bounds, signs)[0]


def split_with_spans(
    plan: SplitPlan, frame: pl.LazyFrame, bounds: Mapping[str, int], signs: Signs | None = None
) -> tuple[pl.LazyFrame, dict[str, Span]]:
    """Do what `split_columns` does, and say within what each column lies by the bounds, computing nothing."""
    columns = PlanColumns(plan, bounds, signs)
    for window in plan.windows:
        if volume_name(window) in bounds:
            columns.hold(window, bounds[volume_name(window)])
    begun = columns.begin()
    posted = frame.with_columns(begun).with_columns(columns.posted())
    return posted.drop(one.meta.output_name() for one in begun), columns.spans


def reverses_in_64_bits(plan: SplitPlan, spans: Mapping[str, Span]) -> bool:
    """Tell whether columns within such spans can be reversed without a product beyond 64 bits."""
    limit = _Share(plan, spans).limit
    return all((max(abs(low), abs(high)) + 1) * limit < INT64_SAFE for low, high in spans.values())


def reversal_columns(
    plan: SplitPlan,
    frame: pl.LazyFrame,
    spans: Mapping[str, Span] | None = None,
    whole_back: str | None = None,
) -> pl.LazyFrame:
    """Add `reversed:NAME` per leg and `returned:N` per funder, from `refunded_minor` and `refundable_minor`.

    The frame comes from `split_columns`. Rows whose refundable is zero have reversed nothing. `spans` are
    those of `refundable_minor`, beyond which nothing is refunded, and of what is posted; without them all is
    computed in 128 bits. `whole_back` is the column of what is taken back of a fed whole, as
    `splits.reversal.reverse_share` has it.
    """
    share = _Share(plan, spans or {}, whole_back)
    frame = frame.with_columns(share.terms())
    done: dict[str, pl.Expr] = {}
    for step in plan.steps:
        done[step.name] = _reversed_step(plan, step, done, share)
    legs = [step for step in plan.steps if not step.is_pool]
    added = [done[step.name].alias(f"{REVERSED}{step.name}") for step in legs]
    shares = [share.of(f"{FUNDING}{i}") for i in range(len(plan.funding) - 1)]
    returned = [one.alias(f"{RETURNED}{i}") for i, one in enumerate(shares)]
    frame = frame.with_columns(*added, *returned).drop(_REFUNDED, _REFUNDABLE, _DIVISOR)
    rest = pl.sum_horizontal(f"{REVERSED}{step.name}" for step in legs)
    for i in range(len(shares)):
        rest -= pl.col(f"{RETURNED}{i}")
    return frame.with_columns(rest.alias(f"{RETURNED}{len(shares)}"))


def volume_parts(plan: SplitPlan, window: str) -> int:
    """Return in how many parts of a major unit columns count a window."""
    types = plan.agreement.fact_types("order")
    read = [*plan.fact_names(), *(["whole"] if plan.fed else [])]
    sizes = dict.fromkeys((name for name in read if types.get(name, "money") in {"money", "number"}), 0)
    return PlanColumns(plan, sizes).measure(window).denominator * plan.scale


class PlanColumns:
    """Builds the posted columns of one plan step by step; exact figures stay over their denominators."""

    def __init__(self, plan: SplitPlan, bounds: Mapping[str, int], signs: Signs | None = None) -> None:
        self.plan = plan
        self.signs = signs
        self.begun = False
        self.spans: dict[str, Span] = {}
        self.kinds = plan.agreement.fact_types("order")
        read = {name: self.kinds[name] for name in sorted(plan.fact_names())}
        self.scope: dict[str, Column] = fact_columns(read, bounds)
        if plan.fed:
            self.scope["whole"] = fact_column("whole", bounds["whole"])
            self.kinds["whole"] = "money"
        figures = {name: one for name, one in self.scope.items() if isinstance(one, Figure)}
        self.scope |= zip(figures, self.signed(list(figures.values())), strict=True)

    def signed(self, figures: list[Figure]) -> list[Figure]:
        """Return figures with what is known of their signs."""
        if self.signs is None or all(figure.positive for figure in figures):
            return figures
        known = self.signs([figure.numerator for figure in figures])
        return [replace(figure, positive=sign) for figure, sign in zip(figures, known, strict=True)]

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

    def begin(self) -> list[pl.Expr]:
        """Return whole and base as columns that `posted` then reads, so that they are computed once."""
        found = {}
        for name, node in (("whole", self.plan.whole), ("base", self.plan.base)):
            if node is not None:
                (figure,) = self.signed([self.exact(node)])
                found[name] = figure.numerator.alias(f"exact:{name}")
                self.name(name, figure)
        for name in found:
            self.scope[name] = replace(self.named(name), numerator=pl.col(f"exact:{name}"))
        self.begun = True
        return list(found.values())

    def posted(self) -> list[pl.Expr]:
        """Return every posted column, the whole first."""
        if not self.begun:
            self.name("whole", self.exact(self.plan.whole))
            if self.plan.base is not None:
                self.name("base", self.exact(self.plan.base))
        whole = self.named("whole")
        funding = [self.round(self.exact(node)) for node in self.plan.funding[:-1]]
        posted: dict[str, Figure] = {}
        for step in self.plan.steps:
            posted[step.name] = self.step(step, whole, posted)
        whole_posted = self.round(whole)
        rest = self.less(whole_posted, funding)
        found = {
            "whole": whole_posted,
            **{f"{FUNDING}{i}": one for i, one in enumerate([*funding, rest])},
            **{_column_name(step): posted[step.name] for step in self.plan.steps},
        }
        self.spans = {name: (0 if one.positive else -one.bound, one.bound) for name, one in found.items()}
        return [_int64(one).alias(name) for name, one in found.items()]

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
            source = subtract(source, part)
        return source


def _reversed_step(plan: SplitPlan, step: PlanStep, done: Mapping[str, pl.Expr], share: _Share) -> pl.Expr:
    if step.formula is None:
        left = share.of(f"{_POOL}{step.parent}") if step.parent else share.of_whole()
        for one in plan.siblings(step.parent):
            if one.name != step.name:
                left -= done[one.name]
        return left
    if step.keeps:
        return pl.lit(0, dtype=pl.Int64)
    return share.of(_column_name(step))


@dataclass(frozen=True, slots=True)
class _Share:
    """R(posted * refunded / refundable), in 128 bits where the product of the two might need them.

    Where nothing is refundable nothing is refunded either, so dividing by one instead gives nothing.
    """

    plan: SplitPlan
    spans: Mapping[str, Span]
    whole_back: str | None = None

    def of_whole(self) -> pl.Expr:
        """Return what is taken back of the whole: its share, or what the leg that feeds it takes back."""
        return self.of("whole") if self.whole_back is None else pl.col(self.whole_back)

    def terms(self) -> list[pl.Expr]:
        """Return what every share is computed from."""
        refundable = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(1, dtype=pl.Int64))
        refunded = pl.when(pl.col("refundable_minor") > 0).then("refunded_minor").otherwise(0)
        width = pl.Int64 if self.limit < INT64_SAFE else pl.Int128
        return [
            (2 * refunded.cast(width)).alias(_REFUNDED),
            refundable.alias(_REFUNDABLE),
            (2 * refundable.cast(width)).alias(_DIVISOR),
        ]

    @property
    def limit(self) -> int:
        """Twice what can be refunded of a line at most."""
        return 2 * self.spans.get("refundable_minor", _ANY)[1] + 1

    def of(self, posted: str) -> pl.Expr:
        low, high = self.spans.get(posted, _ANY)
        width = pl.Int64 if (max(abs(low), abs(high)) + 1) * self.limit < INT64_SAFE else pl.Int128
        return self.quotient(pl.col(posted), width, signed=low < 0).cast(pl.Int64)

    def quotient(self, posted: pl.Expr, width: type[pl.DataType], *, signed: bool) -> pl.Expr:
        d, divisor = (pl.col(name).cast(width) for name in (_REFUNDABLE, _DIVISOR))
        twice = posted.cast(width) * pl.col(_REFUNDED).cast(width)
        if self.plan.rounding == "floor":
            return twice.floordiv(divisor)
        if self.plan.rounding == "half_up":
            # below zero, -floor((2|n| + d) / 2d) is floor((2n + d - 1) / 2d)
            tie = d - (twice < 0).cast(pl.Int64) if signed else d
            return (twice + tie).floordiv(divisor)
        low = twice.floordiv(divisor)
        rest = twice - low * divisor
        up = (rest > d) | ((rest == d) & ((low - low.floordiv(2) * 2) == 1))
        return low + up.cast(pl.Int64)


def _column_name(step: PlanStep) -> str:
    return f"{_POOL if step.is_pool else LEG}{step.name}"


def _int64(figure: Figure) -> pl.Expr:
    return figure.numerator.cast(pl.Int64, strict=True)
