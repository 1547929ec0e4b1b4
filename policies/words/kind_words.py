"""Says what a kind's clause says, in both languages, from its own parameters: amounts grouped, parties named.

The sentences are the kind's file's. Formulas among the parameters are read out as prose, with the labels
that the document gives its facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.parameters import FORMULA_TYPES, Band, LadderStep, value_of
from policies.clauses.placeholders import filled
from policies.clauses.templates import Templated
from policies.fields import Words
from policies.formulas.prose import Language, Prose
from policies.money import grouped
from policies.render.words import WORDS
from policies.words.text_numbers import decimal_text

_LANGUAGES: tuple[Language, Language] = ("zh", "en")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def standard_wording(agreement: Agreement, clause: Templated) -> dict[str, str]:
    """Return the standard text of a clause in both languages."""
    return say(agreement, clause, clause.template.wording)


def say(agreement: Agreement, clause: Templated, words: Words) -> dict[str, str]:
    """Fill sentences of a kind's file with a clause's parameters, in both languages."""
    said: dict[str, str] = {}
    for language in _LANGUAGES:
        speaker = ParameterWords(agreement, clause, language)
        text = filled(getattr(words, language), speaker.say, clause.values().given)
        assert text is not None, f"the wording of {clause.kind} names an absent parameter outside brackets"
        said[language] = _START.sub(lambda found: found[0].upper(), _SPACED.sub("元", text.strip()))
    return said


@dataclass(frozen=True)
class ParameterWords:
    """Writes the values of one clause's parameters in one language."""

    agreement: Agreement
    clause: Templated
    language: Language

    def say(self, name: str) -> str | None:
        """Write the value of one parameter for people; None where it is absent."""
        value = value_of(self.clause, name)
        if value is None:
            return None
        parameter = self.clause.template.flat.get(name)
        return str(value) if parameter is None else self.word(parameter.type, value, parameter.options)

    def word(self, kind: str, value: Any, options: Mapping[str, Words]) -> str:
        """Write a value of a type."""
        if kind in FORMULA_TYPES:
            return self.prose().render(self.agreement.formula(value))
        if kind == "enum":
            return str(getattr(options[value], self.language))
        writers: dict[str, Callable[[Any], str]] = {
            "money": self.money, "rate": percent, "date": self.day, "party": self.label, "leg": self.label,
            "account": self.account, "texts": self.listed, "names": self.listed, "steps": self.steps,
            "bands": self.bands, "words": lambda words: str(getattr(words, self.language)), "rows": self.rows,
            "fines": self.fines, "sources": lambda accounts: self.listed(accounts, self.account),
        }  # fmt: skip
        return writers.get(kind, str)(value)

    def money(self, amount: str) -> str:
        """Write an amount with its thousands apart and its currency: 2,000,000.00 元, CNY 2,000,000.00."""
        figure, code = grouped(amount.replace("_", "")), self.agreement.currency
        if self.language == "en":
            return f"{code} {figure}"
        return f"{figure} 元" if code == "CNY" else f"{figure} {code}"

    def day(self, day: date) -> str:
        """Write a day: 2026 年 11 月 11 日, 11 November 2026."""
        if self.language == "zh":
            return f"{day.year} 年 {day.month} 月 {day.day} 日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def steps(self, steps: tuple[LadderStep, ...]) -> str:
        """Write a ladder step by step: 15% of the part up to CNY 1,000,000.00, and so on."""
        parts = []
        for before, step in zip((None, *steps), steps, strict=False):
            forms = _LADDER[self.language]
            if step.upto is not None:
                parts.append(forms[0].format(self.money(step.upto), percent(step.rate)))
            else:
                assert before is not None, "a ladder has at least two steps"
                assert before.upto is not None, "only the last step has no end"
                parts.append(forms[1].format(self.money(before.upto), percent(step.rate)))
        return _SEPARATOR[self.language].join(parts)

    def bands(self, bands: tuple[Band, ...]) -> str:
        """Write amounts by size: CNY 500.00 up to CNY 50,000.00, and so on."""
        forms = _BANDS[self.language]
        ends = [band.upto or before.upto for before, band in zip((bands[0], *bands), bands, strict=False)]
        return _SEPARATOR[self.language].join(
            forms[band.upto is None].format(self.money(str(end)), self.money(band.amount))
            for end, band in zip(ends, bands, strict=True)
        )

    def rows(self, source: str) -> str:
        """Write which orders are meant."""
        rows = self.agreement.rows_formula(source)
        name = self.label(rows.name)
        if rows.where is None:
            return name
        where = self.prose().render(rows.where)
        return f"{where}的{name}" if self.language == "zh" else f"{name} where {where}"

    def fines(self, fines: Mapping[str, str]) -> str:
        """Write amounts by what they are for."""
        parts = (f"{self.label(name)} {self.money(amount)}" for name, amount in fines.items())
        return _SEPARATOR[self.language].join(parts)

    def listed(self, values: tuple[str, ...], write: Callable[[str], str] | None = None) -> str:
        """Write several in a row."""
        return ("、" if self.language == "zh" else ", ").join(map(write or self.label, values))

    def account(self, account: str) -> str:
        """Write an account: 品牌方保证金, the brand's deposit."""
        owner, _, purpose = account.partition(".")
        if owner == "escrow":
            return WORDS[self.language]["escrow"]
        if not purpose:
            return self.label(owner)
        what = WORDS[self.language].get(purpose, purpose.replace("_", " "))
        return f"{self.label(owner)}{what}" if self.language == "zh" else f"{what} of {self.label(owner)}"

    def label(self, name: str) -> str:
        """Write what people call a party, a leg or a channel."""
        words = WORDS[self.language].get(name, name.replace("_", " "))
        return self.agreement.labels().get(name, {}).get(self.language, words)

    def prose(self) -> Prose:
        """Return the reader of formulas in this language."""
        return Prose(self.language, self.agreement.labels())


_SPACED = re.compile(r"元 (?=[\u4e00-\u9fff])")
"""An amount as its unit ends it: Chinese follows without a space."""
_START = re.compile(r"(?:^|(?<=\. ))[a-z]")
"""The first letter of an English sentence: a party may be called "the brand"."""

_LADDER = {
    "zh": ("不超过 {0} 的部分 {1}", "超过 {0} 的部分 {1}"),
    "en": ("{1} of the part up to {0}", "{1} of the part above {0}"),
}
_BANDS = {"zh": ("不超过 {0} 的为 {1}", "超过 {0} 的为 {1}"), "en": ("{1} up to {0}", "{1} above {0}")}
_SEPARATOR = {"zh": "，", "en": ", "}


def percent(rate: str) -> str:
    """Write a rate as a percentage: 0.05 and 5% are both 5%."""
    if rate.endswith("%"):
        return rate
    return f"{decimal_text(Fraction(rate) * 100)}%"
