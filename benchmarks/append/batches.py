"""Batches: ours against peers that write the very rows we wrote, which somebody else made for them.

On PostgreSQL the limit is COPY of buffers that PostgreSQL itself encoded, on SQLite executemany of finished
rows; the usual way is SQLModel's `add_all`. Every contestant has a migrated database of its own on the same
server or disk, with the same indexes, keys and triggers, and writes the same rows of the same batches, each
in one durable transaction. They take turns round by round, so that whatever else the machine does falls on
all. Only the ORM on PostgreSQL is let off a trigger, the one that sums the postings of each statement: it
sends a statement a row.

Ours begins with plain values and builds, validates, canonicalises, salts, hashes and posts. It is measured
as a stream, where the next batch is prepared while the queue's writer commits the last one, and as single
calls of `Log.append`, one after another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from benchmarks.append.sample import Sale, attest, entry_of, sales
from ledger.database import Row, open_engine, reading
from ledger.group_commit import GroupCommit
from ledger.log import Log
from ledger.sums import BLOCK
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

ROUND = 3
"""Batches that a contestant writes before it is another's turn."""

ORM_ROUNDS = 2
"""Rounds in which the ORM writes too, the first batch of each."""

MANY = 2**31 - 1
"""More accounts than any sample has: a batch that brings none has those beyond it."""

_OF_BATCH = {
    "account": "id > {accounts}",
    "tile": "idx >= {first} >> CAST(8 * (level + 1) AS integer)"
    " AND idx < {end} >> CAST(8 * (level + 1) AS integer)",
    "balance_block": f"block >= {{first}} / {BLOCK} AND block < {{end}} / {BLOCK}",
    "balance_part": f"block >= {{first}} / {BLOCK} AND block < {{end}} / {BLOCK}",
}
"""Which rows of a table a batch brought: by default those of its seqs."""


@dataclass(frozen=True)
class Batch:
    """What a batch brought to the log: entries first to end, and accounts beyond a number."""

    first: int
    end: int
    accounts: int = MANY

    def query(self, table: str) -> str:
        """Return the query for the rows of a table that this batch brought, in every column."""
        columns = ",".join(column.name for column in TABLES[table].columns)
        rule = _OF_BATCH.get(table, "seq >= {first} AND seq < {end}")
        where = rule.format(first=self.first, end=self.end, accounts=self.accounts)
        return f"SELECT {columns} FROM {table} WHERE {where}"


@dataclass
class Times:
    """Seconds an entry that each contestant took in each round."""

    stream: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    orm: list[float] = field(default_factory=list)

    def figures(self, prefix: str, limit: str) -> Figures:
        """Return ratios and rates in entries a second: medians over the rounds, the first one left out."""
        stream, alone, others, orm = self.stream[1:], self.alone[1:], self.limit[1:], self.orm[1:]
        return {
            f"{prefix}batch_vs_{limit}": round(_ratio(others, stream), 3),
            f"{prefix}batch_alone_vs_{limit}": round(_ratio(others, alone), 3),
            f"{prefix}batch_vs_orm": round(_ratio(orm, stream), 1),
            f"{prefix}batch_entries_per_second": round(1 / median(stream)),
            f"{prefix}batch_alone_entries_per_second": round(1 / median(alone)),
            f"{prefix}{limit}_entries_per_second": round(1 / median(others)),
            f"{prefix}orm_entries_per_second": round(1 / median(orm)),
        }


def _ratio(theirs: list[float], ours: list[float]) -> float:
    return median(their / our for their, our in zip(theirs, ours, strict=False))


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


def on_postgres(folder: Path, rounds: int, entries: int) -> Figures:
    """Measure on PostgreSQL, in batches of so many entries."""
    with databases(folder, "postgresql") as fresh:
        return _race(fresh, rounds, entries, _encoded, _copy).figures("", "copy")


def on_sqlite(folder: Path, rounds: int, entries: int) -> Figures:
    """Measure on SQLite, in batches of so many entries."""
    with databases(folder, "sqlite") as fresh:
        return _race(fresh, rounds, entries, _rows, _executemany).figures("sqlite_", "executemany")


def _race(
    fresh: Callable[[], Engine],
    rounds: int,
    entries: int,
    read: Callable[[Engine, Batch], Any],
    write: Callable[[Engine, Any], None],
) -> Times:
    times, ours, alone, limit, orm = Times(), fresh(), Log(fresh()), fresh(), fresh()
    if orm.dialect.name == "postgresql":
        with orm.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER posting_balance ON posting")
    for number in range(rounds):
        first = number * entries * ROUND
        batches = [Batch(at, at + entries) for at in range(first, first + entries * ROUND, entries)]
        samples = [sales(batch.first, entries) for batch in batches]
        timed = _Timed(entries * ROUND)
        accounts = _accounts(ours)
        with timed(times.stream):
            _stream(ours, samples)
        with timed(times.alone):
            for sample in samples:
                alone.append([entry_of(sale) for sale in sample])
        batches[0] = replace(batches[0], accounts=accounts)
        written = [read(ours, batch) for batch in batches]
        with timed(times.limit):
            for one in written:
                write(limit, one)
        if number < ORM_ROUNDS:
            rows = _rows(ours, batches[0])
            with _Timed(entries)(times.orm):
                _add_all(orm, rows)
    _assert_same(ours, limit)
    return times


@dataclass(frozen=True)
class _Timed:
    """Notes seconds an entry of what is done within."""

    entries: int

    @contextmanager
    def __call__(self, times: list[float]) -> Iterator[None]:
        started = time.perf_counter()
        yield
        times.append((time.perf_counter() - started) / self.entries)


def _stream(engine: Engine, samples: Sequence[Sequence[Sale]]) -> None:
    """Append batch after batch through the queue, as POST /v1/entries and an import do."""
    with GroupCommit(Log(engine)) as queue:
        reports = [queue.submit([entry_of(sale) for sale in sample], attest=attest) for sample in samples]
        for report in reports:
            assert len(report.result().accepted) == len(samples[0]), "every sale is new"


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
