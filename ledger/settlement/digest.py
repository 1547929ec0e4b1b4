"""One digest of a run: SHA-256 over its sorted canonical rows, the same for every kernel.

A row is the canonical JSON array [order, line, version, clause, leg, payee, amount_minor] and a newline;
rows are sorted by these fields, text by code point. What a run moves beside its lines has a row for each end,
with no order and, in place of the line, what it is due for: so these come first. Not over files, whose bytes
may differ by writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import polars as pl

from ledger.settlement.facts import KEY
from ledger.settlement.run import RunResult
from policies.canonical import canonical_bytes

_ROW = ("order", "line", "version", "clause", "leg", "payee", "amount_minor")


def run_digest(result: RunResult) -> str:
    """Return the digest of a run in hex."""
    digest = hashlib.sha256()
    for row in sorted(_due_rows(result)):
        digest.update(canonical_bytes(list(row)) + b"\n")
    for rows in _sorted_rows(result):
        digest.update(rows.select(_row_text().str.join("")).item().encode())
    return digest.hexdigest()


def _due_rows(result: RunResult) -> Iterator[tuple[str, str, int, str, str, str, int]]:
    for move in result.dues:
        for owner, side, amount in move.sides():
            if amount:
                for_what = f"{move.due.kind} {move.due.key}"
                yield "", for_what, move.due.version.version, side.clause, side.leg, owner, amount


def _sorted_rows(result: RunResult) -> Iterator[pl.DataFrame]:
    """Yield rows in order, some thousand order lines at a time."""
    for parts in result.slices():
        pieces = [
            frame.filter(pl.col(move.column) != 0).select(
                *KEY,
                pl.lit(part.terms.version, dtype=pl.Int64).alias("version"),
                pl.lit(move.clause).alias("clause"),
                pl.lit(move.leg).alias("leg"),
                pl.lit(move.owner).alias("payee"),
                pl.col(move.column).alias("amount_minor"),
            )
            for part, frame in parts
            for move in part.moves
            if move.kind in {"earned", "reversed"}
        ]
        yield pl.concat(pieces).sort(_ROW)


def _row_text() -> pl.Expr:
    parts: list[pl.Expr] = [pl.lit("[")]
    for index, name in enumerate(_ROW):
        if index:
            parts.append(pl.lit(","))
        parts.append(pl.col(name).cast(pl.String) if name in {"version", "amount_minor"} else json_text(name))
    return pl.concat_str([*parts, pl.lit("]\n")])


def json_text(column: str) -> pl.Expr:
    """Write a text column as canonical JSON strings.

    Order and line keys hold no control characters (the log refuses them), so only the backslash and the
    quotation mark are escaped, as RFC 8785 does.
    """
    escaped = (
        pl.col(column).str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    )
    return pl.concat_str([pl.lit('"'), escaped, pl.lit('"')])
