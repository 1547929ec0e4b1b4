"""Numbers written in words: 一百三十, 两百万, 贰佰圆伍角, twenty-five, one hundred and twenty thousand.

Where in a text such words stand, and which of them are terms, is `policies.words.text_numbers`'s.
"""

from __future__ import annotations

import re
from fractions import Fraction

CHINESE = "[零〇一二两三四五六七八九十百千万亿]"
"""One character of a Chinese numeral, financial ones read as plain by `plain_numerals`."""

_FINANCIAL_NUMERALS = "壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億"
_FINANCIAL = str.maketrans(f"{_FINANCIAL_NUMERALS}圆圓", "一二二三三四五六六七八九十百千万亿元元")
CHINESE_WRITTEN = f"[{CHINESE[1:-1]}{_FINANCIAL_NUMERALS}]"
"""One character of a Chinese numeral as it is written, plain or financial."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "亿": 100_000_000}

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
ENGLISH_LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_STEP = "|".join(ENGLISH_LARGE)
ENGLISH = rf"(?:{_WORD})(?:(?:[- ]|\sand\s)(?:{_WORD}|{_STEP})){{0,24}}"
"""A number in English words: "fifteen", "twenty-one", "one hundred and twenty thousand"."""


def plain_numerals(text: str) -> str:
    """Write the financial numerals of contracts as plain ones: 贰佰万圆 is 二百万元."""
    return text.translate(_FINANCIAL)


def chinese(text: str) -> Fraction:
    """Read a Chinese numeral: 十五 is 15, 两百万 is 2,000,000, 两万五 is 25,000, 二〇二六 is 2026."""
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return Fraction(int("".join(str(_DIGITS[char]) for char in text)))
    total = section = digit = last = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            last = 1 if char in "零〇" else last
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit, last = 0, _UNITS[char]
        else:
            part = section + digit
            total = total + part * _LARGE[char] if part else (total or 1) * _LARGE[char]
            section, digit, last = 0, 0, _LARGE[char]
    # a last digit stands for the next lower unit: 两万五 is 25,000, but 二百零五 is 205
    return Fraction(total + section + digit * (last // 10 if last >= 100 else 1))


def english(text: str) -> Fraction:
    """Read a number in English words: "one hundred and twenty thousand" is 120,000."""
    total = section = 0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _WORDS:
            section += _WORDS[word]
        elif word == "hundred":
            section *= 100
        elif word in ENGLISH_LARGE:
            total, section = total + section * ENGLISH_LARGE[word], 0
    return Fraction(total + section)
