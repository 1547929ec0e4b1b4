"""Field types that documents are built from: text scalars read by declared type, formulas, names, accounts.

A YAML document arrives as text and a canonical one as JSON; both read to the same values here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from policies.errors import FormulaError, MoneyError
from policies.formulas.parse import parse, parse_rows
from policies.money import minor_digits


class Model(BaseModel):
    """A part of a document: frozen, and with no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Model):
    """What users read, in both languages."""

    zh: str = Field(min_length=1, max_length=4000)
    en: str = Field(min_length=1, max_length=4000)


def read_whole_number(value: Any) -> Any:
    """Read the text of a whole number; anything else passes on to the strict check after it."""
    if isinstance(value, str):
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
            raise ValueError(f"'{value[:40]}' is not a whole number such as 15")
        return int(value)
    return value


def _yes_no(value: Any) -> Any:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError(f"'{value[:40]}' is neither true nor false")
        return value == "true"
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError(f"'{value[:40]}' is not a day such as 2026-11-11")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"'{value}' is not a day of the calendar such as 2026-11-11") from None
        if not 1900 <= day.year < 3000:
            raise ValueError(
                f"'{value}' is not a day of an agreement's time, from 1900 to 2999, such as 2026-11-11"
            )
        return day
    return value


def _formula(value: str) -> str:
    try:
        parse(value)
    except FormulaError as fault:
        raise ValueError(str(fault)) from None
    return value


def _rows(value: str) -> str:
    try:
        parse_rows(value)
    except FormulaError as fault:
        raise ValueError(str(fault)) from None
    return value


def _currency(value: str) -> str:
    try:
        minor_digits(value)
    except MoneyError as fault:
        raise ValueError(fault.message) from None
    return value


WholeNumber = Annotated[int, BeforeValidator(read_whole_number), Field(strict=True, ge=0)]
YesNo = Annotated[bool, BeforeValidator(_yes_no), Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Formula = Annotated[str, AfterValidator(_formula)]
RowsFormula = Annotated[str, AfterValidator(_rows)]
Currency = Annotated[str, AfterValidator(_currency)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A key that formulas can read: party, leg, pool, remedy kind."""

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$")]
Account = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$")]
"""A party key, a payee class, `escrow`, or one of them with a purpose: `platform.subsidy`."""

OrderAccount = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?(:order)?$")
]
"""An account that may end in `:order`, which names the row's own order: `escrow:order`."""

ClauseId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.()-]{0,23}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Signer = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]
TaxId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{15,20}$")]
"""A taxpayer's number (纳税人识别号), for a company its unified social credit code."""
