"""Order files for commands that need no database: CSV or Parquet read to rows of text by column."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from policies.errors import FactError, did_you_mean

REQUIRED = ("order", "line", "currency", "paid", "confirmed_at")
"""Columns every order file for `tallystick split` has."""

Row = dict[str, str | None]


def read_rows(path: Path, required: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield the rows of a CSV or Parquet file as text by column; an empty cell is None.

    Raises FactError for a file that is neither, a missing column, or a row of another width.
    """
    if path.suffix.lower() == ".parquet":
        yield from _parquet_rows(path, required)
    else:
        yield from _csv_rows(path, required)


def order_rows(orders: Path, currency: str) -> Iterator[tuple[str, Row]]:
    """Yield each row of an order file with its place.

    Raises FactError for a row with no key of its own, or of another currency, and as `read_rows`.
    """
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(read_rows(orders, REQUIRED), 1):
        where = f"{orders.name}, row {number}"
        key = (row["order"] or "", row["line"] or "")
        if not all(key):
            raise FactError("every row names its order and line", where=where)
        if key in seen:
            raise FactError(f"order {key[0]}, line {key[1]} stands there twice", where=where)
        seen.add(key)
        if row["currency"] != currency:
            message = f"'{row['currency']}' is not the agreement's currency, {currency}"
            raise FactError(message, where=f"{where}, column currency")
        yield where, row


def _csv_rows(path: Path, required: tuple[str, ...]) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            _require_columns(path, header, required)
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    message = f"{len(cells)} cells under {len(header)} columns"
                    raise FactError(message, where=f"{path.name}, line {reader.line_num}")
                yield {name: cell or None for name, cell in zip(header, cells, strict=True)}
    except (UnicodeDecodeError, csv.Error) as fault:
        raise FactError(f"not a CSV file in UTF-8: {fault}", where=path.name) from None


def _parquet_rows(path: Path, required: tuple[str, ...]) -> Iterator[Row]:
    import polars as pl  # noqa: PLC0415 (only Parquet needs it)

    try:
        frame = pl.scan_parquet(path)
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise FactError(f"not a Parquet file: {str(fault).splitlines()[0]}", where=path.name) from None
    _require_columns(path, list(schema), required)
    inexact = [name for name, kind in schema.items() if kind.is_float()]
    if inexact:
        message = f"column {inexact[0]} holds binary floats; store amounts as text or decimals"
        raise FactError(message, where=path.name)
    for frame_part in frame.select(pl.all().cast(pl.String)).collect_batches():
        yield from frame_part.iter_rows(named=True)


def _require_columns(path: Path, header: list[str], required: tuple[str, ...]) -> None:
    for name in required:
        if name not in header:
            raise FactError(f"no column '{name}'{did_you_mean(name, header)}", where=path.name)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FactError(f"the column '{twice[0]}' stands there twice", where=path.name)
