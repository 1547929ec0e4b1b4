"""What keeps the log's tables to their shape, read back from a database and held against tables.py.

For the doctor: whoever owns a database can drop a constraint or put a rule of their own onto a table, and
nothing refuses it. Which triggers must stand is said in triggers.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Table, UniqueConstraint, inspect
from sqlalchemy.engine import Inspector

from ledger.database import session_of
from ledger.tables import TABLES
from ledger.triggers import expected_triggers


def schema_faults(connection: Connection) -> list[str]:
    """Return in what the log's tables are not as declared, one text each: columns, keys, rules, triggers."""
    inspector = inspect(connection)
    faults = [fault for table in TABLES.values() for fault in _table_faults(inspector, table)]
    return [*faults, *_additions(connection)]


def _table_faults(inspector: Inspector, table: Table) -> Iterator[str]:
    name = table.name
    declared = {column.name: bool(column.nullable) for column in table.columns}
    if {column["name"]: column["nullable"] for column in inspector.get_columns(name)} != declared:
        yield f"the columns of {name} are not those declared"
    if inspector.get_pk_constraint(name)["constrained_columns"] != [c.name for c in table.primary_key]:
        yield f"the primary key of {name} is not the one declared"
    unique = {frozenset(one["column_names"]) for one in inspector.get_unique_constraints(name)}
    foreign = {frozenset(one["constrained_columns"]) for one in inspector.get_foreign_keys(name)}
    for constraint in table.constraints:
        if not isinstance(constraint, UniqueConstraint | ForeignKeyConstraint):
            continue
        columns = frozenset(column.name for column in constraint.columns)
        if isinstance(constraint, UniqueConstraint) and columns not in unique:
            yield f"{name} may repeat {', '.join(sorted(columns))}: the constraint is gone"
        if isinstance(constraint, ForeignKeyConstraint) and columns not in foreign:
            yield f"{name} may name {', '.join(sorted(columns))} of nothing: the constraint is gone"
    indexes = {index["name"] for index in inspector.get_indexes(name)}
    for index in table.indexes:
        if index.name not in indexes:
            yield f"index {index.name} of {name} is gone"


_ADDED = {
    "sqlite": "SELECT 'trigger', name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": (
        "SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        " UNION ALL SELECT 'rule', r.rulename, c.relname FROM pg_rewrite r"
        " JOIN pg_class c ON c.oid = r.ev_class WHERE pg_table_is_visible(c.oid) ORDER BY 2"
    ),
}


def _additions(connection: Connection) -> Iterator[str]:
    """Yield the triggers and rules that stand on the log's tables and are not the log's own."""
    known = expected_triggers(connection.dialect.name)
    for kind, name, table in session_of(connection).rows(_ADDED[connection.dialect.name]):
        if table in TABLES and name not in known:
            yield f"{kind} {name} stands on {table}, which the log did not make; drop it"
