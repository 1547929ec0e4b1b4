"""Numbers, rates and dates that a clause's text names, read as values: 130%, 200 万元, 十五日, 2026-11-11.

References to clauses (第 9.1-b 条, clause 9.2), citations of law, years, times of day and marks of lists are
not terms and are passed over. What a number means is not decided here: 15 days and 15 yuan are both 15.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policies.words.numerals import CHINESE, CHINESE_WRITTEN, ENGLISH, chinese, english, plain_numerals


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of any year, as in 11月11日."""

    month: int
    day: int


Term = Fraction | date | MonthDay
"""What a text names: a number or rate, a day, or a day of any year."""

_ZH = f"{CHINESE}+"
_MONTH_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
                "october", "november", "december")  # fmt: skip
_MONTHS = {name: at for at, name in enumerate(_MONTH_NAMES, start=1)} | {
    name[:3]: at for at, name in enumerate(_MONTH_NAMES, start=1)
}
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)}|(?:{'|'.join(name[:3] for name in _MONTH_NAMES)})\b\.?)"
_UNITS = r"%|‰|\s*per\s?cent\b|\s*(?:个?百分点|percentage\s+points?\b|basis\s+points?\b|bps?\b)"
_SCALES = {"百": 10**2, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
           "thousand": 10**3, "million": 10**6, "billion": 10**9}  # fmt: skip
_SCALE = r"百万|千万|十万|[百千万](?!分之)|亿|thousand\b|million\b|billion\b"
_ZH_MEASURE = (
    r"(?=\s*(?:\(\s*[0-9][0-9,.]*\s*\)\s*)?"
    r"(?:个?工作日|个?自然日|日|天|周(?!年)|个?星期|元|美元|港元|人民币|个月|年|个?小时|分钟|倍|角|件|单|次|人|名|场))"
)
_EN_MEASURE = (
    r"(?=\s+(?:\(\s*[0-9][0-9,.]*\s*\)\s*)?(?:business\s+|calendar\s+|working\s+|natural\s+)?"
    r"(?P<measure>days?|weeks?|months?|years?|hours?|minutes?|times|yuan|renminbi|rmb|cny|dollars?|usd|"
    r"orders?|units?|sessions?|per\s?cent)\b)"
)

_MARKS = re.compile(r"[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3243]")
"""Marks of lists such as ① and ⑴, which are no numbers."""

_NUMERAL = r"[0-9零〇一二两三四五六七八九十百千]"
_CITATIONS = re.compile(
    r"https?://\S+"
    rf"|第\s*{_NUMERAL}[0-9A-Za-z.()零〇一二两三四五六七八九十百千-]*\s*"
    r"(?:条|款|项|章|节|期|版|号|阶段|档|级|步|页|部分|编|目|次|批|场|类|位|名|方|季度)(?:之[一二三四五六七八九十]+)?"
    r"|[〔\[(][0-9]{4}[〕\])]\s*(?:[^\W\d_]{1,12})?[0-9]+\s*号(?:\s*[0-9]+(?!\s*[0-9日天元%.]))?"
    r"|(?:法典|法|条例|令|规定|办法)》?\s?[0-9]+(?!\s*[0-9日天元%.万,])(?:号)?"
    rf"|(?:附件|附录|附表|表|图|版本)\s?{_NUMERAL}+(?!\s*[0-9日天元%.万])"
    r"|\b(?:clauses?|articles?|arts?\.?|sections?|sec\.|paragraphs?|para\.|§{1,2}|annex(?:es)?|schedules?|"
    r"appendix|exhibit|chapters?|items?|versions?|stages?|phases?|tiers?|levels?|steps?|tables?|figures?|nos?\.|"
    r"civil\s+code|code|act|laws?|regulations?|decree|order\s+no\.?|standard|gb(?:/t)?|iso)"
    r"\s*[0-9][0-9A-Za-z.()-]*[0-9A-Za-z)]?"
    r"(?:\s*(?:,|and|or|to)\s*[0-9]+(?:\.[0-9]+|-[a-z])[0-9A-Za-z]*)*"
    r"|双\s?(?:1[12]|十[一二])|618\s?(?:大促|购物节)?"
    r"|\b24\s?/\s?7\b|\b[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?\b"
    r"|(?:^|(?<=[;。:\n]))\s*[0-9]{1,2}[.、)](?=\s*[^\s0-9])"
    r"|\(\s*[0-9]{1,2}\s*\)(?!\s*(?:%|‰|per\s?cent|个?工作日|个?自然日|日|天|周|元|个月|年|小时|倍|"
    r"(?:business\s+|calendar\s+|working\s+)?(?:days?|weeks?|months?|years?|hours?|yuan)\b))",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}\s*(?:年度?)(?:\s*[0-9]{1,2}\s*月份?(?!\s*[0-9]))?"
    r"|[二一][零〇九][零〇一二三四五六七八九]{2}年度?"
    r"|\b(?:in|year|since|during)\s+(?:19|20)[0-9]{2}\b(?!\s*(?:days?|yuan|cny|rmb|orders?|[.,][0-9]|%))"
    rf"|\b{_MONTH}\s+(?:19|20)[0-9]{{2}}\b",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"(?P<y>[0-9]{4})(?:-|/|\.|\s*年\s*)(?P<m>[0-9]{1,2})(?:-|/|\.|\s*月\s*)(?P<d>[0-9]{1,2})(?:\s*[日号])?(?![0-9])"
    rf"|(?P<yz>[零〇一二三四五六七八九]{{4}})年(?P<mz>{_ZH})月(?P<dz>{_ZH})[日号]"
    rf"|(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH}),?\s+(?P<y2>[0-9]{{4}})"
    rf"|(?P<m3>{_MONTH})\s+(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y3>[0-9]{{4}})",
    re.IGNORECASE,
)
_DAYS_OF_YEAR = re.compile(
    r"(?P<m>[0-9]{1,2})\s*月\s*(?P<d>[0-9]{1,2})\s*[日号]"
    rf"|(?P<mz>{_ZH})月(?P<dz>{_ZH})[日号]"
    rf"|(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH})(?![a-z])"
    rf"|\b(?P<m3>{_MONTH})\s+(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9,.%])",
    re.IGNORECASE,
)
_RANGES = re.compile(
    rf"(?P<low>[0-9]+(?:\.[0-9]+)?)\s*(?P<to>-|–|—|~|至|到|to\b)\s*"
    rf"(?P<high>[0-9]+(?:\.[0-9]+)?\s*(?P<unit>{_UNITS}|{_SCALE}))",
    re.IGNORECASE,
)
_CODES = re.compile(r"\b(?:CNY|RMB|USD|EUR|HKD|GBP|JPY|SGD|CN¥|US\$|HK\$)(?=[0-9])", re.IGNORECASE)
_EACH_ONE = re.compile(
    r"每[^,。;、:0-9]{0,8}?[1一](?=\s*(?:日|天|件|单|次|人|名|场|小时|个月|个?工作日|周|年|分钟))"
)
_MONEY = re.compile(
    rf"(?<![0-9])(?<![0-9]\s)(?<!{CHINESE})(?P<zh>{_ZH})元"
    rf"(?:(?P<jiao>{CHINESE})角)?(?:(?P<fen>{CHINESE})分)?(?=整|正|[^\w]|$)"
)
_NUMBERS = re.compile(
    r"(?<![A-Za-z0-9_])(?P<number>[0-9]{1,3}(?:[,_][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    rf"(?:\s*(?P<rate>{_UNITS})|\s*(?P<scale>{_SCALE})|(?P<cheng>\s*成(?![交为功本])))?"
    r"(?![0-9]|(?!(?:st|nd|rd|th)\b)[A-Za-z_])"
    rf"|(?P<share>百|千|万)分之\s*(?P<part>{_ZH}(?:点{_ZH})?|[0-9]+(?:\.[0-9]+)?)"
    rf"|(?P<tenths>[一二两三四五六七八九])成(?P<halves>[一二三四五六七八九])?(?![交为功本立员长])"
    rf"|(?<!{CHINESE})(?P<numeral>(?<![第每任同某各逐首另上下本这该唯统])一(?!{CHINESE}|次性)|(?!一(?!{CHINESE})){_ZH}){_ZH_MEASURE}"
    rf"|\b(?P<words>{ENGLISH}){_EN_MEASURE}"
    rf"|\b(?P<large>{ENGLISH})(?=\b)",
    re.IGNORECASE,
)


_LONG = re.compile(
    rf"(?P<space>\s{{3,}})|(?P<kept>[0-9,._]{{60}})[0-9,._]+|(?P<numeral>{CHINESE_WRITTEN}{{30}}){CHINESE_WRITTEN}+"
)
"""Runs longer than any term: patterns that try every part of such a run would take time by its square."""


def _prepared(text: str) -> str:
    """Return a text in plain characters, without marks of lists and without what makes runs endless."""
    plain = unicodedata.normalize("NFKC", _MARKS.sub(" ", text))
    return _LONG.sub(lambda run: run["kept"] or run["numeral"] or ("\n" if "\n" in run[0] else " "), plain)


def numbers_in(text: str, *, references: Iterable[str] = ()) -> frozenset[Term]:
    """Return the numbers and dates that a text names. `references` are ids and citations to pass over."""
    plain = _CODES.sub(" ", _CITATIONS.sub(" ", plain_numerals(_prepared(text))))
    for reference in sorted(references, key=len, reverse=True):
        plain = _without(plain, unicodedata.normalize("NFKC", reference))
    found: set[Term] = {*_days(plain)}
    plain = _YEARS.sub(" ", _DATES.sub(" ", plain))
    found |= {*_days_of_year(plain)}
    plain = _EACH_ONE.sub("每", _DAYS_OF_YEAR.sub(" ", plain))
    plain = _RANGES.sub(r"\g<low>\g<unit> \g<to> \g<high>", plain)
    found |= {_money(one) for one in _MONEY.finditer(plain)}
    return frozenset(found) | frozenset(_values(_MONEY.sub(" ", plain)))


_AMOUNTS = re.compile(
    r"(?:(?:[¥¥$€£]|\b(?:CNY|RMB|USD|EUR|HKD|GBP|JPY|SGD))\s*[0-9][0-9,_.]*)"
    rf"|(?:[0-9][0-9,_.]*|{_ZH})\s*(?:{_SCALE})?\s*(?:元|美元|港元|人民币|yuan\b|renminbi\b|RMB\b|CNY\b|USD\b|dollars?\b)"
    rf"|\b(?:{ENGLISH})\s+(?:yuan|renminbi|RMB|CNY|dollars?)\b"
    r"|(?<![0-9A-Za-z_.,-])[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}(?![0-9%‰A-Za-z])",
    re.IGNORECASE,
)


def amounts_in(text: str) -> tuple[str, ...]:
    """Return the sums of money that a text names, as it writes them: 50,000.00 元, CNY 500, 贰佰万元."""
    plain = _CITATIONS.sub(" ", _prepared(text))
    financial = plain_numerals(plain)
    return tuple(
        dict.fromkeys(plain[one.start() : one.end()].strip(" .,") for one in _AMOUNTS.finditer(financial))
    )


def names_same(term: Term, terms: Iterable[Term]) -> bool:
    """Tell whether a term of a text is among terms; a day of any year is among them by its month and day."""
    if isinstance(term, MonthDay):
        return any(
            one == term or (isinstance(one, date) and (one.month, one.day) == (term.month, term.day))
            for one in terms
        )
    return term in set(terms)


def written(term: Term) -> str:
    """Write a term for people: 2026-11-11, 15, 2,000,000.50, and 130% for a small number with places."""
    if isinstance(term, MonthDay):
        return f"{term.month:02}-{term.day:02}"
    if isinstance(term, date):
        return term.isoformat()
    if term.denominator == 1:
        return f"{term.numerator:,}"
    if abs(term) < 10:
        return f"{decimal_text(term * 100)}%"
    whole, _, places = decimal_text(term).partition(".")
    return f"{int(whole):,}.{places}" if places else whole


def in_order(terms: Iterable[Term]) -> list[Term]:
    """Return terms in the order in which people are told of them: numbers, then days."""
    return sorted(terms, key=_rank)


def _rank(term: Term) -> tuple[int, Fraction]:
    if isinstance(term, MonthDay):
        return 2, Fraction(term.month * 100 + term.day)
    return (1, Fraction(term.toordinal())) if isinstance(term, date) else (0, term)


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


def _month(word: str) -> int:
    return _MONTHS[word.lower().rstrip(".")[:3]]


def _days(text: str) -> Iterator[date]:
    for found in _DATES.finditer(text):
        part = found.groupdict()
        if part["yz"]:
            parts = (chinese(part["yz"]), chinese(part["mz"]), chinese(part["dz"]))
            year, month, day = (int(one) for one in parts)
        else:
            month = int(part["m"]) if part["m"] else _month(part["m2"] or part["m3"])
            year = int(part["y"] or part["y2"] or part["y3"])
            day = int(part["d"] or part["d2"] or part["d3"])
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _days_of_year(text: str) -> Iterator[MonthDay]:
    for found in _DAYS_OF_YEAR.finditer(text):
        part = found.groupdict()
        if part["mz"]:
            month, day = int(chinese(part["mz"])), int(chinese(part["dz"]))
        else:
            month = int(part["m"]) if part["m"] else _month(part["m2"] or part["m3"])
            day = int(part["d"] or part["d2"] or part["d3"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield MonthDay(month, day)


def _money(found: re.Match[str]) -> Fraction:
    parts = ((found[name], size) for name, size in (("jiao", 10), ("fen", 100)))
    return sum((chinese(text) / size for text, size in parts if text), chinese(found["zh"]))


def _values(text: str) -> Iterator[Fraction]:
    for found in _NUMBERS.finditer(text):
        part = found.groupdict()
        if part["number"]:
            yield _scaled(Fraction(re.sub("[,_]", "", part["number"])), part)
        elif part["part"]:
            yield _decimal(part["part"]) / {"百": 100, "千": 1_000, "万": 10_000}[part["share"]]
        elif part["tenths"]:
            yield chinese(part["tenths"]) / 10 + (chinese(part["halves"]) / 100 if part["halves"] else 0)
        elif part["numeral"]:
            yield chinese(part["numeral"])
        elif part["words"]:
            value = english(part["words"])
            yield value / 100 if part["measure"].lower().startswith("per") else value
        elif re.search("hundred|thousand|million|billion", part["large"], re.IGNORECASE):
            yield english(part["large"])


def _decimal(figure: str) -> Fraction:
    if figure[0].isdigit() and figure.isascii():
        return Fraction(figure)
    whole, _, places = figure.partition("点")
    digits = [chinese(char) for char in places]
    return chinese(whole) + sum((digit / 10**at for at, digit in enumerate(digits, start=1)), Fraction(0))


def _scaled(value: Fraction, part: dict[str, str | None]) -> Fraction:
    rate, scale = part["rate"], part["scale"]
    if rate:
        small = {"‰": 1_000}.get(rate.strip(), 10_000 if rate.strip().lower().startswith("b") else 100)
        return value / small
    if part["cheng"]:
        return value / 10
    return value * _SCALES[scale.lower()] if scale else value
