"""Chinese and English: which language a request wants, and the words of the pages.

One folder a language, `text/zh` and `text/en`, with one file a capability; the same files with the same keys
stand in both, and no key in two files (a test holds them to it). Not for the text of agreements: that is
signed, and comes in both languages from the document.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_COOKIE = "tallystick_lang"

_FOLDER = Path(__file__).parent / "text"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language, by dotted key."""

    language: Language
    messages: dict[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return a message with its `{names}` filled in. Raises KeyError for a key that no catalogue has."""
        message = self.messages[key]
        return message.format(**values) if values else message

    def term(self, group: str, value: str) -> str:
        """Return the word for a value of an open vocabulary, the value itself where there is none."""
        return self.messages.get(f"{group}.{value}", value)

    def has(self, key: str) -> bool:
        """Say whether the catalogue has a key."""
        return key in self.messages


@cache
def catalogue(language: Language) -> Catalogue:
    """Read a language's catalogue, once."""
    words = (one for file in text_files(language) for one in words_of(file).items())
    return Catalogue(language, dict(words))


def text_files(language: Language) -> list[Path]:
    """Return the files of a language's words, in order of their names."""
    return sorted((_FOLDER / language).glob("*.toml"))


def words_of(file: Path) -> dict[str, str]:
    """Return the words of one file by dotted key."""
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flat(tree: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found.extend(_flat(value, f"{prefix}{key}."))
        else:
            found.append((f"{prefix}{key}", value))
    return found


def choose_language(asked: str | None, cookie: str | None, accept: str) -> Language:
    """Choose by what was asked for in the address, then the cookie, then the browser, else Chinese."""
    for wanted in (asked, cookie, *_by_quality(accept)):
        if wanted in LANGUAGES:
            return wanted
    return "zh"


def _by_quality(accept: str) -> list[str]:
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        ranked.append((-weight, position, tag.split("-")[0].lower()))
    return [tag for _, _, tag in sorted(ranked)]
