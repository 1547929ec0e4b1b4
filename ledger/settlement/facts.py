"""Line events of the log as columns: one row per line sold, its receipt, and each total refunded.

Reads only what the split and reversal need, in sets. Which report of a line counts is decided in counted.py,
and what stands at a cut-off in state.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import msgspec
import polars as pl

from ledger.database import Row, Session, reading
from ledger.derive import CASE_CLOSED, CASE_OPENED
from ledger.line_ranges import (
    KeyRange,
    key_ranges,
    read_later,
    read_sales,
    read_yielding,
)
from ledger.log import Log
from ledger.reading import LineEvent, read_other_reports
from ledger.settlement.attributed import SAID, said_names
from ledger.settlement.claims import GIVEN_SCHEMA, given_lines, read_claims
from ledger.settlement.fact_cells import fact_cells
from ledger.settlement.kernels import Kernel
from ledger.settlement.terms import Terms
from ledger.voids import Voids, read_voids

KEY = ("order", "line")
"""What identifies an order line within an agreement."""

CASE_SCHEMA: Mapping[str, Any] = {
    "order": pl.String,
    "line": pl.String,
    "case": pl.String,
    "opens": pl.Boolean,
    "seq:case": pl.Int64,
    "us:case": pl.Int64,
}
"""Columns of after-sale events."""

EVENTS_AT_ONCE = 250_000
"""Events read from the log at a time: lines and what became of them, some hundred megabytes."""


@dataclass(frozen=True)
class LineBook:
    """The lines of one agreement as the log tells them before seq `end`.

    `sales`: order, line, `seq:sale`, `us:sold` and one column a fact (null where the file was silent).
    `receipts`: order, line, `seq:receipt`, `us:confirmed`. `refunds`: order, line, `seq:refund`,
    `us:refunded`, `total` in minor units; several a line. `cases`: order, line, `case`, `opens` or not,
    `seq:case`, `us:case`, a row an after-sale event. `settled` are the points of earlier runs, as the cut-off
    and the seq before which the log counted: what they settled waits for no case told of later. A line that
    several sources reported has a row of each; `aside` are the seqs of reports that yield to the prevailing
    source, `voids` what was taken back, and counted.py says which row counts. Where the agreement attributes
    its lines (`attributing`), so does what was told `beside` it, and `given`, lines that claims settled.
    Times are microseconds since 1970 UTC. `feeding` are the same lines as the agreement that feeds this one
    reads them, and `kernel` is by what they are split.
    """

    end: int
    sales: pl.DataFrame
    receipts: pl.DataFrame
    refunds: pl.DataFrame
    aside: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))
    voids: Voids = field(default_factory=Voids)
    cases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CASE_SCHEMA))
    settled: tuple[tuple[int, int], ...] = ()
    feeding: LineBook | None = None
    kernel: Kernel = "columns"
    attributing: Terms | None = None
    beside: tuple[LineBook, ...] = ()
    given: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(GIVEN_SCHEMA)))

    def line(self, line: str) -> LineBook:
        """Return what is told of lines of one key."""
        return self.where(pl.col("line") == line)

    def stretches(self, lines: int) -> Iterator[LineBook]:
        """Yield the same lines a stretch of orders at a time, in order of their keys; at least one book."""
        orders = self.sales["order"].sort()
        starts = orders.gather_every(lines).unique(maintain_order=True).to_list()[1:]
        for first, stop in pairwise([None, *starts, None]):
            inside = pl.lit(value=True)
            if first is not None:
                inside &= pl.col("order") >= first
            if stop is not None:
                inside &= pl.col("order") < stop
            yield self.where(inside)

    def where(self, condition: pl.Expr) -> LineBook:
        """Return what is told of the lines for which a condition on their keys holds."""
        sales, receipts, refunds, cases = (
            one.filter(condition) for one in (self.sales, self.receipts, self.refunds, self.cases)
        )
        feeding = self.feeding.where(condition) if self.feeding is not None else None
        beside = tuple(one.where(condition) for one in self.beside)
        found = replace(self, sales=sales, receipts=receipts, refunds=refunds, cases=cases)
        return replace(found, feeding=feeding, beside=beside)

    @property
    def contested(self) -> bool:
        """Tell whether what counts may be other than the first report of everything."""
        above = self.feeding is not None and self.feeding.contested
        attributed = bool(self.beside) or not self.given.is_empty()
        return bool(self.voids) or above or attributed or not self.aside.is_empty()


def read_lines(log: Log, terms: Terms, end: int) -> LineBook:
    """Read the line events of an agreement before seq `end`, and what of them was set aside or voided.

    Those of a fed agreement are told where its money first comes in.
    """
    return one_book(list(read_books(log, terms, end)))


def one_book(books: Sequence[LineBook]) -> LineBook:
    """Return the lines of several books, at least one, as those of one."""
    names = ("sales", "receipts", "refunds", "cases", "aside")
    together = {name: pl.concat([getattr(one, name) for one in books]) for name in names}
    above = [one.feeding for one in books if one.feeding is not None]
    beside = tuple(one_book(each) for each in zip(*(one.beside for one in books), strict=True))
    return replace(books[0], **together, feeding=one_book(above) if above else None, beside=beside)


def read_books(log: Log, terms: Terms, end: int, events: int = EVENTS_AT_ONCE) -> Iterator[LineBook]:
    """Yield the same lines a range of orders at a time, in order of their keys; at least one book.

    One state of the log is seen throughout.
    """
    columns, one = _Columns(terms), None
    given = _given(log, terms)
    with reading(log.engine) as session:
        voids = read_voids(session, terms.root.id)
        for one in key_ranges(session, terms.root.id, end, events):
            beside = _beside(session, terms.root, one)
            yield _as_told(_read_book(session, columns, one), voids, given, beside)
    if one is None:
        yield columns.book(end, [], [])


def read_order(log: Log, terms: Terms, order: str, end: int) -> LineBook:
    """Read the lines of one order before seq `end`, as `read_lines`."""
    with reading(log.engine) as session:
        found = _read_book(session, _Columns(terms), KeyRange(terms.root.id, order, order, end))
        voids = read_voids(session, terms.root.id)
        beside = _beside(session, terms.root, KeyRange(terms.root.id, order, order, end))
    return _as_told(found, voids, _given(log, terms), beside)


def read_orders(log: Log, terms: Terms, orders: Sequence[str], end: int) -> LineBook:
    """Read the lines of some orders before seq `end`, as `read_lines`; one state of the log is seen."""
    columns, given = _Columns(terms), _given(log, terms)
    books = [columns.book(end, [], [])]
    with reading(log.engine) as session:
        voids = read_voids(session, terms.root.id)
        for order in orders:
            one = KeyRange(terms.root.id, order, order, end)
            beside = _beside(session, terms.root, one)
            books.append(_as_told(_read_book(session, columns, one), voids, given, beside))
    return one_book(books[1:] or books)


def _as_told(book: LineBook, voids: Voids, given: pl.DataFrame, beside: tuple[LineBook, ...]) -> LineBook:
    """Return a book with what was voided, and what says whose a line is where the money comes in."""
    if book.feeding is None:
        return replace(book, voids=voids, given=given, beside=beside)
    return replace(book, voids=voids, feeding=_as_told(book.feeding, voids, given, beside))


def _beside(session: Session, terms: Terms, wanted: KeyRange) -> tuple[LineBook, ...]:
    """Return the sales of a range as they are told under each agreement beside."""
    return tuple(
        replace(
            _read_book(session, _Columns(other), replace(wanted, agreement=other.id)),
            voids=read_voids(session, other.id),
        )
        for other in terms.beside
    )


def _given(log: Log, terms: Terms) -> pl.DataFrame:
    root = terms.root
    if not root.attributes:
        return pl.DataFrame(schema=dict(GIVEN_SCHEMA))
    return given_lines(read_claims(log, (root.id, *(one.id for one in root.beside))), root.id)


def _read_book(session: Session, columns: _Columns, wanted: KeyRange) -> LineBook:
    aside = [
        seq
        for ref, prevailing in _prevailing(columns.terms.root)
        for seq in read_yielding(session, wanted, ref, prevailing)
    ]
    return columns.book(wanted.end, read_sales(session, wanted), read_later(session, wanted), aside)


def set_aside(log: Log, terms: Terms, end: int) -> tuple[list[int], Voids]:
    """Return the seqs of line events that yield to another source, and what was voided, before seq `end`."""
    with reading(log.engine) as session:
        aside = [
            seq
            for ref, prevailing in _prevailing(terms)
            for seq in read_other_reports(session, ref, prevailing, end)
        ]
        return aside, read_voids(session, terms.id)


def _prevailing(terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield the versions that name a source whose reports prevail, with that source."""
    for version in terms.versions:
        if version.agreement.document.prevailing_source is not None:
            yield version.agreement.ref, version.agreement.document.prevailing_source


def collect_lines(batches: Iterable[Sequence[LineEvent]], terms: Terms, end: int) -> LineBook:
    """Collect line events, given in order of seq, that come before seq `end`, none of them contested."""
    sales, later = list[Row](), list[Row]()
    for batch in batches:
        for seq, order, line, event, occurred_us, _recorded_us, content in batch:
            if event == "sale":
                sales.append((seq, order, line, occurred_us, b'{"content":%b}' % content))
            else:
                told = _told.decode(content)
                later.append((seq, order, line, occurred_us, event, told.refunded_total or told.case))
    return _Columns(terms).book(end, sales, later)


class _Told(msgspec.Struct):
    refunded_total: str = ""
    case: str = ""


_told = msgspec.json.Decoder(_Told)


class _Columns:
    """Makes books of rows: seq, order, line and occurred microseconds, then what was told.

    That is the opened group of a sale, and the event and its revision of what came later.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.types = terms.fact_types()
        self.currency = terms.newest.currency
        self.above = _Columns(terms.feeding) if terms.feeding is not None else None
        self.said = said_names(terms)
        self.read = sorted({*self.types, *self.said})
        # under names of their own: a fact may have a name that no field can have
        facts: list[Any] = [
            (f"fact{place}", str | None, msgspec.field(default=None, name=name))
            for place, name in enumerate(self.read)
        ]
        content = msgspec.defstruct("Content", facts, gc=False)
        opened = msgspec.defstruct("Opened", [("content", content)], gc=False)
        self.opened: msgspec.json.Decoder[Any] = msgspec.json.Decoder(opened)

    def book(
        self, end: int, sales: Sequence[Row], later: Sequence[Row], aside: Sequence[int] = ()
    ) -> LineBook:
        """Return the book of some rows, each frame in order of seq."""
        told = _frame(later, event=pl.String, revision=pl.String).sort("seq")
        refunds = _named(told.filter(pl.col("event") == "refund"), "refund", "refunded", "revision")
        total = fact_cells(refunds["revision"], "money", self.currency).alias("total")
        cases = told.filter(pl.col("event").is_in([CASE_OPENED, CASE_CLOSED])).with_columns(
            pl.col("revision").alias("case"), (pl.col("event") == CASE_OPENED).alias("opens")
        )
        return LineBook(
            end,
            _named(self.sales(sales), "sale", "sold", *self.types, *(f"{SAID}{name}" for name in self.said)),
            _named(told.filter(pl.col("event") == "receipt"), "receipt", "confirmed"),
            refunds.drop("revision").with_columns(total).filter(pl.col("total") >= 0),
            cases=_named(cases, "case", "case", "case", "opens").select(*CASE_SCHEMA),
            aside=pl.Series(aside, dtype=pl.Int64),
            attributing=self.terms if self.terms.attributes else None,
            feeding=self.above.book(end, sales, later, aside) if self.above else None,
        )

    def sales(self, rows: Sequence[Row]) -> pl.DataFrame:
        """Read the facts out of the opened groups of sales, whose content is flat text."""
        told = [msgspec.structs.astuple(self.opened.decode(row[4]).content) for row in rows]
        texts = zip(*told, strict=True) if told else [[]] * len(self.read)
        said = {
            name: pl.Series(name, column, dtype=pl.String)
            for name, column in zip(self.read, texts, strict=True)
        }
        cells = [fact_cells(said[name], kind, self.currency) for name, kind in self.types.items()]
        cells += [said[name].alias(f"{SAID}{name}") for name in self.said]
        return _frame(rows).with_columns(cells).sort("seq")


def _frame(rows: Sequence[Row], **more: Any) -> pl.DataFrame:
    schema = {"seq": pl.Int64, "order": pl.String, "line": pl.String, "us": pl.Int64, **more}
    columns = dict(zip(schema, zip(*rows, strict=True), strict=False)) if rows else {}
    return pl.DataFrame(columns, schema=schema)


def _named(frame: pl.DataFrame, seq: str, us: str, *more: str) -> pl.DataFrame:
    return frame.select(*KEY, pl.col("seq").alias(f"seq:{seq}"), pl.col("us").alias(f"us:{us}"), *more)
