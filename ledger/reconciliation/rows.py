"""Rows to match, as columns and one by one: what they are about, how much, of which day, where they stand.

Side a is the party's own ledger, side b the file. A row's id follows from what it says and not from where it
stands: the same rows in any order have the same ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from ledger.reconciliation.layouts import PARTS, Level

Which = Literal["a", "b"]

SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "ref": pl.String,
    "order": pl.String,
    "line": pl.String,
    "leg": pl.String,
    "kind": pl.String,
    "amount_minor": pl.Int64,
    "day": pl.Date,
    "origin": pl.String,
    "note": pl.String,
}
"""Columns of a side. `ref` is "" where nothing is named; `origin` is a statement, or a row of the file."""

SEPARATOR = "\x1f"
"""Between the parts of a reference: a cell cannot hold it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a side; the amount is in minor units, signed as what it adds to the party."""

    side: Which
    id: str
    ref: str
    order: str
    line: str
    leg: str
    kind: str
    amount_minor: int
    day: date
    origin: str
    note: str

    @property
    def named(self) -> str:
        """What the row is about, for people: ORDER/LINE/LEG, or the statement; "" where it names nothing."""
        return self.ref.replace(SEPARATOR, "/")

    def as_json(self) -> list[Any]:
        """Return the row as it is recorded: without its note, which may name a person and stands apart."""
        about = [self.ref, self.order, self.line, self.leg, self.kind]
        return [self.side, self.id, *about, self.amount_minor, self.day.isoformat(), self.origin]

    @classmethod
    def from_json(cls, told: Sequence[Any], notes: Mapping[str, str]) -> Row:
        """Read a row as it was recorded, with its note by its id; "" where there is none or it was erased."""
        side, row_id, ref, order, line, leg, kind, amount, day, origin = told
        about = (ref, order, line, leg, kind)
        return cls(side, row_id, *about, amount, date.fromisoformat(day), origin, notes.get(row_id, ""))


def reference(level: Level, parts: dict[str, str]) -> str:
    """Return the reference of a row at a level, "" where it lacks a part."""
    found = [parts.get(name, "") for name in PARTS[level]]
    return SEPARATOR.join(found) if all(found) else ""


def rows_of(frame: pl.DataFrame, side: Which) -> list[Row]:
    """Return a side's rows one by one, in order of (day, amount, id)."""
    ordered = frame.select(*SCHEMA).sort("day", "amount_minor", "id")
    return [Row(side, *cells) for cells in ordered.iter_rows()]


def frame_of(rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as columns."""
    cells = [[getattr(row, name) for name in SCHEMA] for row in rows]
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


class Ids:
    """Gives rows of a file their ids: a digest of what they say, numbered where several say the same."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with ids that are taken by rows brought forward."""
        self._taken = set(taken)
        self._seen: dict[str, int] = {}

    def next(self, *said: str) -> str:
        """Return the id of the next row that says just this."""
        digest = "f" + hashlib.sha256(SEPARATOR.join(said).encode()).hexdigest()[:16]
        while True:
            number = self._seen[digest] = self._seen.get(digest, 0) + 1
            found = digest if number == 1 else f"{digest}.{number}"
            if found not in self._taken:
                return found
