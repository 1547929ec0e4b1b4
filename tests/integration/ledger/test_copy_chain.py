"""Several tables are filled in one exchange: all of their rows or none, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy.engine import make_url

from ledger.copy_chain import copy_all
from ledger.copying import encode_rows

INTEGERS = (True, False)


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection]:
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        for name in ("a", "b", "c"):
            connection.execute(f"CREATE TEMP TABLE {name} (n bigint PRIMARY KEY, t text)".encode())
        connection.commit()
        connection.execute("SELECT 1")
        yield connection


def copy(name: str, rows: list[tuple[int, str]]) -> tuple[str, Iterator[bytes]]:
    return f"COPY {name} (n, t) FROM STDIN (FORMAT BINARY)", encode_rows(INTEGERS, rows)


def counts(connection: psycopg.Connection) -> list[int]:
    sql = "SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c)"
    row = connection.execute(sql).fetchone()
    assert row is not None
    return list(row)


@pytest.mark.postgres
def test_each_table_gets_its_rows_few_many_and_none(connection: psycopg.Connection) -> None:
    large = [(n, "x" * 3_000) for n in range(1_500)]
    copy_all(connection, [copy("a", [(1, "行")]), copy("b", []), copy("c", large)])
    assert counts(connection) == [1, 0, 1_500]
    assert connection.execute("SELECT t FROM a").fetchone() == ("行",)
    copy_all(connection, [copy("b", [(7, "again")])])
    assert counts(connection) == [1, 1, 1_500], "the connection is as good as before"


@pytest.mark.postgres
def test_what_the_database_refuses_is_raised_and_nothing_stays(connection: psycopg.Connection) -> None:
    with pytest.raises(UniqueViolation):
        copy_all(connection, [copy("a", [(1, "x")]), copy("b", [(1, "x"), (1, "y")]), copy("c", [(1, "x")])])
    connection.rollback()
    assert counts(connection) == [0, 0, 0]


@pytest.mark.postgres
def test_rows_that_cannot_be_made_stop_the_exchange_by_their_own_fault(
    connection: psycopg.Connection,
) -> None:
    def broken() -> Iterator[bytes]:
        yield next(copy("b", [(1, "x")])[1])
        raise ValueError("no more")

    statement, _ = copy("b", [])
    with pytest.raises(ValueError, match="no more"):
        copy_all(connection, [copy("a", [(1, "x")]), (statement, broken()), copy("c", [(1, "x")])])
    connection.rollback()
    assert counts(connection) == [0, 0, 0]
