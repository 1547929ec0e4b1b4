"""One settlement run: what stands at its point and did not stand at the point of the run before.

Pure over the log: the same versions, points and entries give the same result, whichever engine computes it
and in whatever order the entries came. Writing it into the log is issue.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import polars as pl

from ledger.settlement.counted import change, counted
from ledger.settlement.dues import DueMove, HeldDue, since
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import WHOLE
from ledger.settlement.moved import Engine, kernel_of, moved_by
from ledger.settlement.moved_rows import MovedRows
from ledger.settlement.moves import Move, moves_of
from ledger.settlement.rounding import rounding_dues
from ledger.settlement.state import Point, lines_in_force, with_state
from ledger.settlement.suspense import suspense_dues
from ledger.settlement.terms import Terms, VersionTerms
from ledger.settlement.windows import Series, read_series, window_dues, with_posted_volumes

_LINES_AT_ONCE = 50_000

HELD_SHOWN = 20
"""How many of the lines that were held back a run names; it always counts them all."""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line that could not be settled, and why.

    `no-version` was in force when it was sold, it lacks `facts`, or it is `not-fed`: what feeds it does not
    split it, or was in force in another version than the one that is named.
    """

    order: str
    line: str
    reason: str


@dataclass(frozen=True)
class VersionResult:
    """What one version's lines give: a row a line in `rows`, sorted by order and line, a column a move.

    The rows also have `seq:sale`, `seq:receipt` and `now:refund`, the entries that a line rests on. `stretch`
    counts the stretches of keys that a long run was computed in: all lines of one stand before the next.
    """

    terms: VersionTerms
    moves: tuple[Move, ...]
    rows: MovedRows
    stretch: int = 0

    @property
    def frame(self) -> pl.DataFrame:
        """All of the rows."""
        return self.rows.read()


def version_result(terms: VersionTerms, frame: pl.DataFrame) -> VersionResult:
    """Return what the lines of one version move, computed and in memory."""
    moves = moves_of(terms)
    return VersionResult(terms, moves, MovedRows.of(frame, (move.column for move in moves)))


@dataclass(frozen=True)
class RunResult:
    """A run's result, before anything is written.

    `lines` counts order lines that moved. `late_minor` is what was refunded but is not reversed under the
    returns clause (too late, or beyond what is refundable), over `late_lines` lines, since the run before.
    """

    terms: Terms
    point: Point
    before: Point | None
    parts: tuple[VersionResult, ...]
    held: tuple[HeldLine, ...]
    late_lines: int
    late_minor: int
    dues: tuple[DueMove, ...] = ()
    held_dues: tuple[HeldDue, ...] = ()

    @property
    def lines(self) -> int:
        """How many order lines moved."""
        return sum(part.rows.height for part in self.parts)

    def total(self, part: VersionResult, move: Move) -> int:
        """Return the sum of one move over the lines of a part, in minor units."""
        return part.rows.sums[move.column]

    def slices(self) -> Iterator[list[tuple[VersionResult, pl.DataFrame]]]:
        """Yield the lines in order of (order, line), some thousand at a time, by version.

        Rows made of one slice and sorted stand before all of the next. A line is under one version only, or
        under two where it is taken back under the first.
        """
        for _, parts in groupby(self.parts, key=lambda part: part.stretch):
            yield from _slices([(part, part.frame) for part in parts])


def _slices(
    parts: Sequence[tuple[VersionResult, pl.DataFrame]],
) -> Iterator[list[tuple[VersionResult, pl.DataFrame]]]:
    if len(parts) == 1:
        ((part, frame),) = parts
        yield from ([(part, rows)] for rows in frame.iter_slices(_LINES_AT_ONCE))
        return
    keys = [
        frame.select(KEY).with_row_index("row").with_columns(pl.lit(place).alias("part"))
        for place, (_, frame) in enumerate(parts)
    ]
    ordered = pl.concat(keys).sort(*KEY, "part")
    for start in range(0, ordered.height, _LINES_AT_ONCE):
        chunk = ordered.slice(start, _LINES_AT_ONCE)
        rows = [chunk.filter(pl.col("part") == place)["row"] for place in range(len(parts))]
        yield [
            (part, frame[mine])
            for (part, frame), mine in zip(parts, rows, strict=True)
            if not mine.is_empty()
        ]


def require_follows(terms: Terms, point: Point, before: Point | None) -> None:
    """Refuse a cut-off in parts of a second, or a point before that of the last run."""
    if point.cutoff.microsecond:
        raise SettlementRefused("a cut-off is given in whole seconds: 2026-03-17T00:00:00+08:00")
    if before is not None and (point.cutoff < before.cutoff or point.end < before.end):
        raise SettlementRefused(
            f"the period up to {before.cutoff.isoformat()} is settled; choose a later cut-off", where=terms.id
        )


def result_of(  # noqa: PLR0913 -- the inputs that a run is a function of
    book: LineBook,
    terms: Terms,
    point: Point,
    before: Point | None,
    engine: Engine = "columns",
    *,
    earlier: Sequence[Point] = (),
) -> RunResult:
    """Compute what a run settles of lines already read, which reach at least to the point's seq.

    `earlier` are the points of the runs before the one at `before`, oldest first: where a split counts over
    windows, a line keeps what the run that posted it gave it.
    """
    points = (*earlier, *([before] if before else []), point)
    series = series_of(book, terms, points, engine)
    dues = dues_of_splits(book, terms, point, before, engine, series)
    return replace(moved_lines(book, terms, point, before, engine, series), dues=dues)


def dues_of_splits(  # noqa: PLR0913, PLR0917 -- as result_of
    book: LineBook,
    terms: Terms,
    point: Point,
    before: Point | None,
    engine: Engine,
    series: Mapping[int, Series],
) -> tuple[DueMove, ...]:
    """Return what a run posts of what splits leave due over many lines: windows, and rounding once."""
    now = [due for one in series.values() for due in window_dues(one)]
    then = [due for one in series.values() for due in window_dues(one, 1)]
    for version in terms.versions:
        now += rounding_dues(book, terms, version, point, kernel_of(engine))
        then += rounding_dues(book, terms, version, before, kernel_of(engine))
    now += suspense_dues(book, terms, point, kernel_of(engine))
    then += suspense_dues(book, terms, before, kernel_of(engine))
    return since(now, then)


def series_of(book: LineBook, terms: Terms, points: Sequence[Point], engine: Engine) -> dict[int, Series]:
    """Return, by number, the series of each version that counts over windows, at the points of its runs."""
    return {
        version.version: read_series(book, terms, version, points, kernel_of(engine))
        for version in terms.versions
        if version.plan.windows
    }


def moved_lines(  # noqa: PLR0913, PLR0917 -- as result_of
    book: LineBook,
    terms: Terms,
    point: Point,
    before: Point | None,
    engine: Engine,
    series: Mapping[int, Series],
) -> RunResult:
    """Compute what a run moves of lines, and no dues; `book` may hold some lines of those in the series.

    Lines of which other reports count than at the point before are taken back as they were settled and
    settled as they count now, so that a run is always the difference of what stands at its two points.
    """
    way = _Way(terms, engine, series)
    if before is None or not book.contested:
        return _result(way, counted(book, point.end), point, before)
    what = change(book, before.end, point.end)
    plain = _result(way, what.same, point, before)
    if not what:
        return plain
    then = _result(way, what.then, before, None)
    now = _result(way, what.now, point, None)
    return RunResult(
        terms,
        point,
        before,
        tuple(combined(terms, [plain, now], [then])),
        tuple(sorted({*plain.held, *now.held}, key=lambda one: (one.order, one.line))),
        plain.late_lines + now.late_lines,
        plain.late_minor + now.late_minor - then.late_minor,
    )


def combined(terms: Terms, more: Sequence[RunResult], less: Sequence[RunResult]) -> Iterator[VersionResult]:
    """Yield, by version, the sum of some results less that of others; what comes to nothing is gone."""
    for version in terms.versions:
        moves = moves_of(version)
        amounts = [pl.col(move.column) for move in moves]
        frames = [
            part.frame.with_columns(amount * sign for amount in amounts)
            for results, sign in ((more, 1), (less, -1))
            for result in results
            for part in result.parts
            if part.terms is version
        ]
        if not frames:
            continue
        rest = [pl.col(name).first() for name in frames[0].columns if name not in {*KEY, *_columns(moves)}]
        frame = (
            pl.concat(frames)
            .group_by(KEY, maintain_order=True)
            .agg(*rest, *(amount.sum() for amount in amounts))
            .select(frames[0].columns)
            .filter(pl.any_horizontal(amount != 0 for amount in amounts))
            .sort(KEY)
        )
        if frame.height:
            yield version_result(version, frame)


def _columns(moves: Sequence[Move]) -> set[str]:
    return {move.column for move in moves}


@dataclass(frozen=True, slots=True)
class _Way:
    """How lines are settled: under which versions, by which engine, and what windows held before them."""

    terms: Terms
    engine: Engine
    series: Mapping[int, Series]


def _result(way: _Way, book: LineBook, point: Point, before: Point | None) -> RunResult:
    """Compute a run from reports that count, one a line."""
    terms = way.terms
    found = [_settle_version(way, book, version, point, before) for version in terms.versions]
    held = sorted(
        [*_lines_before_terms(book, terms, point, before), *(one for part in found for one in part.held)],
        key=lambda one: (one.order, one.line),
    )
    return RunResult(
        terms,
        point,
        before,
        tuple(part.result for part in found if part.result.rows.height),
        tuple(held),
        sum(part.late_lines for part in found),
        sum(part.late_minor for part in found),
    )


@dataclass(frozen=True)
class _Found:
    result: VersionResult
    held: list[HeldLine]
    late_lines: int
    late_minor: int


def _settle_version(
    way: _Way, book: LineBook, version: VersionTerms, point: Point, before: Point | None
) -> _Found:
    lines = lines_with_states(book, way.terms, version, point, before)
    differs = [
        pl.col(f"now:{what}") != pl.col(f"before:{what}") for what in ("earned", "refunded", "claimed")
    ]
    changed = lines.filter(pl.any_horizontal(differs)).sort(KEY).collect()
    fallen = changed.filter(pl.col("before:earned") & ~pl.col("now:earned"))
    assert fallen.is_empty(), "a line once earned stays earned; refunds reverse it"
    if version.plan.windows:
        changed = with_posted_volumes(way.series[version.version], changed)
    if before is None:
        changed = changed.drop(name for name in changed.columns if name.startswith("before:"))
    moved = moved_by(way.engine, version, changed)
    fed = changed.filter(pl.col(WHOLE).is_null()).select(KEY) if version.feed is not None else changed.clear()
    not_fed = set(fed.select(KEY).iter_rows())
    return _Found(
        version_result(version, moved.frame),
        [
            HeldLine(order, line, "not-fed" if (order, line) in not_fed else "facts")
            for order, line in moved.held.iter_rows()
        ],
        moved.late_lines,
        moved.late_minor,
    )


def lines_with_states(
    book: LineBook, terms: Terms, version: VersionTerms, point: Point, before: Point | None
) -> pl.LazyFrame:
    """Return the lines under one version with their facts and both states, changed or not."""
    lines = lines_in_force(book, terms, version)
    lines = with_state(lines, book, terms, version, point, "now")
    return with_state(lines, book, terms, version, before, "before")


def _lines_before_terms(
    book: LineBook, terms: Terms, point: Point, before: Point | None
) -> Sequence[HeldLine]:
    """Return the lines newly told of that were sold before the first version took effect.

    Of what feeds an agreement it has a part from its own first day on, and nothing of what was before.
    """
    if terms.feeding is not None:
        return []
    known = pl.col("seq:sale") >= (before.end if before else 0)
    told = known & (pl.col("seq:sale") < point.end)
    early = book.sales.filter(told & (pl.col("us:sold") < terms.versions[0].effective_us))
    return [HeldLine(order, line, "no-version") for order, line in early.select(KEY).iter_rows()]
