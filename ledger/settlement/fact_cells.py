"""Texts of order facts as cells of a column, by declared type: a column at a time, since a line has many.

What does not read as its type is null, so that the line is held. Not here: reading the texts out of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from policies.document import FactType
from policies.errors import MoneyError
from policies.money import minor_digits, to_minor

COLUMN_TYPES: Mapping[FactType, Any] = {"money": pl.Int64, "count": pl.Int64, "bool": pl.Boolean}
"""Column type of a fact by its declared type: minor units, whole numbers, truth; text for the rest."""

_WHOLE = r"(?:0|[1-9][0-9]{0,11})"
_COUNT = r"^[0-9]{1,15}$"


def fact_cells(texts: pl.Series, kind: FactType, currency: str) -> pl.Series:
    """Return the cells of a column of texts; null where the text is null or does not read."""
    stripped = texts.str.strip_chars()
    if kind == "money":
        return _minor(stripped, currency)
    if kind == "count":
        return stripped.set(~stripped.str.contains(_COUNT), None).cast(pl.Int64)
    if kind == "bool":
        truth = {"true": True, "false": False}
        return stripped.replace_strict(truth, default=None, return_dtype=pl.Boolean)
    return stripped.replace("", None)


def _minor(texts: pl.Series, currency: str) -> pl.Series:
    """Return amounts in minor units: as nearly all are written, by columns; each other text once, exactly."""
    digits = minor_digits(currency)
    written = f"^-?{_WHOLE}\\.[0-9]{{{digits}}}$" if digits else f"^-?{_WHOLE}$"
    is_plain = texts.str.contains(written)
    plain = texts.set(~is_plain, None).str.replace(".", "", literal=True).cast(pl.Int64)
    others = texts.filter(~is_plain).unique()
    if others.is_empty():
        return plain
    amounts = pl.Series([_read(text, currency) for text in others], dtype=pl.Int64)
    read = texts.replace_strict(others, amounts, default=None, return_dtype=pl.Int64)
    return plain.zip_with(plain.is_not_null(), read)


def _read(text: str, currency: str) -> int | None:
    try:
        return to_minor(text, currency) if text else None
    except MoneyError:
        return None


def fact_default(kind: FactType, text: str | None, currency: str) -> Any:
    """Return the cell of a declared default, None where there is none."""
    if text is None or kind not in COLUMN_TYPES:
        return text
    return fact_cells(pl.Series([text]), kind, currency)[0]
