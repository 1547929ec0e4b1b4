"""Several tables filled by COPY in one exchange with PostgreSQL.

One query holds a COPY for each table, and the server goes on to the next as one ends: a small commit waits
once a table, where the driver's own COPY waits three times, and whenever a thread waits another one runs
first. Not here: how rows are encoded (copying.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.generators import fetch, send
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Wait

_PIECE_BYTES_MAX = 1 << 20
"""What is handed over before waiting for it to be sent."""


def copy_all(connection: psycopg.Connection[Any], copies: Sequence[tuple[str, Iterable[bytes]]]) -> None:
    """Run COPY statements, each with its data in pieces, in the transaction that is open."""
    assert connection.pgconn.transaction_status == TransactionStatus.INTRANS, "the caller opens it"
    with connection.lock:
        connection.wait(_exchange(connection.pgconn, copies))


def _exchange(pgconn: PGconn, copies: Sequence[tuple[str, Iterable[bytes]]]) -> PQGen[None]:
    pgconn.send_query(";".join(statement for statement, _ in copies).encode())
    yield from send(pgconn)
    for _, pieces in copies:
        yield from _expect(pgconn, ExecStatus.COPY_IN)
        try:
            for piece in _cut(pieces):
                yield from _put(pgconn, piece)
        except BaseException:
            yield from _end(pgconn, b"the rows could not be made")
            yield from _drain(pgconn)
            raise
        yield from _end(pgconn, None)
        yield from _expect(pgconn, ExecStatus.COMMAND_OK)
    yield from _drain(pgconn)


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Gather small pieces, and cut large ones, to what is handed over at once."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PIECE_BYTES_MAX:
            data = b"".join(held)
            yield from (data[at : at + _PIECE_BYTES_MAX] for at in range(0, size, _PIECE_BYTES_MAX))
            held, size = [], 0
    yield b"".join(held)


def _put(pgconn: PGconn, piece: bytes) -> PQGen[None]:
    while not pgconn.put_copy_data(piece):
        yield Wait.W
    if len(piece) == _PIECE_BYTES_MAX:
        yield from send(pgconn)


def _end(pgconn: PGconn, fault: bytes | None) -> PQGen[None]:
    while not pgconn.put_copy_end(fault):
        yield Wait.W
    yield from send(pgconn)


def _expect(pgconn: PGconn, status: ExecStatus) -> PQGen[PGresult]:
    result: PGresult | None = yield from fetch(pgconn)
    assert result is not None, "the server answers to every statement"
    if result.status != status:
        yield from _drain(pgconn)
        raise error_from_result(result)
    return result


def _drain(pgconn: PGconn) -> PQGen[None]:
    while (yield from fetch(pgconn)) is not None:
        pass
