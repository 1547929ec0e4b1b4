"""Which entries meet a question: one statement in SQL, over what a scope may show and nothing else.

Canonical JSON has one spelling and escapes every quote within a text. So a name and its text stand in the
bytes of an opened group if and only if the group says so somewhere, and a search of bytes finds them exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ledger.database import Session
from ledger.derive import ORDER_GROUP
from ledger.leaves import microseconds
from ledger.queries.question import Question
from ledger.queries.scope import Scope

SOLD = "sale.recorded"

_SAID = ("clause", "sku", "session", "order")
_POSTS_NOTHING = b'"postings":[]'

Condition = tuple[str, list[Any]]


def matching(  # noqa: PLR0913 -- where a search begins and ends
    session: Session, scope: Scope, question: Question, *, after: int, stop: int, limit: int
) -> list[int]:
    """Return the seqs of up to `limit` entries that meet a question, after < seq < stop, ascending.

    Its times of recording are the caller's to turn into seqs.
    """
    conditions = [("e.seq > ? AND e.seq < ?", [after, stop]), scope.of_entries()]
    conditions += _of_header(question)
    conditions += _of_groups(session, scope, question)
    text = " AND ".join(condition for condition, _ in conditions)
    sql = f"SELECT e.seq FROM entry e WHERE {text} ORDER BY e.seq LIMIT ?"  # noqa: S608 -- own text
    values = [value for _, given in conditions for value in given]
    return [row[0] for row in session.rows(sql, [*values, limit])]


def _of_header(question: Question) -> Iterator[Condition]:
    kind = SOLD if question.of == "orders" and question.kind is None else question.kind
    if kind is not None:
        yield "e.kind = ?", [kind]
    if question.occurred_from is not None:
        yield "e.occurred_us >= ?", [microseconds(question.occurred_from)]
    if question.occurred_to is not None:
        yield "e.occurred_us <= ?", [microseconds(question.occurred_to)]


def _of_groups(session: Session, scope: Scope, question: Question) -> Iterator[Condition]:
    shown, values = scope.of_groups(session)
    holds = "instr(d.opened, ?) > 0" if session.dialect == "sqlite" else "position(? in d.opened) > 0"

    def a_group(test: str, *given: Any) -> Condition:
        # what is looked for comes first: it tells most groups off before their readers are looked at
        return (
            f"EXISTS (SELECT 1 FROM disclosure d WHERE d.seq = e.seq AND {test} AND {shown})",  # noqa: S608 -- own
            [*given, *values],
        )

    said = [(name, text) for name in _SAID if (text := getattr(question, name)) is not None]
    for name, text in said:
        yield a_group(holds, _spelled(name, text))
    if question.of == "postings":
        yield a_group(f"NOT {holds}", _POSTS_NOTHING)
    elif question.of == "orders":
        yield a_group("d.name = ?", ORDER_GROUP)
    elif not said:
        yield a_group("1 = 1")
    if question.party is not None:
        ways = [a_group(holds, account) for account in _accounts_of(session, question.party)]
        if question.of != "postings":
            named = msgspec.json.encode(question.party).decode()
            ways += [
                ("e.asserter = ?", [question.party]),
                a_group("replace(d.readers, ?, '') <> d.readers", named),
            ]
        any_way = " OR ".join(condition for condition, _ in ways) or "1 = 0"
        yield f"({any_way})", [value for _, given in ways for value in given]


def _accounts_of(session: Session, party: str) -> list[bytes]:
    """Return what stands in an opened group that posts to an account of a party, one text a purpose."""
    rows = session.rows("SELECT DISTINCT purpose FROM account WHERE owner = ? ORDER BY 1", (party,))
    return [_spelled("account", f"{party}.{purpose}") for (purpose,) in rows]


def _spelled(name: str, text: str) -> bytes:
    """Return a member of an object as canonical JSON spells it."""
    return msgspec.json.encode({name: text})[1:-1]
