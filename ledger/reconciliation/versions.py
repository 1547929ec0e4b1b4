"""What the log says of an order line beside what was settled: each version's amount, and refunds.

A bill that was made under another version, or that counts a refund which the ledger does not, differs by a
figure that can be computed. Lines are computed by the kernels that settle, each version put in the place of
the one in force, as a simulation does. A version whose lines are not each by themselves (a ladder over a
window, rounding per statement) gives no such figure and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ledger.log import Log
from ledger.settlement.counted import counted
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY, LineBook, read_books, read_order
from ledger.settlement.kernels import run_kernel
from ledger.settlement.moves import move_columns, moves_of
from ledger.settlement.state import Point, lines_in_force, with_state
from ledger.settlement.terms import Terms, VersionTerms, version_terms

LineKey = tuple[str, str]

_ONE_BY_ONE = 500
"""Up to so many lines are read one by one; for more the agreement's lines are read in one pass."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one version gives a party of a line, by leg: `earned`, and `back` where all refunds count."""

    version: int
    earned: Mapping[str, int]
    back: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the log knows: the version in force when it was sold, and what each version gives."""

    in_force: int
    given: tuple[Given, ...] = field(default=())

    def own(self) -> Given | None:
        """Return what the version in force gives, None where it cannot be computed."""
        return next((one for one in self.given if one.version == self.in_force), None)


def lines_known(
    log: Log, terms: Terms, party: str, keys: Iterable[LineKey], point: Point
) -> dict[LineKey, Line]:
    """Return what the log says at a point of those of the given lines that it knows."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    book = _book(log, terms, wanted, point)
    found: dict[LineKey, Line] = {}
    for version in terms.versions:
        sold = lines_in_force(book, terms, version).select(KEY).collect()
        given: dict[LineKey, list[Given]] = {key: [] for key in sold.iter_rows()}
        for tried in terms.versions:
            for key, one in _Trial(book, terms, version, party, point).given(tried):
                given[key].append(one)
        found |= {key: Line(version.version, tuple(parts)) for key, parts in given.items()}
    return found


def _book(log: Log, terms: Terms, keys: Sequence[LineKey], point: Point) -> LineBook:
    """Return the reports that count of some lines."""
    orders = sorted({order for order, _ in keys})
    one_by_one = len(orders) <= _ONE_BY_ONE
    books = (
        (read_order(log, terms, order, point.end) for order in orders)
        if one_by_one
        else read_books(log, terms, point.end)
    )
    only = pl.DataFrame(keys, schema=dict.fromkeys(KEY, pl.String), orient="row")
    parts = [counted(book, point.end) for book in books]
    told = {
        name: pl.concat(getattr(part, name).join(only, on=KEY, how="semi") for part in parts)
        for name in ("sales", "receipts", "refunds", "cases")
    }
    return replace(parts[0], **told)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Lines sold under one version, to be computed under others for a party, refunds counted at a point."""

    book: LineBook
    terms: Terms
    version: VersionTerms
    party: str
    point: Point

    def given(self, tried: VersionTerms) -> Iterator[tuple[LineKey, Given]]:
        """Yield, for each line, what a version gives in the place of its own; nothing where it cannot."""
        if tried.plan.windows or tried.plan.clause.rounding.at == "statement":
            return
        try:
            instead = version_terms(tried.agreement, self.version.starts)
            done = _computed(instead, self._lines(instead)).filter(~pl.col("unusable"))
        except (SettlementRefused, pl.exceptions.ColumnNotFoundError):
            return  # it lacks a fact that the other version reads, or cannot be settled line by line
        moved = done.select(*KEY, *move_columns(instead))
        mine = [move for move in moves_of(instead) if move.owner == self.party and move.stated]
        for row in moved.iter_rows(named=True):
            earned: dict[str, int] = {}
            back: dict[str, int] = {}
            for move in mine:
                side = earned if move.kind in {"earned", "funded"} else back
                side[move.leg] = side.get(move.leg, 0) + row[move.column]
            yield (row["order"], row["line"]), Given(tried.version, earned, back)

    def _lines(self, instead: VersionTerms) -> pl.DataFrame:
        """Return the lines as if all were earned, and all that was refunded taken back."""
        terms = Terms(tuple(instead if one is self.version else one for one in self.terms.versions))
        lines = lines_in_force(self.book, terms, instead)
        lines = with_state(lines, self.book, terms, instead, self.point, "now")
        frame = with_state(lines, self.book, terms, instead, None, "before").collect()
        earned = pl.lit(value=True).alias("now:earned")
        return frame.with_columns(earned, pl.col("now:claimed").alias("now:refunded"))


def _computed(version: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    try:
        return run_kernel("columns", version, frame)
    except SettlementRefused:  # what has no exact column is computed line by line
        return run_kernel("exact", version, frame)
