"""That the indexes of the log's tables on PostgreSQL lead to every row, in their order. For the doctor.

An index that lost rows (a bad disk, a catalogue changed by hand, a library of collations replaced) hides them
from whoever reads by it, while the table still holds them. So each index is walked from end to end and held
against its table read in sequence, within one snapshot. The extension amcheck looks at pages more closely;
this asks no more than the right to read. SQLite has `PRAGMA integrity_check` for it (schema_sqlite.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from ledger.database import Session
from ledger.tables import TABLES

_INDEXES = """
    SELECT c.relname, i.relname, array(
             SELECT quote_ident(a.attname) FROM unnest(x.indkey) WITH ORDINALITY k(number, place)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY place)
      FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_am m ON m.oid = i.relam
     WHERE c.relname = ANY(?) AND pg_table_is_visible(c.oid) AND m.amname = 'btree'
       AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid AND x.indisready AND x.indislive
     ORDER BY 1, 2
"""
_MARKS = "count(*), coalesce(sum(hashtextextended(place, 0)), 0)"
"""How many rows, and which: a sum over the places at which they stand in the table."""

_IN_SEQUENCE = ("SET LOCAL enable_seqscan = on", "SET LOCAL enable_indexscan = off")
_BY_INDEX = (
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_indexscan = on",
    "SET LOCAL enable_bitmapscan = off",
    "SET LOCAL enable_sort = off",
    "SET LOCAL enable_incremental_sort = off",
)


@dataclass(frozen=True, slots=True)
class _Index:
    table: str
    name: str
    columns: tuple[str, ...]

    @property
    def walk(self) -> str:
        """The query that reads the rows as the index gives them, and looks whether they are in order."""
        listed = ", ".join(self.columns)
        before = ", ".join(f"lag({column}) OVER ()" for column in self.columns)
        return (
            f"SELECT {_MARKS}, coalesce(bool_or(behind), false) FROM ("  # noqa: S608 -- names of our own tables
            f"SELECT ctid::text AS place, ({listed}) < ({before}) AS behind FROM ("
            f"SELECT ctid, {listed} FROM ONLY {self.table} ORDER BY {listed}) walked) seen"
        )


def index_faults(session: Session) -> Iterator[tuple[str, str]]:
    """Yield name and fault of each index that does not lead to its table's rows, within a reading session.

    Leaves the transaction with other settings of the planner: ask in one of its own.
    """
    indexes = [
        _Index(table, name, tuple(columns))
        for table, name, columns in session.rows(_INDEXES, (list(TABLES),))
    ]
    _set(session, _IN_SEQUENCE)
    stand = {
        table: session.rows(f"SELECT {_MARKS} FROM (SELECT ctid::text AS place FROM ONLY {table}) seen")[0]  # noqa: S608
        for table in {index.table: None for index in indexes}
    }
    _set(session, _BY_INDEX)
    for index in indexes:
        fault = _fault(session, index, *stand[index.table])
        if fault is not None:
            yield index.name, fault


def _fault(session: Session, index: _Index, count: int, marks: int) -> str | None:
    plan = session.rows(f"EXPLAIN (FORMAT JSON) {index.walk}")[0][0]
    if f"'Index Name': '{index.name}'" not in str(plan):
        return f"the server does not read {index.table} by it"
    session.execute("SAVEPOINT walk")
    try:
        found, places, behind = session.rows(index.walk)[0]
    except psycopg.Error as fault:
        session.execute("ROLLBACK TO SAVEPOINT walk")
        return f"{index.table} cannot be read by it: {str(fault).partition(chr(10))[0]}"
    if found != count:
        return f"it leads to {found} of the {count} rows of {index.table}"
    if places != marks:
        return f"it leads to other than the {count} rows of {index.table}"
    return f"it gives the rows of {index.table} out of order" if behind else None


def _set(session: Session, settings: tuple[str, ...]) -> None:
    for setting in settings:
        session.execute(setting)
