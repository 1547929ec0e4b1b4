"""A file to reconcile, read by its layout into rows; a row that cannot be read is named and may be mended.

The readers and cells are those of order files (ledger/intake). Unlike an import, nothing goes on without the
rows that were not read: a total of which a part is unknown explains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from ledger.intake.binding import inexact_columns, missing_columns
from ledger.intake.cells import Cell, CellFault, cell_reader, read_key
from ledger.intake.errors import FileUnreadable, HeaderRefused, RowFinding, TermsUnfit
from ledger.intake.events import EXCERPT, FactPlan, KeyPlan, RowFault, read_facts
from ledger.intake.mapping import AGREEMENT_ZONE, FactSpec, KeySpec
from ledger.intake.readers import Source, SourceRow, file_sha256, open_source
from ledger.intake.rejects import Reason, Rejects
from ledger.intake.report import KEPT_FINDINGS
from ledger.reconciliation.layouts import MAY_BE_EMPTY, Layout
from ledger.reconciliation.rows import SCHEMA, Ids, reference

ROWS_MAX = 5_000_000
"""Rows of one file, at most."""

_ROWS_AT_ONCE = 100_000


@dataclass
class FileRows:
    """A file as read: its rows, its digest, and what of it could not be read.

    `rows` counts rows of data; of them `rejected_rows` could not be read, the first of them spelt out in
    `rejected`, and `idle_rows` state no amount.
    """

    frame: pl.DataFrame
    sha256: str
    rows: int = 0
    idle_rows: int = 0
    rejected_rows: int = 0
    rejected: list[RowFinding] = field(default_factory=list)


def read_file(  # noqa: PLR0913 -- the file, how to read it, in whose terms, and what goes with it
    path: Path,
    layout: Layout,
    *,
    currency: str,
    zone: ZoneInfo,
    mended: Path | None = None,
    rejects: Path | None = None,
    taken: Iterable[str] = (),
) -> FileRows:
    """Read a file's rows. `taken` are ids that rows brought forward have.

    Rows of `mended`, which is a file of rejected rows after somebody has mended it, stand in for those of the
    same number that cannot be read here. What cannot be read even so is written to `rejects`.
    Raises FileUnreadable, HeaderRefused, MappingRejected or RejectsUnwritable.
    """
    before = path.stat() if path.is_file() else None
    reader = _Reader(path, layout, currency, zone)
    instead = _mended_rows(mended, layout, currency, zone) if mended else {}
    found = FileRows(pl.DataFrame(schema=SCHEMA), file_sha256(path))
    ids, parts, pending = Ids(taken), [found.frame], list[list[object]]()
    with Rejects(rejects, reader.source, path) if rejects else nullcontext() as written:
        for row in reader.rows(whole=written is not None):
            found.rows += 1
            if found.rows > ROWS_MAX:
                raise FileUnreadable(f"has more than {ROWS_MAX:,} rows; cut it by period", where=str(path))
            told = reader.told(row)
            if isinstance(told, RowFault):
                told = instead.get(row.row, told)
            if isinstance(told, RowFault):
                _reject(found, path, row, told)
                if written is not None:
                    reason = Reason(row.row, row.line, told.code, told.column, told.message)
                    written.add(reason, reader.in_file_order(row), row.text)
                continue
            found.idle_rows += not told
            pending += [[ids.next(*one.said()), *one.cells(row.row)] for one in told]
            if len(pending) >= _ROWS_AT_ONCE:
                parts.append(pl.DataFrame(pending, schema=SCHEMA, orient="row"))
                pending = []
    parts.append(pl.DataFrame(pending, schema=SCHEMA, orient="row"))
    found.frame = pl.concat(parts)
    after = path.stat()
    if before is not None and (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileUnreadable("changed while it was being read; read it again", where=str(path))
    return found


def _reject(found: FileRows, path: Path, row: SourceRow, fault: RowFault) -> None:
    found.rejected_rows += 1
    if len(found.rejected) < KEPT_FINDINGS:
        place = (str(path), row.row, row.line)
        found.rejected.append(RowFinding(*place, fault.column, fault.code, fault.message, fault.given))


@dataclass(frozen=True, slots=True)
class _Told:
    """One amount that a row states."""

    ref: str
    order: str
    line: str
    leg: str
    kind: str
    amount_minor: int
    day: date
    note: str

    def said(self) -> tuple[str, ...]:
        """Return what the row says, as text: two rows that say the same are alike."""
        return (self.ref, self.leg, self.kind, str(self.amount_minor), self.day.isoformat(), self.note)

    def cells(self, number: int) -> list[object]:
        """Return the columns beside the id; `number` is that of the row in its file."""
        about = [self.ref, self.order, self.line, self.leg, self.kind]
        return [*about, self.amount_minor, self.day, f"#{number}", self.note]


def _mended_rows(
    path: Path, layout: Layout, currency: str, zone: ZoneInfo
) -> dict[int, list[_Told] | RowFault]:
    reader = _Reader(path, layout, currency, zone)
    return {row.row: reader.told(row) for row in reader.rows(whole=False)}


class _Reader:
    """A layout bound to the columns of one file."""

    def __init__(self, path: Path, layout: Layout, currency: str, zone: ZoneInfo) -> None:
        """Bind at once. Raises FileUnreadable, HeaderRefused or TermsUnfit."""
        self._document = document = layout.document
        self._currency = currency
        self.source: Source = open_source(path, document)
        specs = self._specs()
        self._require_columns(path, specs)
        self._columns: list[str] = []
        naive = self._zone(zone)
        self._keys = {
            name: self._key(name, key)
            for name, key in {**document.reference, "currency": document.currency}.items()
        }
        self._facts = tuple(self._fact(name, spec, naive) for name, spec in specs.items())
        self._only = tuple((self._place(name), frozenset(told)) for name, told in document.only.items())
        self._nothing = frozenset(document.nothing)
        self._whole: list[str] = []
        self._day = lru_cache(maxsize=1 << 16)(lambda instant: _day_in(instant, zone))

    def _specs(self) -> dict[str, FactSpec]:
        document = self._document
        specs = {f"amount{place}": one.as_fact() for place, one in enumerate(document.amounts)}
        specs["at"] = document.at.as_fact()
        for name in ("leg", "kind", "note"):
            word = getattr(document, name)
            if word is not None:
                specs[name] = word.as_fact()
        return specs

    def _require_columns(self, path: Path, specs: dict[str, FactSpec]) -> None:
        keys = [*self._document.reference.values(), self._document.currency]
        needed = [key.column for key in keys if key.column is not None]
        needed += [
            one.column for name, one in specs.items() if one.required or name.startswith(("amount", "leg"))
        ]
        needed += self._document.only
        amounts = [one.column for name, one in specs.items() if name.startswith("amount")]
        findings = [
            *missing_columns(self.source.columns, needed, {one.column for one in specs.values()}),
            *inexact_columns(self.source, [key.column for key in keys], amounts),
        ]
        if findings:
            raise HeaderRefused(str(path), tuple(findings))

    def _zone(self, zone: ZoneInfo) -> tzinfo | None:
        declared = self._document.time_zone
        return None if declared is None else zone if declared == AGREEMENT_ZONE else ZoneInfo(declared)

    def _place(self, column: str) -> int:
        if column not in self._columns:
            self._columns.append(column)
        return self._columns.index(column)

    def _key(self, name: str, spec: KeySpec) -> KeyPlan:
        place = self._place(spec.column) if spec.column else None
        return KeyPlan(place, spec.column or name, spec.fixed or "", spec.strip, spec.prefix or "")

    def _fact(self, name: str, spec: FactSpec, zone: tzinfo | None) -> FactPlan:
        read = cell_reader(spec, self._currency, zone)
        empty: Cell | None = None
        if spec.empty is not None:
            given = read(spec.empty)
            if isinstance(given, CellFault):
                wanted = f"`empty` of column '{spec.column}' is '{spec.empty}': {given.message}"
                raise TermsUnfit(wanted, where=f"mapping {self._document.source}")
            empty = given
        there = self.source.sparse or spec.column in self.source.columns
        place = self._place(spec.column) if there else None
        return FactPlan(name, place, spec.column, read, spec.required, False, empty, spec.strip)

    def rows(self, *, whole: bool) -> Iterator[SourceRow]:
        """Stream the rows; `whole` with every column, as a file of rejected rows needs them."""
        self._whole = list(self._columns)
        if whole and not self.source.sparse:
            self._whole += [name for name in self.source.columns if name not in self._columns]
        return self.source.rows(self._whole)

    def in_file_order(self, row: SourceRow) -> Sequence[str]:
        """Return a row's cells as they stand in the file."""
        if row.fault is not None or self.source.sparse:
            return row.cells
        by_name = dict(zip(self._whole, row.cells, strict=True))
        return [by_name[name] for name in self.source.columns]

    def told(self, row: SourceRow) -> list[_Told] | RowFault:
        """Return what a row states, nothing where it is not one of those that count."""
        if row.fault is not None:
            return RowFault("", "row.shape", row.fault, None)
        bad = min((place for place in row.bad or () if place < len(self._columns)), default=None)
        if bad is not None and row.bad is not None:
            return RowFault(self._columns[bad], *row.bad[bad], None)
        cells = row.cells
        if any(cells[place].strip() not in named for place, named in self._only):
            return []
        parts = self._parts(cells)
        if isinstance(parts, RowFault):
            return parts
        facts = read_facts(self._facts, self._nothing, cells)
        return facts if isinstance(facts, RowFault) else self._amounts(parts, facts)

    def _parts(self, cells: Sequence[str]) -> dict[str, str] | RowFault:
        parts: dict[str, str] = {}
        for name, key in self._keys.items():
            text = key.text(cells)
            if name == "currency":
                if text != self._currency:
                    wanted = f"expected {self._currency}, the currency of the agreement"
                    return RowFault(key.column, "row.currency", wanted, text[:EXCERPT])
                continue
            if not text and self._document.level in MAY_BE_EMPTY:
                continue
            if not text:
                return RowFault(key.column, "cell.missing", "expected an id; the cell is empty", None)
            cell = read_key(text)
            if isinstance(cell, CellFault):
                return RowFault(key.column, cell.code, cell.message, text[:EXCERPT])
            parts[name] = text
        return parts

    def _amounts(self, parts: dict[str, str], facts: dict[str, Cell]) -> list[_Told] | RowFault:
        at = facts["at"].instant
        assert at is not None, "a time reads as one"
        words = {name: facts[name].text if name in facts else "" for name in ("leg", "kind", "note")}
        found = []
        for place, spec in enumerate(self._document.amounts):
            amount = facts[f"amount{place}"].amount_minor
            assert amount is not None, "an amount reads as one"
            leg = spec.leg or words["leg"]
            ref = reference(self._document.level, {**parts, "leg": leg})
            if not ref and parts:
                column = self._document.leg.column if self._document.leg else spec.column
                return RowFault(column, "cell.missing", "'leg' is required; the cell is empty", None)
            if amount:
                signed = -amount if spec.negate else amount
                about = (ref, parts.get("order", ""), parts.get("line", ""), leg, words["kind"])
                found.append(_Told(*about, signed, self._day(at), words["note"]))
        return found


def _day_in(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
