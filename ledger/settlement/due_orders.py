"""The orders that count for a due, as rows for its formulas, and what the split gives over them.

Orders are those whose receipt was confirmed within the days of the occasion, with what was refunded by the
time it fell due. Alike rows are counted, not repeated. Some facts of an order are the run's own to tell,
where a document declares them: see `policies.dues.reads.OWN_FACTS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from functools import cached_property
from typing import Any

import polars as pl

from ledger.settlement.after_sales import released
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import run_kernel
from ledger.settlement.moved import Engine, kernel_of
from ledger.settlement.moves import moves_of
from ledger.settlement.state import Point, lines_in_force, local_day, with_state
from ledger.settlement.terms import Terms, VersionTerms
from policies.agreement import Agreement
from policies.decisions.case import ORDER
from policies.decisions.earnings import REFUNDED
from policies.dues.occasions import Occasion
from policies.dues.reads import SETTLED_AMOUNT
from policies.errors import PolicyError
from policies.facts import read_fact
from policies.formulas.exact import Row, Unknown, Value
from policies.splits.columns import LEG, REVERSED


def due_instant(terms: Terms, occasion: Occasion, point: Point) -> datetime:
    """Return when an occasion falls due: the start of its day, or the cut-off where that is of this day."""
    start = datetime.combine(occasion.day, time(), tzinfo=terms.zone)
    return point.cutoff if occasion.running else start


@dataclass
class DueOrders:
    """The lines of one occasion, read and split when something asks for them."""

    book: LineBook
    terms: Terms
    occasion: Occasion
    point: Point
    engine: Engine

    def rows(self, agreement: Agreement, names: frozenset[str], toward: str | None) -> tuple[Row, ...]:
        """Return the orders with the facts of `names`, alike ones counted; `order` too where it is asked."""
        declared = {name: fact for name, fact in agreement.document.facts.items() if fact.of == "order"}
        read = sorted(names & declared.keys()) + ([ORDER] if ORDER in names else [])
        frames = [
            self._told(version, toward if SETTLED_AMOUNT in read else None) for version in self.terms.versions
        ]
        found: dict[tuple[Any, ...], int] = defaultdict(int)
        for frame in frames:
            if not read:
                found[()] += frame.height
                continue
            alike = frame.select(read).group_by(read, maintain_order=True).len()
            for *cells, count in alike.iter_rows():
                found[tuple(cells)] += count
        cell = _Cells(agreement, {name: declared[name].type for name in read if name in declared})
        return tuple(
            Row({name: cell.value(name, one) for name, one in zip(read, cells, strict=True)}, count)
            for cells, count in found.items()
            if count
        )

    def figures(self, agreement: Agreement) -> dict[str, Value]:
        """Return `due.LEG`, `reversed.LEG` and `settled.LEG` over the orders, in major units.

        What a leg earns over them, what refunds take back of it, and what of it stands settled, net.
        """
        sums: dict[str, int] = defaultdict(int)
        for version in self.terms.versions:
            frame = self._split[version.version]
            earned = frame["now:earned"].cast(pl.Int64)
            for step in version.plan.steps:
                if step.is_pool:
                    continue
                leg, back = frame[f"{LEG}{step.name}"], frame[f"now:{REVERSED}{step.name}"]
                for name, column in (("due", leg), ("reversed", back), ("settled", (leg - back) * earned)):
                    sums[f"{name}.{step.name}"] += int(column.cast(pl.Int128).sum() or 0)
        return {name: Fraction(minor, agreement.scale) for name, minor in sums.items()}

    @cached_property
    def _lines(self) -> dict[int, pl.DataFrame]:
        """The lines of the occasion by version, with their facts and their state when it falls due."""
        at = Point(due_instant(self.terms, self.occasion, self.point), self.point.end)
        zone = self.terms.zone.key
        found = {}
        for version in self.terms.versions:
            lines = lines_in_force(self.book, self.terms, version)
            lines = with_state(lines, self.book, self.terms, version, at, "now")
            lines = with_state(lines, self.book, self.terms, version, None, "before")
            inside = (
                (pl.col("day:confirmed") < self.occasion.until)
                & (pl.col("seq:receipt") < at.end)
                & (pl.col("us:confirmed") <= at.us)
                & (pl.col("seq:sale") < at.end)
            )
            if self.occasion.first is not None:
                inside &= pl.col("day:confirmed") >= self.occasion.first
            frame = lines.filter(inside).collect()
            cleared = pl.col("day:confirmed") + pl.duration(days=version.clearing_days)
            if version.waits_for_cases and not self.book.cases.is_empty():
                later = released(frame, self.book, version, (at.us, at.end))
                frame = frame.join(later, on=list(KEY), how="left", maintain_order="left")
                cleared = pl.max_horizontal(cleared, "day:released")
            found[version.version] = frame.with_columns(
                local_day("us:sold", zone).alias("own:sold_on"),
                pl.col("day:confirmed").alias("own:received_on"),
                cleared.alias("own:settled_on"),
            ).sort(KEY)
        return found

    @cached_property
    def _split(self) -> dict[int, pl.DataFrame]:
        """The lines of the occasion, split; those that no run can split are left out."""
        return {
            version.version: run_kernel(kernel_of(self.engine), version, self._lines[version.version]).filter(
                ~pl.col("unusable")
            )
            for version in self.terms.versions
        }

    def _told(self, version: VersionTerms, toward: str | None) -> pl.DataFrame:
        """Return the lines of one version, what the run tells of them under the names of facts."""
        frame = self._lines[version.version]
        own = {name: pl.col(f"own:{name}") for name in ("sold_on", "received_on", "settled_on")}
        frame = frame.with_columns(
            pl.col("now:claimed").alias(REFUNDED), *(column.alias(name) for name, column in own.items())
        )
        if toward is None:
            return frame
        split = self._split[version.version]
        party = version.agreement.party_id(toward) if toward in version.agreement.parties else ""
        legs = [
            pl.col(f"{LEG}{move.leg}") - pl.col(f"now:{REVERSED}{move.leg}")
            for move in moves_of(version)
            if move.kind == "earned" and move.owner == party
        ]
        net = pl.sum_horizontal(pl.lit(0, dtype=pl.Int64), *legs) * pl.col("now:earned").cast(pl.Int64)
        return frame.join(
            split.select(*KEY, net.alias(SETTLED_AMOUNT)), on=list(KEY), how="left", maintain_order="left"
        )


@dataclass(frozen=True)
class _Cells:
    """Reads the cells of columns as the exact reader's values; what is null or does not read is unknown."""

    agreement: Agreement
    types: Mapping[str, Any]

    def value(self, name: str, cell: Any) -> Value:
        kind = self.types.get(name)
        if cell is None:
            return Unknown(frozenset({name}))
        if kind == "money":
            return Fraction(cell, self.agreement.scale)
        if kind == "count":
            return Fraction(cell)
        if kind is None or isinstance(cell, bool | date):
            assert isinstance(cell, bool | date | str)
            return cell
        fact = self.agreement.document.facts[name]
        try:
            return read_fact(cell, fact.type, self.agreement.currency, fact.options)
        except PolicyError:
            return Unknown(frozenset({name}))
