"""One digest of a run: the same for every kernel, every slicing of its lines, and every number of machines.

A row is what one order line moves under one version: order, line and an amount a leg and kind, with a tab
between them and a newline after, sorted by order and line (by code point). Rows are cut into blocks at orders
that a sum over the last bytes of their keys picks out, so that wherever lines are cut for computing, the
blocks are the same. The digest is SHA-256 over what the amounts of each version are of with the hashes of its
blocks, and over a row for each end of what the run moves beside its lines. Not over files, whose bytes may
differ by writer.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from ledger.settlement.facts import KEY
from ledger.settlement.moves import Move, moves_of
from ledger.settlement.run import RunResult
from ledger.settlement.terms import VersionTerms
from policies.canonical import canonical_bytes

DIGEST_FORMAT = 2
"""What a run's entry says beside its digest; runs with no number there have the first format."""

_TITLE = b"tallystick.run/2\n"
_BLOCK_BITS = 14
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_KEY_BYTES = 16
_LINES_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class DigestRows:
    """The rows of a stretch of lines, hashed as far as they can be without what stands before and after.

    `head` are the rows before the first cut after the stretch's first order, `blocks` the hashes of whole
    blocks, `tail` the rows from the last cut on (None where there is no cut). `cut_at_first` tells whether a
    block begins at the first order, if it does begin there.
    """

    first: str
    last: str
    cut_at_first: bool
    head: bytes
    blocks: tuple[str, ...]
    tail: bytes | None


def row_columns(version: VersionTerms) -> tuple[Move, ...]:
    """Return what the amounts of a version's rows are of, in order."""
    legs = (move for move in moves_of(version) if move.kind in {"earned", "reversed"})
    return tuple(sorted(legs, key=lambda move: (move.clause, move.leg, move.owner, move.kind)))


def digest_rows(version: VersionTerms, frame: pl.DataFrame) -> DigestRows | None:
    """Return the rows of a stretch of lines of one version, sorted by key; None where nothing moves in it."""
    amounts = [pl.col(move.column) for move in row_columns(version)]
    rows = frame.select(*KEY, *amounts).filter(pl.any_horizontal(amount != 0 for amount in amounts))
    if rows.is_empty():
        return None
    order = pl.col("order")
    marks = rows.select(marked=_marked(), fresh=order != order.shift(1))
    cuts = marks.select((pl.col("marked") & pl.col("fresh")).fill_null(value=False)).to_series().arg_true()
    places = [*cuts, rows.height]
    pieces = [_text(rows[start:stop]) for start, stop in pairwise(places)]
    return DigestRows(
        rows["order"][0],
        rows["order"][-1],
        bool(marks["marked"][0]),
        _text(rows[: places[0]]),
        tuple(hashlib.sha256(piece).hexdigest() for piece in pieces[:-1]),
        pieces[-1] if pieces else None,
    )


def _text(rows: pl.DataFrame) -> bytes:
    # keys hold no control characters (the log refuses them), so nothing need be quoted
    written = io.BytesIO()
    rows.write_csv(written, include_header=False, separator="\t", quote_style="never")
    return written.getvalue()


def _marked() -> pl.Expr:
    """Tell whether blocks begin at an order: the first bits of a product of its key's last bytes are zero.

    The last 16 bytes of the key's UTF-8, zeros before shorter ones, are two numbers, the first byte the
    greatest; each is multiplied by a constant and the two added, modulo 2^64.
    """
    padded = pl.col("order").str.pad_start(_KEY_BYTES, "\0").cast(pl.Binary)
    half = _KEY_BYTES // 2
    numbers = [
        padded.bin.slice(-start, half).bin.reinterpret(dtype=pl.UInt64, endianness="big")
        for start in (_KEY_BYTES, half)
    ]
    # Polars multiplies unsigned numbers modulo 2^64
    high, low = (
        number * pl.lit(factor, dtype=pl.UInt64) for number, factor in zip(numbers, _FACTORS, strict=True)
    )
    return (high + low) < (1 << (64 - _BLOCK_BITS))


class VersionDigest:
    """Takes the rows of one version stretch by stretch, in order, and holds two hash states and no rows."""

    def __init__(self, version: VersionTerms) -> None:
        columns = [[move.clause, move.leg, move.owner, move.kind] for move in row_columns(version)]
        self._blocks = hashlib.sha256(canonical_bytes([version.version, columns]) + b"\n")
        self._block = hashlib.sha256()
        self._last: str | None = None

    def add(self, rows: DigestRows | None) -> None:
        """Take the stretch after those taken before; an order may stand in both where one was cut."""
        if rows is None:
            return
        assert self._last is None or self._last <= rows.first, "stretches come in order"
        if self._last is not None and rows.cut_at_first and rows.first != self._last:
            self._next_block()
        self._block.update(rows.head)
        if rows.tail is not None:
            self._next_block()
            for block in rows.blocks:
                self._blocks.update(block.encode() + b"\n")
            self._block.update(rows.tail)
        self._last = rows.last

    def _next_block(self) -> None:
        self._blocks.update(self._block.hexdigest().encode() + b"\n")
        self._block = hashlib.sha256()

    def hexdigest(self) -> str:
        """Return the digest of all that was taken."""
        whole = self._blocks.copy()
        if self._last is not None:
            whole.update(self._block.hexdigest().encode() + b"\n")
        return whole.hexdigest()


DueRow = tuple[int, str, str, str, str, int]
"""Version, what is due, clause, leg, payee, amount_minor."""


def combined_digest(versions: Iterable[VersionDigest], dues: Iterable[DueRow] = ()) -> str:
    """Return the digest of a run from those of its versions, oldest first, and what it moves beside lines.

    A version without rows counts too.
    """
    whole = hashlib.sha256(_TITLE)
    for one in versions:
        whole.update(one.hexdigest().encode() + b"\n")
    for row in sorted(dues):
        whole.update(canonical_bytes(list(row)) + b"\n")
    return whole.hexdigest()


def run_digest(result: RunResult) -> str:
    """Return the digest of a run in hex."""
    found = {one.version: VersionDigest(one) for one in result.terms.versions}
    for part in result.parts:
        for rows in part.frame.iter_slices(_LINES_AT_ONCE):
            found[part.terms.version].add(digest_rows(part.terms, rows))
    return combined_digest(found.values(), _due_rows(result))


def _due_rows(result: RunResult) -> Iterator[DueRow]:
    for move in result.dues:
        for owner, side, amount in move.sides():
            if amount:
                for_what = f"{move.due.kind} {move.due.key}"
                yield move.due.version.version, for_what, side.clause, side.leg, owner, amount
