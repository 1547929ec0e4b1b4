"""What the log knows of references that differ: other versions' amounts, refunds, and where they were posted.

Asked only for rows that neither matched nor found their equal, so it is read for few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ledger.log import Log
from ledger.reconciliation.breaks import Expected, Known, Posted
from ledger.reconciliation.layouts import FROM_LINES, Level
from ledger.reconciliation.own import day_of, reference_column
from ledger.reconciliation.rows import SEPARATOR, Row
from ledger.reconciliation.rules import Rules
from ledger.reconciliation.versions import Given, Line, LineKey, lines_known
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from ledger.statements.explain import order_lines
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement


@dataclass(frozen=True)
class Knowledge:
    """Where to look things up for one party's reconciliation.

    `others` are the party's statements that the reconciliation does not take, each with whether an earlier
    one of the same book took it.
    """

    log: Log
    store: LineStore
    terms: Terms
    party: str
    level: Level
    rules: Rules
    point: Point
    others: Sequence[tuple[Statement, bool]]

    def look_up(self, rows: Sequence[Row]) -> Mapping[str, Known]:
        """Return what is known of the references of rows, by reference."""
        if self.level not in FROM_LINES:
            return {}
        refs = sorted({row.ref for row in rows if row.ref})
        keys = {ref: self._lines(ref) for ref in refs}
        lines = lines_known(
            self.log, self.terms, self.party, [key for found in keys.values() for key in found], self.point
        )
        posted = self._posted(sorted({row.ref for row in rows if row.ref and row.side == "b"}))
        return {
            ref: self._known(ref, [lines[key] for key in keys[ref] if key in lines], posted) for ref in refs
        }

    def _lines(self, ref: str) -> list[LineKey]:
        order, *rest = ref.split(SEPARATOR)
        if rest:
            return [(order, rest[0])]
        return [(order, line) for line in order_lines(self.log, self.terms.id, order)]

    def _known(self, ref: str, lines: Sequence[Line], posted: Mapping[str, list[Posted]]) -> Known:
        if not lines:
            return Known(posted=tuple(posted.get(ref, ())))
        legs = [ref.split(SEPARATOR)[2]] if self.level == "leg" else list(self.rules.legs)
        expected = []
        for version in self.terms.versions:
            given = [one for line in lines for one in line.given if one.version == version.version]
            if len(given) == len(lines):
                earned = _of(legs, (one.earned for one in given))
                expected.append(Expected(version.version, earned, earned + _of(legs, _backs(given))))
        return Known(True, lines[0].in_force, tuple(expected), tuple(posted.get(ref, ())))

    def _posted(self, refs: Sequence[str]) -> Mapping[str, list[Posted]]:
        """Return what statements that are not taken here have under each reference, oldest first."""
        found: dict[str, list[Posted]] = defaultdict(list)
        if not refs:
            return found
        wanted = pl.LazyFrame({"ref": refs})
        for statement, taken in self.others:
            lines = self.store.scan(statement.root)
            if self.rules.legs:
                lines = lines.filter(pl.col("leg").is_in(self.rules.legs))
            sums = (
                lines.select(reference_column(self.level).alias("ref"), "amount_minor")
                .join(wanted, on="ref", how="semi")
                .group_by("ref")
                .agg(pl.col("amount_minor").sum())
            )
            day = day_of(statement.content["cutoff"])
            for ref, amount in sums.collect().iter_rows():
                found[ref].append(Posted(statement.id, amount, day, taken))
        return found


def _backs(given: Iterable[Given]) -> Iterable[Mapping[str, int]]:
    return (one.back for one in given)


def _of(legs: Sequence[str], amounts: Iterable[Mapping[str, int]]) -> int:
    """Sum the amounts of some legs, or of all where none is named."""
    return sum(amount for one in amounts for leg, amount in one.items() if not legs or leg in legs)
