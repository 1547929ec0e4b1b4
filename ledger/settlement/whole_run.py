"""A run as a whole: the lines it settles and what falls due beside them, from one reading of the log.

Lines are read, settled and put down a stretch of keys at a time, so memory is that of some stretches. Where
something counts over many lines (windows, rounding once per statement, clauses that fall due), their facts
are held as columns throughout, and only what they move is put down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ledger.log import Log
from ledger.settlement.beside import beside_each_other
from ledger.settlement.clause_dues import clause_dues
from ledger.settlement.facts import EVENTS_AT_ONCE, read_books, read_lines
from ledger.settlement.moved import Engine, kernel_of
from ledger.settlement.run import RunResult, dues_of_splits, moved_lines, require_follows, series_of
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms

_ELSEWHERE = 16
"""How much longer stretches are that other machines settle, which cut them among themselves."""


def compute_whole_run(  # noqa: PLR0913 -- the inputs of a run, how it is computed, and where
    log: Log,
    terms: Terms,
    point: Point,
    earlier: Sequence[Point],
    engine: Engine = "columns",
    *,
    folder: Path,
) -> RunResult:
    """Compute a run; `earlier` are the points of all runs before it, newest first.

    What lines of a long run move is put down in `folder` and read from there while the result is used.
    Raises SettlementRefused where the point does not follow the newest of them.
    """
    before = earlier[0] if earlier else None
    require_follows(terms, point, before)
    settled = tuple((one.us, one.end) for one in earlier)
    events = EVENTS_AT_ONCE * (1 if isinstance(engine, str) else _ELSEWHERE)
    if not _counts_over_lines(terms):
        read = read_books(log, terms, point.end, events)
        books = (replace(one, settled=settled, kernel=kernel_of(engine)) for one in read)
        return _gathered(
            beside_each_other(books, lambda one: moved_lines(one, terms, point, before, engine, {})), folder
        )
    book = replace(read_lines(log, terms, point.end), settled=settled, kernel=kernel_of(engine))
    series = series_of(book, terms, (*reversed(earlier), point), engine)
    stretches = book.stretches(events // 2)
    result = _gathered(
        beside_each_other(stretches, lambda one: moved_lines(one, terms, point, before, engine, series)),
        folder,
    )
    moves, held = clause_dues(log, book, terms, point, earlier, engine)
    dues = dues_of_splits(book, terms, point, before, engine, series)
    return replace(result, dues=(*dues, *moves), held_dues=held)


def _counts_over_lines(terms: Terms) -> bool:
    return terms.attributes or any(
        one.plan.windows or one.plan.clause.rounding.at == "statement" or one.due_clauses
        for one in terms.versions
    )


def _gathered(results: Iterator[RunResult], folder: Path) -> RunResult:
    """Return one result of those of stretches of keys, in order; all but the first stretch are put down."""
    first = next(results)
    parts, held = list(first.parts), list(first.held)
    late_lines, late_minor = first.late_lines, first.late_minor
    for stretch, one in enumerate(results, 1):
        for part in one.parts:
            rows = part.rows.put_down(folder / f"moved-{stretch:05}-{part.terms.version}.parquet")
            parts.append(replace(part, rows=rows, stretch=stretch))
        held += one.held
        late_lines += one.late_lines
        late_minor += one.late_minor
    return replace(first, parts=tuple(parts), held=tuple(held), late_lines=late_lines, late_minor=late_minor)
