"""Batches: `Log.append` against peers that write the very rows it wrote, which somebody else made for them.

On PostgreSQL the limit is COPY of buffers that PostgreSQL itself encoded, on SQLite executemany of finished
rows; the usual way is SQLModel's `add_all`. Every contestant has a migrated database of its own on the same
server or disk, with the same indexes, keys and triggers, and writes the same rows of the same batch in one
durable transaction. They take turns batch by batch, so that whatever else the machine does falls on all. Only
the ORM on PostgreSQL is let off a trigger, the one that sums the postings of each statement: it sends a
statement a row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from benchmarks.append.sample import entry_of, sales
from ledger.database import Row, open_engine, reading
from ledger.log import Log
from ledger.tables import TABLES
from migrations.apply import migrate
from tests.postgres import running_server

DURABLE = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "listen_addresses=",
    "timezone=UTC",
)
"""Settings of the PostgreSQL server that is started."""

Figures = dict[str, Any]
Written = dict[str, list[Row]]

_OF_BATCH = {
    "account": "id > {accounts}",
    "tile": "idx >= {first} >> CAST(8 * (level + 1) AS integer)"
    " AND idx < {end} >> CAST(8 * (level + 1) AS integer)",
}
"""Which rows of a table a batch brought: by default those of its seqs."""


@dataclass(frozen=True)
class Batch:
    """What a batch brought to the log: entries first to end, and accounts beyond a number."""

    first: int
    end: int
    accounts: int

    def query(self, table: str) -> str:
        """Return the query for the rows of a table that this batch brought, in every column."""
        columns = ",".join(column.name for column in TABLES[table].columns)
        rule = _OF_BATCH.get(table, "seq >= {first} AND seq < {end}")
        where = rule.format(first=self.first, end=self.end, accounts=self.accounts)
        return f"SELECT {columns} FROM {table} WHERE {where}"


@dataclass
class Times:
    """Seconds that each contestant took for each batch."""

    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    orm: list[float] = field(default_factory=list)

    def figures(self, prefix: str, limit: str, entries: int) -> Figures:
        """Return rates in entries a second and ratios: medians over batches, the first one left out."""
        pairs = list(zip(self.ours, self.limit, strict=True))[1:]
        with_orm = list(zip(self.ours, self.orm, strict=False))[1:]
        return {
            f"{prefix}batch_vs_{limit}": round(median(other / own for own, other in pairs), 3),
            f"{prefix}batch_vs_orm": round(median(other / own for own, other in with_orm), 1),
            f"{prefix}batch_entries_per_second": round(entries / median(own for own, _ in pairs)),
            f"{prefix}{limit}_entries_per_second": round(entries / median(other for _, other in pairs)),
            f"{prefix}orm_entries_per_second": round(entries / median(other for _, other in with_orm)),
        }


@contextmanager
def databases(folder: Path, kind: str) -> Iterator[Callable[[], Engine]]:
    """Give a maker of migrated databases of a kind that lose nothing they have committed."""
    made: list[Engine] = []

    def keep(url: str) -> Engine:
        engine = open_engine(url)
        migrate(engine)
        made.append(engine)
        return engine

    try:
        if kind == "sqlite":
            yield lambda: keep(f"sqlite:///{folder / f'{len(made)}.db'}")
        else:
            with running_server(DURABLE) as server:
                yield lambda: _durable(keep(server.fresh()))
    finally:
        for engine in made:
            engine.dispose()


def _durable(engine: Engine) -> Engine:
    with reading(engine) as session:
        for setting in ("fsync", "full_page_writes"):
            found = session.rows(f"SHOW {setting}")[0][0]
            assert found == "on", (
                f"{setting} is {found}: the server at TEST_PG_URL would lose what it committed"
            )
    return engine


def on_postgres(folder: Path, batches: int, entries: int, orm_batches: int) -> Figures:
    """Measure on PostgreSQL."""
    with databases(folder, "postgresql") as fresh:
        times = _race(fresh, batches, entries, orm_batches, _encoded, _copy)
    return times.figures("", "copy", entries)


def on_sqlite(folder: Path, batches: int, entries: int, orm_batches: int) -> Figures:
    """Measure on SQLite."""
    with databases(folder, "sqlite") as fresh:
        times = _race(fresh, batches, entries, orm_batches, _rows, _executemany)
    return times.figures("sqlite_", "executemany", entries)


def _race(  # noqa: PLR0913, PLR0917 -- where, how much, and how the limit is read and written
    fresh: Callable[[], Engine],
    batches: int,
    entries: int,
    orm_batches: int,
    read: Callable[[Engine, Batch], Any],
    write: Callable[[Engine, Any], None],
) -> Times:
    times, ours, limit, orm = Times(), fresh(), fresh(), fresh()
    if orm.dialect.name == "postgresql":
        with orm.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER posting_balance ON posting")
    log = Log(ours)
    for number in range(batches):
        first = number * entries
        batch = Batch(first, first + entries, _accounts(ours))
        sample = sales(first, entries)
        times.ours.append(_timed(lambda: log.append([entry_of(sale) for sale in sample])))  # noqa: B023 -- called at once
        written = read(ours, batch)
        times.limit.append(_timed(lambda: write(limit, written)))  # noqa: B023 -- as above
        if number < orm_batches:
            rows = _rows(ours, batch)
            times.orm.append(_timed(lambda: _add_all(orm, rows)))  # noqa: B023 -- as above
    _assert_same(ours, limit)
    return times


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _accounts(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.rows("SELECT coalesce(max(id), 0) FROM account")[0][0])


def _rows(engine: Engine, batch: Batch) -> Written:
    with reading(engine) as session:
        found = {table: session.rows(batch.query(table)) for table in TABLES if _is_written(table)}
    return {table: rows for table, rows in found.items() if rows}


def _is_written(table: str) -> bool:
    return table in _OF_BATCH or "seq" in TABLES[table].columns


def _encoded(engine: Engine, batch: Batch) -> dict[str, bytes]:
    """Return the rows of each table as PostgreSQL itself writes them for a binary COPY."""
    found: dict[str, bytes] = {}
    tables = list(_rows(engine, batch))
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for table in tables:
            statement = f"COPY ({batch.query(table)}) TO STDOUT (FORMAT BINARY)"
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                found[table] = b"".join(copy)
    return found


def _copy(engine: Engine, encoded: dict[str, bytes]) -> None:
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        for table, data in encoded.items():
            columns = ",".join(column.name for column in TABLES[table].columns)
            statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(data)


def _executemany(engine: Engine, written: Written) -> None:
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        for table, rows in written.items():
            marks = ",".join("?" * len(rows[0]))
            driver.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _add_all(engine: Engine, written: Written) -> None:
    models = {model.__tablename__: model for model in SQLModel.__subclasses__()}
    with Session(engine) as session:
        for table, rows in written.items():
            names = [column.name for column in TABLES[table].columns]
            session.add_all(models[table](**dict(zip(names, row, strict=True))) for row in rows)
            session.flush()  # with no relationships it would write the tables in any order
        session.commit()


def _assert_same(one: Engine, other: Engine) -> None:
    with reading(one) as ours, reading(other) as theirs:
        for table in TABLES:
            count = f"SELECT count(*) FROM {table}"
            assert ours.rows(count) == theirs.rows(count), f"{table} differs between the contestants"
        newest = "SELECT leaf_hash FROM entry ORDER BY seq DESC LIMIT 1000"
        assert ours.rows(newest) == theirs.rows(newest), "the contestants wrote different entries"
