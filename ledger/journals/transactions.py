"""The log's postings as transactions, in order of the log, as far as one reader may see them.

Entries are read as a stream within one transaction of the database, so a journal is of one state of the log
and its length costs no memory; the database leaves out what the reader may not open. An entry of which no
posting is shown makes no transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from ledger.accounts import Account
from ledger.database import Row, Session
from ledger.derive import ORDER_GROUP, posting_of
from ledger.disclosed import Sight, open_to
from ledger.leaves import instant_of, microseconds, read_opened


@dataclass(frozen=True, slots=True)
class Scope:
    """What a journal is of: whose sight (None: everything), which agreement (id), and from when to when.

    `start` counts, `stop` does not; both are aware. Days are those of `zone`. With `since`, entries that
    occurred before `start` but stand at that seq or later came late, and are transactions of the first day;
    `end` cuts the log at a seq.
    """

    sight: Sight | None = None
    agreement: str | None = None
    start: datetime | None = None
    stop: datetime | None = None
    zone: tzinfo = UTC
    since: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One posting of a transaction; above zero credits the account, in minor units."""

    account: Account
    amount_minor: int
    clause: str
    kind: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """The postings of one entry that are shown, and by currency what those not shown come to (never 0)."""

    seq: int
    day: date
    kind: str
    source: str
    id: str
    agreement: str | None
    order: str | None
    line: str | None
    postings: tuple[Moved, ...]
    undisclosed: dict[str, int]
    late_from: date | None = None


_ROWS = (
    "SELECT e.seq, e.source, e.source_id, e.kind, e.agreement, e.occurred_us, d.name, d.opened"
    " FROM entry e JOIN disclosure d ON d.seq = e.seq"
    " WHERE EXISTS (SELECT 1 FROM posting p JOIN account a ON a.id = p.account WHERE p.seq = e.seq{among})"
    "{within} ORDER BY e.seq, d.position"
)


def transactions(session: Session, scope: Scope) -> Iterator[Transaction]:
    """Yield what the scope shows of its days, in order of the log."""
    conditions, parameters = "", []
    if scope.start is not None:
        conditions += " AND (e.occurred_us >= ? OR e.seq >= ?)"
        parameters += [microseconds(scope.start), 2**62 if scope.since is None else scope.since]
    if scope.stop is not None:
        conditions += " AND e.occurred_us < ?"
        parameters.append(microseconds(scope.stop))
    yield from _read(session, scope, conditions, parameters)


def balances_before(session: Session, scope: Scope) -> dict[Account, int]:
    """Return what stands on each account shown when the scope starts, none of zero, sorted by account."""
    if scope.start is None:
        return {}
    found: dict[Account, int] = defaultdict(int)
    limits = [microseconds(scope.start), 2**62 if scope.since is None else scope.since]
    for one in _read(session, scope, " AND e.occurred_us < ? AND e.seq < ?", limits):
        for posting in one.postings:
            found[posting.account] += posting.amount_minor
    return {account: amount for account, amount in sorted(found.items()) if amount}


def _read(session: Session, scope: Scope, conditions: str, parameters: list[Any]) -> Iterator[Transaction]:
    conditions += " AND e.seq < ?"
    parameters = [*parameters, 2**62 if scope.end is None else scope.end]
    among = " AND a.agreement = ?" if scope.agreement is not None else ""
    named = [scope.agreement] if scope.agreement is not None else []
    if scope.sight is not None:
        condition, values = open_to(session, scope.sight)
        conditions += f" AND {condition}"
        parameters += values
    sql = _ROWS.format(among=among, within=conditions)
    rows = (row for batch in session.stream(sql, [*named, *parameters]) for row in batch)
    for _, groups in groupby(rows, key=itemgetter(0)):
        one = _transaction(list(groups), scope)
        if one is not None:
            yield one


def _transaction(rows: list[Row], scope: Scope) -> Transaction | None:
    seq, source, entry_id, kind, agreement, occurred_us = rows[0][:6]
    postings: list[Moved] = []
    order: dict[str, Any] = {}
    for name, opened_bytes in (row[6:] for row in rows):
        opened = read_opened(bytes(opened_bytes))
        if name == ORDER_GROUP:
            order = msgspec.json.decode(opened.content)
        postings += _moved(map(posting_of, opened.postings), scope.agreement)
    if not postings:
        return None
    left: dict[str, int] = defaultdict(int)
    for posting in postings:
        left[posting.account.currency] -= posting.amount_minor
    day = instant_of(occurred_us).astimezone(scope.zone).date()
    first = day if scope.start is None else max(day, scope.start.astimezone(scope.zone).date())
    return Transaction(
        seq,
        first,
        kind,
        source,
        entry_id,
        agreement,
        _text(order.get("order")),
        _text(order.get("line")),
        tuple(postings),
        {currency: amount for currency, amount in sorted(left.items()) if amount},
        day if first != day else None,
    )


def _moved(
    postings: Iterable[tuple[tuple[str, str, str, str], int, str, str]], agreement: str | None
) -> Iterator[Moved]:
    for key, amount_minor, clause, kind in postings:
        if agreement is None or key[1] == agreement:
            yield Moved(Account(*key), amount_minor, clause, kind)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
