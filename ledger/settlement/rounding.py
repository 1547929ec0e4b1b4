"""Rounding once per statement: what the lines' own rounding leaves of the rounded sum of everything so far.

Lines are posted to the unit each; what their exact sum comes to, rounded once, less what they posted is a due
of each leg (dues.py), which the last rest gives or takes. So a leg is never more than half a unit from what
is exactly due, however many lines and statements there were, and the money of a line comes and goes in units.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from ledger.settlement.counted import counted
from ledger.settlement.counting import exact_split, net_sums, taken_back
from ledger.settlement.dues import Due, Side, exact_figure
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import LineBook
from ledger.settlement.kernels import Kernel, run_kernel
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, VersionTerms
from ledger.settlement.windows import standing_lines
from policies.errors import FormulaError
from policies.money import from_minor
from policies.splits.columns import LEG, REVERSED, PlanColumns, column_bounds
from policies.splits.line import PlanStep
from policies.splits.statements import Cumulative, StatedLine, cumulative, posted_sums

KEY_OF_ROUNDING = "all statements"
"""For what the due stands: the sum of everything on this and every earlier statement."""

POSTING = ".rounding"
"""What is added to the kind of a leg's posting where a statement's rounding posts it."""

_ALL = "all"


def rounding_dues(
    book: LineBook, terms: Terms, version: VersionTerms, point: Point | None, engine: Kernel
) -> list[Due]:
    """Return what stands due at a point for rounding once per statement; nothing where lines are rounded."""
    if point is None or version.plan.clause.rounding.at != "statement":
        return []
    lines = standing_lines(counted(book, point.end), terms, version, point)
    return rounding_of(version, run_kernel(engine, version, lines).filter(~pl.col("unusable")), engine)


def rounding_of(version: VersionTerms, done: pl.DataFrame, engine: Kernel) -> list[Due]:
    """Return what rounding once per statement makes of lines together that have been through a kernel."""
    plan = version.plan
    stated = (_by_columns if engine == "columns" else _by_exact_reader)(version, done)
    rest = next(step for step in plan.siblings(None) if step.formula is None)
    legs = [step for step in plan.steps if not step.is_pool and step is not rest]
    posted = _posted(done, [step.name for step in legs])
    return [_due(version, step, rest, stated, posted[step.name]) for step in legs]


def _due(version: VersionTerms, step: PlanStep, rest: PlanStep, stated: Cumulative, posted: int) -> Due:
    agreement = version.agreement
    due = stated.posted[step.name]
    own = {
        "exact": exact_figure(stated.exact[step.name] / agreement.scale, agreement.currency),
        "due": from_minor(due, agreement.currency),
        "posted": from_minor(posted, agreement.currency),
    }
    return Due(
        version,
        "rounding",
        KEY_OF_ROUNDING,
        _side(step),
        _side(rest),
        due - posted,
        {"rounding": 1},
        own=own,
    )


def _side(step: PlanStep) -> Side:
    return Side(step.step.to or "", step.clause, step.name, f"{step.step.kind or step.name}{POSTING}")


def _posted(done: pl.DataFrame, legs: list[str]) -> Mapping[str, int]:
    standing = [
        (pl.col(f"{LEG}{leg}").cast(pl.Int128) - pl.col(f"now:{REVERSED}{leg}").cast(pl.Int128))
        .sum()
        .alias(leg)
        for leg in legs
    ]
    return {leg: int(amount) for leg, amount in done.select(standing).row(0, named=True).items()}


def _by_columns(version: VersionTerms, done: pl.DataFrame) -> Cumulative:
    plan = version.plan
    steps = {step.name: step for step in plan.steps if step.formula is not None}
    try:
        columns = PlanColumns(plan, column_bounds(plan, done.lazy()))
        columns.posted()
        figures = {name: columns.named(name) for name in ("whole", *steps)}
    except FormulaError as fault:
        raise SettlementRefused(
            f"{fault}; settle with the exact engine instead", where=version.agreement.ref
        ) from fault
    done = done.with_columns(pl.lit("").alias(_ALL))
    sums = {}
    for name, figure in figures.items():
        kept = name in steps and steps[name].keeps
        frame = done.with_columns(pl.lit(0, dtype=pl.Int64).alias("now:refunded")) if kept else done
        sums[name] = net_sums(frame, _ALL, figure.numerator).get("", Fraction(0)) / figure.denominator
    return posted_sums(plan, sums.pop("whole"), sums)


def _by_exact_reader(version: VersionTerms, done: pl.DataFrame) -> Cumulative:
    lines = []
    for row in done.with_columns(taken_back().alias("back")).iter_rows(named=True):
        split = exact_split(version, row)
        assert split is not None, "a line that cannot be split is not posted"
        share = Fraction(row["back"], row["refundable_minor"]) if row["back"] else Fraction(0)
        lines.append(StatedLine(split, share))
    return cumulative(version.plan, lines)
