"""Placeholders of a kind's file: `{fee}` in formulas and sentences, `[…]` for what may fall away.

`{name}` is the value of a parameter. What stands in `[ ]` falls away when a parameter named in it is absent;
`{?name}` and `{!name}` write nothing, and ask that it is given (or true), or is not; `{?name=option}` asks
for one option of an enum. A key whose formula names an absent parameter falls away with it, and a part with
`given: name` or `unless: name` does so whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.clauses.parameters import TABLE_TYPES

Say = Callable[[str], str | None]
"""Writes the value of a placeholder, None where it is absent."""

_MARK = re.compile(r"\{([?!]?)([a-z][a-z0-9_.]*(?:=[a-z0-9_]+)?)\}|([\[\]])")
_WHOLE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_ATOM = re.compile(r"[a-z0-9_.%]+")


def filled(text: str, say: Say, given: Callable[[str], bool]) -> str | None:
    """Fill a text; None when a placeholder outside brackets is absent."""
    return _Filling(text, say, given).until_end()


def placeholders(text: str) -> frozenset[str]:
    """Return every parameter that a text names."""
    return frozenset(found[2].partition("=")[0] for found in _MARK.finditer(text) if found[2])


class _Filling:
    """One pass over a text, bracket by bracket."""

    def __init__(self, text: str, say: Say, given: Callable[[str], bool]) -> None:
        self.text, self.say, self.given = text, say, given
        self.at = 0

    def until_end(self) -> str | None:
        """Fill up to the closing bracket, or the end; None when something named is absent."""
        parts: list[str] = []
        whole = True
        while found := _MARK.search(self.text, self.at):
            parts.append(self.text[self.at : found.start()])
            self.at = found.end()
            if found[3] == "]":
                return "".join(parts) if whole else None
            if found[3] == "[":
                parts.append(self.until_end() or "")
            elif found[1]:
                whole = whole and self.given(found[2]) is (found[1] == "?")
            else:
                said = self.say(found[2])
                whole = whole and said is not None
                parts.append(said or "")
        parts.append(self.text[self.at :])
        self.at = len(self.text)
        return "".join(parts) if whole else None


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one clause's parameters by name, as formulas need them written."""

    value: Callable[[str], Any]
    types: Mapping[str, str]
    table: Callable[[str], str]

    def given(self, name: str) -> bool:
        """Tell whether a parameter has a value, a truth is true, or an enum has its option: `name=option`."""
        name, _, option = name.partition("=")
        value = self.value(name)
        return value == option if option else value is not None and value is not False

    def in_formula(self, name: str) -> str | None:
        """Write a placeholder into a formula."""
        value = self.value(name)
        if value is None:
            return None
        kind = self.types.get(name, "")
        return self.table(name) if kind in TABLE_TYPES else _literal(value, kind)

    def part(self, value: Any) -> Any:
        """Fill one part of the core clause: a formula, a list, keys and values. `DROPPED` falls away."""
        if isinstance(value, str):
            return self.scalar(value)
        if isinstance(value, list):
            return [one for one in (self.part(item) for item in value) if one is not DROPPED]
        if isinstance(value, dict):
            if not self.stands(value):
                return DROPPED
            found = {key: self.part(item) for key, item in value.items() if key not in {"given", "unless"}}
            return {key: item for key, item in found.items() if item is not DROPPED}
        return value

    def stands(self, part: dict[str, Any]) -> bool:
        """Tell whether a part stands, by what it says of parameters: `given` all of them, `unless` any."""
        given, unless = part.get("given", []), part.get("unless", [])
        wanted = [given] if isinstance(given, str) else given
        unwanted = [unless] if isinstance(unless, str) else unless
        return all(map(self.given, wanted)) and not any(map(self.given, unwanted))

    def scalar(self, text: str) -> Any:
        """Fill one scalar: a whole placeholder of accounts becomes draws, all else text."""
        whole = _WHOLE.fullmatch(text)
        if whole is not None and self.types.get(whole[1]) == "sources":
            accounts = self.value(whole[1])
            return DROPPED if accounts is None else draws(accounts)
        said = filled(text, self.in_formula, self.given)
        return said or DROPPED


class _Dropped:
    """What an absent parameter leaves."""


DROPPED = _Dropped()


def draws(accounts: tuple[str, ...]) -> list[dict[str, str]]:
    """Return accounts as draws in order: a balance gives what it holds, others all that is left."""
    held = {"balance", "deposit", "reserve"}
    return [
        {"account": one, "up_to": f"balance.{one}"} if one.partition(".")[2] in held else {"account": one}
        for one in accounts
    ]


def _literal(value: Any, kind: str) -> str:
    if kind == "text":
        return f"'{value}'"
    if isinstance(value, tuple):
        return ", ".join(f"'{one}'" for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    bare = kind not in {"amount", "figure", "condition", "day", "each"} or _ATOM.fullmatch(text)
    return text if bare else f"({text})"
