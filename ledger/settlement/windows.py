"""Ladders over windows of time in a run: what each held when a line was posted, and what it still makes up.

A line is posted once, by what its windows held before it as far as the run that posted it knew; so what runs
post of lines depends on when they were made. What stands due on a window does not: it is what its lines come
to as though all of them were settled at once, in their order, and what that leaves short of the amount due on
the volume net of refunds. The difference of the two is the window's due (dues.py), so that runs come to the
same sums in whatever months they were made. How volumes are counted is in counting.py.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from ledger.settlement.counted import counted
from ledger.settlement.counting import ORDER, Place, net_volumes, with_volumes
from ledger.settlement.dues import Due, Side, exact_figure
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import Kernel, run_kernel
from ledger.settlement.state import Point, lines_in_force, with_state
from ledger.settlement.terms import Terms, VersionTerms
from policies.money import from_minor
from policies.splits.columns import LEG, REVERSED
from policies.splits.line import PlanStep, volume_name
from policies.splits.series import due_on, opening_volumes, through_pool
from policies.splits.series_columns import PERIOD

REPORTS = (*KEY, "seq:sale", "seq:receipt")
"""What a posted line is known by: another report of it is posted anew, and the old one taken back."""

POSTING = ".window"
"""What is added to the kind of a leg's posting where a window posts it."""


_AFTER_ALL = Point(datetime(2999, 1, 1, tzinfo=UTC), 0)
"""A point at which the window of any order is over."""


@dataclass(frozen=True)
class Series:
    """The lines of one version that count over windows, at each of the points of its runs.

    `posted` has a row a line that any run posted: what it is known by (REPORTS), `run`, which counts points
    from 0, `period:WINDOW`, and `volume.WINDOW`, what its windows held before it as that run knew. `lines`
    are those that stand at the last point and at the one before, their volumes as though settled at once.
    """

    terms: Terms
    version: VersionTerms
    engine: Kernel
    points: tuple[Point, ...]
    posted: pl.DataFrame
    lines: tuple[pl.DataFrame, ...]


def read_series(
    book: LineBook, terms: Terms, version: VersionTerms, points: Sequence[Point], engine: Kernel
) -> Series:
    """Follow the lines of a version through the runs at some points, oldest first."""
    kind = pl.Int128 if engine == "columns" else pl.String
    schema: dict[str, Any] = {"order": pl.String, "line": pl.String, "seq:sale": pl.Int64}
    schema |= {"seq:receipt": pl.Int64, "run": pl.Int64}
    for window in version.plan.windows:
        schema |= {f"{PERIOD}{window}": pl.String, volume_name(window): kind}
    posted = pl.DataFrame(schema=schema)
    lines: list[pl.DataFrame] = []
    last = counted(book, points[-1].end)
    for run, point in enumerate(points):
        known = counted(book, point.end) if book.contested else last
        standing = with_volumes(engine, version, standing_lines(known, terms, version, point))
        fresh = standing.join(posted, on=REPORTS, how="anti", maintain_order="left")
        posted = pl.concat([posted, fresh.with_columns(run=pl.lit(run, dtype=pl.Int64)).select(*schema)])
        lines = [*lines[-1:], standing]
    return Series(terms, version, engine, tuple(points), posted, tuple(lines))


def at_once(terms: Terms, version: VersionTerms, lines: pl.DataFrame, engine: Kernel) -> Series:
    """Return the series of lines that one run settles once every window is over.

    `lines` come from `counting.with_volumes`, each with a `seq:receipt`.
    """
    windows = version.plan.windows
    volumes = [name for window in windows for name in (f"{PERIOD}{window}", volume_name(window))]
    run = pl.lit(0, dtype=pl.Int64).alias("run")
    posted = lines.select(*REPORTS, run, *volumes)
    return Series(terms, version, engine, (_AFTER_ALL,), posted, (lines,))


def with_posted_volumes(series: Series, lines: pl.DataFrame) -> pl.DataFrame:
    """Add what windows held before each line when it was posted; nothing to lines that no run posted yet."""
    volumes = [volume_name(window) for window in series.version.plan.windows]
    found = lines.join(
        series.posted.select(*REPORTS, *volumes), on=REPORTS, how="left", maintain_order="left"
    )
    nothing = pl.lit(0, dtype=pl.Int128) if series.engine == "columns" else pl.lit("0")
    return found.with_columns(pl.col(name).fill_null(nothing) for name in volumes)


def with_volumes_as_it_stands(series: Series, line: pl.DataFrame) -> pl.DataFrame:
    """Add to one line what its windows hold before it: as posted, or as if it were settled at the last point.

    A line that was not received counts as received at that point. A line that cannot be split is left out.
    """
    if not line.join(series.posted, on=REPORTS, how="semi").is_empty():
        return with_posted_volumes(series, line)
    us = pl.col("us:confirmed").fill_null(series.points[-1].us)
    standing = series.lines[-1].select(line.columns)
    together = with_volumes(series.engine, series.version, pl.concat([standing, line.with_columns(us)]))
    return together.join(line.select(KEY), on=KEY, how="semi")


def standing_lines(book: LineBook, terms: Terms, version: VersionTerms, point: Point) -> pl.DataFrame:
    """Return the lines of a version that are earned at a point, with facts and what is taken back of them."""
    lines = with_state(lines_in_force(book, terms, version), book, terms, version, point, "now")
    lines = with_state(lines, book, terms, version, None, "before")
    return lines.filter(pl.col("now:earned")).collect()


def window_dues(series: Series, back: int = 0) -> list[Due]:
    """Return what stands due on the windows of a version at the last point, or `back` points before it.

    Beside what the lines posted: so it is nothing where lines came in order and none of them was refunded.
    """
    if back >= len(series.points):
        return []
    lines, place = series.lines[-1 - back], len(series.points) - 1 - back
    version, plan = series.version, series.version.plan
    posted = _as_posted(series, lines, place)
    at_once, as_posted = _both_ways(series, lines, posted)
    net, opening = net_volumes(series.engine, version, at_once), opening_volumes(plan)
    found: list[Due] = []
    for window in plan.windows:
        steps = [step for step in plan.steps if step.window == window]
        whole, own = (_sums(done, window, steps, version) for done in (at_once, as_posted))
        for period, causes in _causes(series, posted, place, window).items():
            at = window, period
            volumes = opening.get(at, Fraction(0)), net.get(at, Fraction(0))
            state = _State(at, *volumes, whole[period], own[period], causes)
            over = _is_over(version, period, series.points[place].day(series.terms))
            for step in steps:
                found += _step_dues(version, step, state, over=over)
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """One period of a window: volumes in major units; standing sums by leg, at once and as posted."""

    place: Place
    start: Fraction
    net: Fraction
    at_once: Mapping[str, int]
    posted: Mapping[str, int]
    causes: Mapping[str, int]


def _step_dues(version: VersionTerms, step: PlanStep, state: _State, *, over: bool) -> Iterator[Due]:
    plan, currency = version.plan, version.agreement.currency
    legs = plan.siblings(step.name) if step.is_pool else (step,)
    lines = sum(state.at_once[leg.name] for leg in legs)
    due = due_on(plan, step, state.start, state.net) if over or step.provisional is None else lines
    shares = through_pool(plan, step, due - lines)
    rest = next(one for one in plan.siblings(step.parent) if one.formula is None)
    window, period = state.place
    figures = {
        "step": step.name,
        "window": window,
        "period": period,
        "opening": exact_figure(state.start, currency),
        "volume": exact_figure(state.start + state.net, currency),
        "due": from_minor(due, currency),
        "posted": from_minor(sum(state.posted[leg.name] for leg in legs), currency),
    }
    causes = dict(state.causes)
    if step.provisional is not None and over:
        causes["provisional"] = causes["lines"]
    del causes["lines"]
    for leg in legs:
        share = state.at_once[leg.name] + shares[leg.name]
        yield Due(
            version,
            "window",
            f"{step.name} over {window} {period}",
            _side(leg),
            _side(rest),
            share - state.posted[leg.name],
            {name: size for name, size in causes.items() if size},
            figures,
            {"share": from_minor(share, currency), "own": from_minor(state.posted[leg.name], currency)},
        )


def _side(step: PlanStep) -> Side:
    return Side(step.step.to or "", step.clause, step.name, f"{step.step.kind or step.name}{POSTING}")


def _as_posted(series: Series, lines: pl.DataFrame, place: int) -> pl.DataFrame:
    """Return standing lines with the volumes by which they were posted, and the run that did."""
    volumes = [volume_name(window) for window in series.version.plan.windows]
    known = series.posted.filter(pl.col("run") <= place).select(*REPORTS, "run", *volumes)
    return lines.drop(volumes).join(known, on=REPORTS, how="left", maintain_order="left")


def _both_ways(
    series: Series, lines: pl.DataFrame, posted: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split the same lines by the volumes of one settlement, and by those they were posted with."""
    both = pl.concat([lines.with_columns(again=False), posted.select(lines.columns).with_columns(again=True)])
    done = run_kernel(series.engine, series.version, both)
    return done.filter(~pl.col("again")), done.filter("again")


def _causes(series: Series, posted: pl.DataFrame, place: int, window: str) -> dict[str, dict[str, int]]:
    """Return, by period, why a window may make something up, each with how much of it there is.

    A line is late that a run posted after an earlier one had posted lines which stand after it. What was
    posted of a line under reports that count no more was a correction. Sorted by period.
    """
    by = f"{PERIOD}{window}"
    later = pl.col("run").reverse().cum_min().reverse().over(by)
    gone = series.posted.filter(pl.col("run") <= place).join(posted, on=REPORTS, how="anti")
    again = gone.select(KEY).unique().with_columns(again=True)
    counts = pl.concat(
        [
            posted.sort(ORDER)
            .join(again, on=KEY, how="left", maintain_order="left")
            .select(
                by,
                pl.col("now:refunded").cast(pl.Int128).alias("refund"),
                ((pl.col("run") > later) & pl.col("again").is_null()).cast(pl.Int128).alias("late_line"),
                pl.lit(0, dtype=pl.Int128).alias("correction"),
                pl.lit(1, dtype=pl.Int128).alias("lines"),
            ),
            gone.select(
                by,
                *(pl.lit(0, dtype=pl.Int128).alias(name) for name in ("refund", "late_line")),
                pl.lit(1, dtype=pl.Int128).alias("correction"),
                pl.lit(0, dtype=pl.Int128).alias("lines"),
            ),
        ]
    )
    sums = counts.group_by(by).sum().sort(by)
    return {row.pop(by): {name: int(size) for name, size in row.items()} for row in sums.to_dicts()}


def _sums(
    done: pl.DataFrame, window: str, steps: Iterable[PlanStep], version: VersionTerms
) -> dict[str, dict[str, int]]:
    """Return, by period, what stands of each leg of some steps after refunds, in minor units."""
    plan, by = version.plan, f"{PERIOD}{window}"
    legs = [leg.name for step in steps for leg in (plan.siblings(step.name) if step.is_pool else (step,))]
    standing = [
        (pl.col(f"{LEG}{leg}").cast(pl.Int128) - pl.col(f"now:{REVERSED}{leg}").cast(pl.Int128))
        .sum()
        .alias(leg)
        for leg in legs
    ]
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(legs, 0))
    for row in done.group_by(by).agg(standing).iter_rows(named=True):
        found[row[by]] = {leg: int(row[leg]) for leg in legs}
    return found


def _is_over(version: VersionTerms, period: str, day: date) -> bool:
    """Tell whether every line of a period has cleared by a day, so that a provisional amount is made up.

    A window over the whole term has no last day, so it is made up as it goes.
    """
    last = last_day(period)
    if last is None:
        return True
    return day >= max(last + timedelta(days=1), last + timedelta(days=version.clearing_days))


def last_day(period: str) -> date | None:
    """Return the last day of a period such as 2026-05, 2026-Q2 or 2026; None of a whole term."""
    year, _, part = period.partition("-")
    if not year.isdecimal():
        return None
    month = int(part[1:]) * 3 if part.startswith("Q") else int(part or 12)
    return date(int(year), month, monthrange(int(year), month)[1])
