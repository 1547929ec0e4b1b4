"""Files of events for a register, by the thousand: a row is an event, a batch of rows a transaction.

Columns are `item`, `event`, `occurred_at`, `party` and the register's fields. Where a file names no items, a
row's item is named by what it says, so that the same file again adds nothing. A row that is refused is named
with its reason, and keeps no other row out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.intake.errors import FileUnreadable
from ledger.intake.mapping import FileLayout
from ledger.intake.readers import SourceRow, open_source
from ledger.log import Log
from ledger.registers.asking import Standing, Telling
from ledger.registers.declaration import Register, register
from ledger.registers.errors import TellingRefused
from ledger.registers.telling import Follow, tell_all
from policies.errors import PolicyError, TallystickError, did_you_mean
from policies.facts import read_instant

ITEM, EVENT, AT, PARTY = "item", "event", "occurred_at", "party"
ROWS_AT_ONCE = 2_000
"""Rows of one transaction."""

REFUSALS_KEPT = 1_000
"""Refusals that are named; further ones are counted."""

_NAME_DIGITS = 20


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that was not taken: its number from 1, its line in a text file, its item, and why."""

    row: int
    line: int | None
    item: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: rows that were told, that stood already, and that were refused."""

    register: str
    rows: int
    told: int
    repeated: int
    refused: int
    refusals: tuple[RowRefused, ...]


def import_rows(  # noqa: PLR0913 -- which file, into what, on whose word, in what standing
    log: Log,
    path: Path,
    name: str,
    *,
    by: str,
    standing: Callable[[str | None], Standing],
    clock: Callable[[], datetime],
    event: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    follow: Follow | None = None,
) -> Imported:
    """Tell a register every row of a file (CSV, NDJSON, XLSX, Parquet, Arrow), with what follows of it.

    `standing` gives in what standing a row is told, by the party that it names; `event` is that of rows that
    name none. Raises FileUnreadable, HeaderRefused, RegisterUnknown, and TellingRefused for a column that
    the register does not have.
    """
    of = register(name)
    source = open_source(path, FileLayout())
    _require_columns(of, source.columns, event)
    rows = told = repeated = 0
    refusals: list[RowRefused] = []
    for batch in _batches(source.rows(source.columns)):
        asked = [_asked(of, source.columns, row, by, standing, clock(), event) for row in batch]
        tellings = [one for one in asked if isinstance(one, Telling)]
        answers = tell_all(log, tellings, partial=True, follow=follow)
        of_tellings, seen = iter(answers.answers), set[int]()
        for row, one in zip(batch, asked, strict=True):
            rows += 1
            answer = next(of_tellings) if isinstance(one, Telling) else one
            if isinstance(answer, TallystickError):
                item = one.item if isinstance(one, Telling) else ""
                refusals.append(RowRefused(row.row, row.line, item, answer.code, answer.message))
            elif answer >= answers.first and answer not in seen:
                seen.add(answer)
                told += 1
            else:
                repeated += 1
        progress(source.done, source.total)
    return Imported(of.name, rows, told, repeated, len(refusals), tuple(refusals[:REFUSALS_KEPT]))


def _batches(rows: Iterator[SourceRow]) -> Iterator[Sequence[SourceRow]]:
    batch: list[SourceRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _require_columns(of: Register, columns: Sequence[str], event: str | None) -> None:
    known = {ITEM, EVENT, AT, PARTY, *of.all_fields}
    for one in columns:
        if one and one not in known:
            raise TellingRefused(f"there is no field '{one[:40]}'{did_you_mean(one, known)}", where=of.name)
    if event is None and EVENT not in columns:
        raise TellingRefused("say which event the rows tell, in a column or for all of them", where=of.name)


def _asked(  # noqa: PLR0913, PLR0917 -- a row, and what is the same for all rows
    of: Register,
    columns: Sequence[str],
    row: SourceRow,
    by: str,
    standing: Callable[[str | None], Standing],
    at: datetime,
    event: str | None,
) -> Telling | TallystickError:
    """Return what a row tells, or why it cannot be read."""
    if row.fault is not None:
        return FileUnreadable(row.fault)
    if row.bad:
        place, bad = next(iter(row.bad.items()))
        return FileUnreadable(f"{columns[place]}: {bad.message}")
    cells = {name: text for name, text in zip(columns, row.cells, strict=False) if name and text.strip()}
    named = {one: cells.pop(one, "").strip() for one in (ITEM, EVENT, AT, PARTY)}
    told = named[EVENT] or event or ""
    try:
        when = read_instant(named[AT]) if named[AT] else None
        whose = standing(named[PARTY] or None)
    except PolicyError as fault:
        return fault
    except TallystickError as fault:
        return fault
    terms = of.all_events.get(told)
    timed = any(of.all_fields[name].from_ for name in cells if name in of.all_fields)
    if when is None and not timed and terms is not None and terms.opens is None:
        return TellingRefused(f"'{told}' needs {AT}, so that the file can be read again", where=of.name)
    item = named[ITEM] or _named_by(told, named[AT], named[PARTY], cells)
    return Telling(of.name, item, told, cells, by, at, when, whose)


def _named_by(event: str, at: str, party: str, cells: dict[str, str]) -> str:
    said = json.dumps([event, at, party, sorted(cells.items())], ensure_ascii=False)
    return f"r-{hashlib.sha256(said.encode()).hexdigest()[:_NAME_DIGITS]}"
