"""The shape of the log's tables in SQLite: the very text that made each table and index, clause by clause.

SQLite keeps that text and goes by nothing else, so it says all: types, checks, defaults, collations,
generated columns, what becomes of a repeated key, STRICT and WITHOUT ROWID; also after an edit through
writable_schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.database import session_of
from ledger.privileges import WRITER_RIGHTS
from ledger.tables import TABLES
from ledger.triggers import expected_triggers

_DAMAGE_LIMIT = 20

_MADE = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"


def sqlite_faults(connection: Connection) -> Iterator[str]:
    """Yield in what the schema is not as declared, one text each."""
    made = session_of(connection).rows(_MADE)
    tables = {name: text for kind, name, _, text in made if kind == "table"}
    indexes = {name: text for kind, name, _, text in made if kind == "index"}
    for name, table in TABLES.items():
        declared = str(CreateTable(table).compile(connection.engine))
        yield from _differences(name, _clauses(tables.get(name, "")), _clauses(declared))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            text = indexes.get(str(index.name))
            if text is None:
                yield f"index {index.name} of {name} is gone"
            elif _plain(text) != _plain(str(CreateIndex(index).compile(connection.engine))):
                yield f"index {index.name} of {name} is changed"
    known = {str(index.name) for table in TABLES.values() for index in table.indexes}
    triggers = expected_triggers("sqlite")
    for kind, name, table_name, text in made:
        others = (kind == "index" and text and table_name in TABLES and name not in known) or (
            kind == "trigger" and table_name in WRITER_RIGHTS and name not in triggers
        )
        if others:
            yield f"{kind} {name} stands on {table_name}, which the log did not make; drop it"
        elif kind == "view":
            yield f"view {name} stands in the database, which the log did not make; drop it"


def sqlite_damage(connection: Connection) -> list[str]:
    """Return what SQLite's own check finds: pages, indexes that do not hold what their table holds, types."""
    rows = session_of(connection).rows(f"PRAGMA integrity_check({_DAMAGE_LIMIT})")
    return [str(row[0]) for row in rows if row[0] != "ok"]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _clauses(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Split the text that makes a table into its columns and constraints, and what follows the bracket."""
    depth, start = 0, text.find("(") + 1
    parts, begun = [], start
    for at in range(start, len(text)):
        if text[at] == ")" and depth == 0:
            parts.append(text[begun:at])
            options = text[at + 1 :]
            return frozenset(map(_plain, parts)), frozenset(map(_plain, options.split(",")))
        depth += (text[at] == "(") - (text[at] == ")")
        if text[at] == "," and depth == 0:
            parts.append(text[begun:at])
            begun = at + 1
    return frozenset(), frozenset()


def _differences(
    name: str,
    stands: tuple[frozenset[str], frozenset[str]],
    declared: tuple[frozenset[str], frozenset[str]],
) -> Iterator[str]:
    for part in (0, 1):
        for clause in sorted(declared[part] - stands[part]):
            yield f"table {name} lacks '{clause}'"
        for clause in sorted(stands[part] - declared[part]):
            yield f"table {name} has '{clause}', which is not declared"
