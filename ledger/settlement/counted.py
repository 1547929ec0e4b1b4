"""Which report of an order line counts: of several sources the prevailing one, and nothing that was voided.

Two sources that report one sale attest it together. The version under which a line was sold may name the
source that prevails: its report counts, whenever it came; where none is named, or it has not reported, the
first report counts. A void takes a batch out from its own place in the log on. So what counts is a function
of the log up to a place, and between two places it may change.

Where the agreement says by an attribution clause which lines are its own, no other counts; a line in suspense
counts from the entry on with which a claim gives it to the agreement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from ledger.settlement.attributed import (
    ATTRIBUTED,
    ELSEWHERE,
    OWN,
    with_attribution,
    without_attribution,
)
from ledger.settlement.facts import KEY, LineBook

PLACED = "placed"
"""Column of whose a line is, claims counted."""

_EVENTS = (
    ("sales", "seq:sale"),
    ("receipts", "seq:receipt"),
    ("refunds", "seq:refund"),
    ("cases", "seq:case"),
)


def counted(book: LineBook, end: int) -> LineBook:
    """Return the reports that count for who reads the log before seq `end`: a sale and a receipt a line.

    Of refunds, which are running totals, all of the prevailing source count, or else all there are; of
    after-sale cases all of every source.
    """
    sales, receipts, refunds, cases = (_present(getattr(book, name), seq, book, end) for name, seq in _EVENTS)
    above = counted(book.feeding, end) if book.feeding is not None else None
    chosen = _own(_chosen(sales, "seq:sale", book), book, end)
    return LineBook(
        end,
        chosen if above is None else chosen.join(above.sales, on=KEY, how="semi", maintain_order="left"),
        _chosen(receipts, "seq:receipt", book),
        _of_best(refunds, book),
        cases=cases,
        settled=book.settled,
        feeding=above,
        kernel=book.kernel,
    )


def placed(book: LineBook, end: int) -> LineBook:
    """Return what counts before seq `end` of lines that are not the agreement's own, each `placed`.

    Theirs is the column `placed`: `elsewhere`, or why a line is nobody's; with it stands what it rests on.
    """
    found = _placed(_sales(book, end), book, end).filter(pl.col(PLACED) != OWN)
    return replace(counted(replace(book, attributing=None), end), sales=found)


def _sales(book: LineBook, end: int) -> pl.DataFrame:
    return _chosen(_present(book.sales, "seq:sale", book, end), "seq:sale", book)


def _placed(sales: pl.DataFrame, book: LineBook, end: int) -> pl.DataFrame:
    """Say whose each line is: by the claim that settled it before seq `end`, else by attribution."""
    assert book.attributing is not None, "asked where lines are attributed"
    told = with_attribution(sales, book.attributing, [_sales(one, end) for one in book.beside], end)
    given = book.given.filter(pl.col("seq:given") < end).select(*KEY, "given")
    claimed = pl.when(pl.col("given")).then(pl.lit(OWN)).otherwise(pl.lit(ELSEWHERE))
    waits = ~pl.col(ATTRIBUTED).is_in([OWN, ELSEWHERE])
    place = pl.when(waits & pl.col("given").is_not_null()).then(claimed).otherwise(pl.col(ATTRIBUTED))
    return (
        told.join(given, on=KEY, how="left", maintain_order="left")
        .with_columns(place.alias(PLACED))
        .drop("given")
    )


def _own(sales: pl.DataFrame, book: LineBook, end: int) -> pl.DataFrame:
    if book.attributing is None:
        return sales
    mine = _placed(sales, book, end).filter(pl.col(PLACED) == OWN).drop(PLACED)
    return without_attribution(mine)


def _present(frame: pl.DataFrame, seq: str, book: LineBook, end: int) -> pl.DataFrame:
    frame = frame.filter(pl.col(seq) < end)
    if not book.voids:
        return frame
    gone = pl.lit(value=False)
    for one in book.voids.before(end).ranges:
        gone |= (pl.col(seq) >= one.first) & (pl.col(seq) < one.stop)
    return frame.filter(~gone)


def _chosen(frame: pl.DataFrame, seq: str, book: LineBook) -> pl.DataFrame:
    if not book.aside.is_empty():
        frame = frame.sort(_aside(frame, seq, book), seq)
    return frame.unique(KEY, keep="first", maintain_order=True)


def _of_best(refunds: pl.DataFrame, book: LineBook) -> pl.DataFrame:
    if book.aside.is_empty():
        return refunds
    marked = refunds.with_columns(_aside(refunds, "seq:refund", book).alias("aside"))
    return marked.filter(~pl.col("aside") | pl.col("aside").all().over(KEY)).drop("aside")


def _aside(frame: pl.DataFrame, seq: str, book: LineBook) -> pl.Series:
    """Tell of each report whether it yields to another source's.

    By a join: `is_in` with a list of as many seqs as the log has took most of a run's time and memory.
    """
    yielding = book.aside.unique().alias(seq).to_frame().with_columns(aside=pl.lit(value=True))
    marked = frame.select(seq).join(yielding, on=seq, how="left", maintain_order="left")
    return marked["aside"].fill_null(value=False)


@dataclass(frozen=True)
class Change:
    """What counts at two places of the log: lines as before, and those whose reports are others now.

    `same` are the lines, as they count now, of which all that counted before still does. Of the rest, `then`
    is what counted before and `now` what counts instead; a line may be in `then` alone, its sale voided.
    """

    same: LineBook
    then: LineBook
    now: LineBook

    def __bool__(self) -> bool:
        """Tell whether there is any such line."""
        return not (self.then.sales.is_empty() and self.now.sales.is_empty())


def change(book: LineBook, before: int, end: int) -> Change:
    """Return what counts at seq `before` and at a later seq `end`."""
    then, now = counted(book, before), counted(book, end)
    keys = pl.concat(
        [
            _differing(then.sales, now.sales, "seq:sale", before),
            _differing(then.receipts, now.receipts, "seq:receipt", before),
            _differing(then.refunds, now.refunds, "seq:refund", before),
            _differing(then.cases, now.cases, "seq:case", before),
        ]
    ).unique()
    return Change(_kept(now, keys, "anti"), _kept(then, keys, "semi"), _kept(now, keys, "semi"))


def _differing(then: pl.DataFrame, now: pl.DataFrame, seq: str, before: int) -> pl.DataFrame:
    """Return the lines of which something that counted counts no more, or something as old counts now."""
    gone = then.join(now, on=seq, how="anti")
    come = now.filter(pl.col(seq) < before).join(then, on=seq, how="anti")
    return pl.concat([gone.select(KEY), come.select(KEY)])


def _kept(book: LineBook, keys: pl.DataFrame, how: str) -> LineBook:
    kept = {
        name: getattr(book, name).join(keys, on=KEY, how=how, maintain_order="left") for name, _ in _EVENTS
    }
    return replace(book, **kept)
