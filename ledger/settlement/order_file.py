"""Order files as books of lines, for commands that replay them and write nothing: columns in sets, not rows.

A file has one row an order line: order, line, currency, the facts that a version's split reads, and, where it
has them, paid_at, confirmed_at, refunded (all of it so far) and refunded_at. Each distinct text of a column
is read once, by declared type, so what is refused here is what `tallystick split` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ledger.leaves import microseconds
from ledger.settlement.fact_cells import COLUMN_TYPES
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.terms import Terms
from policies.document import Fact
from policies.errors import FactError, MoneyError, did_you_mean
from policies.facts import read_fact
from policies.money import to_minor

LINES_AT_ONCE = 200_000
"""Lines of one book: some tens of megabytes."""

_END = 1 << 62


def order_books(path: Path, terms: Terms, facts: Mapping[str, Fact]) -> Iterator[LineBook]:
    """Yield the lines of a CSV or Parquet file, some hundred thousand at a time.

    `facts` are the order facts to read, by name. Raises FactError naming file, row and column.
    """
    scan = _scan(path)
    columns = scan.collect_schema().names()
    for name in (*KEY, "currency"):
        if name not in columns:
            raise FactError(f"no column '{name}'{did_you_mean(name, columns)}", where=path.name)
    _require_once(scan, path)
    first = 1
    for frame in scan.collect_batches(chunk_size=LINES_AT_ONCE, maintain_order=True):
        yield _Reading(path.name, first, frame, terms, facts).book()
        first += frame.height


def count_lines(path: Path) -> int:
    """Return how many lines a file has. Raises FactError for what is no order file."""
    return int(_scan(path).select(pl.len()).collect().item())


def _scan(path: Path) -> pl.LazyFrame:
    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.scan_parquet(path)
            inexact = [name for name, kind in frame.collect_schema().items() if kind.is_float()]
            if inexact:
                message = f"column {inexact[0]} holds binary floats; store amounts as text or decimals"
                raise FactError(message, where=path.name)
            return frame.select(pl.all().cast(pl.String))
        frame = pl.scan_csv(path, infer_schema=False)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise FactError(f"not a CSV or Parquet file: {str(fault).splitlines()[0]}", where=path.name) from None
    return frame


def _require_once(scan: pl.LazyFrame, path: Path) -> None:
    """Refuse a file in which a line stands twice: it would be counted twice."""
    twice = scan.group_by(KEY).len().filter(pl.col("len") > 1).sort(*KEY).head(1).collect()
    for order, line, _ in twice.iter_rows():
        if order is None or line is None:
            raise FactError("every row names its order and line", where=path.name)
        raise FactError(f"order {order}, line {line} stands there twice", where=path.name)


class _Reading:
    """Reads one batch of rows; `first` is the number of its first row in the file."""

    def __init__(
        self, name: str, first: int, frame: pl.DataFrame, terms: Terms, facts: Mapping[str, Fact]
    ) -> None:
        self.name = name
        self.first = first
        self.frame = frame.with_columns(pl.all().str.strip_chars().replace("", None))
        self.currency = terms.newest.currency
        self.zone = terms.zone
        self.facts = facts

    def book(self) -> LineBook:
        """Return the lines as a book: sales, receipts, and the refunds that there are."""
        self.require_keys()
        keys = self.frame.select(KEY)
        sold = self.times("paid_at").fill_null(0)
        confirmed = self.times("confirmed_at")
        total = self.cells("refunded", self.minor, pl.Int64).fill_null(0)
        # a refund with no time of its own counts as made in time
        refunded = self.times("refunded_at").fill_null(confirmed).fill_null(sold)
        facts = {name: self.fact(name, fact) for name, fact in self.facts.items()}
        sales = keys.with_columns(pl.lit(0, dtype=pl.Int64).alias("seq:sale"), sold.alias("us:sold"), **facts)
        receipts = keys.with_columns(
            pl.lit(0, dtype=pl.Int64).alias("seq:receipt"), confirmed.alias("us:confirmed")
        )
        refunds = keys.with_columns(
            pl.lit(0, dtype=pl.Int64).alias("seq:refund"),
            refunded.alias("us:refunded"),
            total.alias("total"),
        )
        return LineBook(
            _END,
            sales,
            receipts.filter(pl.col("us:confirmed").is_not_null()),
            refunds.filter(pl.col("total") > 0),
        )

    def require_keys(self) -> None:
        lacking = self.frame.select(pl.any_horizontal(pl.col(name).is_null() for name in KEY)).to_series()
        if lacking.any():
            raise FactError("every row names its order and line", where=self.row(lacking))
        other = self.frame["currency"].ne_missing(self.currency)
        if other.any():
            given = self.frame["currency"].filter(other)[0]
            message = f"'{given or ''}' is not the agreement's currency, {self.currency}"
            raise FactError(message, where=f"{self.row(other)}, column currency")

    def row(self, at: pl.Series) -> str:
        """Name the first row at which a condition holds."""
        return f"{self.name}, row {self.first + int(at.arg_max() or 0)}"

    def fact(self, name: str, fact: Fact) -> pl.Series:
        def read(text: str) -> Any:
            value = read_fact(text, fact.type, self.currency, fact.options)
            if fact.type == "money":
                return to_minor(text, self.currency)
            return int(str(value)) if fact.type == "count" else value if fact.type == "bool" else text

        return self.cells(name, read, COLUMN_TYPES.get(fact.type, pl.String))

    def minor(self, text: str) -> int:
        return to_minor(text, self.currency)

    def times(self, name: str) -> pl.Series:
        return self.cells(name, lambda text: _microseconds(text, self.zone), pl.Int64)

    def cells(self, name: str, read: Callable[[str], Any], kind: Any) -> pl.Series:
        """Return a column read text by text, each distinct text once; null where the file is silent."""
        if name not in self.frame.columns:
            return pl.Series(name, [None] * self.frame.height, dtype=kind)
        column = self.frame[name]
        texts = column.drop_nulls().unique(maintain_order=True).to_list()
        values = []
        for text in texts:
            try:
                values.append(read(text))
            except (FactError, MoneyError) as fault:
                where = f"{self.row(column.eq_missing(text))}, column {name}"
                raise FactError(fault.message, where=where) from None
        if not texts:
            return pl.Series(name, [None] * self.frame.height, dtype=kind)
        return column.replace_strict(
            pl.Series(texts, dtype=pl.String), pl.Series(values, dtype=kind), default=None, return_dtype=kind
        )


def _microseconds(text: str, zone: ZoneInfo) -> int:
    """Read a time; one with no offset, or a day alone, is local. Raises FactError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FactError(f"'{text[:40]}' is not a time such as 2026-03-02 10:00:00") from None
    return microseconds(found if found.tzinfo is not None else found.replace(tzinfo=zone))
