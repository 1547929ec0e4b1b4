"""Small read models that every capability shares: bilingual text, money, a party's name.

Read models are frozen and hold plain values: the JSON API serialises them as they stand, and pages render the
same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.money import from_minor


@dataclass(frozen=True, slots=True)
class Text:
    """Words in both languages; `en` falls back to `zh` and back where a document gives only one."""

    zh: str
    en: str

    def spoken(self, language: str) -> str:
        """Return the words in a language, or in the other where these are empty."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit."""

    amount_minor: int
    currency: str

    def decimal(self) -> str:
        """Return decimal text in major units: "299.00"."""
        return from_minor(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party as a document names it: `key` inside the document, `id` everywhere."""

    id: str
    key: str
    role: str
    name: Text


def plain(text: str) -> Text:
    """Wrap text that is the same in both languages, such as an identifier."""
    return Text(text, text)
