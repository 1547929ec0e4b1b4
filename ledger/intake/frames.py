"""Parquet and Arrow as rows of text, each value written out exactly: decimals by digit, times in ISO 8601.

Polars reads them. It reads an Arrow stream as a whole only, so a stream is cut at its record batches here and
given to it one by one: memory is that of the largest batch, never of the file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from ledger.intake.errors import FileUnreadable
from ledger.intake.readers import SourceRow

BATCH_ROWS = 20_000

MESSAGE_BYTES = 1 << 30
"""The largest message of an Arrow stream that is read; writers cut batches far smaller."""

_MARK = b"\xff\xff\xff\xff"
_END = _MARK + bytes(4)
_SCHEMA, _DICTIONARY, _BATCH = 1, 2, 3


class FrameSource:
    """A Parquet or Arrow file, its values written out as text."""

    sparse = False
    hidden = 0

    def __init__(self, path: Path, *, arrow: bool) -> None:
        """Read the schema. Raises FileUnreadable for a damaged file or a column of a nested type."""
        self._path = path
        self._done = 0
        self._scan: Callable[[Path], pl.LazyFrame] = pl.scan_ipc if arrow else pl.scan_parquet
        self._format = "Arrow" if arrow else "Parquet"
        try:
            self._schema = self._scan(path).collect_schema()
            self.total: int = self._scan(path).select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise FileUnreadable(f"not readable as {self._format}: {fault}", where=str(path)) from fault
        self.columns = tuple(self._schema)
        self.inexact = _floats(self._schema)

    @property
    def done(self) -> int:
        """Rows read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows in the file's order, a batch at a time."""
        frame = self._scan(self._path).select(_texts(self._schema, columns, self._path))
        number = 0
        try:
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                for cells in batch.iter_rows():
                    number += 1
                    yield SourceRow(number, None, cells)
                self._done = number
        except pl.exceptions.PolarsError as fault:
            raise FileUnreadable(f"damaged after row {number}: {fault}", where=str(self._path)) from fault


class ArrowStreamSource:
    """An Arrow IPC stream, read message by message."""

    sparse = False
    hidden = 0

    def __init__(self, path: Path) -> None:
        """Read the schema. Raises FileUnreadable for a damaged stream or a column of a nested type."""
        self._path = path
        self._done = 0
        self.total = path.stat().st_size
        with path.open("rb") as file:
            kind, schema = next(self._messages(file), (0, b""))
        if kind != _SCHEMA:
            raise FileUnreadable("not readable as an Arrow stream: it has no schema", where=str(path))
        self._head = schema
        self._schema = self._frame([]).schema
        self.columns = tuple(self._schema)
        self.inexact = _floats(self._schema)

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows in the stream's order, a record batch at a time."""
        texts = _texts(self._schema, columns, self._path)
        number = 0
        dictionaries: list[bytes] = []
        with self._path.open("rb") as file:
            for kind, message in self._messages(file):
                if kind == _DICTIONARY:
                    dictionaries.append(message)
                elif kind == _BATCH:
                    for cells in self._frame([*dictionaries, message]).select(texts).iter_rows():
                        number += 1
                        yield SourceRow(number, None, cells)
                    self._done = file.tell()
        self._done = self.total

    def _frame(self, messages: Sequence[bytes]) -> pl.DataFrame:
        try:
            return pl.read_ipc_stream(io.BytesIO(b"".join([self._head, *messages, _END])))
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise FileUnreadable(
                f"not readable as an Arrow stream: {fault}", where=str(self._path)
            ) from fault

    def _messages(self, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Yield the kind and the bytes of each message, its body included, up to the end of the stream.

        The framing is the Arrow columnar format's: a mark, the size of the metadata, the metadata (a
        flatbuffer that tells the size of the body), the body.
        """
        while True:
            start = file.read(8)
            if start in {b"", _END}:
                return
            size = int.from_bytes(start[4:], "little")
            metadata = self._read(file, size if start[:4] == _MARK else MESSAGE_BYTES + 1)
            kind, body = _told(metadata)
            yield kind, start + metadata + self._read(file, body)

    def _read(self, file: BinaryIO, size: int) -> bytes:
        if not 0 <= size <= MESSAGE_BYTES:
            wanted = f"expected Arrow messages of at most {MESSAGE_BYTES >> 20:,} MiB"
            raise FileUnreadable(f"damaged near byte {file.tell()}: {wanted}", where=str(self._path))
        data = file.read(size)
        if len(data) < size:
            raise FileUnreadable(
                f"ends in the middle of a message, at byte {file.tell()}", where=str(self._path)
            )
        return data


def _told(metadata: bytes) -> tuple[int, int]:
    """Return the kind of an Arrow message and the size of its body in bytes, -1 if they cannot be read."""

    def number(at: int, size: int) -> int:
        return int.from_bytes(metadata[at : at + size], "little", signed=True)

    table = number(0, 4)
    fields = table - number(table, 4)
    if not 0 <= fields <= len(metadata) - 4:
        return 0, -1
    places = [
        number(fields + 4 + 2 * field, 2) if 4 + 2 * field < number(fields, 2) else 0 for field in range(4)
    ]
    kind, body = places[1], places[3]
    return number(table + kind, 1) if kind else 0, number(table + body, 8) if body else 0


def _floats(schema: pl.Schema) -> dict[str, str]:
    return {name: str(kind) for name, kind in schema.items() if kind.is_float()}


def _texts(schema: pl.Schema, columns: Sequence[str], path: Path) -> list[pl.Expr]:
    return [_text(name, schema[name], path).alias(f"{place}") for place, name in enumerate(columns)]


def _text(name: str, kind: pl.DataType, path: Path) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        pattern = "%Y-%m-%dT%H:%M:%S%.6f" + ("%:z" if kind.time_zone else "")
        column = column.dt.cast_time_unit("us").dt.to_string(pattern)
    elif isinstance(kind, pl.Binary) or kind.is_nested():
        raise FileUnreadable(f"column '{name}' holds {kind}, not plain values", where=str(path))
    else:
        column = column.cast(pl.String)
    return column.fill_null("")
