"""Characters that a reader cannot see: controls, direction marks, zero widths, blank letters.

What is signed must be what was read, so text that holds one is refused, by its position and name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

_ALLOWED = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def hidden_character(text: str) -> tuple[int, str] | None:
    """Return where the first character that cannot be seen stands, counting from 1, and its name."""
    if text.isascii() and text.isprintable():
        return None
    for at, char in enumerate(text, 1):
        unseen = unicodedata.category(char) in _UNSEEN or char in _BLANK_LETTERS
        if unseen and char not in _ALLOWED:
            code = f"U+{ord(char):04X}"
            name = unicodedata.name(char, "")
            return at, f"{code} ({name})" if name else code
    return None


def hidden_in(plain: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the path of every key and text of a plain document that holds one, and which it is."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from _said(key, (*path, key))
            yield from hidden_in(value, (*path, key))
    elif isinstance(plain, list):
        for index, value in enumerate(plain):
            yield from hidden_in(value, (*path, index))
    elif isinstance(plain, str):
        yield from _said(plain, path)


def _said(text: str, path: Path) -> Iterator[tuple[Path, str]]:
    found = hidden_character(text)
    if found is not None:
        yield path, f"character {found[0]} is {found[1]}, which nobody can see; remove it"
