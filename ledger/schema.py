"""What keeps the log's tables to their shape, read back from a database and held against tables.py.

For the doctor: whoever owns a database can drop a constraint, let a column take other text for the same, put
a rule of their own onto a table or another table in its place, and nothing refuses it. Each kind of database
is read in its own words (schema_sqlite.py, schema_postgres.py). Which triggers must stand is in triggers.py,
who may do what in privileges.py.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.database import session_of
from ledger.schema_postgres import postgres_faults
from ledger.schema_sqlite import sqlite_faults
from ledger.tables import TABLES

_STANDING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT relname FROM pg_class c WHERE relkind <> 'i' AND pg_table_is_visible(c.oid)",
}


def missing_tables(connection: Connection) -> list[str]:
    """Return the log's tables that are nowhere to be found, by name."""
    standing = {row[0] for row in session_of(connection).rows(_STANDING[connection.dialect.name])}
    return sorted(TABLES.keys() - standing)


def schema_faults(connection: Connection) -> list[str]:
    """Return in what the log's tables are not as declared, one text each; none when all is well."""
    faults = sqlite_faults if connection.dialect.name == "sqlite" else postgres_faults
    return list(faults(connection))
