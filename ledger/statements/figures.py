"""Exact figures as text: every digit where there is an end to them, otherwise cut off visibly."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from policies.money import Rounding, from_minor, minor_digits

Language = Literal["zh", "en"]

_PLACES_SHOWN = 6
_ROUNDED = {
    "half_up": {"zh": "四舍五入到{0}", "en": "rounded half up to {0}"},
    "half_even": {"zh": "四舍六入五成双到{0}", "en": "rounded half even to {0}"},
    "floor": {"zh": "向下取整到{0}", "en": "rounded down to {0}"},
}


def exact_text(amount: Fraction, currency: str) -> str:
    """Write an amount in major units exactly: 16.686 is "16.686", 20/3 is "6.666666…"."""
    places = minor_digits(currency)
    rest = amount.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    ends = rest == 1
    while ends and (amount * 10**places).denominator != 1:
        places += 1
    if not ends:
        places = max(places, _PLACES_SHOWN)
    size = abs(amount) * 10**places
    digits = str(size.numerator // size.denominator).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{'-' if amount < 0 else ''}{text}{'' if ends else '…'}"


def rounding_words(rounding: Rounding, currency: str, language: Language) -> str:
    """Say how an amount was rounded: "四舍五入到分", "rounded half up to 0.01"."""
    unit = from_minor(1, currency)
    if language == "zh" and currency == "CNY":
        unit = "分"
    return _ROUNDED[rounding][language].format(unit)


def posted_text(exact: Fraction, posted: int, rounding: Rounding, currency: str, language: Language) -> str:
    """Write a figure and what is posted of it: "16.686 → 16.69 (四舍五入到分)", or once when they agree.

    `exact` is in major units, `posted` in minor units.
    """
    text, whole = exact_text(exact, currency), from_minor(posted, currency)
    if text == whole:
        return text
    return f"{text} → {whole} ({rounding_words(rounding, currency, language)})"
