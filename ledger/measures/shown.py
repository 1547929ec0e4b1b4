"""What a measure comes to as people read it: parts in percent, times in hours, money in major units."""

from __future__ import annotations

from fractions import Fraction

from ledger.measures.working import Measured
from ledger.registers.declaration import register
from policies.money import from_minor, minor_digits, round_minor

NOTHING = "—"
_PARTS = frozenset({"share", "in_time", "ratio"})


def shown(one: Measured, currency: str, of: str) -> str:
    """Return a measure's value as text, rounded half up; a dash where no item tells. `of` is its register."""
    if one.value is None:
        return NOTHING
    if one.terms.take in {"count", "late"}:
        return str(one.value)
    if one.terms.take in _PARTS:
        return f"{decimal(one.value * 100, 2)}%"
    if one.terms.take == "median_hours":
        return decimal(one.value, 1)
    if register(of).all_fields[one.terms.field or ""].type == "money":
        minor = round_minor(one.value * 10 ** minor_digits(currency), "half_up")
        return f"{from_minor(minor, currency)} {currency}"
    return decimal(one.value, 0 if one.value.denominator == 1 else 2)


def fact_text(one: Measured, currency: str, of: str) -> str:
    """Return a value as the text of a fact: parts in percent to four places, as people read it otherwise."""
    assert one.value is not None, "what nothing tells is no fact"
    if one.terms.take in _PARTS:
        return f"{decimal(one.value * 100, 4)}%"
    return shown(one, currency, of).partition(" ")[0]


def decimal(value: Fraction, places: int) -> str:
    """Return a value to so many places, rounded half up."""
    scaled = round_minor(value * 10**places, "half_up")
    digits = str(abs(scaled)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if scaled < 0 else text
