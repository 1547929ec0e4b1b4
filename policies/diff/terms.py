"""The parts of a document that another version adds, removes or changes. Structure only, no words.

Lists whose members have a name (clauses, steps, remedies, tests) are compared by it, so that a clause put
between two others changes neither; where their order matters it is said to have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from policies.agreement import Agreement

What = Literal["added", "removed", "changed", "reordered"]

_NAMES = ("id", "leg", "pool", "name", "account", "kind")
_OWN_TO_A_VERSION = frozenset({"language", "version", "supersedes", "opening"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `part` is a key of the document, `item` the clause, party or fact in it, `path` the rest.

    `old` and `new` are the values as plain JSON, None where there is none.
    """

    what: What
    part: str
    item: str
    path: tuple[str, ...]
    old: Any
    new: Any


def changed_terms(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return every change between two documents, in the order of the document.

    What belongs to one version alone is left out: its number, what it supersedes, its opening balances.
    """
    found: list[Change] = []
    for path, what, before, after in _compared(_plain(old), _plain(new), ()):
        part, *rest = path
        has_items = isinstance(_plain(old).get(part, _plain(new).get(part)), dict | list) and part != "title"
        item = rest.pop(0) if has_items and rest else ""
        found.append(Change(what, part, item, tuple(rest), before, after))
    return tuple(found)


def _plain(agreement: Agreement) -> dict[str, Any]:
    document = agreement.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {key: value for key, value in document.items() if key not in _OWN_TO_A_VERSION}


_Found = tuple[tuple[str, ...], What, Any, Any]


def _compared(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[_Found]:
    if old == new:
        return
    before, after = _members(old), _members(new)
    if before is None or after is None:
        yield path, "changed", old, new
        return
    for name in [*before, *(name for name in after if name not in before)]:
        at = (*path, name)
        if name not in after:
            yield at, "removed", before[name], None
        elif name not in before:
            yield at, "added", None, after[name]
        else:
            yield from _compared(before[name], after[name], at)
    kept = [name for name in before if name in after]
    if isinstance(old, list) and kept != [name for name in after if name in before]:
        yield path, "reordered", list(before), list(after)


def _members(value: Any) -> Mapping[str, Any] | None:
    """Return the parts of a value by name, None for what is one: a scalar, words, a plain list."""
    if isinstance(value, dict):
        return None if value.keys() == {"zh", "en"} else value
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return _by_name(value)
    return None


def _by_name(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    names = [next((str(one[key]) for key in _NAMES if key in one), str(i)) for i, one in enumerate(items, 1)]
    if len(set(names)) < len(names):
        names = [str(place) for place in range(1, len(items) + 1)]
    return dict(zip(names, items, strict=True))
