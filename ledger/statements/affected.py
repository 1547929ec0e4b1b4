"""Which statements rest on a batch: the next run takes back what a void concerns, and here is from whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ledger.log import Log
from ledger.settlement.carried import stored_statements
from ledger.settlement.runs import all_runs
from ledger.statements.lines import LineStore


@dataclass(frozen=True, slots=True)
class AffectedStatement:
    """A statement with lines that rest on a batch, and how many; their sums are its party's own matter."""

    statement: str
    party: str
    lines: int


def affected_statements(
    log: Log, store: LineStore, agreement: str, ranges: Sequence[tuple[int, int]]
) -> Iterator[AffectedStatement]:
    """Yield the statements of an agreement with lines that rest on entries in some ranges, oldest first.

    Raises LinesUnavailable where a line file is missing; rebuild makes it again.
    """
    cited = pl.lit(value=False)
    for first, stop in ranges:
        cited |= (pl.element() >= first) & (pl.element() < stop)
    for run in all_runs(log, agreement):
        for _, content in stored_statements(log, run):
            lines = store.scan(content["lines"]["root"])
            count = lines.filter(pl.col("entries").list.eval(cited).list.any()).select(pl.len())
            if found := int(count.collect().item()):
                yield AffectedStatement(content["statement"], content["party"], found)
