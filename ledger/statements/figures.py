"""Figures and what is posted of them, in words: 16.686 → 16.69 (rounded half up to 0.01)."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from policies.money import Rounding, exact_text, from_minor

Language = Literal["zh", "en"]

_ROUNDED = {
    "half_up": {"zh": "四舍五入到{0}", "en": "rounded half up to {0}"},
    "half_even": {"zh": "四舍六入五成双到{0}", "en": "rounded half even to {0}"},
    "floor": {"zh": "向下取整到{0}", "en": "rounded down to {0}"},
}


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
