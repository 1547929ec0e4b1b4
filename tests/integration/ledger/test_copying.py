"""Rows encoded for COPY are the rows that PostgreSQL reads, whatever stands in them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.copying import encode_rows

INTEGERS = (True, True, False, False, True, False)
LEAST, MOST = -(2**63), 2**63 - 1


def copied(url: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (a bigint, b bigint, c text, d bytea, e bigint, f text)")
        with cursor.copy("COPY t FROM STDIN (FORMAT BINARY)") as copy:
            for piece in encode_rows(INTEGERS, iter(rows)):
                copy.write(piece)
        return cursor.execute("SELECT * FROM t ORDER BY b").fetchall()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(LEAST, 0, "", b"", MOST, None)],
        [(n, n, f'行 {n} 😀 "\t', bytes([n % 256]) * n, -n, None if n % 3 else "x") for n in range(2_345)],
        [(7, n, "same", b"same", 7, None) for n in range(1_001)],
        [(7, n, "same" if n < 900 else f"late {n}", b"\x00\xff", 7, "y") for n in range(1_000)],
    ],
    ids=["none", "extremes", "all different", "all alike", "alike at first"],
)  # fmt: skip
def test_what_is_encoded_reads_back_the_same(postgres_url: str, rows: list[tuple[Any, ...]]) -> None:
    assert copied(postgres_url, rows) == rows


def test_a_row_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(AssertionError, match="every column"):
        list(encode_rows(INTEGERS, [(1, 2, "c", b"d", 5)]))
