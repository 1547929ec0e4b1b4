"""Amounts: decimal text in major units outside, integers of the minor unit inside, exact rationals between.

No float enters or leaves. Every rounding is asked for by name.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from policies.errors import MoneyError, did_you_mean

Rounding = Literal["half_up", "half_even", "floor"]

MINOR_DIGITS = {
    "CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "SGD": 2, "AUD": 2, "CAD": 2, "THB": 2, "MYR": 2,
    "IDR": 2, "PHP": 2, "TWD": 2, "MOP": 2, "BRL": 2, "MXN": 2, "CHF": 2,
    "JPY": 0, "KRW": 0, "VND": 0,
}  # fmt: skip
"""Places of the minor unit by currency code (ISO 4217)."""

AMOUNT_LIMIT_MINOR = 2**53 - 1
"""The largest amount one fact may carry, so that it also fits canonical JSON as an integer."""

TEXT_LIMIT = 60
"""Characters of one amount as text: beyond any amount, and bounded before it is read as an integer."""

_PLACES_SHOWN = 6
_RATE = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?%?")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,2}(_[0-9]{3})+|[1-9][0-9]*)(\.[0-9]{1,12})?")
_PLAIN = re.compile(r"(-?)(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,2}))?")
"""Amounts as nearly all are written, below any limit, which need no rational to be read."""


def minor_digits(currency: str) -> int:
    """Return how many decimal places a currency has. Raises MoneyError for an unknown code."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        hint = did_you_mean(currency, MINOR_DIGITS)
        raise MoneyError(f"unknown currency '{currency}'{hint}", where="currency") from None


def read_decimal(text: str) -> Fraction:
    """Read decimal text such as "299.00" or "2_000_000.00" exactly. Raises MoneyError."""
    if len(text) > TEXT_LIMIT or not _DECIMAL.fullmatch(text):
        raise MoneyError(f"'{text[:40]}' is not a decimal number such as 299.00")
    return Fraction(text.replace("_", ""))


def read_rate(text: str) -> Fraction:
    """Read a rate such as "5%" or "0.05" exactly. Raises MoneyError."""
    if not _RATE.fullmatch(text):
        raise MoneyError(f"'{text[:40]}' is not a rate such as 5% or 0.05")
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def to_minor(text: str, currency: str) -> int:
    """Read an amount in major units as minor units: "299.00" CNY is 29900. Raises MoneyError.

    More places than the currency has are refused, never rounded: "1.005" CNY is an error.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and len(plain[3] or "") <= (digits := minor_digits(currency)):
        return int(f"{plain[1]}{plain[2]}{(plain[3] or '').ljust(digits, '0')}")
    scaled: Fraction = read_decimal(text) * 10 ** minor_digits(currency)
    if scaled.denominator != 1:
        raise MoneyError(f"'{text}' has more than {minor_digits(currency)} places, the most {currency} has")
    if abs(scaled.numerator) > AMOUNT_LIMIT_MINOR:
        raise MoneyError(f"'{text}' is larger than one fact may be")
    return scaled.numerator


def from_minor(amount_minor: int, currency: str) -> str:
    """Write minor units as decimal text in major units: 29900 CNY is "299.00"."""
    digits = minor_digits(currency)
    sign = "-" if amount_minor < 0 else ""
    text = str(abs(amount_minor)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def round_minor(exact: Fraction, rounding: Rounding) -> int:
    """Round an exact number of minor units to an integer.

    `half_up` sends ties away from zero, `half_even` to the even neighbour, `floor` downwards.
    """
    if rounding == "floor":
        return exact.numerator // exact.denominator
    if rounding == "half_even":
        return round(exact)
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return size if exact >= 0 else -size


def exact_text(amount: Fraction, currency: str) -> str:
    """Write an amount in major units exactly: 16.686 is "16.686", 20/3 is "6.666666…"."""
    return exact_decimal(amount, minor_digits(currency))


def exact_decimal(value: Fraction, places: int) -> str:
    """Write a number with at least `places` decimals: every digit where they end, else cut off visibly."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    ends = rest == 1
    while ends and (value * 10**places).denominator != 1:
        places += 1
    if not ends:
        places = max(places, _PLACES_SHOWN)
    size = abs(value) * 10**places
    digits = str(size.numerator // size.denominator).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{'-' if value < 0 else ''}{text}{'' if ends else '…'}"


def grouped(decimal: str) -> str:
    """Set thousands apart in decimal text, as people write amounts: "2835600.00" is "2,835,600.00"."""
    whole, dot, rest = decimal.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{rest}"
