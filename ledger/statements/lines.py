"""The lines of a statement: their canonical text, the root of the tree over them, and the files they lie in.

A line is the canonical JSON object {"amount_minor","clause","entries","kind","leg","line","order","version"};
lines are sorted by (order, line, clause, leg, kind, version) by code point, one each. The root is that of RFC
6962 over the lines' bytes. Line files are derived: Parquet, named by that root, rebuildable from the log.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from ledger.settlement.digest import json_text
from ledger.settlement.errors import LinesUnavailable
from ledger.settlement.facts import KEY
from ledger.settlement.moves import Move
from ledger.settlement.run import RunResult, VersionResult
from ledger.tree import Frontier, leaf_hash

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
_LINES_IN_MEMORY = 500_000

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


def lines_of(result: RunResult, owner: str, folder: Path) -> PartyLines:
    """Make the lines of a run that concern one owner's accounts, in statement order.

    Some thousand are in memory at a time; where there are more, `folder` holds them.
    """
    tree, slices, files = Frontier(), [pl.DataFrame(schema=SCHEMA)], list[Path]()
    sums = [_summed(slices[0])]
    for lines in _slices_of(result, owner):
        for leaves in _leaf_hashes(lines):
            tree.extend(leaves)
        sums.append(_summed(lines))
        slices.append(lines)
        if sum(one.height for one in slices) >= _LINES_IN_MEMORY:
            files.append(folder / f"lines-{len(files):05}.arrow")
            pl.concat(slices).write_ipc(files[-1])
            slices = []
    held = [pl.concat(slices).lazy()] if slices else []
    every = pl.concat([*(pl.scan_ipc(file) for file in files), *held])
    return PartyLines(tree.count, tree.root().hex(), _totals(pl.concat(sums)), every)


def _slices_of(result: RunResult, owner: str) -> Iterator[pl.DataFrame]:
    for parts in result.slices():
        pieces = [piece for part, frame in parts for piece in _pieces(part, frame, owner)]
        if pieces:
            yield pl.concat(pieces).sort(LINE_ORDER)


def _pieces(part: VersionResult, frame: pl.DataFrame, owner: str) -> Iterator[pl.DataFrame]:
    """Yield the lines of one version, by clause, leg and kind; moves that share these make one line."""
    mine: dict[tuple[str, str, str], list[Move]] = {}
    for move in part.moves:
        if move.owner == owner and move.stated:
            mine.setdefault((move.clause, move.leg, move.kind), []).append(move)
    for (clause, leg, kind), moves in mine.items():
        back = kind in {"reversed", "returned"}
        rests_on = ["seq:sale", "seq:receipt", *(["now:refund"] if back else [])]
        amount = pl.sum_horizontal(move.column for move in moves)
        yield frame.filter(amount != 0).select(
            *KEY,
            pl.lit(clause).alias("clause"),
            pl.lit(leg).alias("leg"),
            pl.lit(kind).alias("kind"),
            amount.alias("amount_minor"),
            pl.lit(part.terms.version, dtype=pl.Int64).alias("version"),
            pl.concat_list(rests_on).list.drop_nulls().list.sort().alias("entries"),
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
        yield some.select(text=_text())["text"].to_list()


def _text() -> pl.Expr:
    entries = pl.col("entries").list.eval(pl.element().cast(pl.String)).list.join(",")
    return pl.concat_str(
        [
            pl.lit('{"amount_minor":'),
            pl.col("amount_minor").cast(pl.String),
            pl.lit(',"clause":'),
            json_text("clause"),
            pl.lit(',"entries":['),
            entries,
            pl.lit('],"kind":'),
            json_text("kind"),
            pl.lit(',"leg":'),
            json_text("leg"),
            pl.lit(',"line":'),
            json_text("line"),
            pl.lit(',"order":'),
            json_text("order"),
            pl.lit(',"version":'),
            pl.col("version").cast(pl.String),
            pl.lit("}"),
        ]
    )


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
    for texts in line_texts(lines):
        yield [leaf_hash(text.encode()) for text in texts]


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
        self._folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".run-", dir=self._folder) as folder:
            yield Path(folder)

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
