"""The shape of the log's tables in PostgreSQL, read from its catalogues.

Columns with type, collation, default and what generates them; constraints and indexes by their definition;
and what hides, adds or reroutes rows: row level security, inheritance, rules, views and tables of the same
name found first, foreign keys that are not enforced, tables that do not survive a crash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ledger.database import Session, session_of
from ledger.privileges import WRITER_RIGHTS
from ledger.tables import SQLITE_ONLY, TABLES
from ledger.triggers import expected_triggers

_OURS = "c.relname = ANY(?) AND pg_table_is_visible(c.oid)"

_COLUMNS = f"""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
           || CASE WHEN l.collname <> 'default' THEN ' collate ' || l.collname ELSE '' END
           || CASE WHEN NOT l.collisdeterministic THEN ' nondeterministic' ELSE '' END
           || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
           || CASE WHEN a.attgenerated <> '' THEN ' generated'
                   WHEN a.attidentity <> '' THEN ' identity' ELSE '' END
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      LEFT JOIN pg_collation l ON l.oid = a.attcollation
     WHERE {_OURS}
"""  # noqa: S608 -- a query of our own, as are those below

_CONSTRAINTS = f"""
    SELECT c.relname, pg_get_constraintdef(k.oid), k.conname FROM pg_class c
      JOIN pg_constraint k ON k.conrelid = c.oid WHERE {_OURS} AND k.contype NOT IN ('n', 't')
"""  # noqa: S608

_INDEXES = f"""
    SELECT c.relname, i.relname, pg_get_indexdef(i.oid), x.indisvalid AND x.indisready AND x.indislive,
           EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
      FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
     WHERE {_OURS}
"""  # noqa: S608

_ADDED = f"""
    SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND {_OURS}
    UNION ALL SELECT 'rule', r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
     WHERE {_OURS}
    UNION ALL SELECT 'policy', p.polname, c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
     WHERE {_OURS} ORDER BY 2
"""  # noqa: S608

_ODDITIES = f"""
    SELECT c.relname, 'is no table; something else stands in its place' FROM pg_class c
     WHERE {_OURS} AND c.relkind <> 'r'
    UNION ALL SELECT c.relname, 'does not survive a crash: it is unlogged or temporary' FROM pg_class c
     WHERE {_OURS} AND c.relpersistence <> 'p'
    UNION ALL SELECT c.relname, 'has row level security, which hides rows' FROM pg_class c
     WHERE {_OURS} AND (c.relrowsecurity OR c.relforcerowsecurity)
    UNION ALL SELECT c.relname, 'is read together with the rows of its child ' || h.inhrelid::regclass
      FROM pg_class c JOIN pg_inherits h ON h.inhparent = c.oid WHERE {_OURS}
    UNION ALL SELECT c.relname, 'inherits from ' || h.inhparent::regclass
      FROM pg_class c JOIN pg_inherits h ON h.inhrelid = c.oid WHERE {_OURS}
    UNION ALL SELECT DISTINCT c.relname, 'has foreign keys that are not enforced: their triggers are disabled'
      FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid
     WHERE {_OURS} AND t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')
    UNION ALL SELECT c.relname, 'is found in more than one schema of the search path: ' || string_agg(
               quote_ident(n.nspname), ', ' ORDER BY array_position(current_schemas(true), n.nspname))
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = ANY(?) AND n.nspname = ANY(current_schemas(true)) AND c.relkind <> 'i'
     GROUP BY c.relname HAVING count(*) > 1
    ORDER BY 1, 2
"""  # noqa: S608

_PATH = """
    SELECT current_setting('search_path') WHERE (
        SELECT s FROM unnest(current_schemas(true)) WITH ORDINALITY u(s, n) WHERE s !~ '^pg_(temp|toast)'
         ORDER BY n LIMIT 1
    ) <> 'pg_catalog'
"""


def postgres_faults(connection: Connection) -> Iterator[str]:
    """Yield in what the schema is not as declared, one text each."""
    session = session_of(connection)
    yield from _column_faults(connection, session)
    yield from _constraint_faults(session)
    yield from _index_faults(session)
    for table, what in session.rows(_ODDITIES, (list(WRITER_RIGHTS),) * 7):
        yield f"{table} {what}"
    known = expected_triggers("postgresql")
    for kind, name, table in session.rows(_ADDED, (list(WRITER_RIGHTS),) * 3):
        if kind != "trigger" or name not in known:
            yield f"{kind} {name} stands on {table}, which the log did not make; drop it"
    for (path,) in session.rows(_PATH):
        yield f"the search path is {path}: what stands there is found before the server's own functions"


def _column_faults(connection: Connection, session: Session) -> Iterator[str]:
    types = connection.dialect.type_compiler_instance
    stands: dict[str, dict[str, str]] = defaultdict(dict)
    for table, name, worded in session.rows(_COLUMNS, (list(TABLES),)):
        stands[table][name] = worded
    for table in TABLES.values():
        declared = {
            column.name: types.process(column.type).lower().replace('"', "")
            + ("" if column.nullable else " not null")
            for column in table.columns
        }
        held = {name: worded.lower() for name, worded in stands[table.name].items()}
        for name in sorted(declared.keys() | held.keys()):
            if name not in held:
                yield f"column {name} of {table.name} is gone"
            elif name not in declared:
                yield f"column {name} stands in {table.name}, which the log did not make; drop it"
            elif declared[name] != held[name]:
                yield f"column {name} of {table.name} is {held[name]}, where {declared[name]} is declared"


def _constraint_faults(session: Session) -> Iterator[str]:
    stands: dict[str, dict[str, str]] = defaultdict(dict)
    for table, definition, name in session.rows(_CONSTRAINTS, (list(TABLES),)):
        stands[table][definition.replace('"', "")] = name
    for table in TABLES.values():
        declared = set(_definitions(table))
        for definition in sorted(declared - stands[table.name].keys()):
            yield f"{table.name} lacks {definition}: the constraint is gone"
        for definition in sorted(stands[table.name].keys() - declared):
            what = f"constraint {stands[table.name][definition]} ({definition})"
            yield f"{what} stands on {table.name}, which the log did not make; drop it"


def _definitions(table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        columns = ", ".join(column.name for column in constraint.columns)  # type: ignore[attr-defined]
        if isinstance(constraint, PrimaryKeyConstraint):
            yield f"PRIMARY KEY ({columns})"
        elif isinstance(constraint, UniqueConstraint):
            yield f"UNIQUE ({columns})"
        elif isinstance(constraint, ForeignKeyConstraint) and constraint.elements[0].info != SQLITE_ONLY:
            named = ", ".join(element.column.name for element in constraint.elements)
            yield f"FOREIGN KEY ({columns}) REFERENCES {constraint.referred_table.name}({named})"


def _index_faults(session: Session) -> Iterator[str]:
    schema = session.rows("SELECT current_schema()")[0][0]
    stands: dict[str, Any] = {
        name: (table, definition.replace('"', ""), sound, keeps)
        for table, name, definition, sound, keeps in session.rows(_INDEXES, (list(TABLES),))
    }
    declared = {
        str(
            index.name
        ): f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {index.name} ON {schema}.{table.name}"
        f" USING btree ({', '.join(column.name for column in index.columns)})"
        for table in TABLES.values()
        for index in table.indexes
    }
    for name, definition in sorted(declared.items()):
        if name not in stands:
            yield f"index {name} of {definition.split('.')[1].split()[0]} is gone"
        elif stands[name][1] != definition:
            yield f"index {name} of {stands[name][0]} is changed"
    for name, (table, _, sound, keeps) in sorted(stands.items()):
        if not sound:
            yield f"index {name} of {table} is not valid; reindex"
        if name not in declared and not keeps:
            yield f"index {name} stands on {table}, which the log did not make; drop it"
