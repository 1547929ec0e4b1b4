"""The lines of a statement: their canonical text, the root of the tree over them, and the files they lie in.

A line is the canonical JSON object {"amount_minor","clause","entries","kind","leg","line","order","version"};
lines are sorted by (order, line, clause, leg, kind, version) by code point, one each. The root is that of RFC
6962 over the lines' bytes. Line files are derived: Parquet, named by that root, rebuildable from the log.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from ledger.rooms import room
from ledger.settlement.beside import beside_each_other
from ledger.settlement.errors import LinesUnavailable
from ledger.settlement.facts import KEY
from ledger.settlement.moved import RESTS_ON
from ledger.settlement.run import RunResult, VersionResult
from ledger.tree import Frontier

LINE_ORDER = ("order", "line", "clause", "leg", "kind", "version")
"""What lines are sorted by, and what names one."""

SCHEMA: dict[str, Any] = {
    "order": pl.String,
    "line": pl.String,
    "clause": pl.String,
    "leg": pl.String,
    "kind": pl.String,
    "amount_minor": pl.Int64,
    "version": pl.Int64,
    "entries": pl.List(pl.Int64),
}
"""Columns of a line file, in order."""

_TEXTS_AT_ONCE = 100_000
_LINES_IN_MEMORY = 200_000

_TOTAL = ("clause", "leg", "kind")


@dataclass(frozen=True, slots=True)
class Total:
    """What one clause and leg gave a party in a run: the sum in minor units and over how many lines."""

    clause: str
    leg: str
    kind: str
    amount_minor: int
    lines: int


@dataclass(frozen=True, slots=True)
class PartyLines:
    """The lines of one statement as they are made: how many, their root and totals; `lines` hold them all."""

    count: int
    root: str
    totals: tuple[Total, ...]
    lines: pl.LazyFrame


def lines_of(result: RunResult, owners: Sequence[str], folder: Path) -> dict[str, PartyLines]:
    """Make the lines of a run that concern each owner's accounts, in statement order.

    Some thousand are in memory at a time; where there are more, `folder` holds them.
    """
    making = [_Making(owner, folder / f"{place}-") for place, owner in enumerate(owners)]
    for parts in result.slices():
        rows = [(part, frame, _entries(frame)) for part, frame in parts]
        for _ in beside_each_other(making, partial(_Making.take, parts=rows)):
            pass
    return {one.owner: one.made() for one in making}


class _Making:
    """The lines of one owner while they are made."""

    def __init__(self, owner: str, files: Path) -> None:
        self.owner = owner
        self._files = files
        self._put_down: list[Path] = []
        self._tree = Frontier()
        self._slices = [pl.DataFrame(schema=SCHEMA)]
        self._sums = [_summed(self._slices[0])]

    def take(self, parts: Sequence[tuple[VersionResult, pl.DataFrame, pl.Series]]) -> None:
        """Take order lines, sorted, that stand after all that were taken before."""
        pieces = [_lines(self.owner, *part) for part in parts]
        lines = pieces[0] if len(pieces) == 1 else pl.concat(pieces).sort(LINE_ORDER)
        for leaves in _leaf_hashes(lines):
            self._tree.extend(leaves)
        self._sums.append(_summed(lines))
        self._slices.append(lines)
        if sum(one.height for one in self._slices) >= _LINES_IN_MEMORY:
            file = self._files.with_name(f"{self._files.name}{len(self._put_down):05}.arrow")
            pl.concat(self._slices).write_ipc(file, compression="lz4")
            self._put_down.append(file)
            self._slices = []

    def made(self) -> PartyLines:
        """Return all that was taken."""
        held = [pl.concat(self._slices).lazy()] if self._slices else []
        every = pl.concat([*(pl.scan_ipc(file) for file in self._put_down), *held])
        return PartyLines(self._tree.count, self._tree.root().hex(), _totals(pl.concat(self._sums)), every)


def _entries(frame: pl.DataFrame) -> pl.Series:
    """Return what order lines rest on, sorted: of what they earn, then again of what goes back."""
    columns = ([one for one in RESTS_ON if one != "now:refund"], RESTS_ON)
    # list.sort takes ten times as long over lists as short as these
    lists = [pl.concat_list(one).list.eval(pl.element().drop_nulls().sort()) for one in columns]
    return pl.concat([frame.select(one).to_series().alias("entries") for one in lists], rechunk=True)


def _lines(owner: str, part: VersionResult, frame: pl.DataFrame, entries: pl.Series) -> pl.DataFrame:
    """Return the lines that an owner has of order lines of one version, in statement order as these are.

    Moves that share clause, leg and kind make one line. All that an order line may give stands side by side
    in order, so that taking out what is nothing leaves the lines sorted.
    """
    mine: dict[tuple[str, str, str], list[str]] = {}
    for move in part.moves:
        if move.owner == owner and move.stated:
            mine.setdefault((move.clause, move.leg, move.kind), []).append(move.column)
    if not mine:
        return pl.DataFrame(schema=SCHEMA)
    kinds = pl.DataFrame(sorted(mine), schema=["clause", "leg", "kind"], orient="row")
    amounts = [pl.sum_horizontal(mine[kind]) for kind in sorted(mine)]
    each = frame.select(amount_minor=pl.concat_list(amounts)).explode("amount_minor").with_row_index("at")
    each = each.filter(pl.col("amount_minor") != 0)
    row, kind = each["at"] // kinds.height, each["at"] % kinds.height
    goes_back = kinds["kind"].is_in(["reversed", "returned"])
    return (
        frame.select(KEY)[row]
        .hstack(kinds[kind])
        .with_columns(
            each["amount_minor"],
            pl.lit(part.terms.version, dtype=pl.Int64).alias("version"),
            entries[row + goes_back[kind].cast(pl.UInt32) * frame.height],
        )
    )


def totals_of(lines: pl.DataFrame) -> tuple[Total, ...]:
    """Return the totals of lines by clause, leg and kind, sorted by these."""
    return _totals(_summed(lines))


def _summed(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by(*_TOTAL).agg(pl.col("amount_minor").cast(pl.Int128).sum(), pl.len().alias("lines"))


def _totals(sums: pl.DataFrame) -> tuple[Total, ...]:
    rows = sums.group_by(*_TOTAL).sum().sort(*_TOTAL).iter_rows()
    return tuple(
        Total(clause, leg, kind, int(amount), int(count)) for clause, leg, kind, amount, count in rows
    )


def line_texts(lines: pl.DataFrame) -> Iterator[list[str]]:
    """Yield lists of lines as canonical JSON, with no newline at their ends."""
    for some in lines.iter_slices(_TEXTS_AT_ONCE):
        yield some.select(_text(some))["text"].to_list()


def _text(lines: pl.DataFrame, before: str = "") -> pl.Expr:
    """Return lines as canonical JSON under the name `text`, with something before each."""
    inside = {name: _json(lines, name) for name in ("clause", "kind", "leg", "line", "order")}
    parts: list[str | pl.Expr] = [
        f'{before}{{"amount_minor":',
        pl.col("amount_minor").cast(pl.String),
        ',"clause":"',
        inside["clause"],
        '","entries":[',
        pl.col("entries").cast(pl.List(pl.String)).list.join(","),
        '],"kind":"',
        inside["kind"],
        '","leg":"',
        inside["leg"],
        '","line":"',
        inside["line"],
        '","order":"',
        inside["order"],
        '","version":',
        pl.col("version").cast(pl.String),
        "}",
    ]
    return pl.concat_str(pl.lit(part) if isinstance(part, str) else part for part in parts).alias("text")


def _json(lines: pl.DataFrame, column: str) -> pl.Expr:
    """Write a text column as it stands within the quotation marks of canonical JSON.

    Order and line keys hold no control characters (the log refuses them), so only the backslash and the
    quotation mark are escaped, as RFC 8785 does.
    """
    if not lines[column].str.contains_any(["\\", '"']).any():
        return pl.col(column)
    backslash = pl.col(column).str.replace_all("\\", "\\\\", literal=True)
    return backslash.str.replace_all('"', '\\"', literal=True)


def ndjson(lines: pl.DataFrame) -> str:
    """Return lines as text, each with a newline after it: what an evidence bundle holds."""
    return "".join(f"{text}\n" for texts in line_texts(lines) for text in texts)


def lines_root(lines: pl.DataFrame) -> str:
    """Return the root of the tree over lines in hex; that of no lines is SHA-256 of nothing."""
    tree = Frontier()
    for leaves in _leaf_hashes(lines):
        tree.extend(leaves)
    return tree.root().hex()


def _leaf_hashes(lines: pl.DataFrame) -> Iterator[list[bytes]]:
    """Yield the leaf hashes of lines: SHA-256 over a zero byte and the text, as `tree.leaf_hash` gives it."""
    for some in lines.iter_slices(_TEXTS_AT_ONCE):
        leaves = some.select(_text(some, "\0").cast(pl.Binary))["text"].to_list()
        yield [sha256(leaf).digest() for leaf in leaves]


class LineStore:
    """Line files under a data directory, each named by the root of the tree over its lines."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "lines"

    def path(self, root: str) -> Path:
        """Return where the lines with a root lie, whether or not they are there."""
        return self._folder / root[:2] / f"{root}.parquet"

    @contextmanager
    def room(self) -> Iterator[Path]:
        """Provide a folder for what a run puts down while it is made; it is removed at the end."""
        with room(self._folder) as folder:
            yield folder

    def write(self, root: str, lines: pl.DataFrame | pl.LazyFrame, *, again: bool = False) -> Path:
        """Write lines under their root, whole or not at all; what is there already stays, unless `again`."""
        path = self.path(root)
        if path.exists() and not again:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            lines.lazy().sink_parquet(fresh, compression="zstd", statistics=True)
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        return path

    def scan(self, root: str) -> pl.LazyFrame:
        """Return the lines under a root, to be read lazily. Raises LinesUnavailable."""
        path = self.path(root)
        if not path.exists():
            raise LinesUnavailable(
                "the line file is missing; rebuild the statements of its agreement from the log",
                where=str(path),
            )
        return pl.scan_parquet(path)

    def read(self, root: str) -> pl.DataFrame:
        """Return all lines under a root, checked against it. Raises LinesUnavailable."""
        lines = self.scan(root).collect()
        if lines_root(lines) != root:
            raise LinesUnavailable(
                "the line file holds other lines than its name says; delete it and rebuild from the log",
                where=str(self.path(root)),
            )
        return lines
