"""Line events of the log as columns: one row per line sold, its receipt, and each total refunded.

Reads only what the split and reversal need, in one pass over the log up to a seq. Which report of a line
counts is decided in counted.py, and what stands at a cut-off in state.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec
import polars as pl

from ledger.database import reading
from ledger.log import Log
from ledger.reading import LineEvent, read_other_reports
from ledger.settlement.terms import Terms
from ledger.voids import Voids, read_voids
from policies.document import FactType
from policies.errors import MoneyError
from policies.money import to_minor

KEY = ("order", "line")
"""What identifies an order line within an agreement."""

COLUMN_TYPES: Mapping[FactType, Any] = {"money": pl.Int64, "count": pl.Int64, "bool": pl.Boolean}
"""Column type of a fact by its declared type: minor units, whole numbers, truth; text for the rest."""

CASE_SCHEMA: Mapping[str, Any] = {
    "order": pl.String,
    "line": pl.String,
    "case": pl.String,
    "opens": pl.Boolean,
    "seq:case": pl.Int64,
    "us:case": pl.Int64,
}
"""Columns of after-sale events."""

_CACHED_TEXTS = 1 << 18


@dataclass(frozen=True)
class LineBook:
    """The lines of one agreement as the log tells them before seq `end`.

    `sales`: order, line, `seq:sale`, `us:sold` and one column a fact (null where the file was silent).
    `receipts`: order, line, `seq:receipt`, `us:confirmed`. `refunds`: order, line, `seq:refund`,
    `us:refunded`, `total` in minor units; several a line. `cases`: order, line, `case`, `opens` or not,
    `seq:case`, `us:case`, a row an after-sale event. `settled` are the points of earlier runs, as the cut-off
    and the seq before which the log counted: what they settled waits for no case told of later. A line that
    several sources reported has a row of each; `aside` are the seqs of reports that yield to the prevailing
    source, `voids` what was taken back, and counted.py says which row counts. Times are microseconds since
    1970 UTC.
    """

    end: int
    sales: pl.DataFrame
    receipts: pl.DataFrame
    refunds: pl.DataFrame
    aside: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))
    voids: Voids = field(default_factory=Voids)
    cases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CASE_SCHEMA))
    settled: tuple[tuple[int, int], ...] = ()

    @property
    def contested(self) -> bool:
        """Tell whether what counts may be other than the first report of everything."""
        return bool(self.voids) or not self.aside.is_empty()


def read_lines(log: Log, terms: Terms, end: int) -> LineBook:
    """Read the line events of an agreement before seq `end`, and what of them was set aside or voided."""
    return collect_lines(log.line_event_batches(terms.id, end), terms, end, set_aside(log, terms, end))


def set_aside(log: Log, terms: Terms, end: int) -> tuple[list[int], Voids]:
    """Return the seqs of line events that yield to another source, and what was voided, before seq `end`."""
    with reading(log.engine) as session:
        aside = [
            seq
            for version in terms.versions
            if version.agreement.document.prevailing_source is not None
            for seq in read_other_reports(
                session, version.agreement.ref, version.agreement.document.prevailing_source, end
            )
        ]
        return aside, read_voids(session, terms.id)


def collect_lines(
    batches: Iterable[Sequence[LineEvent]],
    terms: Terms,
    end: int,
    contested: tuple[Sequence[int], Voids] = ((), Voids()),
) -> LineBook:
    """Collect line events, given in order of seq, that come before seq `end`; `contested` as `set_aside`."""
    reader = _Reader(terms)
    for batch in batches:
        reader.take(batch)
    aside, voids = contested
    return replace(reader.book(end), aside=pl.Series(aside, dtype=pl.Int64), voids=voids)


class _Reader:
    """Collects batches of events as frames, so that text is held once and as columns."""

    def __init__(self, terms: Terms) -> None:
        self._types = terms.fact_types()
        self._names = tuple(self._types)
        self._sale = msgspec.json.Decoder(
            msgspec.defstruct(
                "SaleFacts",
                [
                    (f"fact{index}", str | None, msgspec.field(default=None, name=name))
                    for index, name in enumerate(self._names)
                ],
            )
        )
        self._refund = msgspec.json.Decoder(_RefundContent)
        self._case = msgspec.json.Decoder(_CaseContent)
        self._convert = tuple(_converter(kind, terms.newest.currency) for kind in self._types.values())
        self._minor = _converter("money", terms.newest.currency)
        facts = {name: COLUMN_TYPES.get(kind, pl.String) for name, kind in self._types.items()}
        keys = {"order": pl.String, "line": pl.String}
        self._schemas = {
            "sale": {**keys, "seq:sale": pl.Int64, "us:sold": pl.Int64, **facts},
            "receipt": {**keys, "seq:receipt": pl.Int64, "us:confirmed": pl.Int64},
            "refund": {**keys, "seq:refund": pl.Int64, "us:refunded": pl.Int64, "total": pl.Int64},
            "case": CASE_SCHEMA,
        }
        self._frames = {event: [pl.DataFrame(schema=schema)] for event, schema in self._schemas.items()}

    def take(self, batch: Sequence[LineEvent]) -> None:
        rows: dict[str, list[tuple[Any, ...]]] = {event: [] for event in self._schemas}
        for seq, order, line, event, occurred_us, _recorded_us, content in batch:
            if event == "sale":
                told = msgspec.structs.astuple(self._sale.decode(content))
                facts = (convert(text) for convert, text in zip(self._convert, told, strict=True))
                rows[event].append((order, line, seq, occurred_us, *facts))
            elif event == "receipt":
                rows[event].append((order, line, seq, occurred_us))
            elif event in _CASE_EVENTS:
                case = self._case.decode(content).case
                rows["case"].append((order, line, case, _CASE_EVENTS[event], seq, occurred_us))
            else:
                total = self._minor(self._refund.decode(content).refunded_total)
                if total is not None and total >= 0:
                    rows[event].append((order, line, seq, occurred_us, total))
        for event, found in rows.items():
            if found:
                columns = dict(zip(self._schemas[event], zip(*found, strict=True), strict=True))
                self._frames[event].append(pl.DataFrame(columns, schema=self._schemas[event]))

    def book(self, end: int) -> LineBook:
        sales, receipts, refunds, cases = (
            pl.concat(self._frames[event], rechunk=True) for event in ("sale", "receipt", "refund", "case")
        )
        return LineBook(end, sales, receipts, refunds, cases=cases)


class _RefundContent(msgspec.Struct):
    refunded_total: str


class _CaseContent(msgspec.Struct):
    case: str


_CASE_EVENTS = {"case_opened": True, "case_closed": False}
"""The events of after-sale cases, and whether each opens one."""


def _converter(kind: FactType, currency: str) -> Callable[[str | None], Any]:
    """Return how a fact's text becomes a cell; what does not read is null, so that the line is held."""

    @lru_cache(maxsize=_CACHED_TEXTS)
    def minor(text: str | None) -> int | None:
        try:
            return to_minor(text.strip(), currency) if text and text.strip() else None
        except MoneyError:
            return None

    def count(text: str | None) -> int | None:
        stripped = (text or "").strip()
        return int(stripped) if stripped.isascii() and stripped.isdecimal() and len(stripped) <= 15 else None

    def plain(text: str | None) -> str | None:
        return (text or "").strip() or None

    def truth(text: str | None) -> bool | None:
        return {"true": True, "false": False}.get((text or "").strip())

    found: dict[str, Callable[[str | None], Any]] = {"money": minor, "count": count, "bool": truth}
    return found.get(kind, plain)


def fact_default(kind: FactType, text: str | None, currency: str) -> Any:
    """Return the cell of a declared default, None where there is none."""
    return _converter(kind, currency)(text) if kind in COLUMN_TYPES else text
