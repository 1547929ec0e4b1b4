"""One cell of a file, read by its declared type: exact, normalised, or refused with what was expected.

Every cell arrives as text. A cell that reads well has a normal form, so that "299", "299.0" and "299.00"
are one fact, and a later export is not a conflict for having been printed otherwise. Amounts go through
policies.money; no float is ever made of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from ledger.intake.mapping import FactSpec
from ledger.leaves import occurred_text
from policies.errors import MoneyError, did_you_mean
from policies.money import AMOUNT_LIMIT_MINOR, from_minor, read_decimal, to_minor

TEXT_LIMIT = 1_000
KEY_LIMIT = 120
"""Longest id of an order or key of a line, in characters."""

CACHED_CELLS = 1 << 13
"""How many distinct cells of a column are remembered: prices, times and categories repeat."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffd]")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?P<offset>Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_SLASHES = re.compile(
    r"(\d{4})[/年](\d{1,2})[/月](\d{1,2})日?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－（）", "0123456789.,-()")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FEN = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_COUNT = re.compile(r"0|[1-9][0-9]{0,14}")
_EPOCH_DIGITS = re.compile(r"[0-9]{9,14}")


class CellFault(NamedTuple):
    """Why a cell was refused: a stable code, and what was expected of it."""

    code: str
    message: str


class Cell(NamedTuple):
    """A cell that reads well: its normal text, the amount in minor units, or the time, where it is one."""

    text: str
    amount_minor: int | None = None
    instant: datetime | None = None


CellReader = Callable[[str], Cell | CellFault]


def cell_reader(spec: FactSpec, currency: str, zone: tzinfo | None) -> CellReader:
    """Return the reader of one fact's cells: stripped, non-empty text in, Cell or CellFault out.

    `zone` is where naive times are; None refuses them. Amounts are in `currency`.
    """

    def read(text: str) -> Cell | CellFault:
        if spec.type == "money":
            return _money(text, spec, currency)
        if spec.type == "instant":
            return _instant(text, tuple(spec.written or ("text",)), zone)
        if spec.type == "enum" and spec.values is not None:
            if text in spec.values:
                return Cell(spec.values[text])
            return CellFault("cell.enum", f"not one of the declared values{did_you_mean(text, spec.values)}")
        return _SIMPLE[spec.type](text)

    return lru_cache(maxsize=CACHED_CELLS)(read)


def read_key(text: str) -> Cell | CellFault:
    """Read an order id or line key: any text without control characters, at most KEY_LIMIT long."""
    if len(text) > KEY_LIMIT:
        return CellFault("cell.key", f"expected at most {KEY_LIMIT} characters")
    return _text(text)


def _text(text: str) -> Cell | CellFault:
    if len(text) > TEXT_LIMIT:
        return CellFault("cell.text", f"expected at most {TEXT_LIMIT} characters")
    if _CONTROL.search(text):
        if "\ufffd" in text:
            wanted = (
                "holds bytes outside the declared encoding; Chinese exports are often `encoding: gb18030`"
            )
            return CellFault("cell.encoding", wanted)
        return CellFault("cell.text", "expected text without control characters")
    return Cell(text)


def _plain_amount(text: str, written: Collection[str]) -> str:
    """Write an amount plainly that is written in one of the declared ways; any other stays as it is."""
    if "full_width" in written:
        text = text.translate(_FULL_WIDTH)
    if "parentheses" in written and text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1].strip()}"
    if "sign" in written:
        minus = "-" if text.startswith("-") else ""
        unsigned = text.removeprefix("-").lstrip()
        for sign in ("¥", "￥", "CNY", "RMB"):
            unsigned = unsigned.removeprefix(sign)
        unsigned = unsigned.removesuffix("元").strip()
        text = minus + unsigned
    if "thousands" in written and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return text


def _money(text: str, spec: FactSpec, currency: str) -> Cell | CellFault:
    if spec.written:
        text = _plain_amount(text, spec.written)
    if spec.unit == "fen":
        if not _FEN.fullmatch(text):
            return CellFault(
                "cell.money", "expected whole fen such as 29900; for 299.00 declare `unit: yuan`"
            )
        amount = int(text)
        if abs(amount) > AMOUNT_LIMIT_MINOR:
            return CellFault("cell.money", "larger than one fact may be")
    else:
        try:
            amount = to_minor(text, currency)
        except MoneyError as fault:
            return CellFault(
                "cell.money", f"expected an amount in {currency} such as 299.00: {fault.message}"
            )
    if amount < 0 and not spec.negative:
        return CellFault("cell.money", "expected zero or more; declare `negative: true` where less is meant")
    return Cell(from_minor(amount, currency), amount_minor=amount)


def _instant(text: str, written: tuple[str, ...], zone: tzinfo | None) -> Cell | CellFault:
    if _EPOCH_DIGITS.fullmatch(text) or not {"text", "slashes"} & set(written):
        return _epoch(text, written, zone)
    if "slashes" in written and (slashed := _SLASHES.fullmatch(text)):
        year, month, day, *rest = slashed.groups()
        hour, minute, second = (part or "0" for part in rest)
        text = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second:0>2}".replace(":0:", ":00:")
    match = _INSTANT.fullmatch(text)
    if not match:
        return CellFault(
            "cell.instant", "expected a time such as 2026-03-02 20:15:00 or 2026-03-02T20:15:00+08:00"
        )
    try:
        when = datetime.fromisoformat(text)
    except ValueError as fault:
        return CellFault("cell.instant", f"no such time: {fault}")
    if when.tzinfo is None:
        if zone is None:
            return CellFault(
                "cell.instant", "expected a time with its offset; the mapping names no time zone"
            )
        placed = _placed(when, zone)
        if isinstance(placed, CellFault):
            return placed
        when = placed
    if not 1900 <= when.year <= 9000:
        return CellFault("cell.instant", "expected a year from 1900 to 9000")
    return Cell(occurred_text(when), instant=when)


def _epoch(text: str, written: tuple[str, ...], zone: tzinfo | None) -> Cell | CellFault:
    if not _EPOCH_DIGITS.fullmatch(text) or not {"epoch_s", "epoch_ms"} & set(written):
        return CellFault("cell.instant", f"expected a time written as {' or '.join(written)}")
    milliseconds = int(text) * (1000 if "epoch_s" in written else 1)
    try:
        when = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return CellFault("cell.instant", "far outside the calendar; is it `epoch_ms`?")
    offset = when.astimezone(zone or UTC).utcoffset()
    when = when.astimezone(timezone(offset or timedelta()))
    return Cell(occurred_text(when), instant=when)


def _placed(naive: datetime, zone: tzinfo) -> datetime | CellFault:
    """Give a naive time its offset, refusing times that a clock change skips or repeats."""
    first, second = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first != second or first is None:
        wanted = f"falls into a clock change of {zone} and needs its offset written out"
        return CellFault("cell.instant", wanted)
    if first % timedelta(minutes=1):
        return CellFault("cell.instant", f"{zone} kept no whole minutes then; write the offset out")
    return naive.replace(tzinfo=timezone(first))


def _count(text: str) -> Cell | CellFault:
    if not _COUNT.fullmatch(text):
        return CellFault("cell.count", "expected a whole number from 0 such as 3")
    return Cell(text)


def _rate(text: str) -> Cell | CellFault:
    try:
        exact = read_decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except MoneyError:
        return CellFault("cell.rate", "expected a rate such as 0.05 or 5%")
    places = 14
    scaled = exact * 10**places
    assert scaled.denominator == 1
    sign = "-" if scaled < 0 else ""
    whole, part = divmod(abs(scaled.numerator), 10**places)
    digits = str(part).rjust(places, "0").rstrip("0")
    return Cell(f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}")


def _date(text: str) -> Cell | CellFault:
    try:
        if _DATE.fullmatch(text):
            return Cell(date.fromisoformat(text).isoformat())
    except ValueError:
        pass
    return CellFault("cell.date", "expected a date such as 2026-03-02")


def _bool(text: str) -> Cell | CellFault:
    lowered = text.lower()
    return Cell(lowered) if lowered in {"true", "false"} else CellFault("cell.bool", "expected true or false")


_SIMPLE: dict[str, CellReader] = {
    "text": _text,
    "enum": _text,
    "count": _count,
    "rate": _rate,
    "date": _date,
    "bool": _bool,
}
