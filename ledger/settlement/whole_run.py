"""A run as a whole: the lines it settles and what falls due beside them, from one reading of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.log import Log
from ledger.settlement.clause_dues import clause_dues
from ledger.settlement.facts import read_lines
from ledger.settlement.moved import Engine
from ledger.settlement.run import RunResult, require_follows, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms


def compute_whole_run(
    log: Log, terms: Terms, point: Point, earlier: Sequence[Point], engine: Engine = "columns"
) -> RunResult:
    """Compute a run; `earlier` are the points of all runs before it, newest first.

    Raises SettlementRefused where the point does not follow the newest of them.
    """
    before = earlier[0] if earlier else None
    require_follows(terms, point, before)
    settled = tuple((one.us, one.end) for one in earlier)
    book = replace(read_lines(log, terms, point.end), settled=settled)
    result = result_of(book, terms, point, before, engine, earlier=tuple(reversed(earlier[1:])))
    moves, held = clause_dues(log, book, terms, point, earlier, engine)
    return replace(result, dues=(*result.dues, *moves), held_dues=held)
