"""The file that a bank or provider answers with, read by its mapping: what it says of which payment.

A file that does not read is refused whole, naming line and column and never what stands there: it holds
names and account numbers of others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ledger.intake.cells import CellFault, cell_reader
from ledger.intake.csvfile import CsvLines
from ledger.intake.mapping import FactSpec
from ledger.payouts.errors import PaymentFileRefused
from ledger.payouts.mapping import Answer, PaymentMapping
from ledger.payouts.outcomes import Outcome, Told

FILE_BYTES_MAX = 16 * 1024 * 1024
_ROWS_MAX = 100_000
_TEXT_MAX = 200


def read_answer(data: bytes, mapping: PaymentMapping) -> list[Told]:
    """Return what a file says of payments, row by row; rows that wait for their outcome are left out.

    Raises PaymentFileRefused for a file that is too large, in another encoding, without the columns that the
    mapping reads, or with a row, amount, time or status that does not read.
    """
    if len(data) > FILE_BYTES_MAX:
        raise PaymentFileRefused(f"the file is larger than {FILE_BYTES_MAX} bytes", where="file")
    answer = mapping.answer
    encoding = "utf-8-sig" if answer.encoding == "utf-8" else answer.encoding
    try:
        lines = io.StringIO(data.decode(encoding), newline="")
    except UnicodeDecodeError:  # whose message would show bytes of it
        raise PaymentFileRefused(f"the file is not {answer.encoding}", where="file") from None
    above = answer.header_line - 1
    for _ in range(above):
        lines.readline()
    try:
        return _rows(csv.reader(lines, strict=True), mapping, above)
    except csv.Error:
        raise PaymentFileRefused("the file is not CSV", where="file") from None


def _rows(reader: CsvLines, mapping: PaymentMapping, above: int) -> list[Told]:
    answer = mapping.answer
    header = [name.strip() for name in next(reader, [])]
    places = {name: header.index(name) for name in _columns(answer) if name in header}
    for name in (answer.reference, answer.amount, answer.status):
        if name not in places:
            raise PaymentFileRefused(f"the file has no column '{name}'", where=f"line {above + 1}")
    row = _Row(mapping, places)
    found = []
    for cells in reader:
        line = above + reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if answer.until is not None and cells[0].strip().startswith(answer.until):
            break
        if len(cells) != len(header):
            raise PaymentFileRefused(f"{len(cells)} cells under {len(header)} columns", where=f"line {line}")
        told = row.told(line, cells)
        if told is not None:
            found.append(told)
        if len(found) > _ROWS_MAX:
            raise PaymentFileRefused(f"more than {_ROWS_MAX} rows", where="file")
    return found


def _columns(answer: Answer) -> list[str]:
    named = (
        answer.reference, answer.amount, answer.status, answer.at, answer.bank_reference, answer.reason,
    )  # fmt: skip
    return [one for one in named if one is not None]


class _Row:
    """Reads the cells of one row by the mapping."""

    def __init__(self, mapping: PaymentMapping, places: Mapping[str, int]) -> None:
        self._answer = mapping.answer
        self._places = places
        self._currency = mapping.currency
        zone = ZoneInfo(mapping.time_zone)
        money = FactSpec(column="-", type="money", unit="yuan", written=["sign", "thousands", "full_width"])
        self._money = cell_reader(money, mapping.currency, zone)
        when = FactSpec(column="-", type="instant", written=["text", "slashes"])
        self._when = cell_reader(when, mapping.currency, zone)

    def told(self, line: int, cells: list[str]) -> Told | None:
        """Return what a row says; None where it says nothing yet."""
        answer = self._answer
        outcome = self._outcome(line, self._cell(cells, answer.status))
        if outcome is None:
            return None
        amount = self._money(self._cell(cells, answer.amount))
        if isinstance(amount, CellFault) or amount.amount_minor is None:
            raise PaymentFileRefused("is no amount such as 1234.50", where=f"line {line}, {answer.amount}")
        written = self._cell(cells, answer.at)
        when = self._when(written) if written else None
        if isinstance(when, CellFault):
            raise PaymentFileRefused(
                "is no time such as 2026-04-01 10:30:00", where=f"line {line}, {answer.at}"
            )
        return Told(
            line=line,
            reference=self._cell(cells, answer.reference)[:_TEXT_MAX],
            outcome=outcome,
            amount_minor=amount.amount_minor,
            at=when.instant if when else None,
            bank_reference=self._plain(cells, answer.bank_reference),
            reason=self._plain(cells, answer.reason),
            currency=self._currency,
        )

    def _outcome(self, line: int, status: str) -> Outcome | None:
        answer = self._answer
        lists: tuple[tuple[Outcome, list[str]], ...] = (
            ("confirmed", answer.confirmed), ("failed", answer.failed), ("returned", answer.returned),
        )  # fmt: skip
        for outcome, words in lists:
            if status in words:
                return outcome
        if status in answer.waiting:
            return None
        raise PaymentFileRefused(
            "is a status that the mapping does not name", where=f"line {line}, {answer.status}"
        )

    def _cell(self, cells: list[str], name: str | None) -> str:
        return cells[self._places[name]].strip() if name is not None and name in self._places else ""

    def _plain(self, cells: list[str], name: str | None) -> str:
        text = " ".join(self._cell(cells, name).split())
        return "".join(letter for letter in text if letter.isprintable())[:_TEXT_MAX]
