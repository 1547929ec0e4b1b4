"""What lines moved, while a run is being written: in memory, or put down in a file and read from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class MovedRows:
    """Rows of lines with a column a move: how many, what each column sums to, and where they are."""

    height: int
    sums: Mapping[str, int]
    where: pl.DataFrame | Path

    @classmethod
    def of(cls, frame: pl.DataFrame, columns: Iterable[str]) -> MovedRows:
        """Hold rows in memory; `columns` are those of moves, summed in 128 bits."""
        names = list(columns)
        sums = frame.select(pl.col(name).cast(pl.Int128).sum() for name in names).row(0) if names else ()
        return cls(frame.height, {name: int(amount) for name, amount in zip(names, sums, strict=True)}, frame)

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the rows, or some columns of them."""
        if isinstance(self.where, Path):
            return pl.read_parquet(self.where, columns=None if columns is None else list(columns))
        return self.where if columns is None else self.where.select(columns)

    def put_down(self, path: Path) -> MovedRows:
        """Return the same rows out of memory: in a file that stays while the run is being written."""
        self.read().write_parquet(path, compression="lz4", statistics=False)
        return MovedRows(self.height, self.sums, path)
