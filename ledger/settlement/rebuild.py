"""Line files made again from the log, and every statement recomputed and held against the one issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.log import Log
from ledger.settlement.carried import stored_statements
from ledger.settlement.errors import SettlementDiffers
from ledger.settlement.issue import run_statements
from ledger.settlement.moved import Engine
from ledger.settlement.recovery import with_recoveries
from ledger.settlement.runs import all_runs, terms_of
from ledger.settlement.state import Point
from ledger.settlement.whole_run import compute_whole_run
from ledger.statements.lines import LineStore
from policies.agreement import Agreement


@dataclass(frozen=True, slots=True)
class StatementsRebuilt:
    """How many runs and statements were recomputed and found the same, with how many lines."""

    runs: int
    statements: int
    lines: int


def rebuild_statements(
    log: Log, agreements: Iterable[Agreement], *, data: Path, engine: Engine = "columns"
) -> StatementsRebuilt:
    """Recompute every run of one agreement and write its line files again.

    Raises SettlementDiffers, naming the first field, when a statement comes out otherwise than it stands in
    the log; nothing but line files is written.
    """
    given = list(agreements)
    # the agreement itself comes last, after those that feed it
    store = LineStore(data)
    runs = statements = count = 0
    last, earlier = None, list[Point]()
    for run in all_runs(log, given[-1].id) if given else ():
        terms = terms_of(log, run, given)
        with store.room() as room:
            result = compute_whole_run(log, terms, run.point, earlier, engine, folder=room)
            result = with_recoveries(log, result, last)
            made = run_statements(log, result, run.number, last, room)
            for (content, lines), (entry, issued) in zip(made, stored_statements(log, run), strict=True):
                _require_same(content, issued, entry.seq)
                store.write(content["lines"]["root"], lines, again=True)
                statements += 1
                count += content["lines"]["count"]
        runs += 1
        last = run
        earlier.insert(0, run.point)
    return StatementsRebuilt(runs, statements, count)


def _require_same(content: Mapping[str, Any], issued: Mapping[str, Any], seq: int) -> None:
    differing = [name for name in issued if content.get(name) != issued[name]]
    if differing or content.keys() != issued.keys():
        raise SettlementDiffers(
            f"recomputed, its '{(differing or ['fields'])[0]}' differs", where=f"entry {seq}"
        )
