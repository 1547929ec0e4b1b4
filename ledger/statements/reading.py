"""Statements as they were issued: listed, read, and their lines by page.

A party reads the statements issued to it; whoever asks for no party in particular reads all, and the caller
has decided that they may. Lines come from the line files, in statement order, numbered from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from ledger.leaves import recorded_text
from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.errors import StatementUnknown
from ledger.settlement.runs import SOURCE, STATEMENT_GROUP, STATEMENT_KIND, statement_entry_id
from ledger.statements.lines import SCHEMA, LineStore

_LINES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in the log: its entry and its content, which docs/reference/statements.md describes."""

    id: str
    seq: int
    issued_at: str
    agreement: str
    party: str
    content: dict[str, Any]

    @property
    def number(self) -> int:
        """The run that issued it, counting from 1."""
        return int(self.id.split(".")[1])

    @property
    def root(self) -> str:
        """The root of the tree over its lines, in hex."""
        return str(self.content["lines"]["root"])

    @property
    def count(self) -> int:
        """How many lines it has."""
        return int(self.content["lines"]["count"])


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line; `number` is its place in the statement from 0, `entries` the seqs that it rests on."""

    number: int
    order: str
    line: str
    clause: str
    leg: str
    kind: str
    amount_minor: int
    version: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Some lines of a statement; `total` counts all that pass the filter, `next_after` is None at the end."""

    lines: tuple[StatementLine, ...]
    total: int
    next_after: int | None


def list_statements(
    log: Log, *, party: str | None = None, agreement: str | None = None, limit: int = 1_000
) -> list[Statement]:
    """Return statements, newest first: those issued to a party, or all; of one agreement (by id), or all."""
    found: list[Statement] = []
    before: int | None = None
    while len(found) < limit:
        entries = log.entries(
            before, limit=200, kinds=[STATEMENT_KIND], agreement=agreement, newest_first=True
        )
        if not entries:
            break
        for entry in entries:
            statement = _opened(log, entry, party)
            if statement is not None:
                found.append(statement)
        before = entries[-1].seq
    return found[:limit]


def read_statement(log: Log, statement: str, *, party: str | None = None) -> Statement:
    """Return one statement by id. Raises StatementUnknown, also when it was issued to another party."""
    agreement, *places = statement.split(".")
    if len(places) == 2 and all(part.isascii() and part.isdecimal() for part in places):
        entry = log.find(SOURCE, statement_entry_id(agreement, int(places[0]), int(places[1])))
        found = _opened(log, entry, party) if entry else None
        if found is not None and found.id == statement:
            return found
    raise StatementUnknown("there is no such statement here", where=statement[:100])


def _opened(log: Log, entry: Entry, party: str | None) -> Statement | None:
    for group in log.groups(entry.seq, party):
        if group.name == STATEMENT_GROUP and group.opened is not None:
            content = group.content
            if party is not None and content["party"] != party:
                return None
            return Statement(
                content["statement"],
                entry.seq,
                recorded_text(entry.recorded_us),
                content["agreement"],
                content["party"],
                content,
            )
    return None


def read_lines_page(  # noqa: PLR0913 -- where from, how many, and one filter each
    store: LineStore,
    statement: Statement,
    *,
    after: int | None = None,
    limit: int = 50,
    order: str | None = None,
    leg: str | None = None,
    kind: str | None = None,
) -> LinesPage:
    """Return up to `limit` lines after the line numbered `after` that pass every filter given.

    Raises LinesUnavailable when the line file is missing.
    """
    wanted = {"order": order, "leg": leg, "kind": kind}
    lines = store.scan(statement.root).with_row_index("number")
    for column, value in wanted.items():
        if value is not None:
            lines = lines.filter(pl.col(column) == value)
    if any(value is not None for value in wanted.values()):
        total = int(lines.select(pl.len()).collect().item())
        if after is not None:
            lines = lines.filter(pl.col("number") > after)
        found = _rows(lines.head(limit + 1).collect())
    else:
        total, start = statement.count, 0 if after is None else after + 1
        found = _rows(lines.slice(start, limit + 1).collect())
    more = len(found) > limit
    return LinesPage(found[:limit], total, found[limit - 1].number if more else None)


def read_line(store: LineStore, statement: Statement, number: int) -> StatementLine:
    """Return the line numbered `number`. Raises StatementUnknown for a number it does not have."""
    if not 0 <= number < statement.count:
        raise StatementUnknown(f"it has no line {number}", where=statement.id)
    rows = store.scan(statement.root).with_row_index("number").slice(number, 1).collect()
    return _rows(rows)[0]


def every_line(store: LineStore, statement: Statement) -> Iterator[StatementLine]:
    """Yield every line in statement order."""
    lines = store.scan(statement.root).with_row_index("number")
    for start in range(0, statement.count, _LINES_AT_ONCE):
        yield from _rows(lines.slice(start, _LINES_AT_ONCE).collect())


def _rows(frame: pl.DataFrame) -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(number, order, line, clause, leg, kind, amount, version, tuple(entries))
        for number, order, line, clause, leg, kind, amount, version, entries in (
            frame.select("number", *SCHEMA).iter_rows()
        )
    )
