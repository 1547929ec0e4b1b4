"""Numbers, rates and dates that a clause's text names, read as values: 130%, 200 万元, 十五日, 2026-11-11.

References to clauses (第 9.1-b 条, clause 9.2) and citations of law are not terms and are passed over.
What a number means is not decided here: 15 days and 15 yuan are both 15.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

Term = Fraction | date

_ZH_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ZH_UNITS = {"十": 10, "百": 100, "千": 1_000}
_ZH_LARGE = {"万": 10_000, "亿": 100_000_000}
_ZH_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]+"
_ZH_MEASURE = r"(?=\s*(?:个?工作日|日|天|元|个月|年|小时|倍))"
_MONTHS = {
    name: month
    for month, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), start=1)
}  # fmt: skip
_EN_SMALL = {
    word: value
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
         "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"))
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
     "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}  # fmt: skip
_EN_WORD = "|".join(sorted(_EN_SMALL, key=len, reverse=True))
_EN_LARGE = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

_CITATIONS = re.compile(
    r"第\s*[0-9零〇一二两三四五六七八九十百千][0-9A-Za-z.()零〇一二两三四五六七八九十百千-]*\s*(?:条|款|项|章|节|期)(?:之[一二三四五六七八九十]+)?"
    r"|[〔\[(][0-9]{4}[〕\])]\s*[0-9]+\s*号(?:\s*[0-9]+(?!\s*[0-9日天元%.]))?"
    r"|(?:法典|法|条例)》?\s?[0-9]+(?!\s*[0-9日天元%.万])"
    r"|\b(?:clauses?|articles?|art\.|sections?|paragraphs?|§)\s*[0-9][0-9A-Za-z.()-]*[0-9A-Za-z)]?"
    r"(?:\s*(?:,|and|or|to)\s*[0-9]+(?:\.[0-9]+|-[a-z])[0-9A-Za-z]*)*"
    r"|双\s?(?:1[12]|十[一二])|618\s?(?:大促|购物节)?",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"(?P<y>[0-9]{4})(?:-|/|\s*年\s*)(?P<m>[0-9]{1,2})(?:-|/|\s*月\s*)(?P<d>[0-9]{1,2})(?:\s*日)?(?![0-9])"
    rf"|(?P<d2>[0-9]{{1,2}})\s+(?P<m2>{'|'.join(_MONTHS)})\s+(?P<y2>[0-9]{{4}})"
    rf"|(?P<m3>{'|'.join(_MONTHS)})\s+(?P<d3>[0-9]{{1,2}}),?\s+(?P<y3>[0-9]{{4}})",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?<![A-Za-z0-9_])(?P<number>[0-9]{1,3}(?:[,_][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    r"(?:(?P<rate>\s*[%‰]|\s*per\s?cent\b)|\s*(?P<zh>百万|千万|万|亿)|\s*(?P<en>thousand|million|billion)\b)?"
    r"(?![0-9]|(?!(?:st|nd|rd|th)\b)[A-Za-z_])"
    rf"|(?P<share>百|千|万)分之(?P<part>{_ZH_NUMERAL}|[0-9]+(?:\.[0-9]+)?)"
    rf"|(?P<numeral>{_ZH_NUMERAL}){_ZH_MEASURE}"
    rf"|\b(?P<word>{_EN_WORD})(?:[- ](?P<ones>{_EN_WORD}))?"
    r"(?=\s+(?:business\s+|calendar\s+|working\s+)?(?P<measure>days?|months?|years?|hours?|per\s?cent)\b)",
    re.IGNORECASE,
)


def numbers_in(text: str, *, references: Iterable[str] = ()) -> frozenset[Term]:
    """Return the numbers and dates that a text names. `references` are ids and citations to pass over."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _CITATIONS.sub(" ", plain)
    for reference in sorted(references, key=len, reverse=True):
        plain = _without(plain, unicodedata.normalize("NFKC", reference))
    days = frozenset(_days(plain))
    return days | frozenset(_values(_DATES.sub(" ", plain)))


def written(term: Term) -> str:
    """Write a term for people: 2026-11-11, 15, 2,000,000.50, and 130% for a small number with places."""
    if isinstance(term, date):
        return term.isoformat()
    if term.denominator == 1:
        return f"{term.numerator:,}"
    if abs(term) < 10:
        return f"{decimal_text(term * 100)}%"
    whole, _, places = decimal_text(term).partition(".")
    return f"{int(whole):,}.{places}" if places else whole


def decimal_text(value: Fraction) -> str:
    """Write a rational as a decimal, or as a fraction where it has no short one."""
    for places in range(13):
        if (value * 10**places).denominator == 1:
            digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
            sign = "-" if value < 0 else ""
            return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
    return str(value)


def _without(text: str, reference: str) -> str:
    """Take out an id such as 9.2 or 9.1-b, but not a plain number, a rate, an amount or a day count."""
    if reference.isdigit():
        return text
    bare = (
        rf"(?<![0-9A-Za-z.,_-]){re.escape(reference)}(?![0-9A-Za-z_-]|\.[0-9]|\s*(?:%|日|天|元|万|days?\b))"
    )
    return re.sub(bare, " ", text)


def _days(text: str) -> Iterator[date]:
    for found in _DATES.finditer(text):
        part = found.groupdict()
        month = part["m"] or _MONTHS[(part["m2"] or part["m3"]).lower()]
        year, day = part["y"] or part["y2"] or part["y3"], part["d"] or part["d2"] or part["d3"]
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def _values(text: str) -> Iterator[Fraction]:
    for found in _NUMBERS.finditer(text):
        part = found.groupdict()
        if part["number"]:
            yield _scaled(Fraction(re.sub("[,_]", "", part["number"])), part)
        elif part["part"]:
            figure = part["part"]
            value = Fraction(figure) if figure[0].isdigit() and figure.isascii() else _chinese(figure)
            yield value / {"百": 100, "千": 1_000, "万": 10_000}[part["share"]]
        elif part["numeral"]:
            yield _chinese(part["numeral"])
        else:
            value = Fraction(_EN_SMALL[part["word"].lower()] + _EN_SMALL.get((part["ones"] or "").lower(), 0))
            yield value / 100 if part["measure"].lower().startswith("per") else value


def _scaled(value: Fraction, part: dict[str, str | None]) -> Fraction:
    rate, zh, en = part["rate"], part["zh"], part["en"]
    if rate:
        return value / (1_000 if "‰" in rate else 100)
    if zh:
        return value * {"万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}[zh]
    return value * _EN_LARGE[en.lower()] if en else value


def _chinese(text: str) -> Fraction:
    """Read a Chinese numeral: 十五 is 15, 二百万 is 2,000,000, 一百三十 is 130."""
    total = section = digit = 0
    for char in text:
        if char in _ZH_DIGITS:
            digit = digit * 10 + _ZH_DIGITS[char] if digit and section == 0 else _ZH_DIGITS[char]
        elif char in _ZH_UNITS:
            section += (digit or 1) * _ZH_UNITS[char]
            digit = 0
        else:
            part = section + digit
            total = total + part * _ZH_LARGE[char] if part else total * _ZH_LARGE[char]
            section = digit = 0
    return Fraction(total + section + digit)
