"""Entries as monitors read them: one query for thousands, of each the fields of its group as text.

A register tells its fields under `fields`, recorded facts theirs under `facts`, a proposed document its own
terms with the notice that it states; other entries tell them at the top of their group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ledger.database import Session
from ledger.leaves import instant_of

BATCH = 20_000
"""Entries of the log looked at together."""


class Read(NamedTuple):
    """An entry that some monitor reads. `agreement` is id@version, `at` when it was so, `by` who said it.

    `readers` may read the fields.
    """

    seq: int
    agreement: str
    kind: str
    at: datetime
    by: str
    fields: dict[str, Any]
    readers: frozenset[str]


def read_batch(
    session: Session, first: int, stop: int, kinds: Sequence[str], groups: Sequence[str]
) -> Iterator[Read]:
    """Yield the entries of some kinds with first <= seq < stop, in order; what is erased is left out."""
    if not kinds:
        return
    sql = (
        "SELECT e.seq, e.agreement, e.kind, e.occurred_us, e.asserter, d.opened"  # noqa: S608 -- own text
        " FROM entry e JOIN disclosure d ON d.seq = e.seq"
        f" WHERE e.seq >= ? AND e.seq < ? AND {session.members('e.kind')} AND {session.members('d.name')}"
        " AND e.agreement IS NOT NULL ORDER BY e.seq"
    )
    rows = session.rows(sql, [first, stop, session.listed(kinds), session.listed(groups)])
    for seq, agreement, kind, occurred_us, by, opened in rows:
        group = msgspec.json.decode(opened)
        fields, readers = _fields(group["content"]), frozenset(group["readers"])
        yield Read(seq, agreement, kind, instant_of(occurred_us), by, fields, readers)


def read_one(session: Session, seq: int, groups: Sequence[str]) -> Read | None:
    """Return one entry as monitors read it; None where it has no such group any more."""
    kinds = session.rows("SELECT kind FROM entry WHERE seq = ?", (seq,))
    return next(read_batch(session, seq, seq + 1, [kinds[0][0]], groups), None) if kinds else None


def _fields(content: dict[str, Any]) -> dict[str, Any]:
    for name in ("fields", "facts"):
        inner = content.get(name)
        if isinstance(inner, dict):
            return {**content, **inner}
    canonical = content.get("canonical")
    if isinstance(canonical, str):
        document = msgspec.json.decode(canonical)
        return {**content, **document, **((document.get("supersedes") or {}).get("notice") or {})}
    return content


def as_texts(fields: dict[str, Any]) -> dict[str, str]:
    """Return the fields that are text, numbers or truths, as text."""
    found = {}
    for name, value in fields.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, str | int):
            found[name] = str(value)
    return found
