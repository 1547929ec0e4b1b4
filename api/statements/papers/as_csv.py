"""A statement as one table: a row for each part of the sum, then one for each line.

`part` says what a row is; amounts are exact text and minor units. A row of part `class` is a
subtotal of the parts that bear its `class`. What a spreadsheet would run as a formula
gets an apostrophe in front, and a byte order mark lets it read Chinese.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import polars as pl

from api.sending import BYTE_ORDER_MARK, FORMULA_STARTS, inert
from api.statements.papers.paper import Paper, Part
from api.statements.schemas import HeldDueShown
from api.worded import both
from ledger.statements.classes import ClassSum

COLUMNS = (
    "part", "number", "order", "line", "clause", "version", "leg", "label_zh", "label_en", "kind", "lines",
    "entries", "amount", "amount_minor", "currency", "class",
)  # fmt: skip

_TEXTS = ("order", "line", "clause", "leg", "label_zh", "label_en", "kind")


def write_csv(paper: Paper) -> Iterator[bytes]:
    """Yield the file in pieces."""
    rows = [
        COLUMNS,
        *(_part(paper, one) for one in paper.parts()),
        *(_class(paper, one) for one in paper.classes()),
        *map(_held, paper.held_dues()),
    ]
    yield f"{BYTE_ORDER_MARK}{_rows(rows)}".encode()
    for frame in paper.frames():
        written = frame.select(
            pl.lit("line").alias("part"),
            *(pl.lit(None, dtype=pl.String).alias(name) for name in ("lines", "class")),
            pl.lit(paper.currency).alias("currency"),
            pl.col("rests_on").alias("entries"),
            *("number", "version", "amount", "amount_minor"),
            *(_inert(name) for name in _TEXTS),
        ).select(COLUMNS)
        yield written.write_csv(include_header=False, line_terminator="\r\n").encode()


def _part(paper: Paper, one: Part) -> tuple[str, ...]:
    return (
        one.what,
        *("", "", ""),
        inert(one.clause or ""),
        "",
        inert(one.leg or ""),
        inert(one.label.spoken("zh")),
        inert(one.label.spoken("en")),
        inert(one.kind or ""),
        str(one.lines) if one.lines else "",
        "" if one.entry is None else str(one.entry),
        paper.amount(one.amount_minor),
        str(one.amount_minor),
        paper.currency,
        one.of_class or "",
    )


def _class(paper: Paper, one: ClassSum) -> tuple[str, ...]:
    """Return the row of a class: its words, and what its parts come to."""
    label = both(f"statement-class.{one.name}")
    words = (label.spoken("zh"), label.spoken("en"))
    amounts = (paper.amount(one.amount_minor), str(one.amount_minor))
    return ("class", *[""] * 6, *words, *[""] * 3, *amounts, paper.currency, one.name)


def _held(one: HeldDueShown) -> tuple[str, ...]:
    """Return the row of what is not settled: no amount, but why."""
    why = (inert(one.reason.spoken(language)) for language in ("zh", "en"))
    place = ("", "", "", inert(one.clause), str(one.version), inert(one.about))
    return ("held_due", *place, *why, one.because, *[""] * 6)


def _inert(name: str) -> pl.Expr:
    text = pl.col(name)
    runs = pl.any_horizontal(text.str.starts_with(start) for start in FORMULA_STARTS)
    return pl.when(runs).then(pl.lit("'") + text).otherwise(text).alias(name)


def _rows(rows: list[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
