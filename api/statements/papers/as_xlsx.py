"""A statement as a workbook: a sheet for the sum, then its lines, on as many sheets as Excel's limit asks.

Every amount stands twice: as exact text, and as a figure to calculate with, where Excel keeps all its digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import polars as pl

from api.language import Language, catalogue
from api.statements.papers.paper import Paper, Part
from api.statements.papers.sheets import Cell, Column, Workbook

LINES_PER_SHEET = 1_000_000
"""Below Excel's 1,048,576 rows, and a number that people can count sheets by."""

EXACT_DIGITS = 15
"""How many digits of a number Excel keeps; a longer amount stands as text only."""

_SUM_WIDTHS = (34, 24, 10, 12, 20, 18, 20, 24)


def write_xlsx(
    paper: Paper, language: Language, file: IO[bytes], *, lines_per_sheet: int = LINES_PER_SHEET
) -> None:
    """Write the workbook to a file that can be read back; memory does not grow with the lines."""
    words = catalogue(language)
    workbook = Workbook(file, paper.digits)
    workbook.sheet(words.text("statement.summary"), _summary(paper, language), _SUM_WIDTHS)
    columns = _columns(paper, language)
    for number, frames in enumerate(_sheets(paper.frames(language), lines_per_sheet), 1):
        name = words.text("statement.lines")
        workbook.table(f"{name} {number}", columns, frames)
    workbook.close()


def _summary(paper: Paper, language: Language) -> Iterator[list[Cell]]:
    words = catalogue(language)
    yield [Cell(words.text("paper.title"), "title")]
    for name, text in paper.heading(language):
        yield [Cell(name), Cell(text)]
    yield []
    heads = ("paper.item", "paper.kind", "paper.clause", "paper.lines", "paper.exact", "word.amount",
             "paper.minor", "paper.class")  # fmt: skip
    yield [Cell(words.text(key), "head") for key in heads]
    for one in paper.parts():
        yield _sum_row(paper, one, language)
    yield []
    yield from _class_rows(paper, language)
    yield from _held_rows(paper, language)
    count = f"{paper.statement.count:,}"
    yield [Cell(words.text("paper.lines-are", count=count, root=paper.statement.root))]


def _class_rows(paper: Paper, language: Language) -> Iterator[list[Cell]]:
    """Yield the subtotals of the parts by class; nothing where there is no part."""
    words, classes = catalogue(language), paper.classes()
    if not classes:
        return
    yield [Cell(words.text("statement.by-class"), "head")]
    for one in classes:
        exact = paper.amount(one.amount_minor)
        figure = exact if _fits(one.amount_minor) else ""
        minor = str(one.amount_minor) if figure else ""
        yield [
            Cell(words.text(f"statement-class.{one.name}")),
            *[Cell("")] * 3,
            Cell(exact),
            Cell(figure, "figure", number=True),
            Cell(minor, number=True),
        ]
    yield []


def _held_rows(paper: Paper, language: Language) -> Iterator[list[Cell]]:
    """Yield what fell due and is not settled, with the reason; nothing where all was settled."""
    words, held = catalogue(language), paper.held_dues()
    if not held:
        return
    yield [Cell(words.text("statement.held-dues"), "head")]
    for one in held:
        clause = words.text("word.clause", id=one.clause)
        yield [Cell(f"{clause} {one.about}".strip()), Cell(one.reason.spoken(language))]
    yield []


def _sum_row(paper: Paper, one: Part, language: Language) -> list[Cell]:
    words = catalogue(language)
    exact = paper.amount(one.amount_minor)
    strong = one.what in {"opening", "closing", "payable", "carried_forward"}
    figure = exact if _fits(one.amount_minor) else ""
    return [
        Cell(one.label.spoken(language), "head" if strong else "text"),
        Cell(words.term("total-kind", one.kind) if one.kind else ""),
        Cell(one.clause or ""),
        Cell(str(one.lines) if one.lines else "", number=True),
        Cell(exact),
        Cell(figure, "sum" if strong else "figure", number=True),
        Cell(str(one.amount_minor) if figure else "", number=True),
        Cell(words.text(f"statement-class.{one.of_class}") if one.of_class else ""),
    ]


def _columns(paper: Paper, language: Language) -> list[Column]:
    text = catalogue(language).text
    return [
        Column(text("paper.line-number"), "number", 10, number=True),
        Column(text("word.order"), "order", 24),
        Column(text("paper.order-line"), "line", 8),
        Column(text("word.item"), "label", 22),
        Column(text("paper.kind"), "kind_word", 14),
        Column(text("paper.clause"), "clause", 10),
        Column(text("paper.version"), "version", 8, number=True),
        Column(text("paper.exact"), "exact", 18),
        Column(f"{text('word.amount')} ({paper.currency})", "amount", 16, number=True),
        Column(text("paper.entries"), "rests_on", 20),
    ]


def _sheets(frames: Iterator[pl.DataFrame], most: int) -> Iterator[Iterator[pl.DataFrame]]:
    """Yield, for each sheet, its frames: at most so many rows on each, and one empty sheet of no lines."""
    waiting = _pieces(frames, most)
    first = next(waiting, None)
    while first is not None:
        sheet = _Sheet(first, waiting)
        yield iter(sheet)
        first = sheet.following


class _Sheet:
    """The frames of one sheet, read from a stream that goes on with the next one."""

    def __init__(self, first: tuple[int, pl.DataFrame], waiting: Iterator[tuple[int, pl.DataFrame]]) -> None:
        self._number, self._first = first
        self._waiting = waiting
        self.following: tuple[int, pl.DataFrame] | None = None

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the frames, and keep the first that belongs to the next sheet."""
        yield self._first
        for number, frame in self._waiting:
            if number != self._number:
                self.following = number, frame
                return
            yield frame


def _pieces(frames: Iterator[pl.DataFrame], most: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield frames cut where a sheet is full, each with the number of its sheet from 0."""
    assert most > 0
    done = 0
    for frame in frames:
        start = 0
        while start < frame.height:
            size = min(frame.height - start, most - done % most)
            piece = frame.slice(start, size)
            fits = pl.col("amount_minor").abs() < 10**EXACT_DIGITS
            yield (
                done // most,
                piece.with_columns(
                    exact=pl.col("amount"), amount=pl.when(fits).then(pl.col("amount")).otherwise(pl.lit(""))
                ),
            )
            start, done = start + size, done + size


def _fits(minor: int) -> bool:
    return bool(abs(minor) < 10**EXACT_DIGITS)
