"""Parquet files as rows of text, each value written out exactly: decimals by digit, times in ISO 8601."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ledger.intake.errors import FileUnreadable
from ledger.intake.readers import SourceRow

BATCH_ROWS = 20_000


class ParquetSource:
    """A Parquet file, its values written out as text: decimals exactly, times in ISO 8601."""

    def __init__(self, path: Path) -> None:
        """Read the schema. Raises FileUnreadable for a damaged file or a column of a nested type."""
        self._path = path
        self._done = 0
        try:
            self._schema = pl.read_parquet_schema(path)
            self.total: int = pl.scan_parquet(path).select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise FileUnreadable(f"not readable as Parquet: {fault}", where=str(path)) from fault
        self.columns = tuple(self._schema)
        self.inexact = {name: str(kind) for name, kind in self._schema.items() if kind.is_float()}

    @property
    def done(self) -> int:
        """Rows read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows in the file's order, a batch at a time."""
        texts = [self._as_text(name).alias(f"{place}") for place, name in enumerate(columns)]
        frame = pl.scan_parquet(self._path).select(texts)
        number = 0
        try:
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                for cells in batch.iter_rows():
                    number += 1
                    yield SourceRow(number, None, cells)
                self._done = number
        except pl.exceptions.PolarsError as fault:
            raise FileUnreadable(f"damaged after row {number}: {fault}", where=str(self._path)) from fault

    def _as_text(self, name: str) -> pl.Expr:
        kind = self._schema[name]
        column = pl.col(name)
        if isinstance(kind, pl.Datetime):
            pattern = "%Y-%m-%dT%H:%M:%S%.6f" + ("%:z" if kind.time_zone else "")
            column = column.dt.cast_time_unit("us").dt.to_string(pattern)
        elif isinstance(kind, pl.Binary) or kind.is_nested():
            raise FileUnreadable(f"column '{name}' holds {kind}, not plain values", where=str(self._path))
        else:
            column = column.cast(pl.String)
        return column.fill_null("")
