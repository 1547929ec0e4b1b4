"""Layouts: the columns that an accounting program imports vouchers by, as declared data.

Each is a TOML file of layouts/, which also says what it rests on. A column has a value of the line, a code of
one kind of dimension, or one fixed text. Here vouchers become rows of text; amounts have the places of the
currency. How rows become a file: text.py for text, and for workbooks whoever writes workbooks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from ledger.vouchers.accounts import AccountMap
from ledger.vouchers.errors import VoucherRefused
from ledger.vouchers.making import Voucher, VoucherLine
from policies.errors import did_you_mean
from policies.money import from_minor

Value = Literal[
    "day", "year", "month", "word", "number", "entry", "summary", "account", "account_name", "currency",
    "currency_name", "amount", "debit", "credit", "preparer", "dimensions", "source", "clause", "kind",
]  # fmt: skip
"""What a column may hold of a line; `source` is its account in the log, `entry` counts lines from 0."""

Summary = Callable[[Voucher, VoucherLine], str]
"""Words what a line is for."""

_UNFIT = re.compile(r"[\x00-\x1f\x7f]+")


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column: its heading, and one of `value`, `dimension` (a kind) and `fixed`.

    `key`, `type` and `place` are what a second sheet says of it, where the program reads one.
    """

    head: str
    value: Value | None = None
    dimension: str | None = None
    fixed: str | None = None
    key: str = ""
    type: str = ""
    place: int = 0


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One program's columns and how their file is written. `joined` stands between parts of a dimension."""

    form: Literal["text", "xlsx"]
    suffix: str
    summary_max: int
    rests_on: str
    title: dict[str, str]
    columns: tuple[Column, ...]
    sheet: str = ""
    schema: str = ""
    first_line: str = ""
    header: bool = True
    delimiter: str = ","
    quoted: bool = True
    encoding: Literal["gbk", "utf-8-sig"] = "utf-8-sig"
    joined: str = ""


def layout_names() -> tuple[str, ...]:
    """Return the names of the layouts there are, sorted."""
    folder = resources.files("ledger.vouchers").joinpath("layouts")
    return tuple(sorted(one.name[:-5] for one in folder.iterdir() if one.name.endswith(".toml")))


@cache
def layout_of(name: str) -> Layout:
    """Return a layout by its name. Raises VoucherRefused."""
    if name not in layout_names():
        hint = did_you_mean(name, layout_names())
        raise VoucherRefused(f"there is no such layout{hint}", where=name[:40])
    file = resources.files("ledger.vouchers").joinpath("layouts", f"{name}.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Layout)


def rows_of(
    layout: Layout, vouchers: Sequence[Voucher], accounts: AccountMap, currency: str, summary: Summary
) -> Iterator[list[str]]:
    """Yield a row of text for each line of each voucher. Raises VoucherRefused for what has no column."""
    _require_columns(layout, accounts)
    for voucher in vouchers:
        for entry, line in enumerate(voucher.lines):
            values = _values(layout, voucher, entry, line, accounts, currency)
            values["summary"] = _UNFIT.sub(" ", summary(voucher, line))[: layout.summary_max]
            codes = {one.kind: one.code for one in line.rule.dimensions}
            yield [_cell(column, values, codes) for column in layout.columns]


def _require_columns(layout: Layout, accounts: AccountMap) -> None:
    kinds = {one.dimension for one in layout.columns if one.dimension}
    if any(one.value == "dimensions" for one in layout.columns):
        return
    asked = {one.kind for rule in accounts.accounts for one in rule.dimensions}
    if asked - kinds:
        lacking, there = (", ".join(sorted(some)) for some in (asked - kinds, kinds))
        raise VoucherRefused(
            f"the layout has no column for {lacking}; it has {there}", where=layout.title["zh"]
        )


def _cell(column: Column, values: dict[str, str], codes: dict[str, str]) -> str:
    if column.value is not None:
        return values[column.value]
    return codes.get(column.dimension, "") if column.dimension is not None else column.fixed or ""


def _values(  # noqa: PLR0913, PLR0917 -- a line and what it stands in
    layout: Layout, voucher: Voucher, entry: int, line: VoucherLine, accounts: AccountMap, currency: str
) -> dict[str, str]:
    parts = [layout.joined.join((one.kind, one.code, one.name)) for one in line.rule.dimensions]
    return {
        "day": voucher.day.isoformat(),
        "year": str(voucher.day.year),
        "month": str(voucher.day.month),
        "word": accounts.word,
        "number": str(voucher.number),
        "entry": str(entry),
        "account": line.rule.code,
        "account_name": line.rule.name,
        "currency": accounts.currency.code,
        "currency_name": accounts.currency.name,
        "amount": from_minor(line.debit_minor + line.credit_minor, currency),
        "debit": from_minor(line.debit_minor, currency),
        "credit": from_minor(line.credit_minor, currency),
        "preparer": accounts.preparer,
        "dimensions": "; ".join(parts),
        "source": f"{line.owner}.{line.purpose}",
        "clause": line.clause,
        "kind": line.kind,
    }
