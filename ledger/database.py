"""Engines and transactions: one small session over plain sqlite3 and psycopg, for bulk work and reads.

An ORM row costs some forty times a bulk row, so the log speaks SQL to the driver through `Session`. Its SQL
is written once, with `?` for parameters, and means the same in both databases.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

import psycopg
from sqlalchemy import BigInteger, Connection, Engine, Integer, create_engine, event
from sqlalchemy.engine import make_url

from ledger.copy_chain import copy_all
from ledger.copying import encode_rows
from ledger.errors import DatabaseUnsuitable
from ledger.tables import TABLES

Row = tuple[Any, ...]

WRITER_LOCK = 0x74616C6C79
"""Key of the PostgreSQL advisory lock that everything which appends holds until it commits ("tally")."""

_STAND_IN_LINE = (
    "SELECT pg_advisory_xact_lock(?), CASE WHEN current_setting('synchronous_commit') = 'off'"
    " THEN set_config('synchronous_commit', 'on', true) END"
)
"""Takes the lock, and has the commit reach the disk however server, database or role are set up."""

_BUSY_SECONDS = 60
_STREAM_ROWS = 20_000


class Session(Protocol):
    """One transaction on a driver connection. `?` stands for a parameter."""

    dialect: str

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return all of its rows."""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched."""

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Run a query and yield its rows in lists, never holding all of them."""

    def of_each(
        self, sql: str, parameters: Sequence[Any], column: str, values: Sequence[str]
    ) -> tuple[str, list[Any]]:
        """Return a query with a WHERE, run for each value of a column by the index that leads to it.

        A planner that has no statistics yet may read the whole table for a list of values instead.
        """

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows in bulk; each has every column of the table, in the order of tables.py."""

    def insert_all(self, tables: Iterable[tuple[str, Iterable[Row]]]) -> None:
        """Add rows to several tables in bulk, one after the other; see `insert`."""

    def members(self, column: str) -> str:
        """Return the condition that a column is among one list parameter, made by `listed`."""

    def listed(self, values: Sequence[Any]) -> Any:
        """Return a list as the one parameter that `members` expects."""


def _columns(table: str) -> list[str]:
    return [column.name for column in TABLES[table].columns]


@cache
def _copied(table: str) -> tuple[str, list[bool]]:
    """Return the statement that copies rows into a table, and which of its columns are integers."""
    columns = TABLES[table].columns
    integers = [isinstance(column.type, BigInteger | Integer) for column in columns]
    return f"COPY {table} ({','.join(_columns(table))}) FROM STDIN (FORMAT BINARY)", integers


class SqliteSession:
    """A transaction on SQLite: executemany for bulk."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See Session."""
        return self._connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See Session."""
        return self._connection.execute(sql, parameters).rowcount

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """See Session."""
        cursor = self._connection.execute(sql, parameters)
        try:
            while rows := cursor.fetchmany(_STREAM_ROWS):
                yield rows
        finally:
            cursor.close()

    def of_each(
        self, sql: str, parameters: Sequence[Any], column: str, values: Sequence[str]
    ) -> tuple[str, list[Any]]:
        """See Session."""
        return f"{sql} AND {self.members(column)}", [*parameters, self.listed(values)]

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """See Session."""
        columns = _columns(table)
        marks = ",".join("?" * len(columns))
        self._connection.executemany(
            f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})",  # noqa: S608 -- names of our own
            rows,
        )

    def insert_all(self, tables: Iterable[tuple[str, Iterable[Row]]]) -> None:
        """See Session."""
        for table, rows in tables:
            self.insert(table, rows)

    def members(self, column: str) -> str:
        """See Session."""
        return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 -- a column of our own

    def listed(self, values: Sequence[Any]) -> Any:
        """See Session."""
        return json.dumps(list(values))


class PostgresSession:
    """A transaction on PostgreSQL: binary COPY for bulk, server-side cursors for streams."""

    dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See Session."""
        return self._connection.execute(sql.replace("?", "%s").encode(), parameters or None).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See Session."""
        return self._connection.execute(sql.replace("?", "%s").encode(), parameters or None).rowcount

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """See Session."""
        with self._connection.cursor(name="tallystick_stream") as cursor:
            cursor.execute(sql.replace("?", "%s").encode(), parameters or None)
            while rows := cursor.fetchmany(_STREAM_ROWS):
                yield rows

    def of_each(
        self, sql: str, parameters: Sequence[Any], column: str, values: Sequence[str]
    ) -> tuple[str, list[Any]]:
        """See Session."""
        one = f"{sql} AND {column} = wanted.value OFFSET 0"  # which keeps it from being joined otherwise
        each = f"SELECT found.* FROM unnest(?::text[]) AS wanted(value) CROSS JOIN LATERAL ({one}) AS found"  # noqa: S608
        return each, [self.listed(values), *parameters]

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """See Session."""
        self.insert_all([(table, rows)])

    def insert_all(self, tables: Iterable[tuple[str, Iterable[Row]]]) -> None:
        """See Session."""
        copies = []
        for table, rows in tables:
            statement, integers = _copied(table)
            copies.append((statement, encode_rows(integers, rows)))
        if copies:
            copy_all(self._connection, copies)

    def members(self, column: str) -> str:
        """See Session."""
        return f"{column} = ANY(?)"

    def listed(self, values: Sequence[Any]) -> Any:
        """See Session."""
        return list(values)


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///PATH` or `postgresql://…` that keeps the log's promises.

    On SQLite each transaction is BEGIN IMMEDIATE unless the connection is marked read-only, since a deferred
    one that turns to writing can fork a sequence; WAL with synchronous FULL makes a commit durable.
    Raises DatabaseUnsuitable for any other kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise DatabaseUnsuitable("the log needs a file; give sqlite:///PATH", where=url)
        return _open_sqlite(url)
    if backend == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), isolation_level="READ COMMITTED")
    raise DatabaseUnsuitable(f"'{backend}' is not supported; use sqlite or postgresql", where="database url")


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "secure_delete=ON",
            "cache_size=-65536",
        ):
            try:
                connection.execute(f"PRAGMA {pragma}").close()
            except UnicodeDecodeError as fault:  # of a complaint that quotes what is no text
                raise sqlite3.DatabaseError(f"the file is damaged: {fault}; restore a backup") from fault

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # A row that a trigger may refuse is undone from a journal, which costs a third of a batch in a file;
        # but the sorting that a query or a new index needs goes to files, since it may take any size.
        where = "MEMORY" if options.get("tallystick_appends", False) else "DEFAULT"
        connection.exec_driver_sql(f"PRAGMA temp_store={where}")
        reads = options.get("tallystick_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def forget_deleted(engine: Engine) -> None:
    """Leave no copy of deleted rows in SQLite's write-ahead log, unless a reader still needs it.

    Freed space in the database file is overwritten as it is freed (secure_delete). PostgreSQL frees space by
    VACUUM in its own time.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA busy_timeout=500").close()
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        driver.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}").close()
    finally:
        connection.close()


def session_of(connection: Connection) -> Session:
    """Return the session over the driver connection of an open SQLAlchemy transaction."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return SqliteSession(driver)
    if isinstance(driver, psycopg.Connection):
        return PostgresSession(driver)
    raise DatabaseUnsuitable(f"driver {type(driver).__name__} is not supported", where="database")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open the one writing transaction: committed at the end, undone if anything is raised.

    Writers stand in line: by the file lock on SQLite, by an advisory lock on PostgreSQL, so that several
    processes may append to one log.
    """
    with engine.connect().execution_options(tallystick_appends=True) as connection, connection.begin():
        session = session_of(connection)
        if session.dialect == "postgresql":
            session.rows(_STAND_IN_LINE, (WRITER_LOCK,))
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a reading transaction that sees one state of the log and holds no writer up."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.execution_options(tallystick_reads=True)
        with connection.begin():
            yield session_of(connection)
