"""Facts: text from files read by declared type into the values formulas work on.

Money stays in major units as an exact rational; a time without an offset is refused, since the day it
falls on would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from policies.agreement import Agreement
from policies.document import Fact, FactType
from policies.errors import FactError, MoneyError, did_you_mean
from policies.fields import Words
from policies.formulas.exact import Known, Unknown, Value
from policies.money import read_decimal, read_rate, to_minor

WHOLE = "whole"
"""The name of what a split shares out; given as a fact only where another agreement brings it."""

_FED_WHOLE = Fact(type="money", of="order", text=Words(zh="分配总额", en="the whole"))
_VOLUME = Fact(
    type="money", of="order", default="0.00", text=Words(zh="此前累计", en="volume before the line")
)


def read_fact(text: str, kind: FactType, currency: str, options: Sequence[str] | None = None) -> Known:
    """Read a fact's text by its declared type; an enum is one of its `options`.

    Raises FactError or MoneyError saying what was expected.
    """
    match kind:
        case "money":
            to_minor(text, currency)
            return read_decimal(text)
        case "rate":
            return read_rate(text)
        case "count":
            if not re.fullmatch(r"0|[1-9][0-9]{0,14}", text):
                raise FactError(f"'{text[:40]}' is not a whole number such as 12")
            return Fraction(int(text))
        case "bool":
            if text not in {"true", "false"}:
                raise FactError(f"'{text[:40]}' is neither true nor false")
            return text == "true"
        case "date":
            return _read_date(text)
        case "instant":
            return read_instant(text)
        case "enum":
            if text not in (options or ()):
                raise FactError(f"'{text[:40]}' is none of its options{did_you_mean(text, options or ())}")
            return text
        case "text":
            return text


def read_instant(text: str) -> datetime:
    """Read an RFC 3339 time with its offset. Raises FactError."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise FactError(f"'{text[:40]}' is not a time such as 2026-03-02T10:00:00+08:00") from None
    if value.tzinfo is None:
        raise FactError(f"'{text[:40]}' has no offset; write 2026-03-02T10:00:00+08:00")
    return value


def order_facts(
    agreement: Agreement,
    row: Mapping[str, str | None],
    *,
    where: str,
    only: frozenset[str] | None = None,
) -> dict[str, Value]:
    """Read the declared order facts of one row, as `row_facts` does; with `only`, those alone."""
    return row_facts(agreement, "order", row, where=where, only=only)


def row_facts(
    agreement: Agreement,
    of: str,
    row: Mapping[str, str | None],
    *,
    where: str,
    only: frozenset[str] | None = None,
) -> dict[str, Value]:
    """Read the facts declared of an order, or of a set of events, from one row of text.

    A silent cell takes the declared default, else is unknown. Where another agreement feeds the split, the
    column `whole` of an order is what it brings; where a window counts lines, `volume.WINDOW` is what it
    holds before this one. Columns that the document does not declare, or that are not among `only`, are left
    alone. Raises FactError naming `where` and column.
    """
    values: dict[str, Value] = {}
    for name, fact in given_facts(agreement).items():
        if fact.of != of or (only is not None and name in agreement.document.facts.keys() - only):
            continue
        text = row.get(name)
        if text is None or not text.strip():
            text = fact.default
        if text is None:
            values[name] = Unknown(frozenset({name}))
            continue
        try:
            values[name] = read_fact(text.strip(), fact.type, agreement.currency, fact.options)
        except (FactError, MoneyError) as fault:
            raise FactError(fault.message, where=f"{where}, column {name}") from None
    return values


def given_facts(agreement: Agreement) -> Mapping[str, Fact]:
    """Return every fact that may be given of an order: those declared, volumes before it, a fed whole."""
    facts = agreement.document.facts
    if agreement.commission is None:
        return facts
    volumes = {f"volume.{name}": _VOLUME for name in agreement.commission.windows or {}}
    fed = {WHOLE: _FED_WHOLE} if agreement.commission.fed is not None else {}
    return {**facts, **volumes, **fed}


def _read_date(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise FactError(f"'{text[:40]}' is not a day such as 2026-11-11")
